"""The wall screen in a real browser: read across the shop, never touched, back by itself."""

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import psycopg2
import pytest
from playwright.sync_api import Browser, expect

from tests.support.served import Served, served
from tests.support.servers import Cluster
from tests.support.signed_in import SIGNED_IN
from tests.support.store_data import add_crossings, add_device, add_line, add_store, add_uptime

pytestmark = pytest.mark.browser

NOW = datetime(2026, 11, 21, 6, 7, tzinfo=UTC)
#: The smallest letters that are shown, as a share of the screen's height.
SMALLEST = """() => Math.min(...[...document.querySelectorAll(".wall *")]
  .filter(node => !node.closest(".wall-tools, svg") && node.offsetParent
    && [...node.childNodes].some(child => child.nodeType === 3 && child.data.trim()))
  .map(node => parseFloat(getComputedStyle(node).fontSize))) / innerHeight"""
#: Whether something of the page lies beyond its edges.
CUT = """() => [...document.querySelectorAll(".wall > *")].filter(node => {
  const box = node.getBoundingClientRect();
  return box.width && (box.left < 0 || box.right > innerWidth + 1 || box.bottom > innerHeight + 1);
}).map(node => node.id || node.className)"""


@pytest.mark.parametrize(("size", "lang"), [((1920, 1080), "zh"), ((1280, 800), "en"), ((1080, 1920), "en")])
def test_a_wall_screen_fits_and_can_be_read_from_afar(
    browser: Browser, shops: Served, size: tuple[int, int], lang: str
) -> None:
    width, height = size
    context = browser.new_context(storage_state=SIGNED_IN, viewport={"width": width, "height": height})
    page = context.new_page()
    errors: list[str] = []
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{shops.url}/wall/nanjing-road?lang={lang}")
    expect(page.locator(".wall-figures [data-kpi]")).to_have_count(4)
    expect(page.locator("header")).to_have_count(0)
    assert page.evaluate(SMALLEST) * height / min(width, height) >= 0.029
    assert page.evaluate(CUT) == []
    expect(page.locator("html")).to_have_attribute("data-awake", "yes")
    assert errors == []
    context.close()


def test_its_buttons_show_while_the_pointer_moves_and_lead_back(browser: Browser, shops: Served) -> None:
    context = browser.new_context(storage_state=SIGNED_IN)
    page = context.new_page()
    page.goto(f"{shops.url}/store/nanjing-road?lang=en")
    page.locator(".tabs").get_by_text("Wall screen").click()
    tools = page.locator(".wall-tools")
    expect(tools).to_have_css("opacity", "0")
    page.mouse.move(300, 300)
    expect(tools).to_have_css("opacity", "1")
    page.locator("#wall-full").click()
    page.wait_for_function("() => document.fullscreenElement !== null")
    page.get_by_text("Back to the store").click()
    expect(page.locator(".store-page")).to_have_attribute("data-store", "nanjing-road")
    context.close()


@pytest.mark.slow
def test_it_comes_back_by_itself_after_the_service_restarts(browser: Browser, cluster: Cluster) -> None:
    url = cluster.create()
    connection = psycopg2.connect(url)
    connection.autocommit = True
    store = add_store(connection, "only", name="Only shop")
    add_uptime(connection, store, "door", NOW - timedelta(hours=5), NOW)
    line = add_line(connection, store)
    add_crossings(connection, store, line, [NOW - timedelta(minutes=9)] * 3)
    add_device(connection, store, at=NOW)
    context = browser.new_context(storage_state=SIGNED_IN)
    page = context.new_page()
    with ExitStack() as first:
        running = first.enter_context(served(url, NOW))
        page.goto(f"{running.url}/wall/only?lang=en")
        expect(page.locator("h1")).to_have_text("3 visitors so far")
        page.evaluate("() => { window.before = true; }")
    expect(page.locator("#lost")).to_be_visible(timeout=40_000)
    add_crossings(connection, store, line, [NOW - timedelta(minutes=2)])
    with served(url, NOW, port=urlsplit(running.url).port or 0):
        expect(page.locator("h1")).to_have_text("4 visitors so far", timeout=40_000)
        page.wait_for_function("() => !window.before", timeout=40_000)
        expect(page.locator("#lost")).to_be_hidden(timeout=40_000)
        context.close()
    connection.close()
    cluster.drop(url)
