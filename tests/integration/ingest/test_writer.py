"""The ledger writer against a real database: each entry once and only once."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest

from contract.codec import decode
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
    Summary,
    ZoneVisit,
)
from contract.messages import LedgerBatch
from ingest.database import Database
from ingest.names import SELF_REGISTERED_MAX, Names
from ingest.replay import Replay
from ingest.verify import verify
from ingest.writer import LedgerWriter
from tests.support.entries import EPOCH, NOON, crossing, crossings
from tests.support.ledger import add_store, batch, count, one, rows

OTHER_EPOCH = UUID("00000000-0000-4000-8000-000000000002")


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


TOO_LONG = QueueSample(at=NOON, zone="till", length=2**40)


def test_an_entry_that_cannot_be_stored_is_set_aside_alone_and_its_batch_is_received(
    store: str, writer: LedgerWriter
) -> None:
    mixed = batch(device="bad-box", entries=[*crossings(5), TOO_LONG, *crossings(4), TOO_LONG])
    written = writer.write([batch(), mixed, batch(device="side-box")])
    assert (written.refused, len(written.set_aside), count(store, "crossing")) == ({}, 2, 15)
    assert {receipt.device: receipt.epochs[0].ranges for receipt in written.receipts}["bad-box"] == [(1, 11)]
    letters = rows(store, "SELECT payload, reason FROM dead_letter ORDER BY dead_letter_id")
    alone = [decode(bytes(payload), LedgerBatch) for payload, _ in letters]
    assert sorted((each.first_seq, each.entries) for each in alone) == [(6, [TOO_LONG]), (11, [TOO_LONG])]
    assert all("out of range" in reason for _, reason in letters)
    verdict = verify(Database(store))
    assert verdict.complete
    assert sorted((each.reason, each.entries, each.seqs) for each in verdict.losses) == [
        ("refused", 1, [(6, 6)]), ("refused", 1, [(11, 11)]),
    ]  # fmt: skip
    assert writer.write([mixed]).set_aside == [], "it is here, whoever sends it again"


def test_a_batch_of_which_nothing_can_be_stored_stays_with_its_box(store: str, writer: LedgerWriter) -> None:
    written = writer.write([batch(), batch(device="bad-box", entries=[TOO_LONG] * 8)])
    assert list(written.refused) == [1]
    assert "out of range" in str(written.refused[1])
    assert [receipt.device for receipt in written.receipts] == ["door-box"]
    assert (count(store, "dead_letter"), count(store, "ledger_loss")) == (0, 0)


def test_a_database_that_is_to_blame_itself_sets_nothing_aside(store: str, writer: LedgerWriter) -> None:
    rows(store, "CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''not today''; END'")
    rows(store, "CREATE TRIGGER broken BEFORE INSERT ON crossing FOR EACH ROW EXECUTE FUNCTION broken()")
    written = writer.write([batch(count=4)])
    assert "not today" in str(written.refused[0])
    assert count(store, "ledger_loss") == 0


def test_a_run_that_came_as_sums_is_set_aside_whole(store: str, writer: LedgerWriter) -> None:
    sums = [Summary(40, QueueSample(at=NOON, zone="till", length=2**40)), Summary(60, crossing())]
    written = writer.write([batch(entries=sums, covers=100)])
    assert (written.refused, len(written.set_aside)) == ({}, 1)
    assert one(store, "SELECT entries, of_seqs::text FROM ledger_loss") == (100, "{[1,101)}")
    assert one(store, "SELECT received::text FROM ledger_epoch") == ("{[1,101)}",)


def test_a_letter_that_was_set_aside_is_stored_once_its_cause_is_mended(store: str, writer: LedgerWriter) -> None:
    rows(store, "ALTER TABLE queue_sample ADD CONSTRAINT short CHECK (length < 50)")
    writer.write([batch(entries=[crossing(), QueueSample(at=NOON, zone="till", length=50), crossing()])])
    ((number,),) = rows(store, "SELECT dead_letter_id FROM dead_letter")
    with Replay.opened(store) as replay:
        assert not replay.replay(number).stored
        assert rows(store, "SELECT dead_letter_id, times FROM dead_letter") == [(number, 2)]
        assert one(store, "SELECT received::text FROM ledger_epoch") == ("{[1,4)}",)
        rows(store, "ALTER TABLE queue_sample DROP CONSTRAINT short")
        assert replay.replay(number).text == "1 entries stored, 0 were here already"
    assert (count(store, "queue_sample"), count(store, "ledger_loss"), count(store, "dead_letter")) == (1, 0, 0)
    assert verify(Database(store)).complete


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
