"""The outbox on disk: one SQLite file, written through to the disk with each append.

Tables and opening: `edge.publishing.outbox_file`. A new file is a new epoch.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

from contract.entries import Entry
from contract.messages import Receipt
from edge.errors import OutboxError
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
    receipted,
)
from edge.publishing.outbox_file import open_file

#: Rows dropped by one prune at most, so that counting never waits long for the lock.
_PRUNE_ROWS: Final = 10_000

_ADD_TOTAL: Final = """
INSERT INTO total (line, direction, crossings) VALUES (:line, :direction, :crossings)
ON CONFLICT (line, direction) DO UPDATE SET crossings = crossings + excluded.crossings
"""
_FIRST_KEPT: Final = """
SELECT seq FROM entry WHERE seq > :delivered OR appended_at >= :cutoff OR seq >= :most ORDER BY seq LIMIT 1
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
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        retention: timedelta = RETENTION_MIN,
    ) -> None:
        self.path = Path(path)
        self._now = now
        self._retention = retention
        self._lock = threading.RLock()
        self._last_seq = self._pruned_to = 0
        self._receipt_at: datetime | None = None
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
        payloads = encode_entries(entries)
        with self._lock:
            first = self._last_seq + 1
            last = self._last_seq + len(payloads)
            at = int(self._now().timestamp())
            with self._transaction() as db:
                db.executemany(
                    "INSERT INTO entry (seq, payload, appended_at) VALUES (?, ?, ?)",
                    ((first + index, payload, at) for index, payload in enumerate(payloads)),
                )
                _add_totals(db, entries)
                db.execute("UPDATE meta SET last_seq = :last_seq", {"last_seq": last})
            self._last_seq = last
            return range(first, last + 1)

    def pending(self, *, after: int = 0, entries: int = RUN_ENTRIES, size: int = RUN_BYTES) -> Run | None:
        """Return the first uncovered run beyond `after`; see `Outbox.pending`."""
        with self._lock, self._translated():
            span = next(self._coverage.gaps(max(after, self._pruned_to) + 1, self._last_seq), None)
            if span is None:
                return None
            rows: list[tuple[bytes]] = self._db.execute(
                "SELECT payload FROM entry WHERE seq BETWEEN :first AND :last ORDER BY seq",
                {"first": span[0], "last": min(span[1], span[0] + entries - 1)},
            ).fetchall()
        return Run(span[0], decode_entries(fitting([payload for (payload,) in rows], size)))

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

    def totals(self) -> Mapping[str, LineTotal]:
        """Return the cumulative crossings of each line."""
        with self._lock, self._translated():
            rows = self._db.execute("SELECT line, direction, crossings FROM total ORDER BY line").fetchall()
        counts = {(line, direction): crossings for line, direction, crossings in rows}
        return {line: LineTotal(counts.get((line, "in"), 0), counts.get((line, "out"), 0)) for line, _, _ in rows}

    def prune(self) -> int:
        """Drop what is past its retention, at most 10 000 entries a call; see `Outbox.prune`."""
        with self._lock:
            delivered = next(self._coverage.gaps(self._pruned_to + 1, self._last_seq + 1))[0] - 1
            cutoff = int((self._now() - self._retention).timestamp())
            with self._transaction() as db:
                bounds = {"delivered": delivered, "cutoff": cutoff, "most": self._pruned_to + _PRUNE_ROWS + 1}
                row = db.execute(_FIRST_KEPT, bounds).fetchone()
                pruned_to: int = row[0] - 1 if row else delivered
                db.execute("DELETE FROM entry WHERE seq <= :pruned_to", {"pruned_to": pruned_to})
                db.execute("UPDATE meta SET pruned_to = :pruned_to", {"pruned_to": pruned_to})
            count, self._pruned_to = pruned_to - self._pruned_to, pruned_to
            return count

    def close(self) -> None:
        """Release the file."""
        with self._lock:
            self._db.close()

    def _renew(self, *, received: Coverage) -> None:
        """Begin a new epoch with what neither the last receipt nor `received` covers, in its order, from seq 1."""
        delivered = Coverage.of([*self._coverage.ranges, *received.ranges], last_seq=self._last_seq)
        with self._transaction() as db:
            rows: list[tuple[bytes, int]] = []
            for first, last in delivered.gaps(self._pruned_to + 1, self._last_seq):
                rows += db.execute("SELECT payload, appended_at FROM entry WHERE seq BETWEEN ? AND ?", (first, last))
            for table in ("entry", "covered", "total"):
                db.execute(f"DELETE FROM {table}")  # noqa: S608  # our own names
            db.executemany(
                "INSERT INTO entry (seq, payload, appended_at) VALUES (?, ?, ?)",
                ((seq, payload, at) for seq, (payload, at) in enumerate(rows, start=1)),
            )
            _add_totals(db, decode_entries(payload for payload, _ in rows))
            db.execute(
                "UPDATE meta SET epoch = :epoch, last_seq = :last_seq, pruned_to = 0, receipt_at = NULL",
                {"epoch": str(uuid4()), "last_seq": len(rows)},
            )
        self._receipt_at, self._opened_at_seq = None, 0
        self._load()

    def _load(self) -> None:
        epoch, last_seq, pruned_to, receipt_at = self._db.execute(
            "SELECT epoch, last_seq, pruned_to, receipt_at FROM meta"
        ).fetchone()
        self._epoch, self._last_seq, self._pruned_to = UUID(epoch), int(last_seq), int(pruned_to)
        if receipt_at:
            self._receipt_at = datetime.fromisoformat(receipt_at)
        spans = self._db.execute("SELECT first, last FROM covered").fetchall()
        self._coverage = Coverage.of(spans, last_seq=self._last_seq)

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


def _add_totals(db: sqlite3.Connection, entries: Sequence[Entry]) -> None:
    """Add the crossings among `entries` to the cumulative totals."""
    db.executemany(
        _ADD_TOTAL,
        [
            {"line": line, "direction": direction, "crossings": count}
            for (line, direction), count in crossings_of(entries).items()
        ],
    )
