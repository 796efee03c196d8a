"""The audit on a phone: a person with one thumb, a flaky network, a device that errs, in both languages."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, ViewportSize, expect

import edge.audit.audits as pace
import edge.audit.session as length
from tests.support.auditing import ScriptedBox, running_box

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PHONE: ViewportSize = {"width": 390, "height": 844}


@pytest.fixture
def box(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedBox]:
    """A box whose last crossings settle at once, and that takes an audit of seconds for a whole one."""
    monkeypatch.setattr(pace, "SETTLE_S", 0.5)
    monkeypatch.setattr(length, "SHORTEST_S", 0.5)
    # What lies near either end is left out; an audit of a second has no middle.
    monkeypatch.setattr("edge.audit.matching._well_inside", lambda _at, _windows: True)
    with running_box() as running:
        yield running


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
    context.set_default_timeout(10_000)
    page = context.new_page()
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    yield page
    context.close()


def open_audit(page: Page, box: ScriptedBox, lang: str) -> None:
    page.goto(f"{box.service.url}/?lang={lang}")
    page.fill("#pin", box.service.pin)
    page.tap(".primary")
    page.tap("[data-line=front-door]")
    page.fill("#initials", "J D")
    page.tap(".primary")
    expect(page.locator("#in")).to_be_visible()


def walk(page: Page, box: ScriptedBox, way: str, *, seen: bool = True) -> None:
    if seen:
        box.cross("in" if way == "in" else "out")
    page.tap(f"#{way}")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_person_taps_and_learns_how_the_device_counted(phone: Page, box: ScriptedBox, lang: str) -> None:
    open_audit(phone, box, lang)
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert phone.evaluate("document.documentElement.scrollHeight") <= PHONE["height"], "nothing scrolls while tapping"
    for number in range(6):
        walk(phone, box, "in", seen=number != 2)
        walk(phone, box, "out")
    box.cross("out")
    phone.tap("#in")
    phone.tap("#undo")
    expect(phone.locator("#in-count")).to_have_text("6")
    phone.tap("#pause")
    expect(phone.locator("#in")).to_be_disabled()
    phone.tap("#pause")
    phone.tap("#finish")
    phone.tap("#sheet-end")
    row = phone.locator("[data-row=misses] td")
    expect(row).to_have_text(["1", "0"])
    expect(phone.locator("[data-row=doubles] td")).to_have_text(["0", "1"])
    expect(phone.locator("[data-row=truth] td")).to_have_text(["6", "6"])
    expect(phone.locator("[data-accuracy=in] strong")).to_have_text("83.3%")
    expect(phone.locator("#enough")).to_contain_text("In: 6 so far" if lang == "en" else "进：目前 6 人")
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    (audit,) = box.audits
    assert audit.complete
    assert audit.auditor == "jd"
    phone.tap("#another")
    expect(phone.locator("[data-line=front-door]")).to_be_visible()


def test_taps_made_without_a_network_come_later_in_order(phone: Page, box: ScriptedBox) -> None:
    open_audit(phone, box, "en")
    walk(phone, box, "in")
    expect(phone.locator("#sent")).to_have_text("all sent")
    phone.route("**/api/**", lambda route: route.abort())
    for way in ("in", "out", "in", "out", "out"):
        walk(phone, box, way)
    expect(phone.locator("#sent")).to_have_text("5 to send")
    expect(phone.locator("#sent")).to_have_class("sent waiting")
    expect(phone.locator(".time")).to_contain_text("No connection to the box.")
    assert phone.evaluate("document.documentElement.scrollHeight") <= PHONE["height"]
    phone.unroute("**/api/**")
    expect(phone.locator("#sent")).to_have_text("all sent")
    phone.tap("#finish")
    phone.tap("#sheet-end")
    expect(phone.locator("[data-row=matched] td")).to_have_text(["3", "3"])


def test_an_answer_that_is_lost_on_its_way_counts_no_tap_twice(phone: Page, box: ScriptedBox) -> None:
    open_audit(phone, box, "en")

    lost: list[int] = []

    def lose(route: Route) -> None:
        if len(lost) >= 2:
            route.continue_()
            return
        lost.append(route.fetch().status)
        route.abort()

    phone.route("**/api/events", lose)
    for _ in range(3):
        walk(phone, box, "in")
    expect(phone.locator("#sent")).to_have_text("all sent")
    assert lost == [200, 200], "the box had them, the phone did not hear it"
    phone.tap("#finish")
    phone.tap("#sheet-end")
    expect(phone.locator("[data-row=truth] td")).to_have_text(["3", "0"])


@pytest.mark.slow
def test_two_tabs_of_one_phone_lose_no_tap(phone: Page, box: ScriptedBox) -> None:
    open_audit(phone, box, "en")
    second = phone.context.new_page()
    second.goto(f"{box.service.url}/?lang=en")
    expect(second.locator("#in")).to_be_visible()
    walk(second, box, "in")
    walk(phone, box, "out")
    expect(phone.locator(".time")).to_contain_text("another tab")
    for tab in (phone, second):
        expect(tab.locator("#in-count")).to_have_text("1")
        expect(tab.locator("#out-count")).to_have_text("1")
        expect(tab.locator("#sent")).to_have_text("all sent")
    for tab in (phone, second):
        tab.route("**/api/**", lambda route: route.abort())
    for way in ("in", "out", "in"):
        walk(second, box, way)
        walk(phone, box, way)
    for tab in (second, phone):
        tab.unroute("**/api/**")
        expect(tab.locator("#sent")).to_have_text("all sent")
    expect(second.locator("#in-count")).to_have_text("5")
    phone.tap("#finish")
    phone.tap("#sheet-end")
    for tab in (phone, second):
        expect(tab.locator("[data-row=truth] td")).to_have_text(["5", "3"])


def test_a_page_that_is_loaded_again_goes_on_where_it_was(phone: Page, box: ScriptedBox) -> None:
    open_audit(phone, box, "en")
    for _ in range(4):
        walk(phone, box, "in")
    expect(phone.locator("#sent")).to_have_text("all sent")
    phone.reload()
    expect(phone.locator("#in-count")).to_have_text("4")
    walk(phone, box, "out")
    phone.tap("#finish")
    phone.tap("#sheet-end")
    expect(phone.locator("[data-row=matched] td")).to_have_text(["4", "1"])


def test_giving_up_stores_an_incomplete_audit(phone: Page, box: ScriptedBox) -> None:
    open_audit(phone, box, "en")
    walk(phone, box, "in")
    phone.tap("#finish")
    phone.tap("#sheet-discard")
    expect(phone.locator(".warn").first).to_contain_text("Incomplete")
    assert [audit.complete for audit in box.audits] == [False]


def test_the_language_is_changed_by_a_link(phone: Page, box: ScriptedBox) -> None:
    phone.goto(f"{box.service.url}/?lang=en")
    phone.tap("#language")
    expect(phone.locator("html")).to_have_attribute("lang", "zh-Hans")
    expect(phone.locator("#language")).to_have_text("English")


def test_a_box_that_started_anew_is_told_of(phone: Page, box: ScriptedBox) -> None:
    open_audit(phone, box, "en")
    walk(phone, box, "in")
    expect(phone.locator("#sent")).to_have_text("all sent")
    box.service.audits._sessions.clear()
    phone.tap("#in")
    expect(phone.locator(".warn")).to_contain_text("no longer knows this audit")


@pytest.mark.parametrize("loaded_again", [False, True])
def test_a_box_that_was_killed_says_so_beside_the_pin(phone: Page, box: ScriptedBox, loaded_again: bool) -> None:
    open_audit(phone, box, "en")
    walk(phone, box, "in")
    expect(phone.locator("#sent")).to_have_text("all sent")
    # What is left after a kill: neither the audit nor the log-in.
    box.service.audits._sessions.clear()
    phone.context.clear_cookies()
    if loaded_again:
        phone.reload()
    else:
        phone.tap("#in")
    expect(phone.locator("#pin")).to_be_visible()
    expect(phone.locator(".warn")).to_contain_text("no longer knows this audit")
    phone.reload()
    expect(phone.locator("#pin")).to_be_visible()
    expect(phone.locator(".warn")).to_have_count(0)
