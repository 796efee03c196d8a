"""A manager's five questions, answered within two clicks from the first page, and nothing jumps meanwhile."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.conftest import SHIFTS
from tests.support.screenshots import settle
from tests.support.served import Served
from tests.support.signed_in import SIGNED_IN

pytestmark = pytest.mark.browser

#: What links are called, and the answers in words; an hour, a number, a share must stand in them.
WORDS = {
    "en": {
        "look_back": "Look back", "trust": "Trust",
        "busiest": r"Busiest: \w+ \d\d:\d\d–\d\d:\d\d, \d+ visitors an hour",
        "bought": "Bought", "stopped": "Where they stopped",
        "usual": r"\d+% (more|fewer) than a usual Saturday|as many",
        "counted": r"\d+% of the opening time counted",
    },
    "zh": {
        "look_back": "回看", "trust": "数据可信度", "busiest": r"最忙：周. \d\d:\d\d–\d\d:\d\d，每小时 \d+ 人进店",
        "bought": "成交", "stopped": "在哪里驻足", "usual": r"比平常的星期六(多|少) \d+%|持平",
        "counted": r"营业时间内 \d+% 有计数",
    },
}  # fmt: skip


class Manager:
    """Somebody who opens the first page and clicks what can be seen; never more than twice."""

    def __init__(self, page: Page, url: str, lang: str) -> None:
        self.page, self._url, self._lang, self._clicks = page, url, lang, 0

    def begin(self) -> None:
        """Open the first page."""
        self._clicks = 0
        self.page.goto(f"{self._url}/?lang={self._lang}")
        settle(self.page)

    def click(self, what: Locator) -> None:
        """Click something that can be seen."""
        self._clicks += 1
        assert self._clicks <= 2, "a third click"
        what.click()

    def store(self) -> None:
        """Click the store's name in the list."""
        self.click(self.page.get_by_role("link", name="Nanjing Road").first)
        expect(self.page.locator(".store-page")).to_be_visible()


@pytest.fixture(
    params=[pytest.param(("en", 1440), id="en"), pytest.param(("zh", 390), id="zh", marks=pytest.mark.slow)]
)
def manager(request: pytest.FixtureRequest, browser: Browser, shops: Served) -> Iterator[tuple[Manager, str]]:
    lang, width = request.param
    context = browser.new_context(storage_state=SIGNED_IN, viewport={"width": width, "height": 844})
    context.set_default_timeout(60_000)
    yield Manager(context.new_page(), shops.url, lang), lang
    context.close()


def test_five_questions_are_answered_within_two_clicks(manager: tuple[Manager, str]) -> None:
    asker, lang = manager
    page, words = asker.page, WORDS[lang]

    asker.begin()
    asker.store()
    # Is today good?
    expect(page.locator("#store-answer")).to_contain_text(re.compile(words["usual"]))
    # How many bought?
    bought = page.locator(".bar-row", has_text=words["bought"]).first
    expect(bought.locator(".bar-count")).to_have_text(re.compile(r"^\s*\d+"))
    # Where do they stop?
    zones = page.locator("section", has=page.get_by_role("heading", name=words["stopped"], exact=True))
    expect(zones.locator("tbody tr").first).to_contain_text(re.compile(r"\d+"))
    # Can I trust it? In a line, and line by line behind it.
    expect(page.locator(".trust-line")).to_contain_text(re.compile(words["counted"]))
    asker.click(page.get_by_role("navigation").get_by_role("link", name=words["trust"]).last)
    expect(page.locator(".trust-page h1")).to_contain_text(re.compile(words["counted"]))
    expect(page.locator(".days-row").first).to_be_visible()

    # Which hour is the busiest?
    asker.begin()
    asker.store()
    asker.click(page.get_by_role("link", name=words["look_back"], exact=True))
    expect(page.locator(".map-said")).to_have_text(re.compile(words["busiest"]))


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/store/nanjing-road", "/history/nanjing-road"])
def test_nothing_jumps_while_a_page_comes_in(browser: Browser, shops: Served, path: str) -> None:
    context = browser.new_context(storage_state=SIGNED_IN, viewport={"width": 390, "height": 844})
    context.set_default_timeout(60_000)
    page = context.new_page()
    page.add_init_script(SHIFTS)
    page.goto(f"{shops.url}{path}?lang=en")
    settle(page)
    if "store" in path.split("/"):
        page.wait_for_selector(".staffing .week")
        page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
        page.wait_for_function("() => !document.querySelector('._dash-loading-callback')")
    assert page.evaluate("window.shifted") < 0.02, "a tenth is what people notice"
    context.close()
