"""Trust and the past in a real browser: of all stores, and of one line by line, day by day and as a file."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.support.screenshots import settle
from tests.support.served import Served
from tests.support.signed_in import SIGNED_IN

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("width", "lang"), [(390, "zh"), (1440, "en")])
def test_a_row_of_all_stores_leads_to_the_lines_of_one_its_past_and_its_day(
    browser: Browser, shops: Served, width: int, lang: str
) -> None:
    context = browser.new_context(storage_state=SIGNED_IN, viewport={"width": width, "height": 844})
    page = context.new_page()
    errors: list[str] = []
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.goto(f"{shops.url}/trust?lang={lang}")
    settle(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.locator("a.cell-store", has_text="Nanjing Road").click()
    expect(page.locator(".days-row")).to_have_count(2)
    expect(page.locator("[data-line=door] .days > *")).to_have_count(28)
    expect(page.locator("[data-line=door] .days-share b")).to_have_text("100%")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.locator(".tabs a").nth(1).click()
    expect(page.locator(".by-day-bars li")).to_have_count(28)
    page.locator("#period-last_week").click()
    expect(page.locator(".by-day-bars li")).to_have_count(7)
    expect(page.locator(".map tbody tr")).to_have_count(7)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.locator(".by-day .file-links summary").click()
    with page.expect_download() as saved:
        page.locator(".by-day .file-link").first.click()
    assert saved.value.suggested_filename == "nanjing-road-days-last_week.csv"
    page.locator(".tabs a").first.click()
    expect(page.locator(".store-page")).to_have_attribute("data-store", "nanjing-road")
    assert errors == []
    context.close()


def test_a_period_is_printed_on_one_sheet(browser: Browser, shops: Served, tmp_path: Path) -> None:
    context = browser.new_context(storage_state=SIGNED_IN, color_scheme="dark")
    page = context.new_page()
    page.goto(f"{shops.url}/history/nanjing-road?lang=en&period=four_weeks")
    expect(page.locator(".map")).to_be_visible()
    page.emulate_media(media="print")
    expect(page.locator(".print-only")).to_be_visible()
    expect(page.locator("header")).to_be_hidden()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    sheet = page.pdf(path=tmp_path / "week.pdf", format="A4", print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", sheet)) == 1
    context.close()
