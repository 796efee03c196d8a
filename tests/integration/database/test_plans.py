"""The questions that every page asks are answered from indexes, however many stores and weeks there are.

On plain PostgreSQL, whose rollups are views: TimescaleDB keeps them as tables with indexes of their own.
"""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg2
import pytest
from psycopg2.extensions import cursor as Cursor  # noqa: N812  # a class with a lower-case name

from analytics.queries import blocks
from tests.support.servers import Cluster

FACTS = {
    "crossing", "camera_uptime", "pos_order", "line_traffic_15m_archive", "camera_uptime_15m_archive", "store_day",
    "ledger_loss",
}  # fmt: skip
INDEXED = {"Index Scan", "Index Only Scan", "Bitmap Heap Scan"}
#: 30 stores and 60 days, with 150 000 crossings, 100 000 uptimes, 100 000 orders, and half a year of archived buckets.
#: In the middle of `DAY` was the last count: what is asked of it lies in the archive and in raw rows.
_FILL = """
INSERT INTO store (code, name, currency) SELECT 's' || g, 'S', 'EUR' FROM generate_series(1, 30) AS g;
INSERT INTO store_hours SELECT store_id, day, 540, 1260 FROM store, generate_series(1, 7) AS day;
SELECT fill_store_calendar(store_id, '2025-06-01', '2026-11-30') FROM store;
ALTER TABLE crossing DISABLE TRIGGER USER;
ALTER TABLE camera_uptime DISABLE TRIGGER USER;
ALTER TABLE pos_order DISABLE TRIGGER USER;
INSERT INTO crossing (at, store_id, line_id, inward)
SELECT TIMESTAMPTZ '2026-09-01' + g * INTERVAL '34 seconds', 1 + g % 30, 1 + g % 60, g % 2 = 0
FROM generate_series(1, 150000) AS g;
INSERT INTO camera_uptime (at, store_id, camera_id, period_s, up_s)
SELECT TIMESTAMPTZ '2026-09-01' + g * INTERVAL '52 seconds', 1 + g % 30, 1 + g % 60, 300, 299
FROM generate_series(1, 100000) AS g;
INSERT INTO pos_order (store_id, source, external_id, version, kind, business_date, closed_at, gross, discount, tax,
                       net, currency, units, channel)
SELECT 1 + g % 30, 'till', g, 1, 'sale', '2026-09-01', TIMESTAMPTZ '2026-09-01' + g * INTERVAL '52 seconds', 9, 0, 1, 9,
       'EUR', 1, 'in_store'
FROM generate_series(1, 100000) AS g;
INSERT INTO line_traffic_15m_archive
SELECT TIMESTAMPTZ '2025-06-01' + g / 30 * INTERVAL '1 hour', 1 + g % 30, 1 + g % 60, 1, 1, 0, 0, 0, 0
FROM generate_series(1, 150000) AS g;
INSERT INTO camera_uptime_15m_archive (bucket, store_id, camera_id, up_s, period_s)
SELECT TIMESTAMPTZ '2025-06-01' + g / 30 * INTERVAL '1 hour', 1 + g % 30, 1 + g % 60, 900, 900
FROM generate_series(1, 150000) AS g;
INSERT INTO camera (store_id, code, counts_from)
SELECT 1 + g % 30, 'c' || g, '2025-06-01' FROM generate_series(0, 59) AS g;
INSERT INTO line (store_id, code, role, camera_id)
SELECT store_id, 'l' || camera_id, CASE WHEN camera_id > 30 THEN 'pass_by' ELSE 'entrance' END, camera_id FROM camera
ORDER BY camera_id;
INSERT INTO ledger_loss (at, until, store_id, epoch_id, reason)
SELECT at, at, 1 + g % 30, 1, 'budget'
FROM generate_series(1, 3000) AS g, LATERAL (SELECT TIMESTAMPTZ '2025-06-01' + g * INTERVAL '3 hours' AS at) AS t;
DELETE FROM store_day_mark;
ANALYZE;
SELECT count_buckets('2026-10-05 12:00+00');
INSERT INTO store_day
SELECT store_id, business_date, from_at, until, till_until, basis, now(), 9, 9, 0, 0, 0, 9,
       43200, 43200, 0, 43200, 43200, 0, 9, 0, 90, 9
FROM business_day JOIN store_basis USING (store_id);
INSERT INTO bucket_mark (store_id, bucket)
SELECT 1 + g % 30, TIMESTAMPTZ '2026-10-05 08:00+00' FROM generate_series(1, 90) AS g;
"""
DAY = (datetime(2026, 10, 5, 7, tzinfo=UTC), datetime(2026, 10, 5, 19, tzinfo=UTC))
SLICES = {
    "slice": [0, 1], "store_id": [7, 8], "from_at": [DAY[0]] * 2, "until": [DAY[1]] * 2, "measured_from": 0.98,
    "of_store": 7, "first_at": DAY[0], "last_until": DAY[1],
}  # fmt: skip


@pytest.fixture(scope="module")
def busy(cluster: Cluster) -> Iterator[Cursor]:
    """A cursor at a database with some hundred thousand rows, its statistics up to date."""
    url = cluster.create()
    connection = psycopg2.connect(url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(_FILL)
        cursor.execute("ANALYZE")
        yield cursor
    connection.close()
    cluster.drop(url)


def of_day(relation: str) -> str:
    return (
        f"SELECT * FROM {relation} WHERE store_id = 7"  # noqa: S608  # our own names
        " AND bucket >= TIMESTAMPTZ '2026-10-05 07:00+00' AND bucket < TIMESTAMPTZ '2026-10-05 19:00+00'"
    )


def scans(cursor: Cursor, query: str, values: dict[str, Any] | None = None) -> list[tuple[str, str, float]]:
    """Return (node, table, rows that were read or thrown away) of each scan of a fact table when `query` runs."""
    cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {query}", values)
    (plan,) = cursor.fetchone() or ([],)
    found: list[tuple[str, str, float]] = []

    def walk(node: dict[str, Any]) -> None:
        if node.get("Relation Name") in FACTS:
            read = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
            found.append((node["Node Type"], node["Relation Name"], read * node["Actual Loops"]))
        for child in node.get("Plans", ()):
            walk(child)

    walk((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"])
    return found


@pytest.mark.parametrize(
    "query",
    [
        of_day("line_traffic_15m"),
        "SELECT * FROM line_traffic_day WHERE store_id = 7 AND business_date BETWEEN '2026-10-01' AND '2026-10-05'",
        of_day("sales_15m"),
        of_day("camera_uptime_15m"),
    ],
)
def test_one_stores_days_come_from_indexes_alone(busy: Cursor, query: str) -> None:
    found = scans(busy, query)
    assert found
    for node, table, read in found:
        assert node in INDEXED, (node, table)
        assert read < 500, (node, table, read)
    busy.execute(query)
    assert busy.fetchall()


def test_all_stores_today_is_read_from_what_was_counted_and_the_rows_since(busy: Cursor) -> None:
    stores = list(range(1, 31))
    slices = {"slice": stores, "store_id": stores, "from_at": [DAY[0]] * 30, "until": [DAY[1]] * 30}
    for name in ("traffic_of_slices", "uptime_of_slices", "sales_of_slices"):
        found = scans(busy, blocks()[name], {**slices, "measured_from": 0.98})
        assert found
        for node, table, read in found:
            assert node in INDEXED, (node, table)
            assert read < 30 * 120, (node, table, read)


def test_the_audits_weights_of_all_stores_read_two_weeks(busy: Cursor) -> None:
    values = {"store_ids": list(range(1, 31)), "from_at": DAY[0] - timedelta(days=14), "until": DAY[0]}
    found = scans(busy, blocks()["line_traffic"], values)
    assert {table for _, table, _ in found} == {"line_traffic_15m_archive", "crossing"}
    for node, table, read in found:
        assert node in INDEXED, (node, table)
        # A crossing every 34 seconds: nearly as many quarter-hours of lines.
        assert read < 14 * 2_600 if table != "crossing" else read < 30 * 60, (node, table, read)


def test_a_stores_hours_read_that_stores_rows_only(busy: Cursor) -> None:
    # The hour is no column that plain PostgreSQL could index: pages ask for the quarter hours.
    for node, table, read in scans(busy, of_day("line_traffic_hour")):
        assert node in INDEXED, (node, table)
        assert read <= 10_000, (node, table, read)


def test_the_day_of_every_store_is_answered_without_reading_all_rows(busy: Cursor) -> None:
    for node, table, read in scans(busy, "SELECT * FROM line_traffic_day WHERE business_date = '2026-10-05'"):
        assert node != "Seq Scan", table
        assert read < 30_000, (node, table, read)


@pytest.mark.parametrize(
    "name",
    ["traffic_of_slices", "uptime_of_slices", "sales_of_slices", "traffic_of_buckets", "uptime_of_slice_buckets"],
)
def test_slices_of_days_come_from_indexes_alone(busy: Cursor, name: str) -> None:
    found = scans(busy, blocks()[name], SLICES)
    assert found
    for node, table, read in found:
        assert node in INDEXED, (node, table)
        # Losses are few: a store's are looked at for each of its quarter-hours.
        assert read < (12_000 if table == "ledger_loss" else 500), (node, table, read)


@pytest.mark.parametrize("name", ["lines_of_day", "moments_of_doors", "last_sale", "ledger_losses"])
def test_what_the_stores_page_asks_of_a_day_comes_from_indexes_alone(busy: Cursor, name: str) -> None:
    found = scans(busy, blocks()[name], {"store_id": 7, "from_at": DAY[0], "until": DAY[1]})
    assert found
    for node, table, read in found:
        assert node in INDEXED, (node, table)
        assert read < 12_000, (node, table, read)


def test_a_year_of_all_stores_is_read_from_kept_days_and_nothing_else(busy: Cursor) -> None:
    dates = [date(2025, 10, 1) + timedelta(days=day) for day in range(366)]
    values = {"store_ids": list(range(1, 31)), "dates": dates}
    found = scans(busy, blocks()["kept_days"], values)
    assert {table for _, table, _ in found} == {"store_day", "pos_order"}
    for node, table, read in found:
        assert read <= (20_000 if table == "store_day" else 30), (node, table, read)
    busy.execute(blocks()["kept_days"], values)
    assert len(busy.fetchall()) == 30 * 366


def test_a_stores_week_reads_that_week_of_kept_days(busy: Cursor) -> None:
    dates = [date(2026, 9, 1) + timedelta(days=day) for day in range(7)]
    for node, table, read in scans(busy, blocks()["kept_days"], {"store_ids": [7], "dates": dates}):
        assert node in INDEXED, (node, table)
        assert read <= 7, (node, table, read)
