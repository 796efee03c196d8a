"""On TimescaleDB a materialisation that was changed by hand is found, and late rows are told apart from it."""

from datetime import UTC, datetime, timedelta

import pytest

from deploy.recomputing import recompute
from ingest.database import Database
from tests.support.timescale import cursor_at
from tests.support.traffic import fill_dimensions, fill_facts

pytestmark = pytest.mark.slow

NOW = datetime.now(UTC).replace(minute=7, second=0, microsecond=0)
DAY = timedelta(days=1)


def test_a_changed_materialisation_is_found_and_late_rows_are_refreshed(timescale: str) -> None:
    with cursor_at(timescale) as cursor:
        fill_dimensions(cursor, from_at=NOW - 12 * DAY, until=NOW)
        fill_facts(cursor, from_at=NOW - 9 * DAY, until=NOW, thin=8)
        cursor.execute("CALL maintain(now())")
        cursor.execute("CALL keep_store_days(now())")
        fill_facts(cursor, from_at=NOW - 5 * DAY, until=NOW - 4 * DAY, batch="late", thin=8)
        late = recompute(Database(timescale))
        assert late.agrees
        assert {each.relation: each.late > 0 for each in late.relations}["line_traffic_15m"]
        assert not any(each.late for each in recompute(Database(timescale)).relations)
        cursor.execute(
            "SELECT format('%I.%I', materialization_hypertable_schema, materialization_hypertable_name)"
            " FROM timescaledb_information.continuous_aggregates WHERE view_name = 'line_traffic_hour'"
        )
        ((table,),) = cursor.fetchall()
        cursor.execute(
            f"UPDATE {table} SET ins = ins + 1 WHERE store_id = 1"  # noqa: S608  # a name from the catalogue
            f" AND bucket = (SELECT max(bucket) FROM {table} WHERE bucket < now() - INTERVAL '3 days' AND store_id = 1)"
        )
    changed = recompute(Database(timescale))
    assert {each.relation for each in changed.relations if each.different} == {"line_traffic_hour"}
    (found, *_) = next(each.shown for each in changed.relations if each.shown)
    assert float(found.served["ins"] or 0) == float(found.computed["ins"] or 0) + 1
