"""Alarms and roll-outs in a real browser: what each says, who may see it, and a roll-out that is halted."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from analytics.quality.findings import Finding
from deploy import alarms
from deploy.alarms import Seen
from deploy.control.desires import Decision
from deploy.control.rollouts import advance, latest, start
from deploy.control.standards import define, named
from deploy.set_up import Office
from tests.support.fleet import RUNS, Fleet
from tests.support.ledger import rows
from tests.support.served import Served, served
from tests.support.servers import Cluster
from tests.support.signed_in import SIGNED_IN, sign_in

pytestmark = pytest.mark.browser

INSTALLER, MANAGER = "somebody-with-a-ladder", "a-manager-of-one-store"


class Chain:
    """Ten stores whose boxes got a standard that one of them refused; and what needs somebody."""

    def __init__(self, url: str, folder: Path) -> None:
        self.fleet = Fleet(url, stores=10)
        self.office = Office(
            self.fleet.database, folder / "root.pem", "https://footfall.example:8443", now=lambda: self.fleet.now
        )
        self._roll_out()
        self._alarms(self.fleet)

    def _roll_out(self) -> None:
        fleet = self.fleet
        why = Decision(by="anna", why="queues", at=fleet.now)
        define(fleet.database, "autumn", '[cameras."*"]\nfps = 8\n', why)
        start(fleet.database, named("autumn"), share=0.5, decision=why)
        advance(fleet.database, fleet.now)
        self.refuser = min(store for store, number in fleet.desired().items() if number).partition("/")[0]
        fleet.answer(lambda store: ("refused", "fps: at most 5") if store == self.refuser else RUNS)
        advance(fleet.database, fleet.now)

    def _alarms(self, fleet: Fleet) -> None:
        with fleet.database.transaction() as cursor:
            cursor.execute("SELECT store_id FROM store WHERE code = 's001'")
            ((store_id,),) = cursor.fetchall()
            silent = Finding("device_offline", "box-1", since=fleet.now - timedelta(hours=6))
            seen = [Seen(store_id, "box-1", silent), Seen(store_id, "till", Finding("till_silent", since=fleet.now))]
            crashed = Seen(store_id, "crashes", Finding("crashes", "box-1", number=3))
            before = fleet.now - timedelta(hours=5)
            alarms.record(cursor, "finding", [*seen, crashed], at=before)
            alarms.record(cursor, "finding", seen, at=fleet.now - timedelta(hours=1))
            alarms.looked(cursor, "device", at=fleet.now)
            alarms.looked(cursor, "finding", at=fleet.now)


@pytest.fixture(scope="module")
def chain(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, Chain]]:
    url = cluster.create()
    made = Chain(url, tmp_path_factory.mktemp("trust"))
    with served(url, made.fleet.now, made.office) as running:
        sign_in(url, made.fleet.now, login="ivan", role="installer", token=INSTALLER)
        sign_in(url, made.fleet.now, login="mia", role="manager", token=MANAGER, stores=("s001",))
        yield running, made
    made.fleet.database.close()
    cluster.drop(url)


def opened(browser: Browser, chain: tuple[Served, Chain], path: str, *, width: int = 1440, token: str = "") -> Page:
    page = browser.new_page(storage_state=SIGNED_IN, viewport={"width": width, "height": 900})
    page.set_default_timeout(20_000)
    if token:
        page.context.add_cookies([{"name": "footfall-session", "value": token, "domain": "127.0.0.1", "path": "/"}])
    page.goto(f"{chain[0].url}{path}")
    page.wait_for_selector("h1")
    return page


@pytest.mark.parametrize(("lang", "width"), [("en", 390), ("zh", 1440)])
@pytest.mark.parametrize("path", ["/alarms", "/rollouts"])
def test_the_pages_fit(browser: Browser, chain: tuple[Served, Chain], path: str, lang: str, width: int) -> None:
    errors: list[str] = []
    page = opened(browser, chain, f"{path}?lang={lang}", width=width)
    page.on("pageerror", lambda error: errors.append(str(error)))
    expect(page.locator(".part").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert errors == []
    page.close()


def test_an_alarm_says_since_when_and_what_to_do_and_is_found(browser: Browser, chain: tuple[Served, Chain]) -> None:
    page = opened(browser, chain, "/alarms?lang=en")
    expect(page.locator("h1")).to_have_text("2 alarms")
    silent = page.locator("[data-finding=device_offline]")
    expect(silent).to_contain_text("Check its power and network")
    expect(silent.locator(".alarm-where")).to_have_text("s001 · since 06:00")
    page.fill("#alarms-search", "box-1")
    expect(page.locator("[data-finding]")).to_have_count(1)
    page.get_by_role("link", name="Ended lately").click()
    expect(page.locator("[data-finding=crashes] .alarm-where")).to_contain_text("07:00 – 11:00, 4 h 0 min")
    assert "show=ended" in page.url
    page.goto(f"{chain[0].url}/alarms/s002?lang=en")
    expect(page.locator("h1")).to_have_text("No alarms")
    page.close()


def test_installers_see_alarms_of_boxes_and_managers_their_own_store_s(
    browser: Browser, chain: tuple[Served, Chain]
) -> None:
    page = opened(browser, chain, "/alarms?lang=en", token=INSTALLER)
    expect(page.locator("h1")).to_have_text("1 alarm")
    page.goto(f"{chain[0].url}/rollouts?lang=en")
    expect(page.locator("[data-rollout]")).to_have_count(1)
    expect(page.locator("#rollouts-actions summary")).to_have_count(0)
    page.context.add_cookies([{"name": "footfall-session", "value": MANAGER, "domain": "127.0.0.1", "path": "/"}])
    page.goto(f"{chain[0].url}/rollouts?lang=en")
    expect(page.locator("h1")).to_have_text("Not for this account")
    page.goto(f"{chain[0].url}/alarms/s002?lang=en")
    expect(page.locator("h1")).to_have_text("Not for this account")
    page.close()


def test_a_list_that_nobody_renews_says_so(browser: Browser, chain: tuple[Served, Chain]) -> None:
    served_, made = chain
    served_.clock.now = made.fleet.now + timedelta(hours=1)
    page = opened(browser, chain, "/alarms?lang=en")
    expect(page.locator("#alarms-answer .banner")).to_contain_text("Nobody has looked for alarms since")
    served_.clock.now = made.fleet.now
    page.close()


def test_a_roll_out_shows_how_far_it_is_and_is_halted_with_a_reason(
    browser: Browser, chain: tuple[Served, Chain]
) -> None:
    page = opened(browser, chain, "/rollouts?lang=en")
    saved = page.request.get(chain[0].url + (page.locator(".file-link").first.get_attribute("href") or ""))
    assert "autumn 1" in saved.text()
    card = page.locator("[data-rollout]")
    expect(card).to_have_attribute("data-state", "running")
    expect(card.locator("[data-count=runs]")).to_contain_text("4")
    expect(card.locator("[data-count=refused]")).to_contain_text("1")
    expect(card.locator("tbody tr")).to_contain_text("fps: at most 5")
    expect(card).to_contain_text("head office widens it")
    page.locator("summary", has_text="Pause").click()
    page.get_by_role("button", name="Pause: autumn 1").click()
    expect(page.locator("[data-wrong=rollout_why]")).to_be_visible()
    page.locator("[data-deed=pause]").get_by_label("Why").fill("queues are miscounted")
    page.get_by_role("button", name="Pause: autumn 1").click()
    expect(page.locator("#rollouts-result [role=status]")).to_be_visible()
    expect(card).to_have_attribute("data-state", "paused")
    expect(card).to_contain_text("office: queues are miscounted")
    found = latest(chain[1].fleet.database)
    assert found is not None
    assert found.state == "paused"
    said = rows(chain[0].database, "SELECT action, subject FROM account_event WHERE action ~ '^rollout'")
    assert said == [("rollout_pause", str(found.rollout_id))]
    page.goto(f"{chain[0].url}/devices?lang=en")
    expect(page.locator(f".ag-row[row-id='{chain[1].refuser}/box-1'] [col-id=set_up]")).to_have_text(
        "not taken · autumn 1"
    )
    page.close()


def test_head_office_widens_a_roll_out_and_begins_the_next_version(
    browser: Browser, chain: tuple[Served, Chain]
) -> None:
    fleet = chain[1].fleet
    define(fleet.database, "autumn", '[cameras."*"]\nfps = 6\n', Decision(by="anna", why="faster", at=fleet.now))
    page = opened(browser, chain, "/rollouts?lang=en", width=390)
    widen = page.locator("[data-deed=widen]")
    widen.locator("summary").click()
    widen.get_by_text("All boxes").click()
    widen.get_by_label("Why").fill("all is well")
    widen.get_by_role("button").click()
    expect(page.locator("#rollouts-result [role=status]")).to_be_visible()
    card = page.locator("[data-rollout]").first
    expect(card).to_contain_text("100% of all boxes: 10 of 10")
    expect(page.locator("[data-deed=widen]")).to_have_count(0)
    expect(page.locator("[data-deed=release]")).to_have_count(0)
    begin = page.locator("[data-deed=start]")
    begin.locator("summary").click()
    expect(begin).to_contain_text("The roll-out of autumn 1 ends with that.")
    begin.get_by_label("Why").fill("faster")
    begin.get_by_role("button").click()
    expect(page.locator("h1")).to_have_text("autumn 2 under way")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    said = rows(
        chain[0].database, "SELECT action FROM account_event WHERE action ~ '^rollout_(start|widen)' ORDER BY at"
    )
    assert said == [("rollout_widen",), ("rollout_start",)]
    page.close()
