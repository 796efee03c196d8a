"""Both flavours give the same answers: each rollup and view, row by row, at every stage of a row's life."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from psycopg2.extensions import cursor as Cursor  # noqa: N812  # a class with a lower-case name

from tests.support.questions import answers
from tests.support.timescale import cursor_at
from tests.support.traffic import fill_dimensions, fill_facts

pytestmark = pytest.mark.slow

NOW = datetime.now(UTC).replace(minute=7, second=0, microsecond=0)
DAY = timedelta(days=1)
#: Only plain PostgreSQL has these parts of a rollup.
_PARTS = ("_recent", "_archive")


#: A box that was shut out, a set-up picture that it was asked for, and an hour that was estimated.
BOXES = """
INSERT INTO enrolment (device_id, name, key_sha256, enrolled_at, ended_at, ended_by)
SELECT min(device_id), 'gone', '', %(at)s, %(at)s, 'revoked' FROM device;
INSERT INTO device_command (command_id, device_id, kind, body, at, expires_at, by_whom)
SELECT '00000000-0000-0000-0000-000000000001', min(device_id), 'take_picture', '{}', %(at)s, %(at)s, 'anna' FROM device;
INSERT INTO setup_picture_request VALUES ('00000000-0000-0000-0000-000000000001', 'door', %(at)s);
INSERT INTO imputation (store_id, first, last, method, model_version, wape, tested_hours, made_at)
VALUES (1, %(at)s, %(at)s, 'profile', '1', 0.2, 40, %(at)s);
INSERT INTO imputed_hour (imputation_id, line_id, hour, business_date, missing, ins, low, high, method)
SELECT max(imputation_id), (SELECT min(line_id) FROM line), %(at)s, %(at)s, 1, 10, 6, 14, 'profile' FROM imputation;
"""


@pytest.fixture
def both(database: str, timescale: str) -> Iterator[tuple[Cursor, Cursor]]:
    """Cursors at a plain PostgreSQL and a TimescaleDB with the same two stores."""
    with ExitStack() as stack:
        plain, real = (stack.enter_context(cursor_at(url)) for url in (database, timescale))
        for cursor in (plain, real):
            fill_dimensions(cursor, from_at=NOW - 130 * DAY, until=NOW)
            cursor.execute("UPDATE camera SET counts_from = %(at)s", {"at": NOW - 9 * DAY})
            cursor.execute(BOXES, {"at": NOW})
        yield plain, real


def relations(cursor: Cursor) -> list[str]:
    cursor.execute("SELECT viewname FROM pg_views WHERE schemaname = 'public' ORDER BY 1")
    return [name for (name,) in cursor.fetchall() if not name.endswith(_PARTS)]


def answer(cursor: Cursor, relation: str) -> tuple[list[tuple[str, int]], list[tuple[Any, ...]]]:
    """Return names and types of the columns, and all rows in order."""
    cursor.execute(f"SELECT * FROM {relation} LIMIT 0")  # noqa: S608  # a name from the catalogue
    columns = [(column.name, column.type_code) for column in cursor.description or ()]
    order = ", ".join(str(place) for place in range(1, min(3, len(columns)) + 1))
    cursor.execute(f"SELECT * FROM {relation} ORDER BY {order}")  # noqa: S608  # as above
    return columns, cursor.fetchall()


def assert_same(plain: Cursor, real: Cursor) -> None:
    names = relations(plain)
    assert relations(real) == names
    for name in names:
        columns, rows = answer(plain, name)
        assert rows, name
        assert answer(real, name) == (columns, rows), name


def test_both_answer_alike_before_after_and_long_after(both: tuple[Cursor, Cursor]) -> None:
    for cursor in both:
        fill_facts(cursor, from_at=NOW - 20 * DAY, until=NOW, thin=3)
        cursor.execute("CALL count_quarter_hours(now())")
        cursor.execute("CALL keep_store_days(now())")
    assert_same(*both)
    both[1].execute("SELECT job_id FROM timescaledb_information.jobs WHERE job_id >= 1000 ORDER BY job_id DESC")
    for (job,) in both[1].fetchall():
        both[1].execute("CALL run_job(%(job)s)", {"job": job})
    both[0].execute("CALL maintain(now())")  # one of those jobs: it writes the business days to come
    assert_same(*both)
    for cursor in both:
        fill_facts(cursor, from_at=NOW - 18 * DAY, until=NOW - 12 * DAY, batch="late", thin=5)
        cursor.execute("CALL keep_store_days(now())")
    # Late rows are in the days at once, whatever the policies are at.
    assert answer(both[0], "store_day_kept") == answer(both[1], "store_day_kept")
    for cursor in both:
        cursor.execute("SELECT count(*) FROM store_day_mark")
        assert cursor.fetchone() == (0,)
        cursor.execute("CALL maintain(now())")
    assert_same(*both)


def test_both_answer_alike_about_time_whose_raw_rows_are_gone(both: tuple[Cursor, Cursor]) -> None:
    for cursor in both:
        fill_facts(cursor, from_at=NOW - 130 * DAY, until=NOW - 70 * DAY, thin=12)
        cursor.execute("CALL keep_store_days(now())")
        cursor.execute("CALL maintain(now())")
        cursor.execute("SELECT min(at) > now() - INTERVAL '90 days' FROM crossing")
        assert cursor.fetchone() == (True,)
    assert_same(*both)


def test_every_question_of_analytics_is_answered_alike(both: tuple[Cursor, Cursor]) -> None:
    for cursor in both:
        fill_facts(cursor, from_at=NOW - 9 * DAY, until=NOW, thin=2)
        cursor.execute("CALL maintain(%(at)s)", {"at": NOW - 2 * DAY})
        cursor.execute("CALL keep_store_days(now())")
    plain, real = (answers(cursor.connection, now=NOW) for cursor in both)
    assert real == plain
    assert sum(map(bool, plain.values())) > len(plain) / 2


def test_a_time_bucket_begins_at_the_same_instant(both: tuple[Cursor, Cursor]) -> None:
    answers = []
    for cursor in both:
        cursor.execute(
            "SELECT time_bucket(width::interval, TIMESTAMPTZ '2026-03-29 00:59:59.9+00' + g * INTERVAL '371 minutes')"
            " FROM unnest(ARRAY['15 minutes', '1 hour', '6 hours', '1 day', '7 days']) AS width,"
            " generate_series(-3000, 100, 37) AS g"
        )
        answers.append(cursor.fetchall())
    assert answers[0] == answers[1]
