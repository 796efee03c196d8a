"""Which days are held against their targets: those that are over, by the till, not by the calendar's date."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import psycopg2.extensions
import pytest

from analytics.cache import Cache
from analytics.database import Database
from dashboard.reading.pages import PagesReading, pages_reading
from tests.support.store_data import add_crossings, add_line, add_store, add_uptime

#: A bar in Shanghai, open from 18:00 to 2:00; its till closes at 3:00. Monday's opening.
OPENED: Final = datetime(2026, 11, 16, 10, tzinfo=UTC)
NIGHTS: Final = 6


def at(weekday: int, hour: int, minute: int = 0) -> datetime:
    """A moment of the bar's week by its wall clock; Sunday is 7."""
    return datetime(2026, 11, 15, tzinfo=UTC) + timedelta(days=weekday, hours=hour - 8, minutes=minute)


@pytest.fixture
def bar(connection: psycopg2.extensions.connection) -> None:
    store = add_store(connection, "bar", hours=(18 * 60, 26 * 60))
    line = add_line(connection, store)
    for night in range(NIGHTS):
        opened = OPENED + timedelta(days=night)
        add_uptime(connection, store, "door", opened, opened + timedelta(hours=8))
        add_crossings(connection, store, line, [opened + timedelta(minutes=10 * n + 1) for n in range(30)])
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO store_target (store_id, metric, valid_from, said_at, said_by, by_weekday)"
            " VALUES (%s, 'visitors', '2026-01-01', '2026-01-01', 'anna', array_fill(100.0, ARRAY[7]))",
            [store],
        )


def met(url: str, now: datetime, name: Any) -> tuple[int, int]:
    """On how many days a target was met by Look back and by All stores; 0: none was said."""
    database = Database(url, clock=lambda: now, connections=2)
    try:
        read: PagesReading = pages_reading(database, Cache(), lambda: now)
        (store,) = read.directory.stores()
        (row,) = read.chain.network((store,), name).rows
        told = read.history.store(store, name).progress, row.met
    finally:
        database.close()
    back, chain = ([one.days for one in progress] or [0] for progress in told)
    return back[0], chain[0]


@pytest.mark.usefixtures("bar")
def test_a_day_counts_against_its_target_once_its_till_has_closed(database: str) -> None:
    assert met(database, at(6, 23), "this_week") == (5, 5)
    assert met(database, at(7, 0, 30), "this_week") == (5, 5), "the night goes on after midnight"
    assert met(database, at(7, 2, 30), "this_week") == (5, 5), "the door is closed, the till is not"
    assert met(database, at(7, 3, 30), "this_week") == (6, 6)
    assert met(database, at(1, 22), "this_week") == (0, 0), "Monday's evening alone is no week yet"
    assert met(database, at(1, 22), "today") == (0, 1), "who asks for the day that runs is told how far it is"
