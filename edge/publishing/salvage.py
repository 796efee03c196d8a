"""Salvage: what of a corrupt outbox can still be delivered, and the statement of what cannot.

Only entries that certainly never left are taken over: under a new epoch ingest would count the others twice if it has
them. What cannot be read, and what left without a receipt, is stated as lost: at most so many.
"""

import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID

import msgspec
from msgspec import UNSET

from contract.entries import Loss
from edge.publishing.coverage import Coverage
from edge.publishing.outbox import decode_entries
from edge.publishing.outbox_budget import read_run
from edge.publishing.outbox_epoch import Piece, put_pieces

logger = logging.getLogger(__name__)

#: Rows read at once; where one of them cannot be read, they are read one by one.
_READ: Final = 200


@dataclass(frozen=True, slots=True)
class _Book:
    """What a corrupt outbox says about itself."""

    epoch: UUID
    last_seq: int
    pruned_to: int
    covered: Coverage
    sent: Coverage
    receipt_at: datetime | None


def salvage(kept: Path, db: sqlite3.Connection, *, now: Callable[[], datetime], epoch: UUID | None) -> None:
    """Write into the new outbox `db` what the corrupt one at `kept` still has, and before it what is lost.

    `epoch` is what it was called, where it cannot say so itself any more; None: nobody knows.
    """
    try:
        with closing(sqlite3.connect(f"{kept.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)) as old:
            book = _book(old)
            pieces = list(_pieces(old, book))
    except (sqlite3.Error, ValueError, TypeError):
        book, pieces = None, []
    undelivered = 0
    if book is None:
        moment = now()
        loss = Loss(at=moment, until=moment, reason="corrupt", entries=None, epoch=epoch or UNSET)
    else:
        undelivered = book.covered.missing(book.pruned_to + 1, book.last_seq)
        rescued = sum(len(piece.entries) if piece.covers is None else piece.covers for piece in pieces)
        at = min(book.receipt_at or now(), now())
        loss = Loss(at=at, until=now(), reason="corrupt", entries=max(0, undelivered - rescued), epoch=book.epoch)
        logger.warning(
            "%d of %d undelivered entries salvaged from %s",
            rescued, undelivered, kept, extra={"action": "outbox_salvaged"},
        )  # fmt: skip
    # Also where all of it is salvaged: it comes under other seqs, and those of its epoch never do.
    if loss.entries != 0 or undelivered:
        pieces.insert(0, Piece([loss], None, 0))
    try:
        db.execute("BEGIN IMMEDIATE")
        db.execute("UPDATE meta SET last_seq = :last_seq", {"last_seq": put_pieces(db, pieces)})
        db.execute("COMMIT")
    except sqlite3.Error as error:
        # Counting goes first: an empty outbox is better than none.
        if db.in_transaction:
            db.execute("ROLLBACK")
        logger.error("nothing salvaged, the disk refuses: %s", error, extra={"action": "salvage_failed"})  # noqa: TRY400  # it says it all


def _book(old: sqlite3.Connection) -> _Book:
    epoch, last_seq, pruned_to, receipt_at = old.execute(
        "SELECT epoch, last_seq, pruned_to, receipt_at FROM meta"
    ).fetchone()
    covered, sent = (
        Coverage.of(old.execute(f"SELECT first, last FROM {table}").fetchall(), last_seq=last_seq)  # noqa: S608  # ours
        for table in ("covered", "sent")
    )
    receipted_at = datetime.fromisoformat(receipt_at) if receipt_at else None
    return _Book(UUID(epoch), last_seq, pruned_to, covered, sent, receipted_at)


def _pieces(old: sqlite3.Connection, book: _Book) -> Iterator[Piece]:
    """Yield what never left and can be read, in order."""
    settled = Coverage.of([*book.covered.ranges, *book.sent.ranges], last_seq=book.last_seq)
    for first, last in settled.gaps(book.pruned_to + 1, book.last_seq):
        for low in range(first, last + 1, _READ):
            yield from _readable(old, low, min(last, low + _READ - 1))


def _readable(old: sqlite3.Connection, first: int, last: int) -> Iterator[Piece]:
    try:
        run = read_run(old, first, last)
        if run is not None and run.first_seq >= first:
            yield Piece(run.entries, run.covers, 0)
        rows = old.execute("SELECT payload FROM entry WHERE seq BETWEEN ? AND ? ORDER BY seq", (first, last)).fetchall()
        entries = decode_entries(payload for (payload,) in rows)
    except (sqlite3.Error, msgspec.DecodeError, UnicodeDecodeError):
        if first < last:
            middle = (first + last) // 2
            yield from _readable(old, first, middle)
            yield from _readable(old, middle + 1, last)
        return
    if entries:
        yield Piece(entries, None, 0)
