"""As of a moment both flavours answer alike, from rows in compressed chunks, too: what was known then."""

import itertools
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from psycopg2.extensions import cursor as Cursor  # noqa: N812  # a class with a lower-case name

from analytics.as_of import known_at
from analytics.days import calendar
from analytics.facts import slice_facts
from deploy.migrate import migrate
from tests.support.known import as_if_known_in_time, received
from tests.support.questions import answers
from tests.support.servers import Cluster
from tests.support.timescale import cursor_at, running_timescale
from tests.support.traffic import fill_dimensions, fill_facts, fill_floor

pytestmark = pytest.mark.slow

#: The rows of the first fill were known when they happened; `LATE` brings a second one of the days from 34 to 26 ago,
#: then orders are edited, doors closed to counting, hours shortened.
NOW = datetime.now(UTC).replace(minute=7, second=0, microsecond=0)
DAY = timedelta(days=1)
LATE, EDITED, ROLES, HOURS = NOW - 20 * DAY, NOW - 15 * DAY, NOW - 10 * DAY, NOW - 5 * DAY
#: One before each change and one after the last.
MOMENTS = (LATE - DAY, EDITED - DAY, ROLES - DAY, HOURS - DAY, NOW)
FACTS = ("crossing", "zone_visit", "queue_sample", "queue_exit", "occupancy_sample", "camera_uptime", "heat", "flow",
         "line_register")  # fmt: skip
EDITS = """
UPDATE pos_order SET net = net - 3, version = 2 WHERE order_id %% 5 = 0;
UPDATE pos_order SET kind = 'void', version = 2 WHERE order_id %% 5 = 1;
UPDATE pos_order SET closed_at = closed_at + INTERVAL '1 day', version = 2 WHERE order_id %% 5 = 2;
UPDATE pos_order_past SET known_until = %(at)s;
UPDATE staff_shift SET ends_at = starts_at + INTERVAL '3 hours', version = 2 WHERE external_id NOT LIKE '%%3';
DELETE FROM staff_shift WHERE external_id LIKE '%%3';
DELETE FROM pos_order_line WHERE order_id %% 5 = 0;
INSERT INTO pos_order_line SELECT order_id, 1, 'product', 'hats', 1, 7 FROM pos_order WHERE order_id %% 5 = 0;
UPDATE pos_order_line_past SET known_until = %(at)s;
UPDATE staff_shift_past SET known_until = %(at)s;
ALTER TABLE staff_shift DISABLE TRIGGER USER;
UPDATE staff_shift SET received_at = %(at)s WHERE version = 2;
ALTER TABLE staff_shift ENABLE TRIGGER USER;
UPDATE pos_order_line SET received_at = %(at)s WHERE category = 'hats';
ALTER TABLE pos_order DISABLE TRIGGER USER;
UPDATE pos_order SET updated_at = %(at)s WHERE version = 2;
ALTER TABLE pos_order ENABLE TRIGGER USER;
"""
#: What the set-up said is noted with the moment of the test: it is dated back.
CHANGES = {
    ROLES: "UPDATE line SET role = 'internal' WHERE line_id = 1; UPDATE line SET door = 'main' WHERE line_id = 3;"
    " DELETE FROM zone_category WHERE category = 'tops'",
    HOURS: "UPDATE store_hours SET closes_min = closes_min - 120;"
    " SELECT fill_store_calendar(store_id, %(first)s, %(last)s) FROM store",
}


def compress(cursor: Cursor) -> None:
    """Compress every chunk that ended two weeks ago, where there are chunks."""
    cursor.execute("SELECT count(*) > 0 FROM pg_extension WHERE extname = 'timescaledb'")
    if cursor.fetchone() == (True,):
        cursor.execute("SELECT job_id FROM timescaledb_information.jobs WHERE proc_name = 'policy_compression'")
        for (job,) in cursor.fetchall():
            cursor.execute("CALL run_job(%(job)s)", {"job": job})


def tell(cursor: Cursor) -> None:
    """Write the same story into a database, compressing as it goes."""
    fill_dimensions(cursor, from_at=NOW - 45 * DAY, until=NOW)
    cursor.execute("UPDATE camera SET counts_from = %(at)s", {"at": NOW - 44 * DAY})
    fill_facts(cursor, from_at=NOW - 40 * DAY, until=NOW, thin=6)
    fill_floor(cursor, from_at=NOW - 40 * DAY, until=NOW)
    cursor.execute("INSERT INTO zone_category SELECT 1, 'engagement', unnest(ARRAY['tops', 'bags'])")
    as_if_known_in_time(cursor.connection)
    compress(cursor)
    fill_facts(cursor, from_at=NOW - 34 * DAY, until=NOW - 26 * DAY, batch="late", thin=6)
    for table in FACTS:
        received(cursor.connection, table, LATE)
    cursor.execute("ALTER TABLE pos_order DISABLE TRIGGER USER")
    cursor.execute(
        "UPDATE pos_order SET received_at = %(at)s, updated_at = %(at)s WHERE external_id LIKE 'late-%%'", {"at": LATE}
    )
    cursor.execute("ALTER TABLE pos_order ENABLE TRIGGER USER")
    compress(cursor)
    cursor.execute(EDITS, {"at": EDITED})
    for at, statement in CHANGES.items():
        cursor.execute(statement, {"first": (NOW - 44 * DAY).date(), "last": (NOW - DAY).date()})
        cursor.execute(
            "UPDATE superseded SET known_until = %(at)s WHERE known_until > now() - INTERVAL '1 hour'", {"at": at}
        )
    cursor.execute("CALL maintain(now())")
    cursor.execute("CALL keep_store_days(now())")


@pytest.fixture(scope="module")
def both(cluster: Cluster, node: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Cursor, Cursor]]:
    """Cursors at a plain PostgreSQL and a TimescaleDB with the same story; tests leave them as they are."""
    url = cluster.create()
    with ExitStack() as stack:
        real_url = stack.enter_context(running_timescale(node, tmp_path_factory.mktemp("as-of")))
        migrate(real_url)
        plain, real = (stack.enter_context(cursor_at(each)) for each in (url, real_url))
        for cursor in (plain, real):
            tell(cursor)
        yield plain, real
    cluster.drop(url)


def store_days(cursor: Cursor, at: datetime) -> list[tuple[Any, ...]]:
    """Return the facts of both stores' days as they were known at a moment."""
    with known_at(cursor.connection, at, since=NOW - 42 * DAY):
        days = calendar(cursor.connection, [1, 2], first=(NOW - 40 * DAY).date(), last=NOW.date())
        slices = [days.up_to(day, at) for store in (1, 2) for day in days.of(store).values() if day.opens_at < at]
        facts = slice_facts(cursor.connection, slices, now=at)
    return [tuple(row) for row in facts.fillna(-1).itertuples(index=False)]


@pytest.mark.parametrize("at", MOMENTS, ids=lambda at: f"{(NOW - at).days} days ago")
def test_every_question_is_answered_alike_as_of_a_moment(both: tuple[Cursor, Cursor], at: datetime) -> None:
    found = []
    for cursor in both:
        with known_at(cursor.connection, at):
            found.append(answers(cursor.connection, now=at, of_recorded=False))
    plain, real = found
    assert real == plain
    assert sum(map(bool, plain.values())) > len(plain) / 2


def test_each_change_is_seen_from_its_moment_on_and_not_before(both: tuple[Cursor, Cursor]) -> None:
    plain, real = ([store_days(cursor, at) for at in MOMENTS] for cursor in both)
    assert real == plain
    # Of the days that all moments know: each change has changed some of them.
    first = {row[1:3] for row in real[0]}
    told = [[row[3:] for row in rows if row[1:3] in first] for rows in real]
    assert all(earlier != later for earlier, later in itertools.pairwise(told))


#: Questions of staff and of what is sold, each with the change of the story that it must see.
FLOOR = {"floor_time": EDITED, "sales_by_category": EDITED, "zone_categories": ROLES}


@pytest.mark.parametrize("name", FLOOR)
def test_staff_hours_and_categories_change_with_what_came(both: tuple[Cursor, Cursor], name: str) -> None:
    plain, real = both
    now, change = FLOOR[name] - DAY / 2, FLOOR[name]
    for cursor in (plain, real):
        told = []
        for at in (change - DAY / 4, change + DAY / 4):
            with known_at(cursor.connection, at):
                told.append(answers(cursor.connection, now=now)[name])
        assert told[0]
        assert told[0] != told[1]


def test_rows_in_compressed_chunks_are_known_from_when_they_came(both: tuple[Cursor, Cursor]) -> None:
    _, real = both
    span = {"from_at": NOW - 34 * DAY, "until": (NOW - 26 * DAY).replace(minute=0)}
    real.execute(
        "SELECT count(*) > 0, bool_and(is_compressed) FROM timescaledb_information.chunks"
        " WHERE hypertable_name = 'crossing' AND range_start < %(until)s AND range_end > %(from_at)s",
        span,
    )
    assert real.fetchone() == (True, True)
    seen = []
    for at in (LATE - DAY, LATE):
        real.execute("SELECT count(*) FROM crossing WHERE received_at <= %(at)s AND at < %(until)s", {**span, "at": at})
        ((rows,),) = real.fetchall()
        with known_at(real.connection, at):
            for rollup in ("line_traffic_15m", "line_traffic_hour"):
                real.execute(
                    "SELECT sum(ins + outs + staff_ins + staff_outs)"  # noqa: S608  # our own names
                    f" FROM {rollup} WHERE bucket < %(until)s",
                    span,
                )
                assert real.fetchall() == [(rows,)], (at, rollup)
        seen.append(rows)
    assert 0 < seen[0] < seen[1]
