"""The disk budget: delivered entries go first, then the oldest are summed up, and a drop is stated."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from contract.entries import Crossing, Entry, Loss, Summary, weight_of
from edge.publishing.outbox import Outbox, Run
from edge.publishing.outbox_budget import NEWEST_KEPT, used_bytes
from edge.publishing.sqlite_outbox import SqliteOutbox
from tests.support.clocks import ManualClock
from tests.support.entries import NOON, receipt

#: Large enough for the newest entries, small enough to be reached in a second.
BUDGET = 1_000_000
PATH = "outbox.sqlite"


def door_days(count: int, *, from_: int = 0) -> list[Entry]:
    """Return crossings every 5 s: 180 a quarter-hour, two directions."""
    return [
        Crossing(at=NOON + timedelta(seconds=5 * i), line="front-door", direction="in" if i % 3 else "out")
        for i in range(from_, from_ + count)
    ]


def runs_of(outbox: Outbox) -> Iterator[Run]:
    run = outbox.pending()
    while run is not None:
        yield run
        run = outbox.pending(after=run.last_seq)


def weights(outbox: Outbox) -> int:
    return sum(weight_of(entry) for run in runs_of(outbox) for entry in run.entries)


def fill(outbox: SqliteOutbox, count: int) -> None:
    for first in range(outbox.last_seq, outbox.last_seq + count, 1_000):
        outbox.append(door_days(min(1_000, count), from_=first))


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[SqliteOutbox]:
    made = SqliteOutbox(tmp_path / PATH, budget_bytes=BUDGET)
    yield made
    made.close()


def used(outbox: SqliteOutbox) -> int:
    return used_bytes(outbox._db)


def keep(outbox: SqliteOutbox) -> None:
    for _ in range(20):
        outbox.prune()


def test_delivered_entries_go_before_their_time_and_nothing_else_does(outbox: SqliteOutbox) -> None:
    fill(outbox, 9_000)
    outbox.apply_receipt(receipt((1, 6_000), epoch=outbox.epoch))
    keep(outbox)
    assert 0 < outbox.pruned_to <= 6_000
    assert used(outbox) <= BUDGET
    assert outbox.queue_depth == weights(outbox) == 3_000
    assert all(run.covers is None for run in runs_of(outbox)), "there was room enough without sums"


def test_what_never_left_is_summed_up_and_every_crossing_is_in_a_sum(outbox: SqliteOutbox) -> None:
    fill(outbox, 20_000)
    totals = dict(outbox.totals())
    keep(outbox)
    assert used(outbox) <= BUDGET
    assert (outbox.last_seq, outbox.pruned_to, outbox.queue_depth) == (20_000, 0, 20_000)
    runs = list(runs_of(outbox))
    assert runs[0].covers == 2_000
    assert runs[-1].covers is None, "the newest stay as they are"
    assert weights(outbox) == 20_000
    assert dict(outbox.totals()) == totals
    seqs = [seq for run in runs for seq in range(run.first_seq, run.last_seq + 1)]
    assert seqs == list(range(1, 20_001))


def test_what_may_have_left_is_never_summed_up(outbox: SqliteOutbox) -> None:
    fill(outbox, 12_000)
    sent = outbox.pending(entries=1_000)
    assert sent is not None
    outbox.leaving(sent)
    keep(outbox)
    first = outbox.pending(entries=1_000)
    assert first == sent
    second = outbox.pending(after=1_024)
    assert second is not None
    assert second.covers == 2_000


def test_sums_survive_a_restart_and_are_covered_as_a_whole(outbox: SqliteOutbox) -> None:
    fill(outbox, 20_000)
    keep(outbox)
    before = list(runs_of(outbox))
    outbox.close()
    again = SqliteOutbox(outbox.path, budget_bytes=BUDGET)
    assert list(runs_of(again)) == before
    again.apply_receipt(receipt((1, before[1].last_seq), epoch=again.epoch))
    assert next(runs_of(again)) == before[2]
    again.close()


def test_only_when_sums_do_not_fit_the_oldest_are_dropped_and_each_drop_is_stated(outbox: SqliteOutbox) -> None:
    # 8 hours of single people at as many lines as there can be are hard to sum up.
    for block in range(40):
        entries: list[Entry] = [
            Crossing(at=NOON + timedelta(minutes=15 * (block * 500 + i)), line=f"line-{i % 9}", direction="in")
            for i in range(500)
        ]
        outbox.append(entries)
    outbox._budget_bytes = 500_000
    keep(outbox)
    assert used(outbox) <= 500_000
    runs = list(runs_of(outbox))
    (loss,) = runs[0].entries
    assert isinstance(loss, Loss)
    assert (loss.reason, loss.entries) == ("budget", runs[0].covers)
    assert sum(line.ins for line in loss.lines) == loss.entries
    assert loss.at == NOON
    assert [isinstance(run.entries[0], Loss) for run in runs].count(True) == 1, "a loss that never left grows"
    assert loss.entries + weights(outbox) == 20_000 == outbox.queue_depth


def test_the_newest_entries_are_never_touched(outbox: SqliteOutbox) -> None:
    fill(outbox, 3_000)
    outbox._budget_bytes = 1
    keep(outbox)
    newest = [run for run in runs_of(outbox) if run.covers is None]
    assert sum(len(run.entries) for run in newest) == NEWEST_KEPT


def test_a_lowered_budget_gives_the_disk_its_pages_back(outbox: SqliteOutbox) -> None:
    fill(outbox, 20_000)
    outbox.apply_receipt(receipt((1, 20_000), epoch=outbox.epoch))
    size = outbox.path.stat().st_size
    outbox._budget_bytes = 200_000
    keep(outbox)
    outbox._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert outbox.path.stat().st_size < min(size, 300_000)


def test_pages_are_used_again_so_that_the_file_never_outgrows_its_budget(outbox: SqliteOutbox) -> None:
    for _ in range(8):
        fill(outbox, 5_000)
        outbox.apply_receipt(
            receipt((1, outbox.last_seq), epoch=outbox.epoch, at=NOON + timedelta(seconds=outbox.last_seq))
        )
        keep(outbox)
    assert outbox.path.stat().st_size < 2 * BUDGET
    assert used(outbox) <= BUDGET


def test_an_old_copy_takes_its_sums_into_the_new_epoch(outbox: SqliteOutbox) -> None:
    fill(outbox, 20_000)
    keep(outbox)
    runs = list(runs_of(outbox))
    half = runs[1].first_seq + 10
    outbox.apply_receipt(receipt((1, half), epoch=outbox.epoch))
    outbox.apply_receipt(receipt((1, half), (30_000, 30_001), epoch=outbox.epoch, at=NOON + timedelta(seconds=1)))
    again = list(runs_of(outbox))
    (loss,) = again[0].entries
    assert isinstance(loss, Loss), "a sum of which ingest has a part cannot be sent anew"
    assert (loss.reason, loss.entries) == ("overlap", runs[1].last_seq - half)
    assert again[1].entries == runs[2].entries
    assert outbox.queue_depth == outbox.last_seq == 20_000 - half


@pytest.mark.parametrize("wall_s", [-56 * 365 * 86_400, -3_600, 0, 40 * 365 * 86_400])
def test_retention_counts_the_hours_it_was_open_whatever_the_wall_clock_says(tmp_path: Path, wall_s: int) -> None:
    clock = ManualClock()
    opened = SqliteOutbox(tmp_path / PATH, now=clock.now, monotonic=clock.monotonic)
    opened.append(door_days(10))
    opened.apply_receipt(receipt((1, 10), epoch=opened.epoch))
    clock.wall += timedelta(seconds=wall_s)
    clock.elapsed_s += 20 * 86_400
    assert opened.prune() == 0
    opened.close()
    clock.elapsed_s = 7.0  # a reboot
    again = SqliteOutbox(tmp_path / PATH, now=clock.now, monotonic=clock.monotonic)
    clock.elapsed_s += 9 * 86_400
    assert again.prune() == 0
    clock.elapsed_s += 2 * 86_400
    assert again.prune() == 10
    again.close()


def test_a_summary_in_the_outbox_is_of_the_contract(outbox: SqliteOutbox) -> None:
    fill(outbox, 20_000)
    keep(outbox)
    summary = next(runs_of(outbox)).entries[0]
    assert isinstance(summary, Summary)
    assert summary.times > 1
