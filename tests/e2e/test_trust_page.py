"""The Trust pages in a real browser: of all stores, and line by line of one."""

import pytest
from playwright.sync_api import Browser, expect

from tests.support.screenshots import settle
from tests.support.served import Served
from tests.support.signed_in import SIGNED_IN

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("width", "lang"), [(390, "zh"), (1440, "en")])
def test_a_row_of_all_stores_leads_to_the_lines_of_one_and_on_to_its_day(
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
    page.locator(".tabs a").first.click()
    expect(page.locator(".store-page")).to_have_attribute("data-store", "nanjing-road")
    assert errors == []
    context.close()
