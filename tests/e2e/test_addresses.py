"""What somebody chose, typed and sorted is in the address: after a reload, on the way back, in another browser."""

import csv
from collections.abc import Iterator
from typing import Final
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.served import Served
from tests.support.signed_in import SIGNED_IN

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SORTED: Final = ".ag-header-cell[col-id={}]"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(storage_state=SIGNED_IN, viewport={"width": 1440, "height": 900})
    context.set_default_timeout(60_000)
    yield context.new_page()
    context.close()


def asked(page: Page, **wanted: str) -> None:
    """Wait until exactly this stands in the address."""
    page.wait_for_function(
        "wanted => { const asked = new URLSearchParams(location.search); asked.delete('lang');"
        " return JSON.stringify([...asked].sort()) === wanted }",
        arg=str(sorted([name, value] for name, value in wanted.items())).replace("'", '"').replace(", ", ","),
    )


def elsewhere(browser: Browser, url: str) -> Page:
    """Open the address in a browser that has never been here."""
    context = browser.new_context(storage_state=SIGNED_IN, viewport={"width": 1440, "height": 900})
    context.set_default_timeout(60_000)
    there = context.new_page()
    there.goto(url)
    return there


def shown(page: Page) -> list[str]:
    """Return the stores of the page's table in its order."""
    names: list[str] = page.evaluate(
        "[...document.querySelectorAll('.ag-pinned-left-cols-container .ag-row')]"
        ".sort((a, b) => a.getAttribute('row-index') - b.getAttribute('row-index')).map(row => row.innerText.trim())"
    )
    return names


def saved(page: Page, place: str) -> list[str]:
    """Take a table away as CSV by its arrow; return the stores in its order."""
    page.locator(f"{place} .file-links summary").click()
    with page.expect_download() as download:
        page.locator(f"{place} .file-links .file-link").first.click()
    lines = csv.DictReader(download.value.path().read_text(encoding="utf-8-sig").splitlines())
    return list(dict.fromkeys(line["Name"] for line in lines))


def test_boxes_that_were_found_and_sorted_are_found_again(browser: Browser, shops: Served, page: Page) -> None:
    page.goto(f"{shops.url}/devices?lang=en")
    rows = page.locator(".ag-center-cols-container .ag-row")
    expect(rows).to_have_count(2)
    page.fill("#devices-search", "orch")
    expect(rows).to_have_count(1)
    asked(page, find="orch")
    page.locator(SORTED.format("version")).click()
    asked(page, find="orch", sort="version.asc")
    link = page.locator("#devices-file .file-link").first
    expect(link).to_have_attribute("href", "/files/devices/boxes.csv?find=orch&lang=en")
    page.get_by_text("Need somebody").click()
    asked(page, find="orch", sort="version.asc", show="need")
    expect(rows).to_have_count(0)
    page.get_by_text("All", exact=True).click()
    there = elsewhere(browser, page.url)
    expect(there.locator(".ag-center-cols-container .ag-row")).to_have_count(1)
    expect(there.locator("#devices-search")).to_have_value("orch")
    expect(there.locator(SORTED.format("version"))).to_have_attribute("aria-sort", "ascending")
    there.context.close()
    page.reload()
    expect(page.locator("#devices-search")).to_have_value("orch")
    page.locator(".tabs a").nth(1).click()
    expect(page.locator(".alarms-page")).to_be_visible()
    page.go_back()
    expect(page.locator("#devices-search")).to_have_value("orch")
    page.locator("#lang-zh").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    expect(page.locator("#devices-search")).to_have_value("orch")
    assert parse_qs(urlsplit(page.url).query)["find"] == ["orch"]


def test_alarms_keep_their_choice_and_words(browser: Browser, shops: Served, page: Page) -> None:
    page.goto(f"{shops.url}/alarms?lang=en")
    page.fill("#alarms-search", "till")
    asked(page, find="till")
    page.locator("#alarms-choices a").nth(2).click()
    asked(page, find="till", show="ended")
    there = elsewhere(browser, page.url)
    expect(there.locator("#alarms-search")).to_have_value("till")
    expect(there.locator("#alarms-choices .on")).to_have_count(1)
    there.context.close()
    page.go_back()
    asked(page, find="till")


def test_stores_keep_period_region_and_order(browser: Browser, shops: Served, page: Page) -> None:
    page.goto(f"{shops.url}/?lang=en")
    page.locator("#period-last_week").click()
    asked(page, period="last_week")
    page.locator(SORTED.format("net")).click()
    asked(page, period="last_week", sort="net.desc")
    page.locator("#stores-region").click()
    page.get_by_role("option", name="East China").click()
    asked(page, period="last_week", sort="net.desc", region="East China")
    expect(page.locator(".ag-center-cols-container .ag-row")).to_have_count(2)
    most_first = shown(page)
    assert saved(page, "#stores-file") == most_first
    page.locator(SORTED.format("net")).click()
    asked(page, period="last_week", sort="net.asc", region="East China")
    assert saved(page, "#stores-file") == shown(page) == most_first[::-1]
    page.locator(SORTED.format("net")).click()
    there = elsewhere(browser, page.url)
    expect(there.locator(SORTED.format("net"))).to_have_attribute("aria-sort", "descending")
    expect(there.locator("#stores-region")).to_have_value("East China")
    there.locator("a.cell-store", has_text="Nanjing Road").click()
    expect(there.locator(".store-page")).to_have_attribute("data-store", "nanjing-road")
    there.go_back()
    expect(there.locator(SORTED.format("net"))).to_have_attribute("aria-sort", "descending", timeout=60_000)
    there.context.close()


def test_trust_and_look_back_keep_store_period_and_order(browser: Browser, shops: Served, page: Page) -> None:
    page.goto(f"{shops.url}/trust?lang=en")
    page.locator("#period-last_week").click()
    asked(page, period="last_week")
    page.locator(SORTED.format("audit")).click()
    asked(page, period="last_week", sort="audit.asc")
    page.reload()
    expect(page.locator(SORTED.format("audit"))).to_have_attribute("aria-sort", "ascending")
    page.goto(f"{shops.url}/history/nanjing-road?lang=en&period=custom&from=2026-11-02&to=2026-11-08")
    expect(page.locator(".by-day-bars li")).to_have_count(7)
    there = elsewhere(browser, page.url)
    expect(there.locator(".by-day-bars li").first).to_have_attribute("data-day", "2026-11-02")
    there.context.close()


def test_users_and_the_log_keep_what_was_looked_for(browser: Browser, shops: Served, page: Page) -> None:
    page.goto(f"{shops.url}/users?lang=en")
    page.fill("#users-search", "head office")
    asked(page, find="head office")
    page.reload()
    expect(page.locator("#users-search")).to_have_value("head office")
    page.goto(f"{shops.url}/log?lang=en&from=2026-11-01&to=2026-11-30&kind=files")
    page.fill("#log-who", "office")
    asked(page, find="office", kind="files", **{"from": "2026-11-01", "to": "2026-11-30"})
    there = elsewhere(browser, page.url)
    expect(there.locator("#log-who")).to_have_value("office")
    expect(there.locator("#log-kind")).to_have_value("Saved files")
    href = there.locator("#log-file .file-link").first.get_attribute("href") or ""
    assert "from=2026-11-01&to=2026-11-30&find=office&kind=files" in href
    there.context.close()
    page.locator(".tabs a", has_text="Who did what").click()
    asked(page, kind="files", **{"from": "2026-11-01", "to": "2026-11-30"})
    expect(page.locator("#log-who")).to_have_value("")
