"""kill -9 of a process that appends, sums up, drops and prunes: what was told is there, and no seq is used twice."""

import random
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from contract.entries import Entry, Loss, Summary, weight_of
from edge.publishing.sqlite_outbox import SqliteOutbox

# Each append is told only after it has returned; entries carry their own number in `people`.
_CHILD = """
import sys
from datetime import UTC, datetime
from contract.entries import Occupancy
from edge.publishing.sqlite_outbox import SqliteOutbox

outbox = SqliteOutbox(sys.argv[1])
while True:
    first = outbox.last_seq + 1
    at = datetime(2026, 11, 21, 12, tzinfo=UTC)
    seqs = outbox.append([Occupancy(at=at, zone="table", people=first + i) for i in range(7)])
    print(seqs[-1], flush=True)
"""
# As above, in an outbox whose budget is always reached; `people` is 1, so that sums can be made. Now and then a receipt
# covers a part, or a run leaves.
_CHILD_WITHOUT_ROOM = """
import random, sys
from datetime import UTC, datetime, timedelta
from contract.entries import Occupancy
from contract.messages import EpochReceipt, Receipt
from edge.publishing import outbox_budget, sqlite_outbox
from edge.publishing.sqlite_outbox import SqliteOutbox

outbox_budget._PIECE = 200
sqlite_outbox.NEWEST_KEPT = 50
chance = random.Random(int(sys.argv[2]))
outbox = SqliteOutbox(sys.argv[1], budget_bytes=int(sys.argv[3]))
at = datetime(2026, 11, 21, 12, tzinfo=UTC)
while True:
    entries = [Occupancy(at=at + timedelta(seconds=i * 60), zone=f"zone-{i % 60}", people=1) for i in range(70)]
    print(outbox.append(entries)[-1], flush=True)
    match chance.randrange(4):
        case 0:
            outbox.leaving(outbox.pending(after=chance.randrange(outbox.last_seq), entries=50))
        case 1:
            to = outbox.pruned_to + chance.randrange(60)
            epochs = [EpochReceipt(epoch=outbox.epoch, ranges=[(1, max(1, min(to, outbox.last_seq)))])]
            stamp = at + timedelta(seconds=outbox.last_seq)
            outbox.apply_receipt(Receipt(store="s", device="d", at=stamp, epochs=epochs))
        case _:
            outbox.prune()
"""
#: How often the process without room is killed at least.
_LIVES = 12


def append_until_killed(path: Path, appends: int) -> int:
    """Run the child, kill it in the middle, and return the last seq that it told."""
    with subprocess.Popen([sys.executable, "-c", _CHILD, str(path)], stdout=subprocess.PIPE, text=True) as child:  # noqa: S603  # ours
        assert child.stdout is not None
        for _ in range(appends):
            child.stdout.readline()
        child.kill()
        told = [int(line) for line in child.stdout.read().split("\n")[:-1] if line]
    return told[-1] if told else 7 * appends


@pytest.mark.parametrize("appends", [1, 20])
def test_no_acknowledged_append_is_lost_and_no_seq_used_twice(tmp_path: Path, appends: int) -> None:
    path = tmp_path / "outbox.sqlite"
    epochs, before = set(), 0
    for _ in range(3):
        told = append_until_killed(path, appends)
        outbox = SqliteOutbox(path)
        epochs.add(outbox.epoch)
        assert outbox.last_seq >= max(told, before)
        assert outbox.last_seq % 7 == 0, "an append is stored whole or not at all"
        seqs = []
        run = outbox.pending()
        while run is not None:
            seqs += [entry.people for entry in run.entries]  # type: ignore[union-attr]  # all are Occupancy
            run = outbox.pending(after=run.last_seq)
        assert seqs == list(range(1, outbox.last_seq + 1))
        before = outbox.last_seq
        outbox.close()
    assert len(epochs) == 1
    assert list(tmp_path.glob("*corrupt*")) == []


def run_for(path: Path, seconds: float, *, seed: int, budget: int) -> int:
    """Run the child without room for so long, kill it wherever it is, and return the last seq that it told."""
    argv = [sys.executable, "-c", _CHILD_WITHOUT_ROOM, str(path), str(seed), str(budget)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as child:  # noqa: S603  # ours
        assert child.stdout is not None
        first = child.stdout.readline()
        killer = threading.Timer(seconds, child.kill)
        killer.start()
        told = [first, *child.stdout.read().split("\n")[:-1]]
        killer.join()
    return int(told[-1] or 0)


def weight(entries: Sequence[Entry]) -> int:
    """Return how many entries these stand for, losses included."""
    return sum((entry.entries or 0) if isinstance(entry, Loss) else weight_of(entry) for entry in entries)


@pytest.mark.parametrize("budget", [30_000, 200_000])
def test_killed_at_any_moment_of_summing_up_dropping_and_pruning_nothing_is_lost_unsaid(
    tmp_path: Path, budget: int
) -> None:
    path = tmp_path / "outbox.sqlite"
    chance = random.Random(budget)  # noqa: S311  # moments to kill at
    # In the smaller one a sum is there only for a moment before it is dropped, too.
    awaited: set[type[Entry]] = {Loss, Summary} if budget > 30_000 else {Loss}
    epochs = set()
    kinds: set[type[Entry]] = set()
    life = 0
    # How far a life comes before it is killed is the machine's business: go on until it has come to what is awaited.
    while life < _LIVES or (awaited - kinds and life < 5 * _LIVES):
        life += 1
        told = run_for(path, chance.uniform(0.0, 0.25), seed=life, budget=budget)
        outbox = SqliteOutbox(path)
        epochs.add(outbox.epoch)
        assert outbox.last_seq >= told
        assert outbox.last_seq % 70 == 0
        at, run = outbox.pruned_to, outbox.pending()
        while run is not None:
            assert not outbox.coverage.missing(at + 1, run.first_seq - 1), "each undelivered entry is in a run"
            at = run.last_seq
            kinds.update(type(entry) for entry in run.entries)
            assert weight(run.entries) == run.last_seq - run.first_seq + 1, "which says so many"
            run = outbox.pending(after=at)
        assert not outbox.coverage.missing(at + 1, outbox.last_seq)
        outbox.close()
    assert len(epochs) == 1
    assert list(tmp_path.glob("*corrupt*")) == []
    assert awaited <= kinds
