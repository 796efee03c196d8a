"""The ledger writer against a real database: each entry once and only once."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest

from contract.entries import (
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
from ingest.names import SELF_REGISTERED_MAX, Names
from ingest.writer import LedgerWriter
from tests.support.entries import EPOCH, NOON, crossing, crossings
from tests.support.ledger import add_store, batch, count, one, rows

OTHER_EPOCH = UUID("00000000-0000-4000-8000-000000000002")


@pytest.fixture
def store(database: str) -> str:
    add_store(database)
    return database


@pytest.fixture
def writer(store: str) -> Iterator[LedgerWriter]:
    opened = Database(store)
    yield LedgerWriter(opened, Names())
    opened.close()


ONE_OF_EACH: list[Entry] = [
    Crossing(at=NOON, line="front-door", direction="in", staff=True, group_size=2),
    Crossing(at=NOON, line="front-door", direction="out"),
    ZoneVisit(at=NOON, zone="table", dwell_s=12.25, censored=True, staff=False),
    QueueSample(at=NOON, zone="till", length=4),
    QueueExit(at=NOON, zone="till", wait_s=33.5, outcome="abandoned"),
    Occupancy(at=NOON, zone="table", people=2),
    Heat(at=NOON, camera="door", columns=2, rows=1, person_s=[3, 0]),
    Flow(at=NOON, from_zone="table", to_zone="till", people=5),
    Register(at=NOON, line="front-door", in_total=7, out_total=6),
    CameraUptime(at=NOON, camera="door", period_s=60, up_s=59.5),
]


def test_each_kind_of_entry_lands_in_its_table(store: str, writer: LedgerWriter) -> None:
    written = writer.write([batch(entries=ONE_OF_EACH)])
    assert (written.entries, written.duplicates, written.refused) == (10, 0, {})
    assert rows(store, "SELECT at, inward, staff, group_size FROM crossing ORDER BY inward") == [
        (NOON, False, None, None),
        (NOON, True, True, 2),
    ]
    assert one(store, "SELECT dwell_s, censored, staff FROM zone_visit") == (12.25, True, False)
    assert one(store, "SELECT code, length FROM queue_sample JOIN zone USING (zone_id)") == ("till", 4)
    assert one(store, "SELECT wait_s, served FROM queue_exit") == (33.5, False)
    assert one(store, "SELECT people FROM occupancy_sample") == (2,)
    assert one(store, "SELECT columns, rows, person_s FROM heat") == (2, 1, [3, 0])
    assert one(
        store,
        "SELECT a.code, b.code, people FROM flow JOIN zone AS a ON a.zone_id = from_zone_id "
        "JOIN zone AS b ON b.zone_id = to_zone_id",
    ) == ("table", "till", 5)
    assert one(store, "SELECT in_total, out_total, epoch FROM line_register JOIN ledger_epoch USING (epoch_id)") == (
        7, 6, str(EPOCH),
    )  # fmt: skip
    assert one(store, "SELECT period_s, up_s FROM camera_uptime") == (60, 59.5)


def test_a_flow_may_begin_or_end_outside(store: str, writer: LedgerWriter) -> None:
    entries: list[Entry] = [
        Flow(at=NOON, from_zone=None, to_zone="table", people=6),
        Flow(at=NOON, from_zone="table", to_zone=None, people=5),
        Flow(at=NOON, from_zone=None, to_zone=None, people=2),
    ]
    assert writer.write([batch(entries=entries)]).refused == {}
    assert rows(
        store,
        "SELECT a.code, b.code, people FROM flow LEFT JOIN zone AS a ON a.zone_id = from_zone_id "
        "LEFT JOIN zone AS b ON b.zone_id = to_zone_id ORDER BY people DESC",
    ) == [(None, "table", 6), ("table", None, 5), (None, None, 2)]
    assert count(store, "zone") == 1, "outside is no zone"


def test_a_redelivered_batch_changes_nothing(store: str, writer: LedgerWriter) -> None:
    first = writer.write([batch(count=5)])
    again = writer.write([batch(count=5)])
    assert (again.entries, again.duplicates) == (0, 5)
    assert count(store, "crossing") == 5
    assert again.receipts[0].epochs == first.receipts[0].epochs


def test_only_the_new_entries_of_an_overlapping_batch_are_written(store: str, writer: LedgerWriter) -> None:
    run = crossings(10)
    writer.write([batch(first_seq=3, entries=run[2:5])])
    written = writer.write([batch(first_seq=1, entries=run)])
    assert (written.entries, written.duplicates) == (7, 3)
    assert [at for (at,) in rows(store, "SELECT at FROM crossing ORDER BY at")] == [entry.at for entry in run]


def test_batches_of_one_transaction_may_overlap(store: str, writer: LedgerWriter) -> None:
    written = writer.write([batch(first_seq=1, count=4), batch(first_seq=3, count=4), batch(first_seq=1, count=4)])
    assert (written.entries, written.duplicates) == (6, 6)
    assert count(store, "crossing") == 6


def test_the_same_seqs_of_another_device_or_epoch_are_other_entries(store: str, writer: LedgerWriter) -> None:
    writer.write([batch(), batch(device="back-box"), batch(epoch=OTHER_EPOCH)])
    assert count(store, "crossing") == 9


def test_a_receipt_holds_the_committed_ranges_of_every_epoch_latest_first(writer: LedgerWriter) -> None:
    writer.write([batch(first_seq=1, count=2, epoch=OTHER_EPOCH)])
    written = writer.write([batch(first_seq=1, count=2), batch(first_seq=9, count=1)])
    (receipt,) = written.receipts
    assert [(each.epoch, each.ranges) for each in receipt.epochs] == [
        (EPOCH, [(1, 2), (9, 9)]),
        (OTHER_EPOCH, [(1, 2)]),
    ]


def test_what_is_missing_is_a_query(store: str, writer: LedgerWriter) -> None:
    writer.write([batch(first_seq=4, count=2, last_seq=8)])
    assert one(store, "SELECT store, device, missing, missing_ranges::text FROM ledger_missing") == (
        "riverside", "door-box", 6, "{[1,4),[6,9)}",
    )  # fmt: skip
    writer.write([batch(first_seq=1, count=8)])
    assert rows(store, "SELECT * FROM ledger_missing") == []


def test_an_unknown_store_is_refused_with_how_to_add_it(store: str, writer: LedgerWriter) -> None:
    written = writer.write([batch(store="nowhere"), batch()])
    assert list(written.refused) == [0]
    assert "footfall store add nowhere" in str(written.refused[0])
    assert count(store, "crossing") == 3


def test_a_store_added_later_is_found(store: str, writer: LedgerWriter) -> None:
    writer.write([batch(store="hilltop")])
    add_store(store, "hilltop")
    assert writer.write([batch(store="hilltop")]).entries == 3


def test_unknown_names_register_without_a_role(store: str, writer: LedgerWriter) -> None:
    writer.write([batch(entries=ONE_OF_EACH)])
    assert rows(store, "SELECT code, role FROM line") == [("front-door", None)]
    assert rows(store, "SELECT code, role FROM zone ORDER BY code") == [("table", None), ("till", None)]
    assert rows(store, "SELECT code FROM camera") == [("door",)]
    assert rows(store, "SELECT code FROM device") == [("door-box",)]


def test_more_names_than_may_register_themselves_are_refused(store: str, writer: LedgerWriter) -> None:
    fill = [crossing(line=f"line-{number}") for number in range(SELF_REGISTERED_MAX)]
    written = writer.write([batch(entries=fill), batch(first_seq=65, entries=[crossing(line="one-too-many")])])
    assert list(written.refused) == [1]
    assert "at most 64 register themselves" in str(written.refused[1])
    assert count(store, "line") == SELF_REGISTERED_MAX


def test_a_poison_batch_is_refused_alone(store: str, writer: LedgerWriter) -> None:
    poison = batch(device="bad-box", entries=[QueueSample(at=NOON, zone="till", length=2**40)])
    written = writer.write([batch(), poison, batch(device="back-box"), batch(device="side-box")])
    assert list(written.refused) == [1]
    assert "out of range" in str(written.refused[1])
    assert (written.entries, count(store, "crossing"), count(store, "queue_sample")) == (9, 9, 0)
    assert {receipt.device for receipt in written.receipts} == {"door-box", "back-box", "side-box"}


def test_a_camera_counts_from_its_earliest_uptime(store: str, writer: LedgerWriter) -> None:
    for seq, minutes in enumerate((5, 0, 9), start=1):
        uptime = CameraUptime(at=NOON + timedelta(minutes=minutes), camera="door", period_s=60, up_s=60)
        writer.write([batch(first_seq=seq, entries=[uptime])])
    assert one(store, "SELECT counts_from FROM camera") == (NOON,)


def test_two_writers_divide_the_work_without_doubling_it(store: str) -> None:
    first, second = Database(store), Database(store)
    try:
        LedgerWriter(first, Names()).write([batch(count=5)])
        LedgerWriter(second, Names()).write([batch(count=8)])
        assert count(store, "crossing") == 8
    finally:
        first.close()
        second.close()
