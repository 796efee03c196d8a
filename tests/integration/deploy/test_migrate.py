"""Migrations on a real PostgreSQL."""

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg2
import pytest

from deploy import migrate as migrate_module
from deploy.errors import MigrationError
from deploy.migrate import migrate, migrations
from tests.support.servers import Cluster
from tests.support.traffic import fill_dimensions


def test_a_second_migration_finds_nothing_to_do(database: str) -> None:
    assert migrate(database) == []


def test_a_changed_migration_is_refused_by_name(database: str) -> None:
    with psycopg2.connect(database) as connection, connection.cursor() as cursor:
        cursor.execute("UPDATE schema_migration SET sha256 = 'another' WHERE name LIKE '0003%'")
    connection.close()
    with pytest.raises(MigrationError, match=r"0003_pre_facts\.sql was changed after it was applied"):
        migrate(database)


def test_an_unreachable_database_says_what_to_check() -> None:
    with pytest.raises(MigrationError, match="Check FOOTFALL_DATABASE_URL"):
        migrate("postgresql://nobody:wrong@127.0.0.1:1/footfall")


def test_a_file_with_another_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / "1_tables.sql").write_text("SELECT 1;")
    with pytest.raises(
        MigrationError, match=r"expected a migration named NNNN_pre\|post_words\.sql, got 1_tables\.sql"
    ):
        migrations(tmp_path)


def test_retention_moves_old_crossings_into_the_archive_and_changes_no_answer(database: str) -> None:
    connection = psycopg2.connect(database)
    totals = "SELECT count(*), sum(ins), sum(outs) FROM line_traffic_15m"
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO crossing (at, store_id, line_id, inward)"
            " SELECT TIMESTAMPTZ '2026-01-01' + g * INTERVAL '10 minutes', 1, 1, g % 3 = 0"
            " FROM generate_series(1, 20000) AS g"
        )
        cursor.execute(totals)
        before = cursor.fetchone()
        cursor.execute("CALL maintain('2026-05-15 07:31+00')")
        cursor.execute(totals)
        assert cursor.fetchone() == before
        cursor.execute("SELECT min(at) >= TIMESTAMPTZ '2026-05-15 07:00+00' - INTERVAL '90 days' FROM crossing")
        assert cursor.fetchone() == (True,)
        cursor.execute(
            "INSERT INTO crossing (at, store_id, line_id, inward) VALUES ('2026-01-05 10:00+00', 1, 1, true)"
        )
        cursor.execute("CALL maintain('2026-05-15 07:31+00')")
        cursor.execute("SELECT sum(ins) + sum(outs) FROM line_traffic_15m")
        assert cursor.fetchone() == (20001,)
    connection.close()


def test_a_calendar_day_with_a_clock_change_has_its_true_hours(database: str) -> None:
    connection = psycopg2.connect(database)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO store (code, name, timezone, currency) VALUES ('b', 'Berlin', 'Europe/Berlin', 'EUR')"
            " RETURNING store_id"
        )
        (store,) = cursor.fetchone() or (0,)
        cursor.execute(
            "INSERT INTO store_hours SELECT %(store)s, day, 0, 1440 FROM generate_series(1, 7) AS day", {"store": store}
        )
        cursor.execute("SELECT fill_store_calendar(%(store)s, '2026-10-24', '2026-10-26')", {"store": store})
        cursor.execute("SELECT EXTRACT(epoch FROM closes_at - opens_at)::int / 3600 FROM store_calendar ORDER BY 1")
        assert [hours for (hours,) in cursor.fetchall()] == [24, 24, 25]
    connection.close()


def test_readers_of_raw_rows_go_on_while_counting_ahead_is_brought_in_and_late_rows_are_marked(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything = migrations()
    (ahead,) = [each for each in everything if each.name.startswith("0046")]
    url = cluster.postgres.url("test_counting_ahead")
    with monkeypatch.context() as patched:
        patched.setattr(migrate_module, "migrations", lambda: [each for each in everything if each.name < ahead.name])
        migrate(url)
    until = datetime(2026, 11, 20, tzinfo=UTC)
    late = until - timedelta(days=3, minutes=-7)
    try:
        with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
            fill_dimensions(cursor, from_at=until - timedelta(days=10), until=until)
            cursor.execute("SELECT archive_rollups(%(at)s)", {"at": until - timedelta(days=1)})
            rows = [(late, 1), (late, 2), (late + timedelta(minutes=1), 2), (until, 2)]
            cursor.executemany("INSERT INTO crossing (at, store_id, line_id, inward) VALUES (%s, %s, 1, true)", rows)
            connection.commit()
            for statement in ahead.statements("plain"):
                cursor.execute(statement)
            cursor.execute("SELECT store_id, bucket FROM bucket_mark ORDER BY store_id")
            assert cursor.fetchall() == [(1, late.replace(minute=0)), (2, late.replace(minute=0))]
            cursor.execute(
                "SELECT relation::regclass::text FROM pg_locks WHERE pid = pg_backend_pid()"
                " AND mode = 'AccessExclusiveLock' AND relation IN (SELECT source::regclass FROM rollup WHERE of_raw)"
            )
            assert cursor.fetchall() == []
            cursor.execute("SHOW lock_timeout")
            assert cursor.fetchall() == [("10s",)]
    finally:
        cluster.drop(url)


@pytest.mark.parametrize(
    ("state", "met", "comes_through"), [("40P01", 2, True), ("55P03", 2, True), ("40P01", 99, False)]
)
def test_a_migration_that_meets_locks_of_others_is_tried_again(
    database: str, monkeypatch: pytest.MonkeyPatch, state: str, met: int, *, comes_through: bool
) -> None:
    # A sequence is not rolled back: it counts the attempts.
    text = (
        "CREATE TABLE arrived (one boolean); DO $$ BEGIN IF nextval('attempt') <= "
        f"{met} THEN RAISE EXCEPTION 'it is locked' USING ERRCODE = '{state}'; END IF; END $$"
    )
    with psycopg2.connect(database) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE SEQUENCE attempt")
    connection.close()
    monkeypatch.setattr(migrate_module, "migrations", lambda: [migrate_module.Migration("9999_pre_late.sql", text)])
    if comes_through:
        assert migrate(database) == ["9999_pre_late.sql"]
    else:
        with pytest.raises(MigrationError, match=r"9999_pre_late\.sql met the locks of others 8 times"):
            migrate(database)
    connection = psycopg2.connect(database)
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('arrived') IS NOT NULL")
        assert cursor.fetchone() == (comes_through,)
    connection.close()
