"""Staff against visitors, categories and sales by alias, in a real browser."""

import pytest
from playwright.sync_api import Browser, expect

from tests.support.screenshots import settle
from tests.support.served import Served
from tests.support.signed_in import SIGNED_IN

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("width", "lang", "power"), [(390, "zh", "黄金时段"), (1440, "en", "power hour")])
def test_a_week_of_hours_fits_and_says_each_hour_in_words(
    browser: Browser, shops: Served, width: int, lang: str, power: str
) -> None:
    context = browser.new_context(storage_state=SIGNED_IN, viewport={"width": width, "height": 844})
    context.set_default_timeout(60_000)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{shops.url}/store/nanjing-road?lang={lang}")
    settle(page)
    # Read beside the page: on a busy machine it comes in some time after the rest.
    page.wait_for_selector(".staffing .week")
    week = page.locator(".staffing .week")
    expect(week.locator("tbody tr")).to_have_count(7)
    expect(week.locator("td[data-hour]")).to_have_count(84)
    box = week.bounding_box()
    assert box is not None
    assert box["width"] <= width, "a phone shows the whole week without scrolling"
    busiest = week.locator("td.power").first
    said = busiest.get_attribute("title") or ""
    assert power in said
    assert (busiest.inner_text().split()[0]) in said
    marked = week.locator("td.short, td.spare")
    assert marked.count() > 0
    assert page.locator(".staffing .staff-words").count() > 0
    rows = page.locator(".categories tbody tr")
    expect(rows).to_have_count(2)
    expect(page.locator(".staff-sales tbody tr")).to_have_count(2)
    assert "staff-" not in page.locator(".staff-sales").inner_text().lower(), "aliases, no references"
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert errors == []
    context.close()
