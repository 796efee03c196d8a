"""Fact rows as COPY text, one function per kind of entry: the hot path's inner loops.

Text is made while the server takes in what was made before (`RowStream`), so the two costs overlap. Tight loops over
decoded entries, nothing else is allocated per row but its line of text. Names are already ids, in dictionaries.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import msgspec

from contract.entries import (
    Audit,
    AuditTally,
    CameraUptime,
    Crossing,
    Entry,
    Flow,
    Heat,
    Loss,
    Occupancy,
    QueueExit,
    QueueSample,
    Register,
    ZoneVisit,
)
from ingest.ranges import multirange

_ENCODER: Final = msgspec.json.Encoder()
_NULL: Final = "\\N"
_BOOL: Final = {True: "t", False: "f", None: _NULL}
_GROUP_SIZE: Final[dict[int | None, str]] = {None: _NULL, **{size: str(size) for size in range(1, 51)}}
#: Rows per piece of text handed to the server: a few socket buffers' worth.
_PIECE: Final = 500


@dataclass(frozen=True, slots=True)
class Ids:
    """What the names in one store's entries are in the database."""

    store_id: int
    lines: dict[str, int]
    zones: dict[str, int]
    cameras: dict[str, int]


@dataclass(frozen=True, slots=True)
class Group:
    """Entries of one kind, all of one store and one epoch; `filling`: later ones of it were here before them."""

    entries: Sequence[Any]
    ids: Ids
    epoch_id: int
    filling: bool = False


RowsOf: TypeAlias = Callable[[Sequence[Any], Ids, int], list[str]]


def _instants(entries: Sequence[Any]) -> list[str]:
    """Return the entries' `at` as text: msgspec writes a list of them ten times faster than Python one by one."""
    return _ENCODER.encode([e.at for e in entries]).decode("ascii")[2:-2].split('","')


def _crossing(entries: Sequence[Crossing], ids: Ids, _epoch_id: int) -> list[str]:
    flag, group_size = _BOOL, _GROUP_SIZE
    # Few lines, two directions: the middle of each row is made once.
    middle = {
        (name, direction): f"\t{ids.store_id}\t{line_id}\t{'t' if direction == 'in' else 'f'}\t"
        for name, line_id in ids.lines.items()
        for direction in ("in", "out")
    }
    return [
        f"{at}{middle[e.line, e.direction]}{flag[e.staff]}\t{group_size[e.group_size]}\n"
        for at, e in zip(_instants(entries), entries, strict=True)
    ]


def _zone_visit(entries: Sequence[ZoneVisit], ids: Ids, _epoch_id: int) -> list[str]:
    store, zones, flag = ids.store_id, ids.zones, _BOOL
    return [
        f"{at}\t{store}\t{zones[e.zone]}\t{e.dwell_s}\t{flag[e.censored]}\t{flag[e.staff]}\n"
        for at, e in zip(_instants(entries), entries, strict=True)
    ]


def _queue_sample(entries: Sequence[QueueSample], ids: Ids, _epoch_id: int) -> list[str]:
    store, zones = ids.store_id, ids.zones
    return [f"{at}\t{store}\t{zones[e.zone]}\t{e.length}\n" for at, e in zip(_instants(entries), entries, strict=True)]


def _queue_exit(entries: Sequence[QueueExit], ids: Ids, _epoch_id: int) -> list[str]:
    store, zones, flag = ids.store_id, ids.zones, _BOOL
    return [
        f"{at}\t{store}\t{zones[e.zone]}\t{e.wait_s}\t{flag[e.outcome == 'served']}\n"
        for at, e in zip(_instants(entries), entries, strict=True)
    ]


def _occupancy(entries: Sequence[Occupancy], ids: Ids, _epoch_id: int) -> list[str]:
    store, zones = ids.store_id, ids.zones
    return [f"{at}\t{store}\t{zones[e.zone]}\t{e.people}\n" for at, e in zip(_instants(entries), entries, strict=True)]


def _heat(entries: Sequence[Heat], ids: Ids, _epoch_id: int) -> list[str]:
    store, cameras = ids.store_id, ids.cameras
    return [
        f"{at}\t{store}\t{cameras[e.camera]}\t{e.columns}\t{e.rows}\t{{{','.join(map(str, e.person_s))}}}\n"
        for at, e in zip(_instants(entries), entries, strict=True)
    ]


def _flow(entries: Sequence[Flow], ids: Ids, _epoch_id: int) -> list[str]:
    store = ids.store_id
    zones: dict[str | None, int | str] = {None: _NULL}
    zones.update(ids.zones)
    return [
        f"{at}\t{store}\t{zones[e.from_zone]}\t{zones[e.to_zone]}\t{e.people}\n"
        for at, e in zip(_instants(entries), entries, strict=True)
    ]


def _register(entries: Sequence[Register], ids: Ids, epoch_id: int) -> list[str]:
    store, lines = ids.store_id, ids.lines
    return [
        f"{at}\t{store}\t{lines[e.line]}\t{epoch_id}\t{e.in_total}\t{e.out_total}\n"
        for at, e in zip(_instants(entries), entries, strict=True)
    ]


def _camera_uptime(entries: Sequence[CameraUptime], ids: Ids, _epoch_id: int) -> list[str]:
    store, cameras = ids.store_id, ids.cameras
    return [
        f"{at}\t{store}\t{cameras[e.camera]}\t{e.period_s}\t{e.up_s}\n"
        for at, e in zip(_instants(entries), entries, strict=True)
    ]


def _tally(one: AuditTally) -> str:
    return f"{one.truth}\t{one.counted}\t{one.matched}"


def _audit(entries: Sequence[Audit], ids: Ids, _epoch_id: int) -> list[str]:
    store, lines, flag = ids.store_id, ids.lines, _BOOL
    return [
        f"{at}\t{store}\t{lines[e.line]}\t{e.duration_s}\t{e.auditor}\t{flag[e.complete]}\t{e.lag_s}"
        f"\t{_tally(e.ins)}\t{_tally(e.outs)}\n"
        for at, e in zip(_instants(entries), entries, strict=True)
    ]


def _loss(entries: Sequence[Loss], ids: Ids, epoch_id: int) -> list[str]:
    # Names alone are text in `lines`, and a name needs no escaping.
    return [
        f"{at}\t{e.until.isoformat()}\t{ids.store_id}\t{epoch_id}\t{e.reason}\t{_count(e.entries)}"
        f"\t{_ENCODER.encode(e.lines).decode('ascii')}\t{e.epoch or _NULL}"
        f"\t{multirange(e.seqs) if e.seqs else _NULL}\n"
        for at, e in zip(_instants(entries), entries, strict=True)
    ]


def _count(number: int | None) -> str:
    return _NULL if number is None else str(number)


@dataclass(frozen=True, slots=True)
class FactTable:
    """Where one kind of entry is kept, and how its rows are written."""

    name: str
    columns: str
    rows_of: RowsOf

    @property
    def copy(self) -> str:
        """The statement that takes the rows in; `received_at` is the database's own clock."""
        return f"COPY {self.name} ({self.columns}) FROM STDIN"


TABLE_OF_KIND: Final[dict[type[Entry], FactTable]] = {
    Crossing: FactTable("crossing", "at, store_id, line_id, inward, staff, group_size", _crossing),
    ZoneVisit: FactTable("zone_visit", "at, store_id, zone_id, dwell_s, censored, staff", _zone_visit),
    QueueSample: FactTable("queue_sample", "at, store_id, zone_id, length", _queue_sample),
    QueueExit: FactTable("queue_exit", "at, store_id, zone_id, wait_s, served", _queue_exit),
    Occupancy: FactTable("occupancy_sample", "at, store_id, zone_id, people", _occupancy),
    Heat: FactTable("heat", "at, store_id, camera_id, columns, rows, person_s", _heat),
    Flow: FactTable("flow", "at, store_id, from_zone_id, to_zone_id, people", _flow),
    Register: FactTable("line_register", "at, store_id, line_id, epoch_id, in_total, out_total", _register),
    CameraUptime: FactTable("camera_uptime", "at, store_id, camera_id, period_s, up_s", _camera_uptime),
    Audit: FactTable(
        "line_audit",
        "at, store_id, line_id, duration_s, auditor, complete, lag_s, "
        "in_truth, in_counted, in_matched, out_truth, out_counted, out_matched",
        _audit,
    ),
    Loss: FactTable("ledger_loss", "at, until, store_id, epoch_id, reason, entries, lines, of_epoch, of_seqs", _loss),
}


class RowStream:
    """A file that psycopg2's COPY reads from: each read makes the next piece of text."""

    def __init__(self, table: FactTable, groups: Iterable[Group]) -> None:
        self._pieces = _pieces(table, groups)

    def read(self, _size: int = -1, /) -> bytes:
        """Return the next rows, of any length; empty at the end."""
        return next(self._pieces, b"")

    #: psycopg2 asks for it and never calls it.
    readline = read


def _pieces(table: FactTable, groups: Iterable[Group]) -> Iterator[bytes]:
    rows: list[str] = []
    for group in groups:
        for start in range(0, len(group.entries), _PIECE):
            rows += table.rows_of(group.entries[start : start + _PIECE], group.ids, group.epoch_id)
            if len(rows) >= _PIECE:
                yield "".join(rows).encode("ascii")
                rows = []
    if rows:
        yield "".join(rows).encode("ascii")
