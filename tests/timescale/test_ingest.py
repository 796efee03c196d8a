"""Ingest's writer on TimescaleDB: locks, ranges and COPY into hypertables are those of plain PostgreSQL."""

import random
from collections.abc import Iterator
from datetime import timedelta

import pytest

from contract.entries import (
    Audit,
    AuditTally,
    CameraUptime,
    Crossing,
    Entry,
    Flow,
    Heat,
    Occupancy,
    QueueExit,
    QueueSample,
    Register,
    ZoneVisit,
)
from ingest.database import Database
from ingest.housekeeping import Housekeeping
from ingest.names import Names
from ingest.writer import LedgerWriter
from tests.support.entries import NOON, crossings
from tests.support.ledger import add_store, batch, one, rows

pytestmark = pytest.mark.slow

ONE_OF_EACH: list[Entry] = [
    Crossing(at=NOON, line="front-door", direction="out", staff=True, group_size=2),
    ZoneVisit(at=NOON, zone="table", dwell_s=12.25),
    QueueSample(at=NOON, zone="till", length=4),
    QueueExit(at=NOON, zone="till", wait_s=33.5, outcome="abandoned"),
    Occupancy(at=NOON, zone="table", people=2),
    Heat(at=NOON, camera="door", columns=2, rows=1, person_s=[3, 0]),
    Flow(at=NOON, from_zone="table", to_zone="till", people=5),
    Register(at=NOON, line="front-door", in_total=7, out_total=6),
    CameraUptime(at=NOON, camera="door", period_s=60, up_s=59.5),
    Audit(
        at=NOON, line="front-door", duration_s=900, auditor="jd", lag_s=0.5, complete=True,
        ins=AuditTally(truth=9, counted=9, matched=8), outs=AuditTally(truth=7, counted=6, matched=6),
    ),
]  # fmt: skip
TABLES = (
    "crossing", "zone_visit", "queue_sample", "queue_exit", "occupancy_sample", "heat", "flow", "line_register",
    "camera_uptime", "line_audit",
)  # fmt: skip


@pytest.fixture
def writer(timescale: str) -> Iterator[LedgerWriter]:
    add_store(timescale)
    opened = Database(timescale)
    yield LedgerWriter(opened, Names())
    opened.close()


def test_each_kind_of_entry_is_copied_once_whatever_comes_twice(timescale: str, writer: LedgerWriter) -> None:
    later = batch(first_seq=11, entries=crossings(2_000))
    first = batch(first_seq=1, entries=ONE_OF_EACH)
    assert writer.write([later]).entries == 2_000
    assert rows(timescale, "SELECT missing_ranges::text FROM ledger_missing") == [("{[1,11)}",)]
    written = writer.write([later, first, first])
    assert (written.entries, written.duplicates, written.refused) == (10, 2_010, {})
    counts = {table: one(timescale, f"SELECT count(*) FROM {table}")[0] for table in TABLES}  # noqa: S608  # our names
    assert counts == {**dict.fromkeys(TABLES, 1), "crossing": 2_001}
    assert rows(timescale, "SELECT * FROM ledger_missing") == []


def test_a_batch_of_another_week_goes_into_a_chunk_of_its_own(timescale: str, writer: LedgerWriter) -> None:
    old: list[Entry] = [Crossing(at=NOON - timedelta(days=21), line="front-door", direction="in")]
    writer.write([batch(entries=[*crossings(5), *old])])
    assert one(timescale, "SELECT sum(ins)::integer, count(*) FROM line_traffic_hour") == (6, 2)
    assert one(timescale, "SELECT count(*) FROM timescaledb_information.chunks WHERE hypertable_name = 'crossing'") == (
        2,
    )


def test_housekeeping_refreshes_and_drops(timescale: str, writer: LedgerWriter) -> None:
    writer.write([batch(entries=crossings(7))])
    house = Housekeeping(timescale, now=lambda: NOON + timedelta(days=100), rng=random.Random(1))  # noqa: S311  # pauses
    assert house.once()
    assert one(timescale, "SELECT count(*) FROM crossing") == (0,)
    assert one(timescale, "SELECT sum(ins)::integer FROM line_traffic_hour") == (7,)
