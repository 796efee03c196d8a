"""What a store's first visit reads: nothing while it holds a connection, and little of what was prepared."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg2
import pytest

from analytics import columns as c
from analytics.cache import Cache
from analytics.database import Database
from analytics.errors import DatabaseError, DatabaseUnavailableError
from analytics.facts import slice_facts
from analytics.queries import Connection
from analytics.stores import Store, store_of
from analytics.visits.reentry import read_door_days
from dashboard.reading import facts, past_weeks
from dashboard.reading.facts import Facts
from dashboard.reading.pages import PagesReading, pages_reading
from dashboard.reading.past_weeks import AGAIN_S
from dashboard.reading.warming import warm_stores
from tests.support.postman import MONDAY
from tests.support.served import HeldClock
from tests.support.store_data import add_store


class Lent(Database):
    """Notes how many connections are lent at once."""

    def __init__(self, url: str) -> None:
        super().__init__(url, clock=HeldClock(MONDAY), connections=3)
        self.now = self.most = 0

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            with super().connection() as lent:
                yield lent
        finally:
            self.now -= 1


class Shop:
    """The pages of a store in Shanghai that opens at 01:00 UTC."""

    def __init__(self, url: str, now: datetime) -> None:
        self.clock = HeldClock(now)
        self.database = Lent(url)
        #: By which its answers age: however slow the machine is, none is made anew beside those who ask.
        self.passed_s = 0.0
        self.pages: PagesReading = pages_reading(self.database, Cache(clock=lambda: self.passed_s), self.clock)
        self.store: Store = store_of(self.pages.directory.stores(), "east")


@pytest.fixture
def shop(two_clocks: str) -> Iterator[Shop]:
    made = Shop(two_clocks, MONDAY)
    yield made
    made.database.close()


@pytest.fixture
def weeks_read(monkeypatch: pytest.MonkeyPatch) -> list[date]:
    """The days before which weeks were read."""
    days = list[date]()

    def noted(connection: Any, store: Any, known: Any, day: date, **more: Any) -> Any:
        days.append(day)
        return read_door_days(connection, store, known, day, **more)

    monkeypatch.setattr(past_weeks, "read_door_days", noted)
    return days


def test_nothing_is_read_by_who_waits_for_a_connection_while_holding_one(shop: Shop) -> None:
    # As many who do as there are connections would wait for one another for good.
    pages, east = shop.pages, shop.store
    everyone = pages.directory.stores()
    view = pages.live.day(east)
    pages.live.quarters(view)
    pages.live.floor(east)
    list(pages.live.prepare(everyone))
    pages.trust.store(view)
    pages.trust.chain(pages.chain.network(everyone, "four_weeks"))
    pages.chain.network(everyone, "custom", MONDAY.date() - timedelta(days=9), MONDAY.date())
    pages.report.store(east, "four_weeks")
    pages.fleet.boxes()
    pages.fleet.alarms()
    assert view.store_day is not None
    assert (shop.database.now, shop.database.most) == (0, 1)


def test_what_was_prepared_is_what_a_visit_would_have_read(shop: Shop, two_clocks: str, weeks_read: list[date]) -> None:
    assert list(shop.pages.live.prepare([shop.store])) == [True]
    prepared = list(weeks_read)
    seen = shop.pages.live.day(shop.store)
    assert prepared
    assert weeks_read == prepared, "the visit reads no weeks"
    alone = Shop(two_clocks, MONDAY)
    told = alone.pages.live.day(alone.store)
    alone.database.close()
    assert (seen.bounce, seen.hours) == (told.bounce, told.hours)
    assert seen.store_day is not None
    assert told.store_day is not None
    assert seen.store_day.unique_visits == told.store_day.unique_visits


def test_a_store_that_cannot_be_read_keeps_no_other_from_being_prepared_nor_has_any_read_again(
    two_clocks: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(psycopg2.connect(two_clocks)) as connection, connection:
        add_store(connection, "middle", name="Middle")
    shop, read = Shop(two_clocks, MONDAY), set[str]()
    faults: list[Exception] = []

    def noted(connection: Any, store: Store, known: Any, day: date, **more: Any) -> Any:
        read.add(store.code)
        if store.code == "middle" and faults:
            raise faults.pop()
        return read_door_days(connection, store, known, day, **more)

    def prepared(*fails: Exception) -> tuple[bool, set[str]]:
        faults[:] = fails
        read.clear()
        return warm_stores(shop.pages, rest=lambda _: None), set(read)

    monkeypatch.setattr(past_weeks, "read_door_days", noted)
    assert prepared(DatabaseUnavailableError(MONDAY, "away")) == (False, {"east", "middle"})
    assert prepared(DatabaseError("statement timeout")) == (False, {"middle", "west"})
    assert prepared(ZeroDivisionError()) == (False, {"middle"})
    assert prepared() == (True, {"middle"})
    assert prepared() == (True, set())
    shop.passed_s = AGAIN_S
    assert prepared() == (True, {"east", "middle", "west"})
    shop.database.close()


def test_a_day_is_prepared_before_its_store_opens(shop: Shop, weeks_read: list[date]) -> None:
    shop.clock.now = datetime(2026, 11, 24, 0, 15, tzinfo=UTC)
    list(shop.pages.live.prepare([shop.store]))
    assert weeks_read[-1] == date(2026, 11, 24)
    del weeks_read[:]
    shop.clock.now += timedelta(minutes=46)
    seen = shop.pages.live.day(shop.store)
    assert seen.store_day is not None
    assert seen.store_day.day.business_date == date(2026, 11, 24)
    assert not weeks_read


def test_more_past_days_than_are_kept_put_none_of_them_out(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = list[int]()

    def noted(connection: Any, slices: Any, *, now: datetime) -> Any:
        asked.append(len(slices))
        return slice_facts(connection, slices, now=now)

    monkeypatch.setattr(facts, "slice_facts", noted)
    days = shop.pages.directory.calendar([shop.store], 12, MONDAY)
    past = [days.whole(day) for day in days.of(shop.store.store_id).values() if day.closes_at < MONDAY][:9]
    kept = Facts(shop.database, kept_max=4)
    two = kept.of(past[:2], now=MONDAY)
    nine = kept.of(past, now=MONDAY)
    again = kept.of(past[:2], now=MONDAY)
    assert asked == [2, 7, 0]
    assert again.equals(two)
    assert nine[:2][list(c.ADDITIVE)].equals(two[list(c.ADDITIVE)])
