"""What Look back reads of a store: no hour of few people, and nothing of a door that nobody watched."""

from datetime import UTC, date, datetime, timedelta

from analytics.cache import Cache
from analytics.database import Database
from analytics.stores import Store
from dashboard.reading.history import HistoryView
from dashboard.reading.pages import pages_reading
from tests.support.store_data import (
    Connection,
    add_crossings,
    add_line,
    add_store,
    add_uptime,
    add_visit,
    add_zone,
    copy,
)

#: Saturday, 14:00 in Shanghai; the day before the doors were open from 9 to 21.
NOW = datetime(2026, 11, 21, 6, tzinfo=UTC)
FRIDAY = date(2026, 11, 20)
OPENED = datetime(2026, 11, 20, 1, tzinfo=UTC)


def look_back(url: str, store_id: int, last: date = FRIDAY) -> HistoryView:
    database = Database(url, clock=lambda: NOW, connections=1)
    store = Store(store_id, "nanjing-road", "Nanjing Road", "Asia/Shanghai", "CNY", "East China")
    try:
        return pages_reading(database, Cache(), lambda: NOW).history.store(store, "custom", FRIDAY, last)
    finally:
        database.close()


def test_hours_of_few_people_are_withheld_with_what_would_tell_them(connection: Connection, database: str) -> None:
    store = add_store(connection)
    line = add_line(connection, store)
    add_uptime(connection, store, "door", OPENED, OPENED + timedelta(hours=12))
    for hour in range(12):
        people = 3 if hour == 0 else 20
        add_crossings(
            connection, store, line, [OPENED + timedelta(hours=hour, minutes=1 + 2 * n) for n in range(people)]
        )
    cells = look_back(database, store).cells
    assert len(cells) == 12
    assert (cells[0].visitors.value, cells[0].visitors_withheld) == (None, True)
    assert sum(cell.visitors_withheld for cell in cells) > 1, "the day's sum would tell it"
    assert cells[6].visitors.value == 20


def test_nobody_is_said_to_have_stopped_or_queued_where_no_door_was_watched(
    connection: Connection, database: str
) -> None:
    store = add_store(connection)
    add_line(connection, store)
    zone, queue = add_zone(connection, store, "shelf"), add_zone(connection, store, "till", role="queue")
    add_visit(connection, store, zone, OPENED + timedelta(hours=1), 30.0)
    assert queue
    stages = {one.name: one.count.value for one in look_back(database, store).funnel.stages}
    assert (stages["engage"], stages["queue"]) == (None, None)
    add_uptime(connection, store, "door", OPENED, OPENED + timedelta(hours=12))
    stages = {one.name: one.count.value for one in look_back(database, store).funnel.stages}
    assert (stages["engage"], stages["queue"]) == (1.0, 0.0)


def test_a_day_that_runs_says_nothing_of_waits_and_ways_so_that_looking_again_and_again_does_not(
    connection: Connection, database: str
) -> None:
    store = add_store(connection)
    line = add_line(connection, store)
    shelf, till = add_zone(connection, store, "shelf"), add_zone(connection, store, "till", role="queue")
    today = OPENED + timedelta(days=1)
    add_uptime(connection, store, "door", OPENED, OPENED + timedelta(hours=12))
    for opened, people in ((OPENED, 6), (today, 7)):
        at = [opened + timedelta(minutes=20 + n) for n in range(people)]
        add_crossings(connection, store, line, at)
        exits = [(one, store, till, 9.0, True) for one in at]
        copy(connection, "queue_exit (at, store_id, zone_id, wait_s, served)", exits)
    copy(
        connection,
        "flow (at, store_id, from_zone_id, to_zone_id, people)",
        [(OPENED, store, None, shelf, 6), (today, store, None, shelf, 7)],
    )
    seen = look_back(database, store, last=date(2026, 11, 21))
    assert [day.base.footfall.value for day in seen.days] == [6, 7]
    assert seen.queue is not None
    assert seen.movement is not None
    assert (seen.queue.total.joins.value, [one.people for one in seen.movement.steps]) == (6, [6])
    assert max(one.queue.joins.value or 0 for one in seen.queue.hours) == 6
    assert seen.queue.total.joins.as_of < today
