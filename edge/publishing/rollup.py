"""Roll-up: what a box without room writes in place of single entries, and how it states what it had to let go of.

Pure. What a sum loses is told in docs/architecture.md: the single moments within a quarter-hour, registers between the
last ones of each, and how long a single stay or wait was within its class of length.
"""

from bisect import bisect_right
from collections.abc import Callable, Hashable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from msgspec import UNSET
from msgspec.structs import replace

from contract.entries import (
    CameraUptime,
    Crossing,
    Entry,
    Flow,
    Heat,
    LineLoss,
    Loss,
    Occupancy,
    QueueExit,
    QueueSample,
    Register,
    Summary,
    ZoneVisit,
)
from contract.types import LossReason
from edge.publishing.outbox import crossings_of

_QUARTER_S: Final = 900
#: Edges of the classes of length, seconds. A length at an edge belongs to the class above, so that "at least 10 s" is
#: still true of as many stays: thresholds that people set are edges.
_CLASSES_S: Final = (
    1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 25, 30, 40, 45, 60, 75, 90, 120, 150, 180, 240, 300, 420, 600, 900, 1_200,
    1_800, 2_700, 3_600, 5_400, 7_200,
)  # fmt: skip
#: The contract's bounds of a period and of a cell.
_PERIOD_MAX_S: Final = 900.0
_CELL_MAX: Final = 90_000
_LINES_MAX: Final = 64


def summed_up(entries: Iterable[Entry]) -> list[Entry]:
    """Return fewer entries that say the same of each quarter-hour. What has no rule stays as it is."""
    alike: dict[Hashable, list[Any]] = {}
    for index, entry in enumerate(entries):
        rule = _RULES.get(type(entry))
        key = index if rule is None else (type(entry), _quarter(entry), *rule[0](entry))
        alike.setdefault(key, []).append(entry)
    merged: list[Entry] = []
    for group in alike.values():
        merged += group if len(group) == 1 else _RULES[type(group[0])][1](group)
    return merged


def loss_of(entries: Sequence[Entry], seqs: int, reason: LossReason) -> Loss:
    """Return the statement that `entries`, which stand for `seqs`, are let go of; `entries` is not empty."""
    # One that names seqs says nothing about entries of here, and is said anew when it is asked for anew.
    losses = [entry for entry in entries if isinstance(entry, Loss) and not entry.seqs]
    moments = [entry.at for entry in entries] + [loss.until for loss in losses]
    counts = crossings_of(entries)
    for loss in losses:
        seqs += 0 if loss.reason == "budget" else loss.entries or 0  # a budget's loss stands for its seqs alone
        for line in loss.lines:
            counts[line.line, "in"] += line.ins
            counts[line.line, "out"] += line.outs
    lines = sorted({line for line, _ in counts})[:_LINES_MAX]
    return Loss(
        at=min(moments),
        until=max(moments),
        reason=reason,
        entries=seqs,
        lines=[LineLoss(line, counts[line, "in"], counts[line, "out"]) for line in lines],
        # One loss has room for one: the latest of several that were never told.
        epoch=next((loss.epoch for loss in reversed(losses) if loss.epoch), UNSET),
    )


def _counted(group: Sequence[Any]) -> list[Entry]:
    return [Summary(len(group), replace(group[0], at=_mean_at(group)))]


def _stayed(group: Sequence[ZoneVisit]) -> list[Entry]:
    return [Summary(len(group), replace(group[0], at=_mean_at(group), dwell_s=_mean(e.dwell_s for e in group)))]


def _waited(group: Sequence[QueueExit]) -> list[Entry]:
    return [Summary(len(group), replace(group[0], at=_mean_at(group), wait_s=_mean(e.wait_s for e in group)))]


def _warmed(group: Sequence[Heat]) -> list[Entry]:
    cells = [sum(cell) for cell in zip(*(e.person_s for e in group), strict=True)]
    return [replace(group[0], person_s=cells)] if max(cells) <= _CELL_MAX else list(group)


def _joined(uptimes: Sequence[CameraUptime]) -> list[Entry]:
    joined: list[CameraUptime] = []
    for uptime in uptimes:
        last = joined[-1] if joined else None
        if last is None or last.period_s + uptime.period_s > _PERIOD_MAX_S:
            joined.append(uptime)
            continue
        period_s = round(last.period_s + uptime.period_s, 3)
        up_s = min(period_s, round(last.up_s + uptime.up_s, 3))
        joined[-1] = replace(last, period_s=period_s, up_s=up_s)
    return list(joined)


def _quarter(entry: Any) -> int:
    return int(entry.at.timestamp() // _QUARTER_S)


def _class(length_s: float) -> int:
    return bisect_right(_CLASSES_S, length_s)


def _mean_at(group: Sequence[Any]) -> datetime:
    first: datetime = group[0].at
    mean: datetime = first + sum((entry.at - first for entry in group), timedelta()) / len(group)
    return mean


def _mean(lengths_s: Iterable[float]) -> float:
    every = list(lengths_s)
    return round(sum(every) / len(every), 6)


#: Of each kind: what entries of one quarter-hour that can be summed up have in common, and their sum.
_RULES: Final[dict[type[Entry], tuple[Callable[[Any], tuple[Hashable, ...]], Callable[[Any], list[Entry]]]]] = {
    Crossing: (lambda e: (e.line, e.direction, e.staff, e.group_size), _counted),
    ZoneVisit: (lambda e: (e.zone, e.censored, e.staff, _class(e.dwell_s)), _stayed),
    QueueExit: (lambda e: (e.zone, e.outcome, _class(e.wait_s)), _waited),
    QueueSample: (lambda e: (e.zone, e.length), _counted),
    Occupancy: (lambda e: (e.zone, e.people), _counted),
    Register: (lambda e: (e.line,), lambda group: [group[-1]]),
    CameraUptime: (lambda e: (e.camera,), _joined),
    Heat: (lambda e: (e.at, e.camera, e.columns, e.rows), _warmed),
    Flow: (
        lambda e: (e.at, e.from_zone, e.to_zone),
        lambda group: [replace(group[0], people=sum(e.people for e in group))],
    ),
}
