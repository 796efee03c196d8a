"""Everybody can use the pages: axe-core finds nothing serious, a keyboard is enough, colours differ for every eye."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

import dashboard
from analytics.database import Database
from dashboard.accounts.register import Register, Scope
from deploy.set_up import Office
from deploy.trust.authority import Authority
from ingest.database import Database as IngestDatabase
from tests.e2e.conftest import NOW
from tests.support.axe import script, violations
from tests.support.colours import apart, contrast
from tests.support.npm import NpmUnavailableError
from tests.support.screenshots import settle
from tests.support.served import Served, served
from tests.support.signed_in import SIGNED_IN

pytestmark = pytest.mark.browser

STYLE = (Path(str(dashboard.__file__)).parent / "assets" / "footfall.css").read_text(encoding="utf-8")
PATHS = (
    "/", "/store/nanjing-road", "/store/new-shop", "/history/nanjing-road", "/wall/nanjing-road", "/trust",
    "/trust/nanjing-road", "/devices", "/alarms", "/rollouts", "/setup", "/setup/nanjing-road", "/users",
    "/users/mei.lin", "/log", "/store/nowhere", "/sign-in",
)  # fmt: skip
#: One of each kind, with every run of the tests; the others with the slow ones.
QUICK = ("/", "/store/nanjing-road", "/setup/nanjing-road", "/users")


@pytest.fixture(scope="module")
def fitted(shops: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The shops with the tools that set them up, and an account beside head office's."""
    try:
        script()
    except NpmUnavailableError as error:
        pytest.skip(str(error))
    folder = tmp_path_factory.mktemp("trust")
    Authority(folder, now=lambda: NOW, create=True)
    writing = IngestDatabase(shops.database)
    accounts = Database(shops.database, clock=lambda: NOW, connections=1, writes=True)
    if "mei.lin" not in {one.login for one in Register(accounts).listed(now=NOW)}:
        scope = Scope("manager", stores=("nanjing-road",))
        Register(accounts).add("mei.lin", scope, "from the telephone", now=NOW - timedelta(days=2))
    office = Office(writing, folder / "root.pem", "https://footfall.example:8443", now=lambda: NOW)
    with served(shops.database, NOW, office) as running:
        yield running
    writing.close()
    accounts.close()


def opened(browser: Browser, house: Served, path: str, *, lang: str, width: int = 1440) -> Page:
    page = browser.new_page(
        storage_state=SIGNED_IN, viewport={"width": width, "height": 900}, color_scheme="light", reduced_motion="reduce"
    )
    page.goto(f"{house.url}{path}?lang={lang}")
    page.wait_for_selector("h1")
    page.wait_for_function("() => !document.querySelector('.bones, ._dash-loading-callback')")
    return page


def in_both_colours(page: Page) -> list[str]:
    found = violations(page)
    page.emulate_media(color_scheme="dark")
    if page.locator(".door form").count():
        page.reload()  # a plain form takes its colours when it is loaded
    page.wait_for_function("() => document.documentElement.dataset.scheme === 'dark'")
    return found + violations(page)


@pytest.mark.parametrize("path", [one if one in QUICK else pytest.param(one, marks=pytest.mark.slow) for one in PATHS])
def test_axe_finds_nothing_serious(browser: Browser, fitted: Served, path: str) -> None:
    page = opened(browser, fitted, path, lang="en")
    assert in_both_colours(page) == []
    page.close()


@pytest.mark.slow
@pytest.mark.parametrize(("lang", "width"), [("zh", 1440), ("zh", 390)])
@pytest.mark.parametrize("path", PATHS)
def test_axe_finds_nothing_serious_in_chinese_and_on_a_phone(
    browser: Browser, fitted: Served, path: str, lang: str, width: int
) -> None:
    page = opened(browser, fitted, path, lang=lang, width=width)
    assert in_both_colours(page) == []
    page.close()


def test_a_keyboard_leads_past_the_header_to_a_store_and_through_its_set_up(browser: Browser, fitted: Served) -> None:
    page = opened(browser, fitted, "/", lang="en")
    settle(page)
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()
    tab_to(page, ".ag-header-cell", outlined=False)  # the grid draws a frame of its own
    page.keyboard.press("ArrowDown")
    expect(page.locator(".ag-cell:focus")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator(".store-page")).to_be_visible()
    page.goto(f"{fitted.url}/users?lang=en")
    page.wait_for_selector("#account-add")
    page.locator("#content").focus()
    tab_to(page, "[data-account='mei.lin'] a")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("mei.lin")
    tab_to(page, "#user-save")
    page.keyboard.press("Enter")
    expect(page.locator("#user-result [role=status]")).to_contain_text("Saved")
    page.close()


def tab_to(page: Page, selector: str, *, outlined: bool = True) -> None:
    """Press Tab until something that fits is focused, and shows that it is."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            shown = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert shown != "none" or not outlined, selector
            return
    raise AssertionError(f"no way by Tab to {selector}")


@pytest.mark.parametrize("colours", [":root", ':root[data-scheme="dark"]'])
def test_text_stands_out_and_meanings_differ_for_every_eye(colours: str) -> None:
    said = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", STYLE.split(colours + " {")[1].split("}")[0]))
    for text in ("ink", "muted", "accent", "warn"):
        assert contrast(said[text], said["surface"]) >= 4.5, text
    assert contrast(said["ink"], said["warn-soft"]) >= 4.5
    for first, second in (("accent", "warn"), ("accent", "usual"), ("warn", "ink"), ("accent", "ink")):
        for eye in ("usual", "protan", "deutan", "tritan"):
            assert apart(said[first], said[second], eye) >= 15, (first, second, eye)
