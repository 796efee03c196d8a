"""kill -9 of a process that appends: what was acknowledged is there, and no seq is used twice."""

import subprocess
import sys
from pathlib import Path

import pytest

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
