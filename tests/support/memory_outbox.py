"""An outbox without a file: for tests. What it holds is gone with the process."""

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from contract.entries import Entry
from contract.messages import Receipt
from edge.clock import utc_now
from edge.publishing.coverage import Coverage
from edge.publishing.outbox import (
    RETENTION_MIN,
    RUN_BYTES,
    RUN_ENTRIES,
    LineTotal,
    Run,
    crossings_of,
    decode_entries,
    encode_entries,
    fitting,
    is_old_copy,
    is_straggler,
    kept_of,
    receipted,
)


class MemoryOutbox:
    """An `Outbox` in memory."""

    def __init__(self, *, now: Callable[[], datetime] = utc_now, retention: timedelta = RETENTION_MIN) -> None:
        self.epoch: UUID = uuid4()
        self.coverage = Coverage()
        self.pruned_to = 0
        self._now = now
        self._retention = retention
        self._rows: list[bytes] = []
        self._appended_at: list[datetime] = []
        self._receipt_at: datetime | None = None
        self._crossings: Counter[tuple[str, str]] = Counter()
        self._lock = threading.RLock()

    @property
    def last_seq(self) -> int:
        """Return the highest assigned seq."""
        return self.pruned_to + len(self._rows)

    @property
    def queue_depth(self) -> int:
        """Return how many kept entries are not covered."""
        with self._lock:
            return self.coverage.missing(self.pruned_to + 1, self.last_seq)

    def append(self, entries: Sequence[Entry]) -> range:
        """Store `entries`; see `Outbox.append`."""
        rows = encode_entries(entries)
        with self._lock:
            first = self.last_seq + 1
            self._rows.extend(rows)
            self._appended_at.extend([self._now()] * len(rows))
            self._crossings.update(crossings_of(entries))
            return range(first, first + len(rows))

    def pending(self, *, after: int = 0, entries: int = RUN_ENTRIES, size: int = RUN_BYTES) -> Run | None:
        """Return the first uncovered run beyond `after`; see `Outbox.pending`."""
        with self._lock:
            span = next(self.coverage.gaps(max(after, self.pruned_to) + 1, self.last_seq), None)
            if span is None:
                return None
            first, last = span[0], min(span[1], span[0] + entries - 1)
            rows = self._rows[first - self.pruned_to - 1 : last - self.pruned_to]
        return Run(first, decode_entries(fitting(rows, size)))

    def leaving(self, run: Run) -> None:
        """Do nothing: what is here is never summed up."""

    def apply_receipt(self, receipt: Receipt) -> bool:
        """Replace the coverage; see `Outbox.apply_receipt`."""
        with self._lock:
            if is_straggler(receipt, self._receipt_at):
                return False
            if is_old_copy(receipt, self.epoch, self.last_seq):
                self._renew()
                return True
            self._receipt_at = receipt.at
            self.coverage = receipted(receipt, self.epoch, self.last_seq)
            return True

    def again(self, ranges: Iterable[tuple[int, int]]) -> int:
        """Take `ranges` for not received; see `Outbox.again`."""
        with self._lock:
            asked = kept_of(ranges, self.pruned_to, self.last_seq)
            self.coverage = self.coverage.without(asked)
            return asked.size

    def oldest_at(self) -> datetime | None:
        """Return the moment of the oldest kept entry."""
        with self._lock:
            return decode_entries(self._rows[:1])[0].at if self._rows else None

    def totals(self) -> Mapping[str, LineTotal]:
        """Return the cumulative crossings of each line."""
        with self._lock:
            lines = sorted({line for line, _ in self._crossings})
            return {line: LineTotal(self._crossings[line, "in"], self._crossings[line, "out"]) for line in lines}

    def prune(self) -> int:
        """Drop what is past its retention; see `Outbox.prune`."""
        with self._lock:
            delivered = next(self.coverage.gaps(self.pruned_to + 1, self.last_seq + 1))[0] - 1 - self.pruned_to
            cutoff = self._now() - self._retention
            count = 0
            while count < delivered and self._appended_at[count] < cutoff:
                count += 1
            del self._rows[:count], self._appended_at[:count]
            self.pruned_to += count
            return count

    def _renew(self) -> None:
        gaps = self.coverage.gaps(self.pruned_to + 1, self.last_seq)
        kept = [seq - self.pruned_to - 1 for first, last in gaps for seq in range(first, last + 1)]
        self._rows = [self._rows[index] for index in kept]
        self._appended_at = [self._appended_at[index] for index in kept]
        self._crossings = crossings_of(decode_entries(self._rows))
        self.epoch, self.coverage, self.pruned_to, self._receipt_at = uuid4(), Coverage(), 0, None

    def close(self) -> None:
        """Do nothing: there is no file."""
