"""One reading of a store for all who look at it: never older than what came in, never somebody else's."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from contract.entries import Crossing, Entry
from contract.messages import LedgerBatch
from dashboard.accounts.register import Scope
from dashboard.pages import store
from dashboard.reading import live
from dashboard.reading.live import LiveReading, LiveView
from ingest.database import Database
from ingest.names import Names
from ingest.writer import LedgerWriter
from tests.integration.dashboard.conftest import NOW, House, callback
from tests.support.clocks import wait_until


class Tab:
    """A Today page that stays open, as the browser keeps it."""

    def __init__(self, house: House, login: str, code: str) -> None:
        self._outputs = next(key for key in house.app.callback_map if "store-answer.children" in key)
        self._client, _ = house.sign_in(login)
        self._shown = {"store": code, "lang": "en"}
        self._prints: Any = None

    def tick(self) -> dict[str, Any]:
        """Return what changed since the last tick."""
        answer = callback(
            self._client,
            self._outputs.strip(".").split("..."),
            [("store-tick.n_intervals", 1)],
            [("scheme.data", "light"), ("store-code.data", self._shown), ("store-prints.data", self._prints)],
        )
        told: dict[str, Any] = answer.get_json()["response"]
        self._prints = told.get("store-prints", {"data": self._prints})["data"]
        return told


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Codes of the stores that were read, in order."""
    read, codes = LiveReading._read_live, list[str]()

    def noted(self: LiveReading, shop: Any) -> Any:
        codes.append(shop.code)
        return read(self, shop)

    monkeypatch.setattr(LiveReading, "_read_live", noted)
    # However slow this machine is just now.
    monkeypatch.setattr(live, "LIVE_S", 600.0)
    monkeypatch.setattr(live, "LATE_S", 600.0)
    return codes


@pytest.fixture
def writer(house: House) -> Iterator[LedgerWriter]:
    with closing(Database(house.database)) as opened:
        with opened.transaction() as cursor:
            cursor.execute(
                "INSERT INTO line (store_id, code, role) SELECT store_id, 'front-door', 'entrance' FROM store"
                " ON CONFLICT DO NOTHING"
            )
        yield LedgerWriter(opened, Names())


def came_in(code: str, people: int) -> LedgerBatch:
    at = NOW - timedelta(minutes=30)
    entries: list[Entry] = [
        Crossing(at=at + timedelta(seconds=n), line="front-door", direction="in") for n in range(people)
    ]
    return LedgerBatch(
        store=code, device="box-1", epoch=uuid4(), first_seq=1, last_seq=people, sent_at=NOW, entries=entries
    )


def test_nothing_is_read_or_told_while_nothing_comes_in(house: House, readings: list[str]) -> None:
    tabs = [Tab(house, login, "north-one") for login in ("mia", "rob", "olga")]
    assert all("store-answer" in tab.tick() for tab in tabs)
    assert all(tab.tick() == {"banner": {"children": None}} for _ in range(3) for tab in tabs)
    assert readings == ["north-one"]


def test_a_reading_that_a_page_opened_with_is_not_drawn_again_for_its_tick(
    house: House, readings: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    draw, drawn = store.sections, list[str]()

    def noted(view: LiveView, *how: Any) -> Any:
        drawn.append(view.store.code)
        return draw(view, *how)

    monkeypatch.setattr(store, "sections", noted)
    client, _ = house.sign_in("mia")
    opened = callback(
        client,
        ["shell.children", "shell-key.data", "retry.disabled"],
        [("url.pathname", "/store/north-one"), ("url.search", "?lang=en"), ("retry.n_intervals", None)],
        [("scheme.data", "light"), ("shell-key.data", None)],
    )
    assert "store-answer" in opened.get_data(as_text=True)
    assert "store-answer" in Tab(house, "rob", "north-one").tick()
    assert (readings, drawn) == (["north-one"], ["north-one"])


def test_what_came_in_is_told_though_the_last_reading_is_young(
    house: House, writer: LedgerWriter, readings: list[str]
) -> None:
    mine, others = Tab(house, "mia", "north-one"), Tab(house, "rob", "north-two")
    for tab in (mine, others):
        tab.tick()
    del readings[:]
    assert not writer.write([came_in("north-one", 7)]).refused
    wait_until(lambda: "store-now" in mine.tick(), what="the tab is told")
    assert others.tick() == {"banner": {"children": None}}
    assert readings == ["north-one"], "what came into one store is no reason to read another"


def test_a_shared_reading_is_shown_to_its_own_people_alone(house: House) -> None:
    for code in ("north-one", "north-two", "south-one"):
        Tab(house, "olga", code).tick()  # all of it is kept now, read and drawn
    with ThreadPoolExecutor(8) as pool:
        tabs = [Tab(house, login, code) for login, code in (("mia", "north-two"), ("rob", "south-one")) * 8]
        for told in pool.map(Tab.tick, tabs):
            assert told.keys() == {"banner"}
            assert "forbidden" in json.dumps(told)


def test_who_may_not_see_a_store_any_more_is_refused_at_the_next_tick(house: House) -> None:
    tab = Tab(house, "mia", "north-one")
    assert "store-answer" in tab.tick()
    house.register.set_scope("mia", Scope("manager", stores=("south-one",)), now=NOW)
    assert "forbidden" in json.dumps(tab.tick())
