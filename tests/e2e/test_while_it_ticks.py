"""A page that ticks leaves alone what is under its reader's hands, and goes on where answers come late."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from itertools import count

import psycopg2
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import NOW, SHIFTS
from tests.support.screenshots import settle
from tests.support.served import Served
from tests.support.signed_in import SIGNED_IN
from tests.support.store_data import add_crossings, one

pytestmark = [pytest.mark.browser, pytest.mark.slow]

#: Answers come late: longer than the second between two ticks.
LATE = """const once = window.fetch;
window.fetch = (...asked) => once(...asked).then((answer) =>
  String(asked[0]).includes("_dash-update") && window.late
    ? new Promise((go) => setTimeout(() => go(answer), 1700)) : answer);"""
#: Nobody answers.
AWAY = """const there = window.fetch;
window.fetch = (...asked) => window.away ? Promise.reject(new TypeError("away")) : there(...asked);"""
#: One shop's tick is answered only once another shop is looked at.
HELD_UP = """const asked_of = window.fetch;
window.fetch = (...asked) => asked_of(...asked).then((answer) =>
  window.wanted && String((asked[1] || {}).body).includes("nanjing-road") && asked[1].body.includes("n_intervals")
    ? new Promise((go) => { window.wanted = false; window.let_go = () => go(answer); }) : answer);"""
#: What a reader holds: by its own words, so that a thing made anew is told from the same one.
HELD = """() => ({
  arrow: window.arrow.isConnected && window.arrow.open,
  hint: document.querySelectorAll(".tip").length === 1 && window.hint.isConnected,
  focus: document.activeElement === window.arrow.querySelector("summary"),
  chosen: String(window.getSelection()),
})"""
_seconds = count(1)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(storage_state=SIGNED_IN, viewport={"width": 1440, "height": 900})
    context.set_default_timeout(60_000)
    yield context.new_page()
    context.close()


def somebody_comes_in(shops: Served) -> None:
    with closing(psycopg2.connect(shops.database)) as connection:
        connection.autocommit = True
        line = one(connection, "SELECT line_id FROM line WHERE store_id = 1 AND role = 'entrance' ORDER BY 1 LIMIT 1")
        add_crossings(connection, 1, line, [NOW - timedelta(seconds=next(_seconds))])


def test_what_a_reader_holds_survives_a_tick_that_draws_its_card(page: Page, shops: Served) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.goto(f"{shops.url}/store/nanjing-road?lang=en")
    settle(page)
    page.wait_for_selector(".staffing .week")
    page.evaluate("window.getSelection().selectAllChildren(document.querySelector('#store-funnel h2'))")
    arrow = page.locator("#store-funnel .file-links")
    arrow.locator("summary").focus()
    page.keyboard.press("Enter")
    page.locator("#store-funnel .term").first.hover()
    expect(page.locator(".tip")).to_be_visible()
    page.evaluate(
        "window.arrow = document.querySelector('#store-funnel .file-links');"
        "window.hint = document.querySelector('.tip')"
    )
    held = page.evaluate(HELD)
    assert {name: bool(value) for name, value in held.items()} == dict.fromkeys(held, True)
    answer, funnel = page.locator("h1").inner_text(), page.locator("#store-funnel").inner_text()
    somebody_comes_in(shops)
    expect(page.locator("h1")).not_to_have_text(answer)
    page.wait_for_function("(before) => document.querySelector('#store-funnel').innerText !== before", arg=funnel)
    assert page.evaluate(HELD) == held
    page.keyboard.press("Escape")
    expect(arrow).not_to_have_attribute("open", "")
    assert errors == []


def test_a_page_goes_on_where_answers_take_longer_than_a_tick(page: Page, shops: Served) -> None:
    page.add_init_script(LATE)
    page.goto(f"{shops.url}/store/nanjing-road?lang=en")
    settle(page)
    before = page.locator("h1").inner_text()
    page.evaluate("window.late = true")
    somebody_comes_in(shops)
    # Some are asked for at once: what counts is that an answer that comes late is taken, time and again.
    expect(page.locator("h1")).not_to_have_text(before)
    before = page.locator("h1").inner_text()
    somebody_comes_in(shops)
    expect(page.locator("h1")).not_to_have_text(before)


def test_a_late_answer_about_one_shop_is_not_put_onto_anothers_page(page: Page, shops: Served) -> None:
    page.add_init_script(HELD_UP)
    page.goto(f"{shops.url}/store/nanjing-road?lang=en")
    settle(page)
    page.evaluate("window.wanted = true")
    somebody_comes_in(shops)
    page.wait_for_function("() => Boolean(window.let_go)")
    # Let go in the moment in which the other shop stands there, before its own first tick.
    page.evaluate(
        """() => {
          const heading = () => document.querySelector("h1").innerText;
          const drawn = (left) => new Promise((go) => requestAnimationFrame(() => go(left && drawn(left - 1))));
          window.told = new Promise((go) => {
            const there = new MutationObserver(() => {
              if (document.querySelector(".store-page[data-store=orchard]")) {
                there.disconnect();
                const told = new Set([heading()]);
                new MutationObserver(() => told.add(heading()))
                  .observe(document.body, { subtree: true, childList: true, characterData: true });
                window.let_go();
                drawn(30).then(() => go([...told]));
              }
            });
            there.observe(document.body, { subtree: true, childList: true, attributes: true });
          });
        }"""
    )
    page.locator("#store-picker").click()
    page.get_by_role("option", name="Orchard").click()
    told = page.evaluate("window.told")
    assert told == [page.locator("h1").inner_text()]


def test_nothing_jumps_when_the_server_is_away_and_back(page: Page, shops: Served) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.add_init_script(SHIFTS)
    page.add_init_script(AWAY)
    page.goto(f"{shops.url}/store/nanjing-road?lang=en")
    settle(page)
    page.wait_for_selector(".staffing .week")
    before = page.evaluate("window.shifted")
    page.evaluate("window.away = true")
    expect(page.locator("#lost")).to_be_visible()
    page.evaluate("window.away = false")
    expect(page.locator("#lost")).to_be_hidden()
    assert page.evaluate("window.shifted") - before < 0.02


def test_a_table_that_fits_does_not_fit_its_columns_again(page: Page, shops: Served) -> None:
    page.goto(f"{shops.url}/?lang=en")
    settle(page)
    page.wait_for_selector(".ag-center-cols-container .ag-row")
    page.evaluate("""() => {
        const api = window.dash_ag_grid.getApi("stores-grid"), once = api.setColumnsVisible;
        window.fitted = 0;
        api.setColumnsVisible = (...asked) => { window.fitted += 1; return once.apply(api, asked); };
    }""")
    for _ in range(3):
        with page.expect_response("**/_dash-update-component*"):
            pass
    assert page.evaluate("window.fitted") == 0
