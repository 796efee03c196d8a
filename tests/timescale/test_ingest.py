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
    Loss,
    Occupancy,
    QueueExit,
    QueueSample,
    Register,
    Summary,
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


def test_a_sum_is_in_the_continuous_aggregates_and_a_loss_beside_them(timescale: str, writer: LedgerWriter) -> None:
    entries: list[Entry] = [
        Summary(times=6, entry=Crossing(at=NOON, line="front-door", direction="in", group_size=3)),
        Summary(times=4, entry=QueueSample(at=NOON, zone="till", length=5)),
        Summary(times=3, entry=ZoneVisit(at=NOON, zone="table", dwell_s=20.5)),
        Summary(times=2, entry=QueueExit(at=NOON, zone="till", wait_s=30, outcome="served")),
        Summary(times=5, entry=Occupancy(at=NOON, zone="table", people=2)),
        Loss(at=NOON - timedelta(days=20), until=NOON, reason="budget", entries=9),
    ]
    writer.write([batch(entries=entries, covers=40)])
    house = Housekeeping(timescale, now=lambda: NOON + timedelta(days=1), rng=random.Random(1))  # noqa: S311  # pauses
    assert house.once()
    assert one(timescale, "SELECT ins::integer, buying_units::float8 FROM line_traffic_hour") == (6, 2.0)
    assert one(timescale, "SELECT samples, length_sum::integer, length_max FROM queue_length_15m") == (4, 20, 5)
    assert one(timescale, "SELECT visits, dwell_s FROM zone_visit_15m") == (3, 61.5)
    assert one(timescale, "SELECT served, wait_s FROM queue_exit_15m") == (2, 60.0)
    assert one(timescale, "SELECT samples, people_sum::integer FROM occupancy_15m") == (5, 10)
    assert one(timescale, "SELECT entries FROM ledger_loss") == (9,)
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
