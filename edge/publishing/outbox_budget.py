"""The outbox's disk budget: how large it is, and its rows in fewer bytes.

A run that stands for many seqs is one row of the table `run`; the entries that it replaces are gone in the same
transaction. Its bounds never change once it may have been sent: ingest takes it whole or not at all.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Final

from contract import codec
from contract.entries import Entry, Loss
from contract.messages import BATCH_ENTRIES_MAX
from edge.publishing.coverage import Coverage
from edge.publishing.outbox import RUN_BYTES, RUN_ENTRIES, Run, decode_entries, encode_entries
from edge.publishing.rollup import loss_of, summed_up

#: What the write-ahead log keeps of the disk: a reserve where it is full.
LOG_BYTES: Final = 1024 * 1024
#: Seqs put into one row at most: one transaction, short enough that counting does not wait long for the lock.
_PIECE: Final = 2_000
#: Fewer than this are not worth a row of their own.
_PIECE_MIN: Final = 20
#: The newest entries are kept as they are: they leave as soon as there is a way.
NEWEST_KEPT: Final = RUN_ENTRIES

_NEWEST: Final = """
SELECT max(COALESCE((SELECT max(appended_at) FROM entry WHERE seq BETWEEN :first AND :last), 0),
           COALESCE((SELECT max(appended_at) FROM run WHERE first BETWEEN :first AND :last), 0))
"""


def used_bytes(db: sqlite3.Connection) -> int:
    """Return the bytes that the outbox's rows take; not the pages that it will use again."""
    return (_pragma(db, "page_count") - _pragma(db, "freelist_count")) * _pragma(db, "page_size")


def fits(db: sqlite3.Connection, budget: int) -> bool:
    """Return whether the outbox's rows and its write-ahead log take at most `budget` bytes.

    The log is written back, but not cut off: on a disk that others have filled it is the room to go on in.
    """
    if used_bytes(db) <= budget - min(LOG_BYTES, budget // 8):
        return True
    db.execute("PRAGMA wal_checkpoint(RESTART)").fetchall()
    return False


def shrink(db: sqlite3.Connection, budget: int) -> None:
    """Give pages back to the disk where the file is larger than its budget: it was lowered since."""
    over = _pragma(db, "page_count") - budget // _pragma(db, "page_size")
    if over > 0 and _pragma(db, "freelist_count"):
        # Not execute(): it would take the first step of it, one page, and no more.
        db.executescript(f"PRAGMA incremental_vacuum({min(over, _PIECE)})")


def read_run(db: sqlite3.Connection, first: int, last: int) -> Run | None:
    """Return the first run of the table `run` that touches `first`…`last`."""
    row = db.execute(
        "SELECT first, last, payload FROM run WHERE last >= :first AND first <= :last ORDER BY first LIMIT 1",
        {"first": first, "last": last},
    ).fetchone()
    return None if row is None else Run(row[0], codec.decode_entries(row[2]), row[1] - row[0] + 1)


def oldest_kept(db: sqlite3.Connection) -> list[Entry]:
    """Return the oldest kept entry, or those of the run that is; empty where nothing is kept."""
    row = db.execute(
        "SELECT seq AS first, payload, true FROM entry WHERE seq = (SELECT min(seq) FROM entry)"
        " UNION ALL SELECT first, payload, false FROM run WHERE first = (SELECT min(first) FROM run)"
        " ORDER BY first LIMIT 1"
    ).fetchone()
    if row is None:
        return []
    return decode_entries([row[1]]) if row[2] else codec.decode_entries(row[1])


def write_run(db: sqlite3.Connection, run: Run) -> None:
    """Put `run` in the place of what has its seqs; inside a transaction."""
    payload = b"[" + b",".join(encode_entries(run.entries)) + b"]"
    values = {"first": run.first_seq, "last": run.last_seq, "payload": payload}
    (values["at"],) = db.execute(_NEWEST, values).fetchone()
    db.execute("DELETE FROM entry WHERE seq BETWEEN :first AND :last", values)
    db.execute("DELETE FROM run WHERE first BETWEEN :first AND :last", values)
    db.execute("INSERT INTO run (first, last, payload, appended_at) VALUES (:first, :last, :payload, :at)", values)


def sum_up(db: sqlite3.Connection, unsent: Coverage, first: int, last: int) -> Run | None:
    """Sum up the oldest single entries of `first`…`last` that never left; None where there are none worth it.

    `unsent` holds what did leave, or may have, and what is delivered. Inside a transaction.
    """
    runs = db.execute("SELECT first, last FROM run").fetchall()
    settled = Coverage.of([*unsent.ranges, *runs], last_seq=last)
    for low, high in settled.gaps(first, last):
        if high - low + 1 >= _PIECE_MIN:
            run = _summed(low, _rows(db, low, min(high, low + _PIECE - 1)))
            write_run(db, run)
            return run
    return None


def drop(db: sqlite3.Connection, coverage: Coverage, sent: Coverage, first: int, last: int) -> Run | None:
    """Put a loss in the place of the oldest undelivered entries of `first`…`last`; None where all are one already.

    It grows with the loss before it as long as that never left. Inside a transaction.
    """
    before: Run | None = None
    for low, high in _undelivered(db, coverage, first, last):
        run = read_run(db, low, low)
        if run is not None and _is_loss(run):
            before = run
            continue
        entries = run.entries if run is not None else _rows(db, low, high)
        start = low
        if before is not None and before.last_seq + 1 == low and not _left(before, sent):
            start, entries = before.first_seq, [*before.entries, *entries]
        seqs = high - start + 1
        lost = Run(start, [loss_of(entries, seqs, "budget")], seqs)
        write_run(db, lost)
        return lost
    return None


def _undelivered(db: sqlite3.Connection, coverage: Coverage, first: int, last: int) -> Iterator[tuple[int, int]]:
    """Yield the closed ranges of uncovered seqs: each a row of `run` that is not covered whole, or single entries."""
    runs: Sequence[tuple[int, int]] = db.execute("SELECT first, last FROM run ORDER BY first").fetchall()
    bounds = [span for span in runs if coverage.missing(*span)]
    singles = Coverage.of([*coverage.ranges, *runs], last_seq=last)
    for low, high in singles.gaps(first, last):
        bounds += [(start, min(high, start + _PIECE - 1)) for start in range(low, high + 1, _PIECE)]
    yield from sorted(span for span in bounds if span[0] <= last)


def _summed(first: int, rows: list[Entry]) -> Run:
    """Return the run of as many of `rows` as one message can carry when summed up."""
    while True:
        entries = summed_up(rows)
        if len(rows) == 1 or (
            len(entries) <= BATCH_ENTRIES_MAX and sum(map(len, encode_entries(entries))) <= RUN_BYTES
        ):
            return Run(first, entries, len(rows))
        rows = rows[: len(rows) // 2]


def _rows(db: sqlite3.Connection, first: int, last: int) -> list[Entry]:
    """Return single entries."""
    span = {"first": first, "last": last}
    rows = db.execute("SELECT payload FROM entry WHERE seq BETWEEN :first AND :last ORDER BY seq", span)
    return decode_entries(payload for (payload,) in rows)


def _left(run: Run, sent: Coverage) -> bool:
    """Return whether some of `run` may have been sent."""
    return sent.missing(run.first_seq, run.last_seq) < run.last_seq - run.first_seq + 1


def _is_loss(run: Run) -> bool:
    return len(run.entries) == 1 and isinstance(run.entries[0], Loss)


def _pragma(db: sqlite3.Connection, name: str) -> int:
    return int(db.execute(f"PRAGMA {name}").fetchone()[0])
