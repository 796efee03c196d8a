"""Targets in a real browser: set on the set-up page, shown on Today and Look back, and to whom."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from deploy.set_up import Office
from deploy.trust.authority import Authority
from ingest.database import Database
from tests.e2e.conftest import NOW
from tests.support.ledger import execute, rows
from tests.support.served import Served, served
from tests.support.signed_in import SIGNED_IN, sign_in

pytestmark = pytest.mark.browser

INSTALLER = "somebody-with-a-ladder"
TODAY = NOW.date()


@pytest.fixture(scope="module")
def house(shops: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("trust")
    Authority(folder, now=lambda: NOW, create=True)
    database = Database(shops.database)
    office = Office(database, folder / "root.pem", "https://footfall.example:8443", now=lambda: NOW)
    with served(shops.database, NOW, office) as running:
        sign_in(shops.database, NOW, login="ivan", role="installer", token=INSTALLER)
        yield running
    execute(shops.database, "DELETE FROM store_target")
    database.close()


def opened(browser: Browser, house: Served, path: str, *, width: int = 1440) -> Page:
    page = browser.new_page(storage_state=SIGNED_IN, viewport={"width": width, "height": 900})
    page.set_default_timeout(20_000)
    page.goto(f"{house.url}{path}")
    page.wait_for_selector("h1")
    return page


def fill(page: Page, label: str, value: str) -> None:
    page.get_by_label(label, exact=True).fill(value)


def test_a_target_is_set_shown_and_taken_back(browser: Browser, house: Served) -> None:
    page = opened(browser, house, "/setup/nanjing-road?lang=en")
    page.click("#target-save")
    expect(page.locator("[data-wrong=target_same]")).to_be_visible()
    fill(page, "Saturday: Conversion, %", "140")
    page.click("#target-save")
    expect(page.locator("[data-wrong=target_conversion]")).to_be_visible()
    fill(page, "Saturday: Conversion, %", "24.5")
    for day in ("Friday", "Saturday"):
        fill(page, f"{day}: Visitors", "1000")
    page.click("#target-save")
    expect(page.locator("#target-result [role=status]")).to_contain_text("hold from")
    expect(page.locator(f"[data-plan='visitors {TODAY}']")).to_contain_text("holds now · office")
    said = rows(house.database, "SELECT metric, valid_from, by_weekday[6] FROM store_target ORDER BY metric")
    assert said == [("conversion", TODAY, 0.245), ("visitors", TODAY, 1000.0)]
    assert rows(house.database, "SELECT subject FROM account_event WHERE action = 'targets_set'") == [("nanjing-road",)]

    page.goto(f"{house.url}/store/nanjing-road?lang=en")
    visitors = page.locator("[data-target=visitors]")
    expect(visitors).to_contain_text("of 1,000")
    expect(visitors).to_contain_text("of the target · usually")
    expect(page.locator("[data-target=conversion]")).to_contain_text("of 24.5%")
    expect(page.locator("[data-target=net_sales]")).to_have_count(0)
    page.goto(f"{house.url}/history/nanjing-road?lang=en")
    page.wait_for_selector(".history-page")
    # Days before keep those of their time: none.
    expect(page.locator(".targets")).to_have_count(0)

    page.goto(f"{house.url}/setup/nanjing-road?lang=en")
    page.locator(f"[data-plan='visitors {TODAY}'] button").click()
    expect(page.locator("#target-result [role=status]")).to_contain_text("Taken back")
    expect(page.locator("[data-plan^=visitors]")).to_have_count(0)
    page.close()


@pytest.mark.parametrize(("lang", "width"), [("zh", 390), ("en", 390)])
def test_past_days_are_measured_by_the_targets_of_their_time_and_it_fits(
    browser: Browser, house: Served, lang: str, width: int
) -> None:
    execute(
        house.database,
        "INSERT INTO store_target SELECT store_id, 'net_sales', %s, %s, 'anna', ARRAY[9e3,9e3,9e3,9e3,9e3,NULL,NULL]"
        " FROM store WHERE code = 'nanjing-road' ON CONFLICT DO NOTHING",
        TODAY - timedelta(days=28), NOW,
    )  # fmt: skip
    page = opened(browser, house, f"/history/nanjing-road?period=last_week&lang={lang}", width=width)
    sales = page.locator("[data-target=net_sales]")
    expect(sales).to_contain_text("¥45,000")
    expect(sales).to_contain_text("5")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.goto(f"{house.url}/setup/nanjing-road?lang={lang}")
    expect(page.locator("#target-save")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


def test_who_may_not_see_figures_sees_no_targets(browser: Browser, house: Served) -> None:
    page = opened(browser, house, "/setup/nanjing-road?lang=en")
    page.context.add_cookies([{"name": "footfall-session", "value": INSTALLER, "domain": "127.0.0.1", "path": "/"}])
    page.reload()
    expect(page.locator("#box-new")).to_be_visible()
    for for_head_office in ("#target-save", "#peer-save", "#box-close"):
        expect(page.locator(for_head_office)).to_have_count(0)
    page.close()
