"""The outbox: everything a device has counted, kept until ingest's receipt covers it.

Entries get contiguous seqs from 1 within an epoch. The newest receipt is the truth about what is delivered: coverage
is replaced by it, not united with it, so a server restored from a backup gets again what it has lost. A covered entry
is kept for the retention time, then pruned, oldest first. Where the disk budget is reached, covered ones go before
their time; then the oldest uncovered ones are summed up; then they are dropped, and a drop is an entry itself.
"""

import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol
from uuid import UUID

import msgspec

from contract import codec
from contract.entries import Crossing, Entry, Summary, weight_of
from contract.messages import Receipt
from edge.errors import EntryError
from edge.publishing.coverage import Coverage

logger = logging.getLogger(__name__)

#: Covered entries stay at least so long, for the day when a server comes back from an old backup.
RETENTION_MIN: Final = timedelta(days=30)
#: A receipt that is older than the last one by less than this is a straggler and ignored. A larger step back means that
#: the server's clock was set back: it is accepted, because believing too little only costs a re-send.
STRAGGLER: Final = timedelta(minutes=5)
#: Default size of one run: well below the contract's limits for a batch.
RUN_ENTRIES: Final = 1_000
RUN_BYTES: Final = 128 * 1024

_ENCODER: Final = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Run:
    """A contiguous run of uncovered entries: entry i has seq `first_seq` + i.

    Where `covers` is given, the entries are sums or a loss and stand together for that many seqs.
    """

    first_seq: int
    entries: list[Entry]
    covers: int | None = None

    @property
    def last_seq(self) -> int:
        """Return the last seq that the run stands for."""
        return self.first_seq + (self.covers or len(self.entries)) - 1


@dataclass(frozen=True, slots=True)
class LineTotal:
    """A line's cumulative crossings in this epoch."""

    in_total: int = 0
    out_total: int = 0


class Outbox(Protocol):
    """What a publisher and an agent need of an outbox. Safe to use from several threads."""

    @property
    def epoch(self) -> UUID:
        """Return the epoch: new with each new outbox file."""
        ...

    @property
    def last_seq(self) -> int:
        """Return the highest assigned seq, 0 before the first."""
        ...

    @property
    def pruned_to(self) -> int:
        """Return the highest seq that is no longer kept, 0 if none was pruned."""
        ...

    @property
    def queue_depth(self) -> int:
        """Return how many kept entries the newest receipt does not cover."""
        ...

    @property
    def coverage(self) -> Coverage:
        """Return what the newest receipt covers."""
        ...

    def oldest_at(self) -> datetime | None:
        """Return the moment of the oldest kept entry; None: nothing is kept."""
        ...

    def append(self, entries: Sequence[Entry]) -> range:
        """Store `entries` durably, all or none, add their crossings to the totals, and return their seqs.

        Raises:
            EntryError: an entry breaks the contract; nothing was stored.
            OutboxError: the disk refused.
        """
        ...

    def pending(self, *, after: int = 0, entries: int = RUN_ENTRIES, size: int = RUN_BYTES) -> Run | None:
        """Return the first uncovered run beyond seq `after`: at most `entries` long and `size` bytes as JSON.

        A single entry larger than `size` is a run of its own, and so is each run that was summed up. None: nothing is
        uncovered beyond `after`.
        """
        ...

    def leaving(self, run: Run) -> None:
        """Take note, durably, that `run` is about to be sent: from now on ingest may have it, so it is not summed up.

        Raises:
            OutboxError: the disk refused.
        """
        ...

    def apply_receipt(self, receipt: Receipt) -> bool:
        """Replace the coverage by the receipt's; return False for a straggler, which changes nothing.

        A receipt for seqs that were never assigned here means that this outbox is an old copy (a disk image put back):
        going on in its epoch would use seqs twice, and ingest would take new entries for old ones. Then a new epoch
        begins, with what is not yet received numbered from 1.
        """
        ...

    def again(self, ranges: Iterable[tuple[int, int]]) -> int:
        """Take these closed ranges for not received, until a receipt says otherwise; return how many are kept here."""
        ...

    def totals(self) -> Mapping[str, LineTotal]:
        """Return the cumulative crossings of each line that has had one in this epoch."""
        ...

    def prune(self) -> int:
        """Drop entries past their retention that lie before the first uncovered one, and return how many.

        Then keep the disk budget, where there is one.
        """
        ...

    def close(self) -> None:
        """Release the file. The outbox cannot be used afterwards."""
        ...


def encode_entries(entries: Sequence[Entry]) -> list[bytes]:
    """Return each entry as JSON, checked: what is stored can be sent.

    Raises:
        EntryError: an entry breaks the contract; names the entry's index and the field.
    """
    try:
        rows = [_ENCODER.encode(entry) for entry in entries]
        kept = decode_entries(rows)
    except (TypeError, ValueError) as error:
        raise EntryError(f"expected entries of the contract, got one that it refuses: {error}") from error
    if kept != list(entries):
        # E.g. bytes, which would be kept as base64.
        raise EntryError("expected entries of the contract, got one with a field of another type")
    return rows


def decode_entries(rows: Iterable[bytes]) -> list[Entry]:
    """Return the entries of stored rows.

    Raises:
        msgspec.ValidationError: a row breaks the contract.
    """
    return codec.decode_entries(b"[" + b",".join(rows) + b"]")


def fitting(rows: Sequence[bytes], size: int) -> Sequence[bytes]:
    """Return the longest prefix of `rows` of at most `size` bytes, commas included; at least one row."""
    total = 0
    for index, row in enumerate(rows):
        total += len(row) + 1
        if total > size and index:
            return rows[:index]
    return rows


def crossings_of(entries: Iterable[Entry]) -> Counter[tuple[str, str]]:
    """Return how many crossings `entries` hold, by line and direction."""
    counts: Counter[tuple[str, str]] = Counter()
    for entry in entries:
        single = entry.entry if isinstance(entry, Summary) else entry
        if isinstance(single, Crossing):
            counts[single.line, single.direction] += weight_of(entry)
    return counts


def receipted(receipt: Receipt, epoch: UUID, last_seq: int) -> Coverage:
    """Return what `receipt` covers of an epoch; an epoch that it does not name is not covered at all."""
    ranges = [span for named in receipt.epochs if named.epoch == epoch for span in named.ranges]
    return Coverage.of(ranges, last_seq=last_seq)


def kept_of(ranges: Iterable[tuple[int, int]], pruned_to: int, last_seq: int) -> Coverage:
    """Return what of `ranges` lies beyond `pruned_to` and not beyond `last_seq`."""
    pruned = Coverage.of([(1, pruned_to)], last_seq=pruned_to)
    return Coverage.of(ranges, last_seq=last_seq).without(pruned)


def is_old_copy(receipt: Receipt, epoch: UUID, last_seq: int) -> bool:
    """Return whether ingest has received seqs of `epoch` that this outbox has not assigned yet."""
    highest = max((last for named in receipt.epochs if named.epoch == epoch for _, last in named.ranges), default=0)
    if highest <= last_seq:
        return False
    logger.error(
        "ingest has received seq %d of epoch %s, this outbox has assigned %d: it is an old copy. A new epoch begins",
        highest, epoch, last_seq, extra={"action": "outbox_old_copy"},
    )  # fmt: skip
    return True


def is_straggler(receipt: Receipt, newest: datetime | None) -> bool:
    """Return whether `receipt` was overtaken by a newer one on its way."""
    if newest is None or receipt.at >= newest:
        return False
    if newest - receipt.at < STRAGGLER:
        return True
    logger.warning(
        "receipt of %s is older than the last one of %s: the server's clock was set back; taking the older as true",
        receipt.at.isoformat(), newest.isoformat(), extra={"action": "receipt_clock_back"},
    )  # fmt: skip
    return False
