"""The outbox on disk: one SQLite file, written through to the disk with each append.

Tables and opening: `edge.publishing.outbox_file`. A new file is a new epoch.
"""

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from contract.entries import Entry
from contract.messages import Receipt
from edge.clock import utc_now
from edge.errors import OutboxError
from edge.publishing.coverage import Coverage
from edge.publishing.outbox import (
    RETENTION_MIN,
    RUN_BYTES,
    RUN_ENTRIES,
    LineTotal,
    Run,
    decode_entries,
    fitting,
    is_old_copy,
    is_straggler,
    kept_of,
    receipted,
)
from edge.publishing.outbox_budget import NEWEST_KEPT, drop, fits, oldest_kept, read_run, shrink, sum_up
from edge.publishing.outbox_epoch import begin_epoch, put_entries
from edge.publishing.outbox_file import note_epoch, open_file

logger = logging.getLogger(__name__)

#: Rows dropped by one prune at most, so that counting never waits long for the lock.
_PRUNE_ROWS: Final = 10_000
#: Pieces summed up or dropped by one call at most, and the share of the budget that is free afterwards.
_BUDGET_PIECES: Final = 8
_BUDGET_FREE: Final = 0.05
#: What leaves is noted in blocks of so many seqs: a few writes a day instead of one for each batch.
_SENT_BLOCK: Final = 1_024

_FIRST_KEPT: Final = """
SELECT min(seq) FROM (
    SELECT * FROM (SELECT seq FROM entry
                   WHERE seq > :delivered OR appended_at >= :cutoff OR seq >= :most ORDER BY seq LIMIT 1)
    UNION ALL
    SELECT * FROM (SELECT first FROM run
                   WHERE last > :delivered OR appended_at >= :cutoff OR last >= :most ORDER BY first LIMIT 1)
)
"""


class SqliteOutbox:
    """An `Outbox` in one SQLite file.

    Raises:
        OutboxError: the file is in use by another process, written by a newer version, or its folder is not writable.
    """

    def __init__(
        self,
        path: Path | str,
        *,
        now: Callable[[], datetime] = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
        retention: timedelta = RETENTION_MIN,
        budget_bytes: int | None = None,
    ) -> None:
        self.path = Path(path)
        self._monotonic = monotonic
        self._retention_s = int(retention.total_seconds())
        self._budget_bytes = budget_bytes
        self._lock = threading.RLock()
        self._last_seq = self._pruned_to = 0
        self._receipt_at: datetime | None = None
        self._coverage = self._sent = Coverage()
        self._db = open_file(self.path, now=now)
        self._load()
        #: What comes after it was written by this process, so no earlier life of the file can have delivered it.
        self._opened_at_seq = self._last_seq

    @property
    def epoch(self) -> UUID:
        """Return this file's epoch."""
        return self._epoch

    @property
    def last_seq(self) -> int:
        """Return the highest assigned seq."""
        return self._last_seq

    @property
    def pruned_to(self) -> int:
        """Return the highest seq that is no longer kept."""
        return self._pruned_to

    @property
    def coverage(self) -> Coverage:
        """Return what the newest receipt covers."""
        return self._coverage

    @property
    def queue_depth(self) -> int:
        """Return how many kept entries are not covered."""
        with self._lock:
            return self._coverage.missing(self._pruned_to + 1, self._last_seq)

    def append(self, entries: Sequence[Entry]) -> range:
        """Store `entries` in one transaction; see `Outbox.append`."""
        with self._lock:
            first = self._last_seq + 1
            last = self._last_seq + len(entries)
            at = self._open_s()
            with self._transaction() as db:
                put_entries(db, entries, first, at)
                db.execute("UPDATE meta SET last_seq = :last_seq, open_s = :at", {"last_seq": last, "at": at})
            self._last_seq = last
            return range(first, last + 1)

    def pending(self, *, after: int = 0, entries: int = RUN_ENTRIES, size: int = RUN_BYTES) -> Run | None:
        """Return the first uncovered run beyond `after`; see `Outbox.pending`."""
        with self._lock, self._translated():
            span = next(self._coverage.gaps(max(after, self._pruned_to) + 1, self._last_seq), None)
            if span is None:
                return None
            run = read_run(self._db, *span)
            if run is not None and run.first_seq <= span[0]:
                return run
            last = span[1] if run is None else run.first_seq - 1
            rows: list[tuple[bytes]] = self._db.execute(
                "SELECT payload FROM entry WHERE seq BETWEEN :first AND :last ORDER BY seq",
                {"first": span[0], "last": min(last, span[0] + entries - 1)},
            ).fetchall()
        return Run(span[0], decode_entries(fitting([payload for (payload,) in rows], size)))

    def leaving(self, run: Run) -> None:
        """Note that `run` may have been sent; see `Outbox.leaving`."""
        first = (run.first_seq - 1) // _SENT_BLOCK * _SENT_BLOCK + 1
        last = ((run.last_seq - 1) // _SENT_BLOCK + 1) * _SENT_BLOCK
        with self._lock:
            if not self._sent.missing(run.first_seq, run.last_seq):
                return
            sent = Coverage.of([*self._sent.ranges, (first, last)], last_seq=last + self._last_seq)
            with self._transaction() as db:
                db.execute("DELETE FROM sent")
                db.executemany("INSERT INTO sent (first, last) VALUES (?, ?)", sent.ranges)
            self._sent = sent

    def apply_receipt(self, receipt: Receipt) -> bool:
        """Replace the coverage; see `Outbox.apply_receipt`."""
        with self._lock:
            if is_straggler(receipt, self._receipt_at):
                return False
            if is_old_copy(receipt, self._epoch, self._last_seq):
                self._renew(received=receipted(receipt, self._epoch, self._opened_at_seq))
                return True
            coverage = receipted(receipt, self._epoch, self._last_seq)
            with self._transaction() as db:
                db.execute("DELETE FROM covered")
                db.executemany("INSERT INTO covered (first, last) VALUES (?, ?)", coverage.ranges)
                db.execute("UPDATE meta SET receipt_at = :at", {"at": receipt.at.isoformat()})
            self._coverage, self._receipt_at = coverage, receipt.at
            return True

    def again(self, ranges: Iterable[tuple[int, int]]) -> int:
        """Take `ranges` for not received; see `Outbox.again`."""
        with self._lock:
            asked = kept_of(ranges, self._pruned_to, self._last_seq)
            self._coverage = self._coverage.without(asked)
            return asked.size

    def oldest_at(self) -> datetime | None:
        """Return the moment of the oldest kept entry."""
        with self._lock, self._translated():
            oldest = oldest_kept(self._db)
        return oldest[0].at if oldest else None

    def totals(self) -> Mapping[str, LineTotal]:
        """Return the cumulative crossings of each line."""
        with self._lock, self._translated():
            rows = self._db.execute("SELECT line, direction, crossings FROM total ORDER BY line").fetchall()
        counts = {(line, direction): crossings for line, direction, crossings in rows}
        return {line: LineTotal(counts.get((line, "in"), 0), counts.get((line, "out"), 0)) for line, _, _ in rows}

    def prune(self) -> int:
        """Drop what is past its retention, at most 10 000 entries a call, and keep the budget; see `Outbox.prune`."""
        with self._lock:
            count = self._prune(self._open_s() - self._retention_s)
            if self._budget_bytes is not None:
                count += self._keep_budget(self._budget_bytes)
            return count

    def _prune(self, cutoff: int) -> int:
        """Drop covered entries appended before `cutoff`, oldest first; return how many."""
        delivered = next(self._coverage.gaps(self._pruned_to + 1, self._last_seq + 1))[0] - 1
        with self._transaction() as db:
            bounds = {"delivered": delivered, "cutoff": cutoff, "most": self._pruned_to + _PRUNE_ROWS + 1}
            (first_kept,) = db.execute(_FIRST_KEPT, bounds).fetchone()
            pruned_to: int = delivered if first_kept is None else first_kept - 1
            db.execute("DELETE FROM entry WHERE seq <= :pruned_to", {"pruned_to": pruned_to})
            db.execute("DELETE FROM run WHERE last <= :pruned_to", {"pruned_to": pruned_to})
            values = {"pruned_to": pruned_to, "open_s": self._open_s()}
            db.execute("UPDATE meta SET pruned_to = :pruned_to, open_s = :open_s", values)
        count, self._pruned_to = pruned_to - self._pruned_to, pruned_to
        return count

    def _keep_budget(self, budget: int) -> int:
        """Make the rows smaller than `budget` bytes, or as small as some pieces make them; return how many were pruned.

        Delivered entries go first, then the oldest others are summed up, then they are dropped.
        """
        pruned = summed = dropped = 0
        with self._translated():
            for _ in range(_BUDGET_PIECES):
                if fits(self._db, int(budget * (1 - _BUDGET_FREE))):
                    break
                if count := self._prune(self._open_s() + 1):
                    pruned += count
                elif (run := self._sum_up()) is not None:
                    summed += run.last_seq - run.first_seq + 1
                elif (run := self._drop()) is not None:
                    dropped += run.last_seq - run.first_seq + 1
                else:
                    logger.error("outbox %s: over its budget", self.path, extra={"action": "outbox_over_budget"})
                    break
            shrink(self._db, budget)
        if summed or dropped:
            logger.warning(
                "outbox %s is at its budget of %d MB: %d entries summed up, %d dropped and stated as lost",
                self.path, budget // 1_000_000, summed, dropped, extra={"action": "outbox_budget"},
            )  # fmt: skip
        return pruned

    def _sum_up(self) -> Run | None:
        unsent = Coverage.of([*self._coverage.ranges, *self._sent.ranges], last_seq=self._last_seq)
        with self._transaction() as db:
            return sum_up(db, unsent, self._pruned_to + 1, self._last_seq - NEWEST_KEPT)

    def _drop(self) -> Run | None:
        with self._transaction() as db:
            return drop(db, self._coverage, self._sent, self._pruned_to + 1, self._last_seq - NEWEST_KEPT)

    def close(self) -> None:
        """Release the file."""
        with self._lock:
            self._db.close()

    def _renew(self, *, received: Coverage) -> None:
        """Begin a new epoch with what neither the last receipt nor `received` covers, in its order, from seq 1."""
        delivered = Coverage.of([*self._coverage.ranges, *received.ranges], last_seq=self._last_seq)
        with self._transaction() as db:
            begin_epoch(db, delivered, self._pruned_to + 1, self._last_seq)
        self._receipt_at, self._opened_at_seq = None, 0
        self._load()

    def _load(self) -> None:
        epoch, last_seq, pruned_to, receipt_at, open_s = self._db.execute(
            "SELECT epoch, last_seq, pruned_to, receipt_at, open_s FROM meta"
        ).fetchone()
        self._open_since = self._monotonic() - open_s
        note_epoch(self.path, UUID(epoch))
        self._epoch, self._last_seq, self._pruned_to = UUID(epoch), int(last_seq), int(pruned_to)
        if receipt_at:
            self._receipt_at = datetime.fromisoformat(receipt_at)
        spans = self._db.execute("SELECT first, last FROM covered").fetchall()
        self._coverage = Coverage.of(spans, last_seq=self._last_seq)
        left = self._db.execute("SELECT first, last FROM sent").fetchall()
        self._sent = Coverage.of(left, last_seq=max((last for _, last in left), default=0))

    def _open_s(self) -> int:
        """Return for how many seconds this outbox has been open, in all its lives."""
        return int(self._monotonic() - self._open_since)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._translated():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise OutboxError(
                f"outbox {self.path}: {error}. Check that the disk has room and is healthy; a corrupt file is set "
                "aside at the next start"
            ) from error
