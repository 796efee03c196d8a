"""A new epoch in an outbox's file: what is not delivered, numbered anew from seq 1. Inside a transaction."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

from contract.entries import Entry
from edge.publishing.coverage import Coverage
from edge.publishing.outbox import Run, crossings_of, decode_entries, encode_entries
from edge.publishing.outbox_budget import read_run, write_run
from edge.publishing.rollup import loss_of

_ADD_TOTAL: Final = """
INSERT INTO total (line, direction, crossings) VALUES (:line, :direction, :crossings)
ON CONFLICT (line, direction) DO UPDATE SET crossings = crossings + excluded.crossings
"""


@dataclass(frozen=True, slots=True)
class Piece:
    """Entries that follow one another; `covers`: how many seqs they stand for together, if they are sums or a loss."""

    entries: Sequence[Entry]
    covers: int | None
    appended_at: int


def begin_epoch(db: sqlite3.Connection, delivered: Coverage, first: int, last: int) -> None:
    """Keep what of `first`…`last` is not in `delivered`, in its order, under a new epoch."""
    pieces = list(_undelivered(db, delivered, first, last))
    for table in ("entry", "run", "covered", "sent", "total"):
        db.execute(f"DELETE FROM {table}")  # noqa: S608  # our own names
    db.execute(
        "UPDATE meta SET epoch = :epoch, last_seq = :last_seq, pruned_to = 0, receipt_at = NULL",
        {"epoch": str(uuid4()), "last_seq": put_pieces(db, pieces)},
    )


def put_pieces(db: sqlite3.Connection, pieces: Iterable[Piece]) -> int:
    """Write `pieces` into an empty outbox, from seq 1 on; return the last seq."""
    seq = 0
    for piece in pieces:
        if piece.covers is None:
            put_entries(db, piece.entries, seq + 1, piece.appended_at)
        else:
            write_run(db, Run(seq + 1, list(piece.entries), piece.covers))
            add_totals(db, piece.entries)
        seq += len(piece.entries) if piece.covers is None else piece.covers
    return seq


def put_entries(db: sqlite3.Connection, entries: Sequence[Entry], first: int, appended_at: int) -> None:
    """Write single entries from seq `first` on, and add their crossings to the totals.

    Raises:
        EntryError: an entry breaks the contract.
    """
    db.executemany(
        "INSERT INTO entry (seq, payload, appended_at) VALUES (?, ?, ?)",
        ((seq, payload, appended_at) for seq, payload in enumerate(encode_entries(entries), start=first)),
    )
    add_totals(db, entries)


def add_totals(db: sqlite3.Connection, entries: Sequence[Entry]) -> None:
    """Add the crossings among `entries` to the cumulative totals."""
    counts = crossings_of(entries).items()
    db.executemany(_ADD_TOTAL, [{"line": line, "direction": way, "crossings": count} for (line, way), count in counts])


def _undelivered(db: sqlite3.Connection, delivered: Coverage, first: int, last: int) -> Iterator[Piece]:
    for low, high in delivered.gaps(first, last):
        at = low
        while (run := read_run(db, at, high)) is not None:
            yield from _singles(db, at, run.first_seq - 1)
            start, end = max(low, run.first_seq), min(high, run.last_seq)
            seqs = end - start + 1
            # A sum of which ingest has a part cannot be sent under other seqs: the part would be counted twice.
            whole = seqs == run.covers
            yield Piece(run.entries if whole else [loss_of(run.entries, seqs, "overlap")], seqs, 0)
            at = run.last_seq + 1
        yield from _singles(db, at, high)


def _singles(db: sqlite3.Connection, first: int, last: int) -> Iterator[Piece]:
    rows = db.execute("SELECT payload, appended_at FROM entry WHERE seq BETWEEN ? AND ? ORDER BY seq", (first, last))
    for payload, appended_at in rows.fetchall():
        yield Piece(decode_entries([payload]), None, appended_at)
