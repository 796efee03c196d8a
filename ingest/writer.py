"""The ledger writer: batches into the fact tables, each entry once and only once.

One transaction for many batches: lock their outbox epochs in id order, subtract what was received, COPY what is new,
unite the ranges, commit. A redelivery changes nothing, order does not matter, and two workers never deadlock.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from msgspec import UNSET

from contract.entries import CameraUptime, Entry, Loss
from contract.messages import LedgerBatch, Receipt
from ingest.database import Cursor, Database
from ingest.dead_letters import LETTERS_MAX, DeadLetter, keep
from ingest.errors import RejectedError, UnavailableError, UnstorableError
from ingest.lateness import LATE_AFTER, Late
from ingest.names import Names, Placed, group_by_kind
from ingest.ranges import SeqSet, Span, int_array, multirange, multirange_array
from ingest.receipts import read_receipts
from ingest.rows import TABLE_OF_KIND, Group, RowStream
from ingest.setting_aside import ALL_REFUSED_MAX, FAILURES_MAX, Refused, halves, of_a_value
from ingest.sql_blocks import load_blocks

logger = logging.getLogger(__name__)

_SQL: Final = load_blocks("ledger")


@dataclass(slots=True)
class Written:
    """What became of some batches.

    `entries` (seqs) were new, `duplicates` were here already; `refused` says by index why a batch is not stored;
    `receipts` holds one for each device whose batches are; `set_aside` are the dead letters that parts
    of batches became.
    """

    entries: int = 0
    duplicates: int = 0
    refused: dict[int, RejectedError] = field(default_factory=dict)
    receipts: list[Receipt] = field(default_factory=list)
    set_aside: list[DeadLetter] = field(default_factory=list)


@dataclass(slots=True)
class _Fresh:
    """What of some batches is new, and of that what is late."""

    late: Late
    groups: dict[type[Entry], list[Group]] = field(default_factory=lambda: defaultdict(list))
    added: dict[int, list[Span]] = field(default_factory=dict)
    summed: dict[int, list[Span]] = field(default_factory=dict)
    last_seqs: dict[int, int] = field(default_factory=dict)
    entries: int = 0
    duplicates: int = 0

    def noted(self, kind: type[Entry]) -> Iterator[Group]:
        """Yield what is new of a kind, and note what of it is late: while the server takes in what was before it."""
        for group in self.groups[kind]:
            self.late.note(kind, group.entries, store_id=group.ids.store_id, filling=group.filling)
            yield group


class LedgerWriter:
    """Writes batches through one connection. Not shared between threads."""

    def __init__(self, database: Database, names: Names, *, letters_max: int = LETTERS_MAX) -> None:
        self._database = database
        self._letters_max = letters_max
        self._names = names
        self._counts_from: dict[int, datetime] = {}

    def forget(self) -> None:
        """Start anew: the database may be another one now."""
        self._names.forget()
        self._counts_from.clear()

    def write(self, batches: Sequence[LedgerBatch]) -> Written:
        """Commit the batches; when this returns, they are stored or refused.

        Raises:
            UnavailableError, MisconfiguredError: try all of it again; what was committed will be found to be here.
        """
        placed, refused = self._names.place(self._database, batches)
        written = Written(refused=refused)
        if placed:
            self._write_isolating(placed, written)
        return written

    def _write_isolating(self, placed: Sequence[Placed], written: Written) -> None:
        """Write all in one transaction; where one of them is poison, halve until it stands alone."""
        try:
            self._write_once(placed, written)
        except UnstorableError as error:
            if len(placed) == 1:
                self._write_parts(placed[0], error, written)
                return
            middle = len(placed) // 2
            self._write_isolating(placed[:middle], written)
            self._write_isolating(placed[middle:], written)

    def _write_parts(self, whole: Placed, error: UnstorableError, written: Written) -> None:
        """Write what of a refused batch can be stored, and set the rest aside; refuse it where its values are fine."""
        waiting, aside, failures, taken = [whole], list[Refused](), 0, 0
        while waiting:
            part = waiting.pop()
            try:
                self._write_once([part], written)
                taken += 1
            except UnstorableError as refusal:
                failures += 1
                smaller = list(halves(part))
                waiting += smaller
                if not smaller:
                    aside.append(Refused(part, str(refusal)))
                if failures > FAILURES_MAX or not of_a_value(refusal):
                    break
        if waiting or not of_a_value(error) or (not taken and len(aside) > ALL_REFUSED_MAX):
            written.refused[whole.index] = RejectedError(str(error))
            return
        for refused in aside:
            self._write_once([refused.stand_in], written, letters=[refused.letter])
            written.set_aside.append(refused.letter)
            logger.warning(
                "%s/%s: set aside, the rest of its batch is stored: %s",
                whole.batch.store, whole.batch.device, refused.reason, extra={"action": "entry_set_aside"},
            )  # fmt: skip

    def _write_once(self, placed: Sequence[Placed], written: Written, letters: Sequence[DeadLetter] = ()) -> None:
        with self._database.transaction() as cursor:
            if letters:
                keep(cursor, letters, most=self._letters_max)
            received, now = self._lock(cursor, {each.epoch_id for each in placed})
            fresh = self._subtract(placed, received, Late(before=now - LATE_AFTER))
            for kind in fresh.groups:
                table = TABLE_OF_KIND[kind]
                cursor.copy_expert(table.copy, RowStream(table, fresh.noted(kind)))
            since = self._new_counts_from(fresh.groups.get(CameraUptime, ()))
            if since:
                values = {"camera_ids": list(since), "since": list(since.values())}
                cursor.execute(_SQL["counts_from"], values)
            cursor.execute(_SQL["unite"], _united(fresh))
            if fresh.late.rows:
                cursor.execute(_SQL["late"], fresh.late.columns())
            receipts = read_receipts(cursor, {each.device_id for each in placed})
        self._counts_from.update(since)
        written.entries += fresh.entries
        written.duplicates += fresh.duplicates
        written.receipts += receipts

    def _lock(self, cursor: Cursor, epoch_ids: set[int]) -> tuple[dict[int, SeqSet], datetime]:
        """Return what was received by epoch, and the moment that the transaction's rows are received at."""
        cursor.execute(_SQL["lock"], {"epoch_ids": int_array(sorted(epoch_ids))})
        found = cursor.fetchall()
        if len(found) < len(epoch_ids):
            self._names.forget()
            raise UnavailableError("the ledger's book-keeping was changed by someone else: reading it anew")
        return {epoch_id: SeqSet.parse(text) for epoch_id, text, _ in found}, found[0][2]

    def _subtract(self, placed: Iterable[Placed], received: dict[int, SeqSet], late: Late) -> _Fresh:
        """Return what is new, and take it into `received`: batches of one call may overlap, too."""
        fresh = _Fresh(late)
        for each in placed:
            batch, here = each.batch, received[each.epoch_id]
            gaps = here.missing(batch.first_seq, batch.run_end)
            filling = here.reaches_beyond(batch.run_end)
            new = 0
            for low, high in gaps:
                new += high - low + 1
                here.add(low, high)
            for kind, entries in _new_of(each, gaps):
                fresh.groups[kind].append(Group(entries, each.ids, each.epoch_id, filling))
            fresh.added.setdefault(each.epoch_id, []).extend(gaps)
            if batch.covers is not UNSET:
                fresh.summed.setdefault(each.epoch_id, []).extend(gaps)
            fresh.last_seqs[each.epoch_id] = max(fresh.last_seqs.get(each.epoch_id, 0), batch.last_seq)
            fresh.entries += new
            fresh.duplicates += batch.run_end - batch.first_seq + 1 - new
        return fresh

    def _new_counts_from(self, groups: Iterable[Group]) -> dict[int, datetime]:
        """Return by camera id, ascending, the earliest uptime where it is earlier than any seen."""
        earliest: dict[int, datetime] = {}
        for group in groups:
            for entry in group.entries:
                camera_id = group.ids.cameras[entry.camera]
                if camera_id not in earliest or entry.at < earliest[camera_id]:
                    earliest[camera_id] = entry.at
        known = self._counts_from
        return {
            camera_id: at
            for camera_id, at in sorted(earliest.items())
            if camera_id not in known or at < known[camera_id]
        }


def _new_of(placed: Placed, gaps: Sequence[Span]) -> Iterator[tuple[type[Entry], list[Any]]]:
    """Yield by kind what of a batch lies in `gaps`, the part of it that is not here yet.

    A sum cannot be taken in part: where some of what it stands for is here, the rest is lost, and that is what is kept.
    """
    batch = placed.batch
    if gaps == [(batch.first_seq, batch.run_end)]:
        yield from placed.by_kind.items()
    elif batch.covers is UNSET:
        for low, high in gaps:
            yield from group_by_kind(batch.entries[low - batch.first_seq : high - batch.first_seq + 1]).items()
    elif gaps:
        lost = _lost(batch, sum(high - low + 1 for low, high in gaps))
        logger.warning(
            "%s/%s: some of the seqs %d to %d that came as a sum are here already, %d others are lost",
            batch.store, batch.device, batch.first_seq, batch.run_end, lost.entries, extra={"action": "sum_overlaps"},
        )  # fmt: skip
        yield Loss, [lost]


def _lost(batch: LedgerBatch, entries: int) -> Loss:
    moments = [each.at for each in batch.entries]
    moments += [each.until for each in batch.entries if isinstance(each, Loss)]
    return Loss(at=min(moments), until=max(moments), reason="overlap", entries=entries)


def _united(fresh: _Fresh) -> dict[str, str]:
    epoch_ids = sorted(fresh.added)
    return {
        "epoch_ids": int_array(epoch_ids),
        "added": multirange_array(multirange(fresh.added[epoch_id]) for epoch_id in epoch_ids),
        "summed": multirange_array(multirange(fresh.summed.get(epoch_id, ())) for epoch_id in epoch_ids),
        "last_seqs": int_array(fresh.last_seqs[epoch_id] for epoch_id in epoch_ids),
    }
