"""The door in a real browser: in, another password, out; both languages, phone and desk."""

import re

import pytest
from playwright.sync_api import Browser, expect

from analytics.database import Database
from dashboard.accounts.register import Register, Scope
from tests.e2e.conftest import NOW
from tests.support.screenshots import settle
from tests.support.served import Served

pytestmark = pytest.mark.browser


@pytest.fixture
def register(shops: Served) -> Register:
    return Register(Database(shops.database, clock=lambda: NOW, connections=1, writes=True))


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_door_fits_and_says_what_is_wrong(browser: Browser, shops: Served, lang: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 844})
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{shops.url}/?lang={lang}")
    expect(page).to_have_url(re.compile("/sign-in"))
    page.goto(f"{shops.url}/sign-in?lang={lang}")
    expect(page.locator("h1")).to_have_text("登录" if lang == "zh" else "Sign in")
    page.fill("#login", "nobody")
    page.fill("#password", "not a password")
    page.click("button[type=submit]")
    expect(page.get_by_role("alert")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert errors == []
    page.close()


def test_from_a_one_time_password_to_ones_own_store_and_out_again(
    browser: Browser, shops: Served, register: Register
) -> None:
    scope = Scope("manager", stores=("nanjing-road",))
    register.add("li.na", scope, "from the telephone", now=NOW, one_time=True)
    page = browser.new_page(locale="en-GB")
    page.goto(f"{shops.url}/store/orchard")
    page.fill("#login", "li.na")
    page.fill("#password", "from the telephone")
    page.click("button[type=submit]")
    expect(page.locator("h1")).to_have_text("Choose a password")
    page.fill("#old", "from the telephone")
    page.fill("#new", "tea at nine, every day")
    page.fill("#again", "tea at nine, every day")
    page.click("button[type=submit]")
    expect(page.locator(".store-page")).to_have_attribute("data-store", "nanjing-road")
    expect(page.locator("body")).not_to_contain_text("Orchard")
    page.goto(f"{shops.url}/store/orchard")
    expect(page.locator("h1")).to_have_text("Not for this account")
    page.locator(".account summary").click()
    expect(page.locator(".whoami")).to_contain_text("Store manager")
    page.click("#sign-out")
    expect(page).to_have_url(re.compile("/sign-in"))
    page.goto(f"{shops.url}/store/nanjing-road")
    expect(page).to_have_url(re.compile("/sign-in"))
    page.close()


def test_a_page_that_is_open_goes_to_the_door_when_its_account_is_shut_out(
    browser: Browser, shops: Served, register: Register
) -> None:
    register.add("leaver", Scope("head_office"), "one last look", now=NOW)
    page = browser.new_page(locale="en-GB")
    page.goto(f"{shops.url}/store/nanjing-road")
    page.fill("#login", "leaver")
    page.fill("#password", "one last look")
    page.click("button[type=submit]")
    settle(page)
    register.disable("leaver", now=NOW)
    expect(page).to_have_url(re.compile(r"/sign-in\?next="))
    page.close()
