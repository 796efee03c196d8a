"""Sums and losses at ingest: a sum is taken whole or not at all, and nothing is counted twice."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest

from contract.entries import Crossing, Entry, LineLoss, Loss, Register, Summary, ZoneVisit
from contract.messages import LedgerBatch
from ingest.database import Database
from ingest.names import Names
from ingest.verify import verify
from ingest.writer import LedgerWriter
from tests.support.entries import EPOCH, NOON, crossing, crossings
from tests.support.ledger import batch, count, one, rows

SUM: list[Entry] = [
    Summary(times=7, entry=Crossing(at=NOON, line="front-door", direction="in", group_size=2)),
    Summary(times=2, entry=ZoneVisit(at=NOON, zone="table", dwell_s=12.5)),
    crossing(direction="out"),
]
LOSS = Loss(
    at=NOON - timedelta(hours=9),
    until=NOON - timedelta(hours=8),
    reason="budget",
    entries=40,
    lines=[LineLoss(line="front-door", ins=5, outs=1)],
)


def summed(*, first_seq: int = 1, covers: int = 12) -> LedgerBatch:
    return batch(first_seq=first_seq, entries=SUM, covers=covers)


@pytest.fixture
def opened(store: str) -> Iterator[Database]:
    made = Database(store)
    yield made
    made.close()


@pytest.fixture
def writer(opened: Database) -> LedgerWriter:
    return LedgerWriter(opened, Names())


def test_a_sum_is_as_many_rows_as_it_stands_for_and_covers_its_seqs(store: str, writer: LedgerWriter) -> None:
    written = writer.write([summed()])
    assert (written.entries, written.duplicates, written.refused) == (12, 0, {})
    assert [each.ranges for each in written.receipts[0].epochs] == [[(1, 12)]]
    assert one(store, "SELECT ins, outs, grouped_ins, buying_units::float8 FROM line_traffic_15m") == (7, 1, 7, 3.5)
    assert one(store, "SELECT visits, dwell_s FROM zone_visit_15m") == (2, 25.0)
    assert one(store, "SELECT summed::text FROM ledger_epoch") == ("{[1,13)}",)


def test_a_sum_that_comes_again_changes_nothing(store: str, writer: LedgerWriter) -> None:
    writer.write([summed()])
    written = writer.write([summed(), summed(), batch(first_seq=5, count=4)])
    assert (written.entries, written.duplicates) == (0, 28)
    assert count(store, "crossing") == 8


def test_a_sum_of_what_is_here_entirely_changes_nothing(store: str, writer: LedgerWriter) -> None:
    writer.write([batch(count=12)])
    assert writer.write([summed()]).entries == 0
    assert (count(store, "crossing"), count(store, "ledger_loss")) == (12, 0)


def test_a_sum_of_which_a_part_is_here_is_not_taken_and_the_rest_is_a_stated_loss(
    store: str, writer: LedgerWriter, caplog: pytest.LogCaptureFixture
) -> None:
    writer.write([batch(first_seq=4, count=2)])
    written = writer.write([summed()])
    assert [each.ranges for each in written.receipts[0].epochs] == [[(1, 12)]]
    assert count(store, "crossing") == 2, "nobody is counted twice"
    assert one(store, "SELECT reason, entries FROM ledger_loss") == ("overlap", 10)
    assert rows(store, "SELECT * FROM ledger_missing") == []
    assert "10 others are lost" in caplog.text


def test_two_sums_in_one_transaction_are_taken_once(store: str, writer: LedgerWriter) -> None:
    written = writer.write([summed(), batch(first_seq=13, count=3), summed(first_seq=16), summed()])
    assert (written.entries, written.duplicates) == (27, 12)
    assert count(store, "crossing") == 8 + 3 + 8


def test_a_loss_covers_its_seqs_and_is_told_by_verify(store: str, opened: Database, writer: LedgerWriter) -> None:
    writer.write([batch(entries=[LOSS], covers=40), batch(first_seq=41, count=3)])
    verdict = verify(opened)
    assert verdict.complete
    assert [(each.reason, each.entries, each.since) for each in verdict.losses] == [("budget", 40, LOSS.at)]
    assert one(store, "SELECT lines FROM ledger_loss") == ([{"line": "front-door", "ins": 5, "outs": 1}],)
    assert verdict.as_dict()["losses"][0]["until"] == LOSS.until.isoformat()


@pytest.mark.parametrize(("ins", "agrees"), [(12, True), (7, True), (13, False), (6, False)])
def test_registers_allow_for_what_was_lost_and_for_no_more(
    opened: Database, writer: LedgerWriter, ins: int, agrees: bool
) -> None:
    at = NOON - timedelta(hours=10)
    first: list[Entry] = [Register(at=at, line="front-door", in_total=0, out_total=0), *crossings(7)]
    last = Register(at=NOON + timedelta(hours=1), line="front-door", in_total=ins, out_total=1)
    writer.write(
        [batch(entries=first), batch(first_seq=9, entries=[LOSS], covers=40), batch(first_seq=49, entries=[last])]
    )
    assert (verify(opened).registers == []) is agrees


OLD = UUID("0197ffff-0000-7000-8000-000000000001")


@pytest.mark.parametrize(("device", "settled"), [("door-box", True), ("other-box", False)])
def test_what_never_came_of_an_epoch_that_its_own_box_states_as_ended_is_lost_and_not_missing(
    store: str, opened: Database, writer: LedgerWriter, *, device: str, settled: bool
) -> None:
    writer.write([batch(epoch=OLD, count=6, last_seq=10)])
    assert [(each.epoch, each.ranges) for each in verify(opened).missing] == [(str(OLD), [(7, 10)])]
    ended = Loss(at=NOON, until=NOON, reason="corrupt", entries=3, epoch=OLD)
    writer.write([batch(entries=[ended, *crossings(1)], device=device)])
    verdict = verify(opened)
    assert verdict.complete is settled
    assert [each.epoch for each in verdict.missing] == ([] if settled else [str(OLD)])
    (loss,) = verdict.losses
    assert (loss.entries, loss.of_epoch, loss.never_came) == (3, str(OLD), 4 if settled else None)
    # What was on its way when the file broke may still come.
    writer.write([batch(epoch=OLD, first_seq=7, count=2, last_seq=10)])
    assert verify(opened).losses[0].never_came == (2 if settled else None)
    assert rows(store, "SELECT count(*) FROM crossing") == [(9,)]


def test_a_loss_that_names_its_own_epoch_hides_nothing(opened: Database, writer: LedgerWriter) -> None:
    ended = Loss(at=NOON, until=NOON, reason="corrupt", entries=None, epoch=EPOCH)
    writer.write([batch(entries=[ended], last_seq=9)])
    assert [each.missing for each in verify(opened).missing] == [8]
