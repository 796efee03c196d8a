"""Setting aside: entries that the database refuses for their values, so that they hold up nothing else.

A batch that is refused is halved until what is refused stands alone. That becomes a dead letter of its own, and in its
place in the ledger stands a loss: the batch counts as received, and its box does not send it for ever. Replaying the
letter takes both back.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from msgspec import UNSET, structs

from contract.codec import encode
from contract.entries import Loss
from contract.messages import LedgerBatch
from contract.topics import topic
from ingest.database import Cursor
from ingest.dead_letters import DeadLetter, unstored
from ingest.errors import UnstorableError
from ingest.names import Placed, group_by_kind
from ingest.ranges import SeqSet, multirange
from ingest.sql_blocks import load_blocks

_SQL: Final = load_blocks("ledger")
#: SQLSTATE classes that blame a value: data exceptions and broken constraints.
_OF_A_VALUE: Final = ("22", "23")
#: So many attempts of one batch may fail: a dozen refused entries among 2 000 need no more.
FAILURES_MAX: Final = 150
#: More than so many, and none that is taken: it is not the values, and the box had better keep the batch.
ALL_REFUSED_MAX: Final = 3


@dataclass(frozen=True, slots=True)
class Refused:
    """A part of a batch that the database refuses, and its words."""

    part: Placed
    reason: str

    @property
    def letter(self) -> DeadLetter:
        """Return what is kept of it for people."""
        batch = self.part.batch
        return unstored(topic(batch.store, batch.device, "ledger"), encode(batch), self.reason, batch)

    @property
    def stand_in(self) -> Placed:
        """Return the loss that takes its place."""
        batch = self.part.batch
        moments = [entry.at for entry in batch.entries]
        seqs = batch.run_end - batch.first_seq + 1
        loss = Loss(
            min(moments), max(moments), "refused", seqs, epoch=batch.epoch, seqs=[(batch.first_seq, batch.run_end)]
        )  # fmt: skip
        return replace(self.part, batch=structs.replace(batch, entries=[loss]), by_kind={Loss: [loss]})


def of_a_value(error: UnstorableError) -> bool:
    """Return whether a value is to blame, and not the database."""
    return (error.sqlstate or "")[:2] in _OF_A_VALUE


def halves(placed: Placed) -> Iterator[Placed]:
    """Yield the halves of a batch, none where it cannot be parted: one entry, or sums that stand for a run together."""
    batch = placed.batch
    if len(batch.entries) == 1 or batch.covers is not UNSET:
        return
    middle = len(batch.entries) // 2
    for start, entries in ((0, batch.entries[:middle]), (middle, batch.entries[middle:])):
        part = structs.replace(batch, first_seq=batch.first_seq + start, entries=entries)
        yield replace(placed, batch=part, by_kind=group_by_kind(entries))


def take_back(cursor: Cursor, batch: LedgerBatch) -> None:
    """Have what of `batch` was set aside be missing again, so that it can be stored."""
    whose = {"store": batch.store, "device": batch.device, "epoch": str(batch.epoch)}
    cursor.execute(_SQL["lock_named"], whose)
    for (epoch_id,) in cursor.fetchall():
        run = multirange([(batch.first_seq, batch.run_end)])
        cursor.execute(_SQL["no_longer_aside"], {"epoch_id": epoch_id, "run": run})
        aside = multirange([span for (seqs,) in cursor.fetchall() for span in SeqSet.parse(seqs)])
        cursor.execute(_SQL["take_back"], {"epoch_id": epoch_id, "seqs": aside})
