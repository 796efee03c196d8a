"""What the migrations make on TimescaleDB."""

from datetime import timedelta
from pathlib import Path

import pytest

from deploy.migrate import _flavour, migrate, migrations
from tests.support.timescale import cursor_at, running_timescale

pytestmark = pytest.mark.slow

RAW = {"crossing", "zone_visit", "queue_sample", "queue_exit", "occupancy_sample", "camera_uptime"}
HYPERTABLES = RAW | {"line_register", "heat", "flow"}
ROLLUPS = {
    "line_traffic_15m",
    "line_traffic_hour",
    "zone_visit_15m",
    "queue_exit_15m",
    "queue_length_15m",
    "occupancy_15m",
    "camera_uptime_15m",
}


def test_every_migration_is_applied_once(timescale_to_read: str) -> None:
    with cursor_at(timescale_to_read) as cursor:
        cursor.execute("SELECT name FROM schema_migration ORDER BY name")
        assert [name for (name,) in cursor.fetchall()] == [migration.name for migration in migrations()]
    assert migrate(timescale_to_read) == []


def test_every_fact_table_is_a_compressed_hypertable(timescale_to_read: str) -> None:
    with cursor_at(timescale_to_read) as cursor:
        cursor.execute("SELECT hypertable_name, compression_enabled FROM timescaledb_information.hypertables")
        assert dict(cursor.fetchall()) == dict.fromkeys(HYPERTABLES, True)


def test_every_rollup_is_a_continuous_aggregate_that_answers_in_real_time(timescale_to_read: str) -> None:
    with cursor_at(timescale_to_read) as cursor:
        cursor.execute(
            "SELECT view_name, materialized_only, finalized FROM timescaledb_information.continuous_aggregates"
        )
        assert sorted(cursor.fetchall()) == [(name, False, True) for name in sorted(ROLLUPS)]


def test_the_hour_rollup_is_made_of_the_quarter_hours(timescale_to_read: str) -> None:
    with cursor_at(timescale_to_read) as cursor:
        cursor.execute(
            "SELECT hour.hypertable_name = quarter.materialization_hypertable_name"
            " FROM timescaledb_information.continuous_aggregates AS hour,"
            "      timescaledb_information.continuous_aggregates AS quarter"
            " WHERE hour.view_name = 'line_traffic_hour' AND quarter.view_name = 'line_traffic_15m'"
        )
        assert cursor.fetchone() == (True,)


@pytest.mark.parametrize(
    ("policy", "relations"),
    [
        ("policy_compression", HYPERTABLES),
        ("policy_retention", {"line_register"}),
        ("policy_refresh_continuous_aggregate", ROLLUPS),
        ("maintain_job", {None}),
    ],
)
def test_every_policy_has_its_job(timescale_to_read: str, policy: str, relations: set[str | None]) -> None:
    with cursor_at(timescale_to_read) as cursor:
        cursor.execute(
            "SELECT hypertable_name FROM timescaledb_information.jobs WHERE proc_name = %(policy)s", {"policy": policy}
        )
        assert sorted(str(name) for (name,) in cursor.fetchall()) == sorted(map(str, relations))


def test_no_refresh_reaches_what_retention_may_have_dropped(timescale_to_read: str) -> None:
    with cursor_at(timescale_to_read) as cursor:
        cursor.execute(
            "SELECT max((config ->> 'start_offset')::interval) FROM timescaledb_information.jobs"
            " WHERE proc_name = 'policy_refresh_continuous_aggregate'"
        )
        (reach,) = cursor.fetchone() or (None,)
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = 'maintain'")
        (body,) = cursor.fetchone() or ("",)
    assert reach == timedelta(days=80)
    assert "p_now - INTERVAL '82 days'" in body


def test_every_view_answers(timescale_to_read: str) -> None:
    with cursor_at(timescale_to_read) as cursor:
        cursor.execute("SELECT viewname FROM pg_views WHERE schemaname = 'public' ORDER BY 1")
        views = [name for (name,) in cursor.fetchall()]
        assert set(views) >= ROLLUPS | {"sales_15m", "line_traffic_day", "ledger_missing"}
        for view in views:
            cursor.execute(f"SELECT count(*) FROM {view}")  # noqa: S608  # a name from the catalogue
            assert cursor.fetchone() == (0,), view


def test_every_table_view_and_routine_is_described(timescale_to_read: str) -> None:
    with cursor_at(timescale_to_read) as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v')"
            " AND obj_description(oid, 'pg_class') IS NULL"
            " UNION ALL SELECT proname FROM pg_proc AS p WHERE pronamespace = 'public'::regnamespace"
            " AND obj_description(oid, 'pg_proc') IS NULL"
            " AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.objid = p.oid AND d.deptype = 'e')"
        )
        assert cursor.fetchall() == []


def test_a_database_begun_as_plain_stays_plain_where_timescaledb_is_installed_later(node: str, tmp_path: Path) -> None:
    with running_timescale(node, tmp_path) as url, cursor_at(url) as cursor:
        cursor.execute("CREATE TABLE rollup (name text)")
        assert _flavour(cursor.connection) == "plain"
        cursor.execute("DROP TABLE rollup")
        assert _flavour(cursor.connection) == "timescale"
