"""Everything that is served is what the raw rows say, and whatever was changed by hand is found."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from deploy.cli.main import app
from deploy.recomputing import Recomputed, recompute
from ingest.database import Database
from tests.support.ledger import one, rows
from tests.support.timescale import cursor_at
from tests.support.traffic import fill_dimensions, fill_facts

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def filled(database: str) -> Database:
    """Two stores in two time zones with 16 days of everything."""
    with cursor_at(database) as cursor:
        fill_dimensions(cursor, from_at=NOW - 20 * DAY, until=NOW)
        fill_facts(cursor, from_at=NOW - 16 * DAY, until=NOW, thin=6)
        cursor.execute("CALL count_quarter_hours(%(now)s)", {"now": NOW})
        cursor.execute("CALL keep_store_days(%(now)s)", {"now": NOW})
    return Database(database)


def wrong(recomputed: Recomputed) -> dict[str, int]:
    return {each.relation: each.different for each in recomputed.relations if each.different}


def test_what_is_served_is_what_the_raw_rows_say(filled: Database) -> None:
    recomputed = recompute(filled)
    assert recomputed.agrees
    compared = {each.relation: each.groups for each in recomputed.relations}
    assert min(compared.values()) > 15, "something of each was compared"
    assert set(compared) >= {"line_traffic_15m", "line_traffic_hour", "line_traffic_day", "sales_15m", "occupancy_15m"}


def test_an_archived_bucket_that_was_added_by_hand_is_found_wherever_it_counts(filled: Database, database: str) -> None:
    rows(
        database,
        "INSERT INTO line_traffic_15m_archive SELECT (bucket + interval '1 day'), store_id, line_id, ins + 7, outs,"
        " staff_ins, staff_outs, grouped_ins, buying_units FROM line_traffic_15m WHERE store_id = 1 AND ins > 0"
        " AND bucket BETWEEN '2026-11-12 10:00Z' AND '2026-11-12 14:00Z' LIMIT 1",
    )
    recomputed = recompute(filled)
    assert wrong(recomputed) == {"line_traffic_15m": 1, "line_traffic_hour": 1, "line_traffic_day": 1}
    (found,) = recomputed.relations[0].shown
    assert found.store == "berlin"
    assert found.key["bucket"].startswith("2026-11-13 1")
    assert float(found.served["ins"] or 0) >= float(found.computed["ins"] or 0) + 7
    assert recompute(filled, stores=["kathmandu"]).agrees
    assert recompute(filled, since=NOW - 6 * DAY).agrees


def test_a_kept_day_that_was_changed_by_hand_is_found(filled: Database, database: str) -> None:
    day = "business_date = '2026-11-12'"
    rows(database, f"UPDATE store_day SET ins = ins + 1, net_sales = net_sales + 5 WHERE store_id = 2 AND {day}")  # noqa: S608  # ours
    recomputed = recompute(filled)
    assert wrong(recomputed) == {"store_day_kept": 2}, "its people and its sales"
    found = {column for each in recomputed.relations for shown in each.shown for column in shown.served}
    assert found == {"ins", "net_sales"}


def test_a_view_that_was_changed_by_hand_is_found(filled: Database, database: str) -> None:
    (definition,) = one(database, "SELECT pg_get_viewdef('sales_15m')")
    rows(database, "CREATE OR REPLACE VIEW sales_15m AS " + definition.replace("NOT is_test", "true"))
    assert set(wrong(recompute(filled))) == {"sales_15m"}, "test orders count there now"


def test_a_raw_row_that_vanished_after_it_was_archived_is_no_error_and_its_time_is_stated(
    filled: Database, database: str
) -> None:
    with cursor_at(database) as cursor:
        cursor.execute("SELECT archive_rollups(%(at)s)", {"at": NOW - 9 * DAY})
    recomputed = recompute(filled)
    assert recomputed.raw_from == NOW - 9 * DAY
    assert wrong(recomputed) == {}
    assert one(database, "SELECT min(at) >= %s FROM crossing", NOW - 9 * DAY) == (True,)


def test_the_command_says_what_differs_and_fails(
    filled: Database, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    del filled
    monkeypatch.setenv("FOOTFALL_DATABASE_URL", database)
    fine = CliRunner().invoke(app, ["verify", "--deep", "--json"])
    assert json.loads(fine.stdout)["deep"]["agrees"] is True
    rows(
        database,
        "INSERT INTO occupancy_15m_archive SELECT bucket, store_id, zone_id, 1, 5, 5 FROM occupancy_15m LIMIT 1",
    )
    told = CliRunner().invoke(app, ["verify", "--deep", "--since", "2026-11-01"])
    assert told.exit_code == 1
    assert "differs: occupancy_15m, " in told.stdout
    assert "are served otherwise" in told.stdout
    assert CliRunner().invoke(app, ["verify", "--store", "berlin"]).exit_code == 2
