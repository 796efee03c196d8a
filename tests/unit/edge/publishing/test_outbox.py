"""One battery for every outbox."""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from contract.entries import Entry, Occupancy
from edge.errors import EntryError
from edge.publishing.outbox import LineTotal, Outbox, Run, encode_entries
from edge.publishing.sqlite_outbox import SqliteOutbox
from tests.support.clocks import ManualClock
from tests.support.entries import NOON, crossing, crossings, occupancy, receipt
from tests.support.memory_outbox import MemoryOutbox


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture(params=["memory", "sqlite"])
def outbox(request: pytest.FixtureRequest, tmp_path: Path, clock: ManualClock) -> Iterator[Outbox]:
    made: Outbox = (
        MemoryOutbox(now=clock.now)
        if request.param == "memory"
        else SqliteOutbox(tmp_path / "outbox.sqlite", monotonic=clock.monotonic)
    )
    yield made
    made.close()


def seqs(run: Run | None) -> tuple[int, int] | None:
    return None if run is None else (run.first_seq, run.last_seq)


def test_a_new_outbox_is_empty(outbox: Outbox) -> None:
    assert (outbox.last_seq, outbox.queue_depth, outbox.pending(), dict(outbox.totals())) == (0, 0, None, {})


def test_seqs_are_contiguous_from_one(outbox: Outbox) -> None:
    assert outbox.append(crossings(3)) == range(1, 4)
    assert outbox.append([]) == range(4, 4)
    assert outbox.append(crossings(2)) == range(4, 6)
    assert (outbox.last_seq, outbox.queue_depth) == (5, 5)


def test_pending_returns_what_was_appended_in_order(outbox: Outbox) -> None:
    entries: list[Entry] = [crossing(), occupancy(people=3), crossing(direction="out", after_s=1.5)]
    outbox.append(entries)
    assert outbox.pending() == Run(1, entries)


def test_a_run_is_cut_at_the_number_of_entries(outbox: Outbox) -> None:
    outbox.append(crossings(10))
    assert seqs(outbox.pending(entries=4)) == (1, 4)
    assert seqs(outbox.pending(after=4, entries=4)) == (5, 8)
    assert seqs(outbox.pending(after=8, entries=4)) == (9, 10)
    assert outbox.pending(after=10) is None


def test_a_run_is_cut_at_its_size(outbox: Outbox) -> None:
    entries = crossings(10)
    outbox.append(entries)
    row = len(encode_entries(entries[:1])[0]) + 1
    assert seqs(outbox.pending(size=3 * row)) == (1, 3)
    assert seqs(outbox.pending(size=1)) == (1, 1), "an entry larger than the size still has to leave"


def test_a_run_never_spans_what_is_covered(outbox: Outbox) -> None:
    outbox.append(crossings(10))
    outbox.apply_receipt(receipt((1, 2), (5, 7), epoch=outbox.epoch))
    assert seqs(outbox.pending()) == (3, 4)
    assert seqs(outbox.pending(after=3)) == (4, 4)
    assert seqs(outbox.pending(after=4)) == (8, 10)
    assert outbox.queue_depth == 5


def test_the_newest_receipt_replaces_the_coverage(outbox: Outbox) -> None:
    outbox.append(crossings(10))
    outbox.apply_receipt(receipt((1, 10), epoch=outbox.epoch))
    assert outbox.queue_depth == 0
    outbox.apply_receipt(receipt((1, 4), epoch=outbox.epoch, at=NOON + timedelta(seconds=1)))
    assert seqs(outbox.pending()) == (5, 10), "a server restored from a backup gets again what it lost"


def test_a_receipt_that_does_not_name_the_epoch_covers_nothing(outbox: Outbox) -> None:
    outbox.append(crossings(4))
    outbox.apply_receipt(receipt((1, 4), epoch=outbox.epoch))
    outbox.apply_receipt(receipt((1, 4), epoch=uuid4(), at=NOON + timedelta(seconds=1)))
    assert outbox.queue_depth == 4


def test_an_old_copy_begins_a_new_epoch_with_what_is_not_received(
    outbox: Outbox, caplog: pytest.LogCaptureFixture
) -> None:
    outbox.append(crossings(5, line="pavement"))
    outbox.apply_receipt(receipt((1, 3), epoch=outbox.epoch))
    before = outbox.epoch
    assert outbox.apply_receipt(receipt((1, 1_000), epoch=before, at=NOON + timedelta(seconds=1)))
    assert "it is an old copy. A new epoch begins" in caplog.text
    assert outbox.epoch != before
    assert (outbox.last_seq, outbox.queue_depth) == (2, 2)
    assert outbox.pending() == Run(1, crossings(5, line="pavement")[3:])
    assert dict(outbox.totals()) == {"pavement": LineTotal(2, 0)}
    outbox.apply_receipt(receipt((1, 2), epoch=outbox.epoch))
    assert outbox.append(crossings(1)) == range(3, 4)


def test_a_straggling_receipt_changes_nothing(outbox: Outbox) -> None:
    outbox.append(crossings(4))
    assert outbox.apply_receipt(receipt((1, 4), epoch=outbox.epoch, at=NOON))
    assert not outbox.apply_receipt(receipt((1, 2), epoch=outbox.epoch, at=NOON - timedelta(seconds=1)))
    assert outbox.queue_depth == 0


def test_a_receipt_from_a_server_whose_clock_was_set_back_is_believed(outbox: Outbox) -> None:
    outbox.append(crossings(4))
    outbox.apply_receipt(receipt((1, 2), epoch=outbox.epoch, at=NOON + timedelta(days=365)))
    assert outbox.apply_receipt(receipt((1, 4), epoch=outbox.epoch, at=NOON))
    assert outbox.queue_depth == 0


def test_totals_count_crossings_by_line_and_direction(outbox: Outbox) -> None:
    outbox.append([*crossings(3), crossing(direction="out"), occupancy()])
    outbox.append([crossing(line="pavement", direction="out")])
    assert dict(outbox.totals()) == {"front-door": LineTotal(3, 1), "pavement": LineTotal(0, 1)}


def test_an_entry_outside_the_contract_is_refused_and_nothing_is_stored(outbox: Outbox) -> None:
    wrong = Occupancy(at=datetime(2026, 11, 21, 12, tzinfo=UTC), zone="Not A Slug", people=1)
    with pytest.raises(EntryError, match=r"\$\[1\]\.zone"):
        outbox.append([crossing(), wrong])
    assert (outbox.last_seq, dict(outbox.totals())) == (0, {})


def test_received_entries_are_pruned_only_past_their_retention(outbox: Outbox, clock: ManualClock) -> None:
    outbox.append(crossings(4))
    outbox.apply_receipt(receipt((1, 4), epoch=outbox.epoch))
    clock.advance(30 * 86_400 - 1)
    assert outbox.prune() == 0
    clock.advance(2)
    outbox.append(crossings(1))
    assert outbox.prune() == 4
    assert (outbox.pruned_to, outbox.last_seq, outbox.queue_depth) == (4, 5, 1)
    assert seqs(outbox.pending()) == (5, 5)
    assert outbox.append(crossings(1)) == range(6, 7), "a pruned seq is never used again"


def test_unreceived_entries_are_never_pruned(outbox: Outbox, clock: ManualClock) -> None:
    outbox.append(crossings(4))
    outbox.apply_receipt(receipt((1, 1), (3, 4), epoch=outbox.epoch))
    clock.advance(10_000 * 86_400)
    assert outbox.prune() == 1
    assert seqs(outbox.pending()) == (2, 2)


def test_what_was_pruned_is_not_pending_when_a_server_forgets_it(outbox: Outbox, clock: ManualClock) -> None:
    outbox.append(crossings(3))
    outbox.apply_receipt(receipt((1, 2), epoch=outbox.epoch))
    clock.advance(31 * 86_400)
    outbox.prune()
    outbox.apply_receipt(receipt(epoch=outbox.epoch, at=clock.now()))
    assert (seqs(outbox.pending()), outbox.queue_depth) == ((3, 3), 1)


def test_runs_from_one_to_the_next_cover_everything_uncovered(outbox: Outbox) -> None:
    outbox.append(crossings(100))
    outbox.apply_receipt(receipt((10, 20), (50, 50), (99, 100), epoch=outbox.epoch))
    found: list[int] = []
    run = outbox.pending(entries=7)
    while run is not None:
        found.extend(range(run.first_seq, run.last_seq + 1))
        run = outbox.pending(after=run.last_seq, entries=7)
    assert found == [*range(1, 10), *range(21, 50), *range(51, 99)]
    assert all(a < b for a, b in itertools.pairwise(found))


def test_what_is_asked_for_again_is_pending_until_the_next_receipt(outbox: Outbox) -> None:
    outbox.append(crossings(10))
    outbox.apply_receipt(receipt((1, 10), epoch=outbox.epoch))
    assert outbox.again([(3, 4), (8, 99)]) == 5
    assert (seqs(outbox.pending()), seqs(outbox.pending(after=4)), outbox.queue_depth) == ((3, 4), (8, 10), 5)
    outbox.apply_receipt(receipt((1, 10), epoch=outbox.epoch, at=NOON + timedelta(seconds=1)))
    assert outbox.pending() is None


def test_what_was_pruned_cannot_be_asked_for_again(outbox: Outbox, clock: ManualClock) -> None:
    outbox.append(crossings(4))
    outbox.apply_receipt(receipt((1, 4), epoch=outbox.epoch))
    clock.advance(timedelta(days=31).total_seconds())
    outbox.append(crossings(1))
    assert outbox.prune() == 4
    assert outbox.again([(1, 4)]) == 0
    assert outbox.again([(1, 5)]) == 1
