"""Every chart on every page: title, unit, what it means on pointing, its data as a file; what is empty says so."""

from collections.abc import Iterator
from typing import Any, Final, get_args

import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard.routes import PageName
from tests.support.screenshots import settle
from tests.support.served import Served
from tests.support.signed_in import SIGNED_IN

pytestmark = pytest.mark.browser

#: Each page's address, and the cards that a busy shop has on it.
CARDS: Final[dict[str, tuple[str, set[str]]]] = {
    "store": ("/store/nanjing-road", {
        "day", "now", "funnel", "sales", "attention", "zones", "changes", "steps", "warmth", "staffing", "zone-funnels",
        "categories", "staff-sales",
    }),
    "history": ("/history/nanjing-road?period=last_week", {
        "by-day", "day-map", "funnel", "sales", "changes", "queue-past", "steps", "warmth", "zones",
    }),
    "stores": ("/?period=last_week", {"by-region", "side-by-side", "changes"}),
    "trust": ("/trust", set()),
    "trust of one": ("/trust/nanjing-road", {"reliance", "trust", "restated", "devices"}),
    "devices": ("/devices", set()),
    "alarms": ("/alarms", set()),
    "users": ("/users", set()),
    "log": ("/log", set()),
}  # fmt: skip
#: A wall shows Today's chart to who cannot touch it; the set-up has forms and no charts.
WITHOUT: Final = {"wall", "set_up", "unknown"}
#: Looked at where there is an office behind it: `test_alarms_and_rollouts`.
ELSEWHERE: Final = {"rollouts"}
#: Forms among the cards: nothing in them is a figure.
FORMS: Final = {"add"}
FILES: Final = (
    "() => [...document.querySelectorAll('main .file-links a[href*=\".csv\"]')].map(a => a.getAttribute('href'))"
)
#: Says of each card and table what it has.
LOOK: Final = """() => [...document.querySelectorAll('main section.part, main .heading.table-file')].map(one => ({
  name: one.className.replace(/^part ?/, ''),
  title: one.querySelector('h2')?.innerText || '',
  unit: one.querySelector('.unit')?.innerText,
  terms: one.querySelectorAll('.term').length,
  files: [...one.querySelectorAll('.file-links a')].map(a => a.getAttribute('href')),
  grid: one.classList.contains('table-file') && dash_ag_grid.getApi(document.querySelector('.table > [id]').id)
    .getColumnDefs().filter(column => column.headerTooltip).length,
  empty: one.querySelector('.empty')?.innerText || '',
}))"""


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(storage_state=SIGNED_IN, viewport={"width": 1440, "height": 900})
    context.set_default_timeout(60_000)
    yield context.new_page()
    context.close()


def opened(page: Page, shops: Served, path: str, lang: str) -> list[dict[str, Any]]:
    page.goto(f"{shops.url}{path}{'&' if '?' in path else '?'}lang={lang}")
    page.wait_for_selector("main .file-links")
    if path.startswith("/store/nanjing-road"):
        page.wait_for_selector(".staffing .week")
    cards: list[dict[str, Any]] = page.evaluate(LOOK)
    return cards


def test_no_page_is_left_out() -> None:
    pages = {name.split()[0] for name in CARDS}
    assert pages | WITHOUT | ELSEWHERE == set(get_args(PageName))


@pytest.mark.slow
@pytest.mark.parametrize(("name", "lang"), [(name, ("en", "zh")[place % 2]) for place, name in enumerate(CARDS)])
def test_every_card_has_title_unit_meaning_and_its_data_as_a_file(
    page: Page, shops: Served, name: str, lang: str
) -> None:
    path, wanted = CARDS[name]
    cards = [card for card in opened(page, shops, path, lang) if card["name"] not in FORMS]
    assert wanted <= {card["name"] for card in cards}
    files = set(page.evaluate(FILES))
    for card in cards:
        assert card["title"], card
        assert card["unit"] or card["terms"], card
        assert card["terms"] or card["grid"], f"{card['name']}: nothing says what it means"
        # Of a day that runs single ways and places are no file's: kept and compared they would tell of moments.
        of_today = name == "store" and card["name"] in {"steps", "warmth"}
        assert card["files"] or card["empty"] or of_today, f"{card['name']}: no file"
    assert files, "a page has at least one table to take away"
    for href in files:
        saved = page.request.get(f"{shops.url}{href}")
        lines = saved.text().splitlines()
        assert saved.ok, href
        assert lines[0].count(",") >= 2, href
    unclear = [card["name"] for card in cards if not card["unit"] and not card["grid"]]
    for one in unclear:
        said(page, f"main .part.{one.split()[0]} .term >> nth=0")


def said(page: Page, selector: str) -> None:
    """Point at a term: its unit stands beside its name."""
    page.locator(selector).hover()
    expect(page.locator(".tip .tip-unit").last).to_be_visible()
    page.mouse.move(0, 0)


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/store/new-shop", "/history/new-shop", "/trust/new-shop"])
def test_what_is_empty_says_why(page: Page, shops: Served, path: str) -> None:
    page.goto(f"{shops.url}{path}?lang=en")
    page.wait_for_selector("main .empty")
    texts = page.evaluate("[...document.querySelectorAll('main .empty')].map(one => one.innerText)")
    assert all(len(text) > 10 for text in texts)
    for card in page.evaluate(LOOK):
        assert card["title"], card
        assert card["empty"] or card["files"], card


#: Opens each arrow: how wide and high it is, and where the ways behind it begin and end.
ARROWS: Final = """() => [...document.querySelectorAll('main .file-links summary')]
  .filter(one => one.offsetParent).map(one => {
  one.parentElement.open = true;
  const ways = [...one.parentElement.querySelectorAll('a')].map(way => way.getBoundingClientRect());
  const all = one.nextElementSibling.getBoundingClientRect(), box = one.getBoundingClientRect();
  one.parentElement.open = false;
  return {wide: box.width, high: box.height, ways: ways.map(way => [way.left, way.right]),
    low: Math.min(...ways.map(way => way.height)), around: [all.left, all.right]};
})"""


@pytest.mark.slow
@pytest.mark.parametrize(("name", "lang"), [("store", "zh"), ("history", "en"), ("stores", "en"), ("devices", "zh")])
def test_on_a_phone_a_thumb_meets_every_arrow_and_nothing_behind_it_is_cut_off(
    browser: Browser, shops: Served, name: str, lang: str
) -> None:
    context = browser.new_context(storage_state=SIGNED_IN, viewport={"width": 390, "height": 844})
    context.set_default_timeout(60_000)
    page = context.new_page()
    opened(page, shops, CARDS[name][0], lang)
    arrows = page.evaluate(ARROWS)
    assert arrows
    for one in arrows:
        assert min(one["wide"], one["high"], one["low"]) >= 44, one
        assert one["around"][0] >= 0, one
        assert one["around"][1] <= 390, one
        (first, middle), (second, last) = one["ways"]
        assert one["around"][0] <= first < middle <= second < last <= one["around"][1] + 1, one
    context.close()


@pytest.mark.slow
@pytest.mark.parametrize("width", [390, 1440])
def test_an_arrow_opens_the_files_of_a_card_and_stays_open_while_numbers_come(
    browser: Browser, shops: Served, width: int
) -> None:
    context = browser.new_context(storage_state=SIGNED_IN, viewport={"width": width, "height": 844})
    context.set_default_timeout(60_000)
    page = context.new_page()
    page.goto(f"{shops.url}/store/nanjing-road?lang=en")
    settle(page)
    arrow = page.locator(".now .file-links summary")
    arrow.click()
    link = page.locator(".now .file-link").first
    expect(link).to_be_visible()
    box = link.bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= width
    with page.expect_download() as saved:
        link.click()
    assert saved.value.suggested_filename == "nanjing-road-now.csv"
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()
