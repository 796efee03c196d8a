"""All stores of a chain with regions and kinds of shop: narrowed down by address, told apart, saved."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import psycopg2
import pytest
from playwright.sync_api import Browser, Page, expect

from deploy.bench.many_stores import Chain, fill
from tests.support.axe import script, violations
from tests.support.npm import NpmUnavailableError
from tests.support.served import Served, served
from tests.support.servers import Cluster
from tests.support.signed_in import SIGNED_IN

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NOW = datetime(2026, 11, 27, 13, 7, tzinfo=UTC)
STORES = 24


@pytest.fixture(scope="module")
def chain(cluster: Cluster) -> Iterator[Served]:
    """Six stores in each of four regions, of three kinds; one of them sells to far more than the others."""
    url = cluster.create()
    fill(url, Chain(stores=STORES, months=1, compared=1, now=NOW))
    connection = psycopg2.connect(url)
    with connection, connection.cursor() as cursor:
        cursor.execute("UPDATE store SET name = 'Sold out' WHERE code = 'store-5'")
        cursor.execute(
            "INSERT INTO pos_order (store_id, source, external_id, version, kind, business_date, closed_at, gross,"
            " discount, tax, net, currency, units, channel)"
            " SELECT store_id, 'till', concat('more-', n), 1, 'sale', '2026-11-26', opens_at + interval '1 h',"
            " 50, 0, 0, 50, 'EUR', 1, 'in_store' FROM store JOIN store_calendar USING (store_id),"
            " generate_series(1, 200) AS n WHERE code = 'store-5' AND business_date = '2026-11-26'"
        )
        cursor.execute("SELECT count_store_days(store_id, now()) FROM store WHERE code = 'store-5'")
    connection.close()
    with served(url, NOW) as running:
        yield running
    cluster.drop(url)


def opened(browser: Browser, house: Served, address: str, *, width: int = 1440) -> tuple[Page, list[str]]:
    page = browser.new_page(
        storage_state=SIGNED_IN, viewport={"width": width, "height": 900}, color_scheme="light", reduced_motion="reduce"
    )
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.goto(f"{house.url}{address}")
    expect(page.locator(".ag-center-cols-container .ag-row").first).to_be_visible()
    return page, errors


def visitors(page: Page, name: str) -> int:
    row = page.locator(".by-region tbody tr", has=page.get_by_role("link", name=name, exact=True)).first
    said = re.match(r"[\d,]+", row.locator("td").nth(1).inner_text())
    assert said, name
    return int(said[0].replace(",", ""))


def test_a_region_is_added_up_chosen_by_a_link_and_kept_in_the_address(browser: Browser, chain: Served) -> None:
    page, errors = opened(browser, chain, "/?lang=en&period=yesterday")
    whole = int(page.locator("h1").inner_text().split()[0].replace(",", ""))
    parts = {name: visitors(page, name) for name in ("East", "North", "South", "West")}
    assert sum(parts.values()) == whole
    expect(page.locator(".side-by-side li")).to_have_count(STORES)
    page.locator(".by-region").get_by_role("link", name="North", exact=True).click()
    expect(page.locator("h1")).to_contain_text(f"{parts['North']:,} visitors in 6 stores")
    asked = parse_qs(urlsplit(page.url).query)
    assert (asked["region"], asked["period"]) == (["North"], ["yesterday"])
    expect(page.locator("#stores-region")).to_have_value("North")
    expect(page.locator(".side-by-side li")).to_have_count(6)
    page.reload()
    expect(page.locator("h1")).to_contain_text(f"{parts['North']:,} visitors in 6 stores")
    page.locator("#stores-format").click()
    page.get_by_role("option", name="mall").click()
    expect(page.locator("h1")).to_contain_text("in 2 stores")
    assert parse_qs(urlsplit(page.url).query)["format"] == ["mall"]
    with page.expect_download() as saving:
        page.locator("#stores-file summary").click()
        page.locator("#stores-file a", has_text="CSV").click()
    lines = saving.value.path().read_text(encoding="utf-8-sig").splitlines()
    shown = {(line.split(",")[0], *line.split(",")[2:4]) for line in lines[1:]}
    assert sorted(rest for _, *rest in shown) == [["North", "mall"]] * 2
    assert errors == []
    page.close()


def test_the_store_far_beyond_the_others_is_named_in_the_funnel(browser: Browser, chain: Served) -> None:
    page, errors = opened(browser, chain, "/?lang=en&period=yesterday")
    expect(page.locator(".unusual")).to_contain_text("Unusually high: Sold out")
    named = page.locator(".unusual .outliers a")
    expect(page.locator(".funnel-out")).to_have_count(named.count())
    named.filter(has_text="Sold out").click()
    expect(page.locator(".store-page")).to_be_visible()
    assert urlsplit(page.url).path == "/store/store-5"
    assert errors == []
    page.close()


@pytest.mark.parametrize(("lang", "width"), [("en", 1440), ("zh", 390)])
def test_axe_finds_nothing_and_the_page_fits(browser: Browser, chain: Served, lang: str, width: int) -> None:
    try:
        script()
    except NpmUnavailableError as error:
        pytest.skip(str(error))
    page, errors = opened(browser, chain, f"/?lang={lang}&period=yesterday", width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = violations(page)
    assert errors == []
    page.emulate_media(color_scheme="dark")
    page.wait_for_function("() => document.documentElement.dataset.scheme === 'dark'")
    assert found + violations(page) == []
    page.close()
