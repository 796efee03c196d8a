"""A floor plan in a real browser: placed with the mouse and the keyboard, then looked at."""

from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from deploy.set_up import Office
from deploy.trust.authority import Authority
from ingest.database import Database
from tests.e2e.conftest import NOW
from tests.support.floor_plans import ROOM
from tests.support.served import Served, served
from tests.support.servers import Cluster
from tests.support.signed_in import SIGNED_IN
from tests.support.store_data import add_shop, fill

pytestmark = pytest.mark.browser

#: What the page says once a drawing is kept, and once what was placed is.
SAYS = {"en": ("The drawing is kept", "Saved"), "zh": ("图纸已保存", "已保存，")}


@pytest.fixture(scope="module")
def house(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A shop of two weeks with the tools that set it up."""
    url = cluster.create()
    connection = psycopg2.connect(url)
    connection.autocommit = True
    fill(connection, add_shop(connection), now=NOW, weeks=2)
    connection.close()
    folder = tmp_path_factory.mktemp("trust")
    Authority(folder, now=lambda: NOW, create=True)
    writing = Database(url)
    office = Office(writing, folder / "root.pem", "https://footfall.example:8443", now=lambda: NOW)
    with served(url, NOW, office) as running:
        yield running
    writing.close()
    cluster.drop(url)


def drag(page: Page, corner: Locator, sheet: Locator, x: float, y: float) -> None:
    """Drag a corner to a place on the sheet, in shares of it."""
    corner.scroll_into_view_if_needed()
    grip, paper = corner.bounding_box(), sheet.bounding_box()
    assert grip is not None
    assert paper is not None
    page.mouse.move(grip["x"] + grip["width"] / 2, grip["y"] + grip["height"] / 2)
    page.mouse.down()
    page.mouse.move(paper["x"] + x * paper["width"], paper["y"] + y * paper["height"], steps=3)
    page.mouse.up()


@pytest.mark.parametrize(("lang", "width"), [("en", 1440), pytest.param("zh", 390, marks=pytest.mark.slow)])
def test_a_plan_is_uploaded_zones_and_a_camera_are_placed_and_look_back_draws_them(
    browser: Browser, house: Served, tmp_path: Path, lang: str, width: int
) -> None:
    context = browser.new_context(storage_state=SIGNED_IN, viewport={"width": width, "height": 900})
    context.set_default_timeout(60_000)
    page = context.new_page()
    errors: list[str] = []
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.goto(f"{house.url}/setup/nanjing-road?lang={lang}")
    page.wait_for_function("() => !document.querySelector('.bones, ._dash-loading-callback')")
    room = tmp_path / "room.svg"
    room.write_bytes(ROOM)
    page.locator(".plan-drawing input[type=file]").set_input_files(room)
    kept, saved = SAYS[lang]
    expect(page.locator("#plan-result")).to_contain_text(kept)
    page.wait_for_function("() => !document.querySelector('._dash-loading-callback')")
    sheet = page.locator(".plan-pane-plan svg")
    expect(sheet.locator("image")).to_have_count(1)
    for zone, left, top in (("new-in", 0.1, 0.1), ("till", 0.7, 0.6)):
        page.locator(f"[data-place='zones/{zone}']").click()
        for index, (x, y) in enumerate(((0, 0), (0.2, 0), (0.2, 0.25), (0, 0.25))):
            drag(page, page.locator(f"[data-corner='plan-{index}']"), sheet, left + x, top + y)
    page.locator("[data-place='cameras/door']").click()
    assert page.locator(".plan-pane-picture").is_visible()
    corner = page.locator("[data-corner='picture-0']")
    corner.focus()
    page.keyboard.press("ArrowLeft")
    drag(page, page.locator("[data-corner='plan-2']"), sheet, 0.95, 0.95)
    expect(page.locator(".plan-unsaved")).not_to_be_empty()
    page.locator('[id*=\'"plan":"save"\']').click()
    expect(page.locator("#plan-result")).to_contain_text(saved)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.goto(f"{house.url}/history/nanjing-road?lang={lang}")
    drawn = page.locator(".floor-plan")
    expect(drawn.locator(".main-svg image").first).to_be_visible()
    expect(drawn.locator(".heatmaplayer image")).to_have_count(1)
    expect(drawn.locator("text", has_text="new-in").first).to_be_visible()
    expect(drawn.locator(".annotation-arrow-g")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert errors == []
    context.close()
