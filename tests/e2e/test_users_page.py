"""Users in a real browser: added by head office, in by their link, and in by a sign-in service."""

import re
from pathlib import Path

import psycopg2
import pytest
from playwright.sync_api import Browser, Page, expect

from deploy.process import free_port
from tests.e2e.conftest import NOW
from tests.support.npm import NpmUnavailableError
from tests.support.oidc import CLIENT_ID, SECRET, running_provider
from tests.support.served import Served, served
from tests.support.servers import Cluster
from tests.support.signed_in import SIGNED_IN
from tests.support.store_data import add_store

pytestmark = pytest.mark.browser


def test_head_office_adds_somebody_who_gets_in_by_the_link(browser: Browser, shops: Served) -> None:
    page = browser.new_page(storage_state=SIGNED_IN, viewport={"width": 390, "height": 844})
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{shops.url}/users?lang=en")
    expect(page.locator("#account-regions-field")).to_be_hidden()
    page.locator("#account-stores").click()
    page.get_by_role("option", name="Orchard").click()
    page.keyboard.press("Escape")
    page.click("#account-add")
    expect(page.locator("#users-result [data-wrong]")).to_be_in_viewport()
    page.fill("#account-login", "zhao.min")
    page.click("#account-add")
    expect(page.locator("#account-link")).to_be_in_viewport()
    link = page.locator("#account-link").inner_text()
    assert link.startswith(f"{shops.url}/sign-in?lang=en#login=zhao.min&once=")
    expect(page.locator("[data-account='zhao.min']")).to_contain_text("Store manager · Orchard")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.close()
    theirs = browser.new_page()
    theirs.goto(link)
    expect(theirs.locator("#login")).to_have_value("zhao.min")
    assert "#" not in theirs.url, "the secret leaves the address at once"
    old = theirs.locator("#password").input_value()
    theirs.click("button[type=submit]")
    expect(theirs).to_have_url(re.compile("/password"))
    theirs.fill("#old", old)
    theirs.fill("#new", "two quiet rivers")
    theirs.fill("#again", "two quiet rivers")
    theirs.click("button[type=submit]")
    expect(theirs.locator(".store-page")).to_have_attribute("data-store", "orchard", timeout=60_000)
    assert errors == []
    theirs.close()


def test_the_log_is_narrowed_down_on_a_phone(browser: Browser, shops: Served) -> None:
    page = browser.new_page(storage_state=SIGNED_IN, viewport={"width": 390, "height": 844})
    page.goto(f"{shops.url}/log?lang=zh")
    expect(page.locator("h1")).to_have_text("操作记录")
    _apart(page, ".brand", ".where a")
    page.click("#log-from")
    calendar = page.locator(".mantine-Popover-dropdown:visible")
    expect(calendar).to_contain_text("2026年11月")
    box = calendar.bounding_box()
    assert box is not None
    assert (box["x"] >= 0, box["x"] + box["width"] <= 390, box["width"] > 200) == (True, True, True)
    edge = calendar.evaluate("it => getComputedStyle(it).borderTopColor")
    assert edge == page.locator("header").evaluate("it => getComputedStyle(it).borderBottomColor"), "one palette"
    page.keyboard.press("Escape")
    page.fill("#log-who", "zhao")
    link = page.locator("#log-file .file-link").first
    expect(link).to_have_attribute("href", "/files/log/log.csv?find=zhao&lang=zh")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.close()


def _apart(page: Page, left: str, right: str) -> None:
    """Check that nothing drawn on the left reaches what is on the right."""
    one, other = page.locator(left).bounding_box(), page.locator(right).bounding_box()
    assert one is not None
    assert other is not None
    padding = page.locator(left).evaluate("it => parseFloat(getComputedStyle(it).paddingRight)")
    assert one["x"] + one["width"] - padding + 2 <= other["x"]


def test_somebody_signs_in_and_out_with_a_sign_in_service(browser: Browser, cluster: Cluster, tmp_path: Path) -> None:
    # Tokens are of the real time, in which the other tests' sessions have run out: a database of its own.
    url = cluster.create()
    connection = psycopg2.connect(url)
    connection.autocommit = True
    add_store(connection, "orchard", name="Orchard", region="South-East Asia")
    port, rules = free_port(), tmp_path / "rules.toml"
    rules.write_text('[[rule]]\ngroup = "asia"\nrole = "region"\nregions = ["South-East Asia"]\n', encoding="utf-8")
    settings = {"oidc_issuer": f"http://127.0.0.1:{port}", "oidc_client_id": CLIENT_ID, "oidc_client_secret": SECRET,
                "oidc_name": "Example ID", "oidc_rules": str(rules)}  # fmt: skip
    accounts = {"u-7": {"preferred_username": "chen.hao", "groups": ["asia"]}}
    try:
        with (
            served(url, NOW, ticking=True, settings=settings) as running,
            running_provider(tmp_path, port=port, origin=running.url, accounts=accounts),
        ):
            page = browser.new_page(locale="en-GB")
            page.goto(running.url)
            page.get_by_role("link", name="Sign in with Example ID").click()
            page.fill("input[name=login]", "u-7")
            page.fill("input[name=password]", "any")
            page.locator("button[type=submit]").click()
            page.locator("button[type=submit]").click()  # what the dashboard may know
            expect(page.locator(".store-page")).to_have_attribute("data-store", "orchard", timeout=60_000)
            page.locator(".account summary").click()
            expect(page.locator(".whoami")).to_contain_text("chen.hao")
            page.click("#sign-out")
            expect(page).to_have_url(re.compile(f"127.0.0.1:{port}/session/end"))
            page.close()
    except NpmUnavailableError as error:
        pytest.skip(str(error))
    with connection.cursor() as cursor:
        cursor.execute("SELECT action FROM account_event JOIN account USING (account_id) WHERE login = 'chen.hao'")
        assert {"signed_in", "signed_out"} <= {action for (action,) in cursor.fetchall()}
    connection.close()
    cluster.drop(url)
