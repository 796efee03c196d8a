"""What Look back reads of a store: no hour of few people, and nothing of a door that nobody watched."""

from datetime import UTC, date, datetime, timedelta

from analytics.cache import Cache
from analytics.database import Database
from analytics.stores import Store
from dashboard.language import language
from dashboard.reading.history import HistoryView
from dashboard.reading.pages import pages_reading
from dashboard.tables.day import day_quarters
from dashboard.tables.page import TABLES
from dashboard.tables.past import past_queue, past_warmth
from tests.support.kpi_api import bearer, kpi_api, reader_key
from tests.support.served import HeldClock
from tests.support.store_data import (
    Connection,
    add_camera,
    add_crossings,
    add_line,
    add_store,
    add_uptime,
    add_visit,
    add_zone,
    copy,
)

EN = language("en")
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


def test_files_of_few_hold_neither_their_waits_nor_how_long_one_stood_where(
    connection: Connection, database: str
) -> None:
    store = add_store(connection)
    line, till = add_line(connection, store), add_zone(connection, store, "till", role="queue")
    floor = add_camera(connection, store, "floor")
    add_uptime(connection, store, "door", OPENED, OPENED + timedelta(hours=12))
    at = [OPENED + timedelta(minutes=20 + n) for n in range(6)]
    add_crossings(connection, store, line, at)
    exits = [(one, store, till, 9.0, True) for one in at[:3]]
    copy(connection, "queue_exit (at, store_id, zone_id, wait_s, served)", exits)
    heat = [(OPENED, store, floor, 2, 1, "{417,3}"), (OPENED + timedelta(days=1), store, floor, 2, 1, "{0,8999}")]
    copy(connection, "heat (at, store_id, camera_id, columns, rows, person_s)", heat)
    seen = look_back(database, store, last=date(2026, 11, 21))
    table = past_queue(seen, EN)
    hour, figure, value, hidden = (
        table.columns.index(one) for one in ("Hour of the day", "Figure", "Value", "Withheld")
    )
    of_all = {row[figure]: (row[value], row[hidden]) for row in table.rows if row[hour] is None}
    assert of_all.pop("Queued") == (3, False)
    assert set(of_all.values()) == {(None, True)}
    assert [row[-7:] for row in past_warmth(seen, EN).rows] == [
        ["floor", 1, 2, 1, 1, 4, 4],
        ["floor", 2, 2, 1, 1, 1, 4],
    ]
    assert not {("store", "steps"), ("store", "warmth")} & set(TABLES)


def test_the_file_of_quarter_hours_says_what_the_api_says_and_nothing_of_few(
    connection: Connection, database: str
) -> None:
    store, today = add_store(connection), OPENED + timedelta(days=1)
    line = add_line(connection, store)
    add_uptime(connection, store, "door", today, NOW)
    for number in range(16):
        people = 2 if number in {3, 9} else 12
        begin = today + timedelta(minutes=15 * number)
        add_crossings(connection, store, line, [begin + timedelta(seconds=9 * one) for one in range(people)])
    opened = Database(database, clock=lambda: NOW, connections=2)
    live = pages_reading(opened, Cache(), lambda: NOW).live
    view = live.day(Store(store, "nanjing-road", "Nanjing Road", "Asia/Shanghai", "CNY", "East China"))
    table = day_quarters(view, live.quarters(view), EN)
    opened.close()
    names = ("Figure", "From", "Value", "Withheld")
    figure, begin_, value, hidden = (table.columns.index(one) for one in names)
    told = [(datetime.fromisoformat(str(row[begin_])), row[value], row[hidden])
            for row in table.rows if row[figure] == "Visitors"]  # fmt: skip
    with kpi_api(database, HeldClock(NOW)) as client:
        answer = client.get(
            "/v1/stores/nanjing-road/traffic?grain=15min&period=today", headers=bearer(reader_key(database))
        )
    said = [(datetime.fromisoformat(row["from"]), row["visitors"]["value"], row["visitors"]["withheld"])
            for row in answer.json()["rows"]]  # fmt: skip
    assert told == said
    assert {number for number, (_, _, few) in enumerate(told) if few} > {3, 9}
    assert not [count for _, count, _ in told if isinstance(count, float) and 0 < count < 5]
