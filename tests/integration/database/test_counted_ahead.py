"""Quarter-hours are counted once they are over, and no row is ever missed or counted twice on the way."""

import random
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg2
import pytest
from psycopg2.extensions import cursor as Cursor  # noqa: N812  # a class with a lower-case name

from ingest.housekeeping import Housekeeping
from tests.support.timescale import cursor_at
from tests.support.traffic import fill_dimensions, fill_facts

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
ROLLUPS = (
    "line_traffic_15m", "zone_visit_15m", "queue_exit_15m", "queue_length_15m", "occupancy_15m", "camera_uptime_15m",
)  # fmt: skip
INSERT = "INSERT INTO crossing (at, store_id, line_id, inward) VALUES (%(at)s, %(store)s, 1, true)"
#: As a row that was in time when it was written: nobody waits for minutes here.
UNMARKED = "SET LOCAL session_replication_role = replica"


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def cursor(database: str, now: datetime) -> Iterator[Cursor]:
    """A cursor at two stores with three days of everything, in time: nothing of it is marked."""
    with cursor_at(database) as cursor:
        fill_dimensions(cursor, from_at=now - 100 * DAY, until=now)
        fill_facts(cursor, from_at=now - 3 * DAY, until=now, thin=6)
        cursor.execute("DELETE FROM bucket_mark")
        yield cursor


def asked(cursor: Cursor, query: str, **values: Any) -> Any:
    cursor.execute(query, values)
    ((found,),) = cursor.fetchall()
    return found


def count(cursor: Cursor, at: datetime) -> None:
    cursor.execute("CALL count_quarter_hours(%(at)s)", {"at": at})


def answers(cursor: Cursor) -> dict[str, list[tuple[Any, ...]]]:
    found = {}
    for name in ROLLUPS:
        cursor.execute(f"SELECT * FROM {name} ORDER BY 1, 2, 3")  # noqa: S608  # our own names
        found[name] = cursor.fetchall()
    return found


def people(cursor: Cursor) -> int:
    return int(asked(cursor, "SELECT COALESCE(sum(ins + outs + staff_ins + staff_outs), 0) FROM line_traffic_15m"))


def raw(cursor: Cursor) -> int:
    return int(asked(cursor, "SELECT count(*) FROM crossing"))


def marks(cursor: Cursor) -> int:
    return int(asked(cursor, "SELECT count(*) FROM bucket_mark"))


def test_what_was_counted_is_what_the_raw_rows_say(cursor: Cursor, now: datetime) -> None:
    before = answers(cursor)
    count(cursor, now)
    assert all(before.values())
    assert answers(cursor) == before
    counted = asked(cursor, "SELECT DISTINCT counted_until FROM rollup WHERE of_raw")
    assert timedelta(minutes=10) <= now - counted <= timedelta(minutes=26)
    assert asked(cursor, "SELECT max(bucket) FROM line_traffic_15m_archive") < counted
    count(cursor, now)
    assert answers(cursor) == before, "again: nothing twice"


def test_a_late_row_counts_at_once_and_after_it_was_counted_anew(cursor: Cursor, now: datetime) -> None:
    count(cursor, now)
    before = people(cursor)
    for at in (now - 2 * DAY, now - 2 * DAY, now - 5 * DAY):
        cursor.execute(INSERT, {"at": at, "store": 1})
    assert people(cursor) == before + 3
    assert marks(cursor) > 0
    count(cursor, now)
    assert (people(cursor), marks(cursor)) == (before + 3, 0)


def test_a_row_in_time_is_not_marked(cursor: Cursor, now: datetime) -> None:
    count(cursor, now)
    before = people(cursor)
    cursor.execute("INSERT INTO crossing (at, store_id, line_id, inward) VALUES (clock_timestamp(), 1, 1, true)")
    assert (people(cursor), marks(cursor)) == (before + 1, 0)


def test_rows_changed_or_deleted_by_hand_are_followed(cursor: Cursor, now: datetime) -> None:
    count(cursor, now)
    before = people(cursor)
    cursor.execute(
        "DELETE FROM crossing WHERE at BETWEEN %(a)s AND %(b)s", {"a": now - 30 * HOUR, "b": now - 29 * HOUR}
    )
    gone = cursor.rowcount
    cursor.execute("UPDATE crossing SET at = at + INTERVAL '1 hour' WHERE at < %(b)s", {"b": now - 60 * HOUR})
    assert gone > 0
    for _ in range(2):
        assert people(cursor) == before - gone == raw(cursor)
        asked_ = asked(
            cursor, "SELECT count(*) FROM (TABLE line_traffic_15m EXCEPT TABLE line_traffic_15m_recent) AS d"
        )
        assert asked_ == 0
        count(cursor, now)


def test_a_store_day_is_marked_though_another_table_marked_its_quarter_hour_first(
    cursor: Cursor, now: datetime
) -> None:
    cursor.execute("DELETE FROM store_day_mark")
    at = {"at": now - DAY}
    cursor.execute(
        "BEGIN; INSERT INTO queue_sample (at, store_id, zone_id, length) VALUES (%(at)s, 1, 2, 1);"
        " INSERT INTO crossing (at, store_id, line_id, inward) VALUES (%(at)s, 1, 1, true); COMMIT", at
    )  # fmt: skip
    assert (marks(cursor), asked(cursor, "SELECT count(*) FROM store_day_mark")) == (1, 1)


def test_housekeeping_counts_and_one_process_at_a_time(cursor: Cursor, database: str, now: datetime) -> None:
    keeping = Housekeeping(database, now=lambda: now, rng=random.Random(1))  # noqa: S311  # pauses, no secret
    cursor.execute("SELECT pg_advisory_lock(7066656)")
    assert not keeping.count_quarter_hours()
    cursor.execute("SELECT pg_advisory_unlock(7066656)")
    assert keeping.count_quarter_hours()
    assert asked(cursor, "SELECT min(counted_until) FROM rollup WHERE of_raw") > now - HOUR


def test_counting_waits_for_whoever_was_writing_in_time(cursor: Cursor, database: str, now: datetime) -> None:
    before = people(cursor)
    with closing(psycopg2.connect(database)) as writing, writing.cursor() as writer:
        writer.execute(UNMARKED)
        writer.execute(INSERT, {"at": now - HOUR, "store": 1})
        counting = threading.Thread(target=lambda: count(cursor, now))
        counting.start()
        with cursor_at(database) as watching:
            while asked(watching, "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'") == 0:
                assert counting.is_alive(), "it did not wait"
        writing.commit()
        counting.join()
    assert asked(cursor, "SELECT max(counted_until) FROM rollup") > now - HOUR
    assert people(cursor) == before + 1


def test_a_clock_that_was_set_back_loses_nothing(cursor: Cursor, now: datetime) -> None:
    # An hour ahead until now: quarter-hours to come were counted, empty, and rows of now were taken for rows in time.
    count(cursor, now)
    cursor.execute("SELECT count_buckets(time_bucket('15 minutes', %(at)s::timestamptz))", {"at": now + HOUR})
    before = people(cursor)
    cursor.execute("INSERT INTO crossing (at, store_id, line_id, inward) VALUES (clock_timestamp(), 1, 1, true)")
    assert (people(cursor), marks(cursor)) == (before, 0), "not seen yet"
    count(cursor, now + DAY)
    assert people(cursor) == before + 1 == raw(cursor)


def test_retention_and_late_rows_beyond_it_change_no_sum(cursor: Cursor, now: datetime) -> None:
    count(cursor, now)
    cursor.execute(INSERT, {"at": now - 40 * HOUR, "store": 2})
    expected = people(cursor)
    cutoff = now.replace(minute=0, second=0, microsecond=0) - 30 * HOUR
    for late in (False, True):
        if late:
            cursor.execute(INSERT, {"at": now - 50 * HOUR, "store": 2})
            expected += 1
            assert people(cursor) == expected
            count(cursor, now)
            assert people(cursor) == expected
        cursor.execute("SELECT archive_rollups(%(at)s)", {"at": cutoff})
        assert people(cursor) == expected
        assert asked(cursor, "SELECT min(at) FROM crossing") >= cutoff


@pytest.mark.parametrize("seed", range(3))
def test_any_order_of_writing_changing_counting_and_archiving_keeps_every_sum(
    cursor: Cursor, now: datetime, seed: int
) -> None:
    rng = random.Random(seed)  # noqa: S311  # no secret
    cursor.execute("TRUNCATE crossing")
    known: Counter[datetime] = Counter()
    archived = now - 60 * DAY
    for _ in range(60):
        at = now - rng.random() * 30 * HOUR
        match rng.randrange(6):
            case 0 | 1 | 2:
                cursor.execute(INSERT, {"at": at, "store": 1 + rng.randrange(2)})
                known[at] += 1
            case 3:
                since, until = max(at, archived), at + HOUR
                cursor.execute("DELETE FROM crossing WHERE at >= %(a)s AND at < %(b)s", {"a": since, "b": until})
                for one in [one for one in known if since <= one < until]:
                    del known[one]
            case 4:
                count(cursor, now)
            case _:
                archived = max(archived, at.replace(minute=0, second=0, microsecond=0) - 20 * HOUR)
                cursor.execute("SELECT archive_rollups(%(at)s)", {"at": archived})
        assert people(cursor) == sum(known.values())
    count(cursor, now)
    cursor.execute("SELECT bucket, sum(ins) FROM line_traffic_15m GROUP BY 1 ORDER BY 1")
    by_bucket = Counter({at: int(ins) for at, ins in cursor.fetchall()})
    expected: Counter[datetime] = Counter()
    for at, ins in known.items():
        expected[at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0)] += ins
    assert by_bucket == expected
