"""What TimescaleDB's policies and our maintain() do to rows that come on time, late and very late.

This build has no scheduler, so the tests call each job as a scheduler would.
"""

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg2.errors
import pytest
from psycopg2.extensions import cursor as Cursor  # noqa: N812  # a class with a lower-case name

from deploy.migrate import rollups
from tests.support.timescale import cursor_at
from tests.support.traffic import fill_dimensions, fill_facts

pytestmark = pytest.mark.slow

NOW = datetime.now(UTC).replace(minute=7, second=0, microsecond=0)
DAY = timedelta(days=1)
_TOTALS = "SELECT sum(ins), sum(outs), round(sum(buying_units), 6) FROM {}"


def run_jobs(cursor: Cursor, policy: str = "%") -> int:
    """Run the jobs of a policy, our own maintain() last; return how many there are."""
    cursor.execute(
        "SELECT job_id FROM timescaledb_information.jobs WHERE proc_name LIKE %(policy)s"
        " ORDER BY proc_name DESC, job_id",
        {"policy": policy},
    )
    jobs = [job for (job,) in cursor.fetchall()]
    for job in jobs:
        cursor.execute("CALL run_job(%(job)s)", {"job": job})
    return len(jobs)


def totals(cursor: Cursor, rollup: str) -> tuple[Any, ...] | None:
    """Return ins, outs and buying units of all time."""
    cursor.execute(_TOTALS.format(rollup))
    return cursor.fetchone()


def add_crossings(cursor: Cursor, count: int, at: datetime) -> None:
    """COPY rows as ingest does."""
    rows = "".join(f"{at + timedelta(seconds=number)}\t1\t1\tt\n" for number in range(count))
    cursor.copy_expert("COPY crossing (at, store_id, line_id, inward) FROM STDIN", io.StringIO(rows))


def ins_of_hour(cursor: Cursor, rollup: str, at: datetime) -> int:
    cursor.execute(
        f"SELECT COALESCE(sum(ins), 0)::integer FROM {rollup}"  # noqa: S608  # our own names
        " WHERE store_id = 1 AND line_id = 1 AND time_bucket('1 hour', bucket) = time_bucket('1 hour', %(at)s)",
        {"at": at},
    )
    (count,) = cursor.fetchone() or (0,)
    return int(count)


def strayed(cursor: Cursor) -> dict[str, int]:
    """Return the rollups that do not say what their SELECT over the raw rows does now, with the number of buckets."""
    found = {}
    for rollup in rollups().values():
        source = rollups()[rollup.source].body if rollup.source in rollups() else None
        body = rollup.body if source is None else f"WITH {rollup.source} AS ({source}) {rollup.body}"
        cursor.execute(
            f"SELECT count(*) FROM ((SELECT * FROM {rollup.name}) EXCEPT ({body})"  # noqa: S608  # our own files
            f" UNION ALL (({body}) EXCEPT (SELECT * FROM {rollup.name}))) AS differing"
        )
        ((buckets,),) = cursor.fetchall()
        found[rollup.name] = buckets
    return {name: buckets for name, buckets in found.items() if buckets}


def test_a_rollup_answers_before_it_is_ever_refreshed(timescale: str) -> None:
    with cursor_at(timescale) as cursor:
        add_crossings(cursor, 12, NOW - 3 * DAY)
        add_crossings(cursor, 5, NOW)
        for rollup in ("line_traffic_15m", "line_traffic_hour"):
            assert totals(cursor, rollup) == (17, 0, 0)


def test_what_came_after_the_last_refresh_is_answered_at_once(timescale: str) -> None:
    with cursor_at(timescale) as cursor:
        add_crossings(cursor, 12, NOW - 3 * DAY)
        run_jobs(cursor, "policy_refresh%")
        add_crossings(cursor, 5, datetime.now(UTC))
        for rollup in ("line_traffic_15m", "line_traffic_hour"):
            assert totals(cursor, rollup) == (17, 0, 0)


def test_late_rows_reach_both_rollups_with_the_next_refresh(timescale: str) -> None:
    with cursor_at(timescale) as cursor:
        add_crossings(cursor, 12, NOW - 3 * DAY)
        add_crossings(cursor, 4, NOW - 9 * DAY)
        run_jobs(cursor, "policy_refresh%")
        add_crossings(cursor, 30, NOW - 9 * DAY)
        assert ins_of_hour(cursor, "line_traffic_15m", NOW - 9 * DAY) == 4
        run_jobs(cursor, "policy_refresh%")
        for rollup in ("line_traffic_15m", "line_traffic_hour"):
            assert ins_of_hour(cursor, rollup, NOW - 9 * DAY) == 34
            assert totals(cursor, rollup) == (46, 0, 0)


def test_late_rows_are_copied_into_a_compressed_chunk_and_counted(timescale: str) -> None:
    with cursor_at(timescale) as cursor:
        fill_dimensions(cursor, from_at=NOW - 40 * DAY, until=NOW)
        fill_facts(cursor, from_at=NOW - 40 * DAY, until=NOW, thin=10)
        run_jobs(cursor, "policy_compression")
        run_jobs(cursor, "policy_refresh%")
        cursor.execute(
            "SELECT count(*) > 1 FROM timescaledb_information.chunks"
            " WHERE hypertable_name = 'crossing' AND is_compressed AND range_end <= %(until)s",
            {"until": NOW - 14 * DAY},
        )
        assert cursor.fetchone() == (True,)
        cursor.execute("SELECT count(*) FROM crossing")
        (before,) = cursor.fetchone() or (0,)
        known = ins_of_hour(cursor, "line_traffic_15m", NOW - 30 * DAY)
        add_crossings(cursor, 500, NOW - 30 * DAY)
        run_jobs(cursor, "policy_refresh%")
        assert ins_of_hour(cursor, "line_traffic_15m", NOW - 30 * DAY) == known + 500
        run_jobs(cursor, "policy_compression")
        cursor.execute("SELECT count(*) FROM crossing")
        assert cursor.fetchone() == (before + 500,)
        assert strayed(cursor) == {}
        fill_facts(cursor, from_at=NOW - 30 * DAY, until=NOW - 22 * DAY, batch="late", thin=10)
        assert strayed(cursor).keys() == rollups().keys(), "late rows wait for the refresh of each"
        run_jobs(cursor, "policy_refresh%")
        assert strayed(cursor) == {}, "every aggregate has followed, by its policy alone"


def test_retention_drops_raw_rows_and_no_job_takes_a_bucket_with_them(timescale: str) -> None:
    with cursor_at(timescale) as cursor:
        fill_dimensions(cursor, from_at=NOW - 130 * DAY, until=NOW)
        fill_facts(cursor, from_at=NOW - 130 * DAY, until=NOW, thin=10)
        rollups = ("line_traffic_15m", "line_traffic_hour")
        before = totals(cursor, rollups[0])
        assert run_jobs(cursor) > len(rollups)
        cursor.execute("SELECT now() - min(at) BETWEEN INTERVAL '81 days' AND INTERVAL '90 days' FROM crossing")
        assert cursor.fetchone() == (True,)
        for _ in range(2):
            assert [totals(cursor, rollup) for rollup in rollups] == [before, before]
            run_jobs(cursor)
            cursor.execute("CALL maintain(now())")


def test_history_is_rolled_up_before_it_is_dropped_however_old_it_is(timescale: str) -> None:
    with cursor_at(timescale) as cursor:
        add_crossings(cursor, 7, NOW)
        run_jobs(cursor)
        add_crossings(cursor, 400, NOW - 500 * DAY)
        add_crossings(cursor, 40, NOW - 85 * DAY)
        run_jobs(cursor)
        for rollup in ("line_traffic_15m", "line_traffic_hour"):
            assert totals(cursor, rollup) == (447, 0, 0)
        cursor.execute("SELECT min(at) > now() - INTERVAL '90 days' FROM crossing")
        assert cursor.fetchone() == (True,)


def test_rows_of_a_closed_week_do_not_wipe_what_was_counted_then(timescale: str) -> None:
    with cursor_at(timescale) as cursor:
        add_crossings(cursor, 400, NOW - 120 * DAY)
        cursor.execute("CALL maintain(now())")
        add_crossings(cursor, 3, NOW - 120 * DAY)
        cursor.connection.notices.clear()
        cursor.execute("CALL maintain(now())")
        assert any("3 rows of crossing came after" in notice for notice in cursor.connection.notices)
        run_jobs(cursor)
        for rollup in ("line_traffic_15m", "line_traffic_hour"):
            assert totals(cursor, rollup) == (400, 0, 0)
        cursor.execute("SELECT count(*) FROM crossing")
        assert cursor.fetchone() == (0,)


def test_a_job_that_fails_in_the_foreground_tells_its_caller(timescale: str) -> None:
    with cursor_at(timescale) as cursor:
        cursor.execute("ALTER TABLE rollup RENAME TO elsewhere")
        with pytest.raises(psycopg2.errors.UndefinedTable, match='"rollup" does not exist'):
            run_jobs(cursor, "maintain_job")
        # Only the scheduler's own runs are recorded: job_stats cannot replace what CALL says.
        cursor.execute("SELECT count(last_run_status), count(*) > 0 FROM timescaledb_information.job_stats")
        assert cursor.fetchone() == (0, True)


def test_maintaining_extends_the_calendar(timescale: str) -> None:
    with cursor_at(timescale) as cursor:
        fill_dimensions(cursor, from_at=NOW - 2 * DAY, until=NOW)
        cursor.execute("CALL maintain(now())")
        cursor.execute("SELECT max(business_date) > current_date + 390 FROM store_calendar")
        assert cursor.fetchone() == (True,)


def test_gaps_are_filled_in_a_rollup(timescale: str) -> None:
    start = (NOW - 2 * DAY).replace(hour=9, minute=0)
    with cursor_at(timescale) as cursor:
        add_crossings(cursor, 5, start)
        add_crossings(cursor, 3, start + timedelta(minutes=45))
        for _ in range(2):
            cursor.execute(
                "SELECT time_bucket_gapfill('15 minutes', bucket), sum(ins)::integer FROM line_traffic_15m"
                " WHERE store_id = 1 AND bucket >= %(start)s::timestamptz AND bucket < %(until)s::timestamptz"
                " GROUP BY 1 ORDER BY 1",
                {"start": start, "until": start + timedelta(hours=1)},
            )
            assert [count for _, count in cursor.fetchall()] == [5, None, None, 3]
            run_jobs(cursor, "policy_refresh%")
