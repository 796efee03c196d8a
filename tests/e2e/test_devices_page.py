"""The Devices page in a real browser: what it says of each box, how it is narrowed down, and that it stays fresh."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg2
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.served import Served, served
from tests.support.servers import Cluster
from tests.support.signed_in import SIGNED_IN, sign_in
from tests.support.store_data import add_device, add_store

pytestmark = pytest.mark.browser

NOW = datetime(2026, 11, 21, 6, 7, tzinfo=UTC)
MANAGER = "a-manager-of-one-store"


@pytest.fixture(scope="module")
def fleet(cluster: Cluster) -> Iterator[Served]:
    url = cluster.create()
    connection = psycopg2.connect(url)
    connection.autocommit = True
    first = add_store(connection, "nanjing-road", name="Nanjing Road")
    second = add_store(connection, "orchard", name="Orchard", timezone="Asia/Singapore")
    add_device(connection, first, "front", at=NOW, cameras=(("door", "up"), ("street", "up")))
    add_device(connection, first, "side", at=NOW, cameras=(("till", "down"),))
    add_device(connection, second, "quiet", at=NOW - timedelta(hours=2), cameras=(("door", "up"),))
    connection.close()
    with served(url, NOW) as running:
        sign_in(url, NOW, login="manager", role="manager", token=MANAGER, stores=("orchard",))
        yield running
    cluster.drop(url)


def opened(browser: Browser, fleet: Served, path: str, *, width: int = 1440, token: str | None = None) -> Page:
    page = browser.new_page(storage_state=SIGNED_IN, viewport={"width": width, "height": 900})
    if token:
        page.context.add_cookies([{"name": "footfall-session", "value": token, "domain": "127.0.0.1", "path": "/"}])
    page.goto(f"{fleet.url}{path}")
    expect(page.locator(".devices-page .ag-row").first).to_be_visible()
    return page


def row(page: Page, box: str) -> str:
    return " ".join(page.locator(f".ag-row[row-id='{box}']").inner_text().split())


@pytest.mark.parametrize(("lang", "width"), [("en", 390), ("zh", 390), ("zh", 1440)])
def test_the_page_fits_and_a_phone_keeps_what_matters(browser: Browser, fleet: Served, lang: str, width: int) -> None:
    errors: list[str] = []
    page = opened(browser, fleet, f"/devices?lang={lang}", width=width)
    page.on("pageerror", lambda error: errors.append(str(error)))
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    expect(page.locator(".ag-header-cell[col-id=version]")).to_have_count(0 if width < 900 else 1)
    expect(page.locator(".cell-needs").first).to_be_visible()
    assert errors == []
    page.close()


def test_what_needs_somebody_comes_first_in_words(browser: Browser, fleet: Served) -> None:
    page = opened(browser, fleet, "/devices?lang=en")
    expect(page.locator("h1")).to_have_text("3 boxes")
    expect(page.locator(".devices-page .lead")).to_contain_text("2 need somebody")
    assert "offline since 12:07" in row(page, "orchard/quiet"), "in the store's own time"
    assert "till gives no picture" in row(page, "nanjing-road/side")
    assert "live" in row(page, "nanjing-road/front")
    assert "2 of 2" in row(page, "nanjing-road/front")
    for index, box in enumerate(("orchard/quiet", "nanjing-road/side", "nanjing-road/front")):
        expect(page.locator(f".ag-row[row-index='{index}']")).to_have_attribute("row-id", box)
    page.close()


def test_boxes_are_found_by_words_and_by_need(browser: Browser, fleet: Served) -> None:
    page = opened(browser, fleet, "/devices?lang=en")
    page.fill("#devices-search", "nanjing")
    rows = page.locator(".ag-center-cols-container .ag-row")
    expect(rows).to_have_count(2)
    page.locator("#devices-only").get_by_text("Need somebody").click()
    expect(rows).to_have_count(1)
    page.goto(f"{fleet.url}/devices/orchard?lang=en")
    expect(page.locator("h1")).to_have_text("Orchard: 1 box")
    page.close()


def test_a_box_that_comes_back_is_live_without_loading_anew(browser: Browser, fleet: Served) -> None:
    page = opened(browser, fleet, "/devices?lang=en")
    connection = psycopg2.connect(fleet.database)
    connection.autocommit = True
    change = (
        "UPDATE device_status SET cameras = jsonb_set(cameras, '{0,state}', to_jsonb(%s::text))"
        " WHERE device_id = (SELECT device_id FROM device WHERE code = 'side')"
    )
    with connection.cursor() as cursor:
        cursor.execute(change, ("up",))
        expect(page.locator(".ag-row[row-id='nanjing-road/side'] .cell-needs")).to_have_count(0)
        cursor.execute(change, ("down",))
    connection.close()
    page.close()


def test_a_manager_sees_the_boxes_of_the_own_store_alone(browser: Browser, fleet: Served) -> None:
    page = opened(browser, fleet, "/devices?lang=en", token=MANAGER)
    expect(page.locator(".ag-center-cols-container .ag-row")).to_have_count(1)
    expect(page.locator("body")).not_to_contain_text("Nanjing")
    expect(page.locator(".section", has_text="Set-up")).to_have_count(0)
    page.goto(f"{fleet.url}/devices/nanjing-road?lang=en")
    expect(page.locator("h1")).to_have_text("Not for this account")
    page.close()
