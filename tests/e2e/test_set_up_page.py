"""Opening a store in a real browser: the form, the list, the sheets to print, on a phone and a desk."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page, expect

from contract.enrolment import EnrolmentCode
from deploy.set_up import Office
from deploy.trust.authority import Authority
from ingest.database import Database
from tests.support.ledger import execute, rows
from tests.support.pictures_asked import answer, deliver, enrolled_box, with_camera
from tests.support.served import Served, served
from tests.support.servers import Cluster
from tests.support.signed_in import SIGNED_IN

pytestmark = pytest.mark.browser

NOW = datetime(2026, 11, 21, 6, 7, tzinfo=UTC)


@pytest.fixture(scope="module")
def house(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    url, folder = cluster.create(), tmp_path_factory.mktemp("trust")
    Authority(folder, now=lambda: NOW, create=True)
    database = Database(url)
    office = Office(database, folder / "root.pem", "https://footfall.example:8443", now=lambda: NOW)
    with served(url, NOW, office) as running:
        yield running
    database.close()
    cluster.drop(url)


@pytest.fixture
def errors() -> list[str]:
    return []


def opened(browser: Browser, house: Served, path: str, errors: list[str], *, width: int = 1440) -> Page:
    page = browser.new_page(storage_state=SIGNED_IN, viewport={"width": width, "height": 900}, timezone_id="UTC")
    page.set_default_timeout(20_000)
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{house.url}{path}")
    page.wait_for_selector("h1")
    return page


def fill_in(page: Page, name: str) -> None:
    page.fill("#setup-name", name)
    page.locator("#setup-zone").click()
    page.locator("#setup-zone").fill("Berlin")
    page.get_by_role("option", name="Europe/Berlin").click()
    page.fill("#setup-currency", "EUR")


@pytest.mark.parametrize(("lang", "width"), [("en", 390), ("zh", 390), ("zh", 1440)])
def test_the_page_fits(browser: Browser, house: Served, errors: list[str], lang: str, width: int) -> None:
    page = opened(browser, house, f"/setup?lang={lang}", errors, width=width)
    expect(page.locator("#setup-open")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert errors == []
    page.close()


def test_a_store_is_opened_by_filling_in_the_form(browser: Browser, house: Served, errors: list[str]) -> None:
    page = opened(browser, house, "/setup?lang=en", errors)
    page.click("#setup-open")
    expect(page.locator("[data-wrong=name]")).to_be_visible()
    fill_in(page, "Café am Ürbansplatz")
    expect(page.locator("#setup-code")).to_have_value("cafe-am-urbansplatz")
    page.fill("#setup-boxes", "2")
    page.click("#setup-open")
    sheets = page.locator(".sheet")
    expect(sheets).to_have_count(2)
    code = sheets.first.locator(".code").inner_text()
    assert str(EnrolmentCode.parse(code)) == code
    expect(sheets.first.locator("pre")).to_contain_text(f"edge enroll {code} --server https://footfall.example:8443")
    assert sheets.first.locator(".qr").evaluate("image => image.complete && image.naturalWidth > 100")
    page.emulate_media(media="print")
    expect(page.locator("#setup-open")).to_be_hidden()
    expect(sheets.first).to_be_visible()
    assert errors == []
    page.reload()
    expect(page.locator("#setup-open")).to_be_hidden()
    expect(page.locator(".sheet")).to_have_count(0)
    page.close()


def test_a_code_that_was_written_by_hand_stays(browser: Browser, house: Served, errors: list[str]) -> None:
    page = opened(browser, house, "/setup?lang=en", errors)
    page.fill("#setup-code", "mine")
    page.fill("#setup-name", "Another name")
    page.locator("#setup-currency").focus()
    expect(page.locator("#setup-code")).to_have_value("mine")
    page.close()


def test_a_list_is_shown_first_and_opened_then(
    browser: Browser, house: Served, errors: list[str], tmp_path: Path
) -> None:
    page = opened(browser, house, "/setup?lang=zh", errors)
    wrong, right = tmp_path / "wrong.csv", tmp_path / "right.csv"
    wrong.write_text("code,timezone,currency\nlist-a,Asia/Shanghai,CNY\nlist-b,Mars/Base,CNY\n", encoding="utf-8")
    right.write_text("code,timezone,currency\nlist-a,Asia/Shanghai,CNY\nlist-b,Asia/Shanghai,CNY\n", encoding="utf-8")
    page.set_input_files("#setup-list input[type=file]", wrong)
    expect(page.locator("tr[data-line='3']")).to_contain_text("时区")
    expect(page.locator("#setup-list-open")).to_be_disabled()
    page.set_input_files("#setup-list input[type=file]", right)
    expect(page.locator("#setup-list-open")).to_be_enabled()
    page.click("#setup-list-open")
    expect(page.locator(".sheet")).to_have_count(2)
    assert errors == []
    page.close()


def test_a_box_is_shut_out_and_the_store_closed_only_after_a_second_thought(
    browser: Browser, house: Served, errors: list[str]
) -> None:
    page = opened(browser, house, "/setup?lang=en", errors)
    fill_in(page, "Corner")
    page.click("#setup-open")
    expect(page.locator(".sheet")).to_have_count(1)
    page.goto(f"{house.url}/setup/corner?lang=en")
    box = page.locator("[data-box=door-box]")
    expect(box).to_have_attribute("data-standing", "code waiting")
    expect(box.get_by_role("button", name="Shut door-box out")).to_be_hidden()
    box.locator("summary").click()
    box.get_by_role("button", name="Shut door-box out").click()
    expect(page.get_by_role("status").filter(has_text="shut out")).to_be_visible()
    page.fill("#box-close-name", "corner")
    page.click("#box-close")
    expect(page.locator("[data-wrong=confirm]")).to_be_visible()
    page.fill("#box-close-name", "Corner")
    page.click("#box-close")
    expect(page.get_by_role("status").filter(has_text="is closed")).to_be_visible()
    assert errors == []
    page.close()


def test_a_cameras_background_is_asked_for_and_shown(browser: Browser, house: Served, errors: list[str]) -> None:
    enrolled_box(house.database)
    with_camera(house.database, NOW)
    page = opened(browser, house, "/setup/riverside?lang=en", errors, width=390)
    camera = page.locator("[data-camera='door-box/door']")
    camera.get_by_role("button", name="Ask for it").click()
    expect(page.locator("[data-wrong=why]")).to_be_visible()
    page.fill("#picture-why", "draw the entrance line")
    camera.get_by_role("button", name="Ask for it").click()
    expect(camera).to_have_attribute("data-state", "waiting")
    ((asked,),) = rows(house.database, "SELECT command_id::text FROM setup_picture_request")
    deliver(house.database, answer(UUID(asked)), at=NOW)
    expect(camera).to_have_attribute("data-state", "ready")
    camera.get_by_role("button", name="Show it").click()
    shown = page.locator(".background img")
    expect(shown).to_be_visible()
    assert shown.evaluate("image => image.complete && image.naturalWidth > 100")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert errors == []
    page.close()


def test_a_store_is_changed_only_after_it_was_said_what_that_means(
    browser: Browser, house: Served, errors: list[str]
) -> None:
    page = opened(browser, house, "/setup?lang=en", errors)
    fill_in(page, "Mill Lane")
    page.click("#setup-open")
    expect(page.locator(".sheet")).to_have_count(1)
    page.goto(f"{house.url}/setup/mill-lane?lang=en")
    page.click("#detail-check")
    expect(page.locator("#detail-result")).to_contain_text("Nothing changes")
    page.fill("#detail-name", "Mill Street")
    page.fill("#detail-region", "North")
    page.get_by_label("Saturday: closes").fill("18:00")
    page.click("#detail-check")
    expect(page.locator("[data-change]")).to_have_count(3)
    hours = page.locator("[data-change=hours]")
    expect(hours).to_contain_text("Mon–Sat 10:00–20:00 → Mon–Fri 10:00–20:00, Sat 10:00–18:00")
    expect(hours).to_contain_text("They hold from today on")
    query = "SELECT name, region FROM store WHERE code = 'mill-lane'"
    assert rows(house.database, query) == [("Mill Lane", None)], "not before it is said"
    page.get_by_role("button", name="Save these changes").click()
    expect(page.locator("#detail-result [role=status]")).to_have_text("Saved.")
    assert rows(house.database, query) == [("Mill Street", "North")]
    said = rows(house.database, "SELECT subject FROM account_event WHERE action = 'store_changed'")
    assert said == [("mill-lane",)]
    assert errors == []
    page.close()


def test_the_list_is_saved_edited_and_brought_back_without_codes(
    browser: Browser, house: Served, errors: list[str], tmp_path: Path
) -> None:
    page = opened(browser, house, "/setup?lang=en", errors)
    fill_in(page, "Quay")
    page.click("#setup-open")
    expect(page.locator(".sheet")).to_have_count(1)
    codes = rows(house.database, "SELECT count(*) FROM enrolment_code")
    page.reload()
    with page.expect_download() as saving:
        page.get_by_role("link", name="Save as CSV").click()
    edited = tmp_path / "stores.csv"
    edited.write_text(Path(saving.value.path()).read_text(encoding="utf-8").replace(",Quay,", ",Old Quay,"), "utf-8")
    page.set_input_files("#setup-list input[type=file]", edited)
    expect(page.locator("tr[data-line]", has_text="Old Quay").locator(".outcome")).to_have_text("known; changes: Name")
    page.click("#setup-list-change")
    expect(page.locator("#setup-result [role=status]")).to_have_text("1 store was changed.")
    assert rows(house.database, "SELECT name FROM store WHERE code = 'quay'") == [("Old Quay",)]
    assert rows(house.database, "SELECT count(*) FROM enrolment_code") == codes
    assert errors == []
    page.close()


def test_what_lies_in_a_zone_is_said_on_the_page(browser: Browser, house: Served, errors: list[str]) -> None:
    page = opened(browser, house, "/setup?lang=en", errors)
    fill_in(page, "Bazaar")
    page.click("#setup-open")
    expect(page.locator(".sheet")).to_have_count(1)
    execute(
        house.database,
        "INSERT INTO zone (store_id, code, role)"
        " SELECT store_id, 'window', 'engagement' FROM store WHERE code = 'bazaar'",
    )
    page.goto(f"{house.url}/setup/bazaar?lang=en")
    page.get_by_role("textbox", name="window", exact=True).fill("dresses")
    page.keyboard.press("Enter")
    page.click("#zones-save")
    expect(page.locator("#zones-result [role=status]")).to_be_visible()
    assert rows(house.database, "SELECT zone, category FROM zone_category") == [("window", "dresses")]
    page.get_by_role("textbox", name="Zone window").fill(" Front window ")
    page.click("#names-save")
    expect(page.locator("#names-result [role=status]")).to_be_visible()
    page.reload()
    expect(page.get_by_role("textbox", name="Front window", exact=True)).to_be_visible()
    assert rows(house.database, "SELECT kind, code, name FROM place_name") == [("zone", "window", "Front window")]
    page.get_by_role("textbox", name="Zone window").fill("")
    page.click("#names-save")
    expect(page.locator("#names-result [role=status]")).to_be_visible()
    assert rows(house.database, "SELECT count(*) FROM place_name") == [(0,)]
    assert errors == []
    page.close()
