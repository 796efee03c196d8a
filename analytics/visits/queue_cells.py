"""Queues in cells of an hour of a day, and which of them may be told, whatever else is asked.

Waits rest on single people, and periods overlap: what is told of a period is the union of cells that may be told each
by itself, or of a calendar week's cells of one hour together. So no difference of two periods is a cell of few, nor is
one of the week and of the hours of its days, which programs are told elsewhere (`hours`): docs/adr/0042.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from analytics.statistics.suppression import Relation, protected
from analytics.statistics.time_cells import withheld_in_time
from analytics.visits.queueing import QueueExit

#: A cell, an hour of the week, or a day of it, within one part.
_Key = tuple[Literal["cell", "hour", "day", "all"], int, int]


@dataclass(frozen=True, slots=True)
class Sample:
    """Sums of a quarter-hour's samples: people seen in all of them, and how many samples there were."""

    at: datetime
    length_sum: float
    samples: int


@dataclass(frozen=True, slots=True)
class Cell:
    """One hour of a business day; `hour` is the wall clock's, 24 and more after midnight."""

    hour: int
    exits: tuple[QueueExit, ...]
    samples: tuple[Sample, ...]

    @property
    def joins(self) -> int:
        """People who left a queue."""
        return len(self.exits)

    @property
    def waited(self) -> int:
        """Of these who may have been served: whose waits are told."""
        return sum(one.served is not False for one in self.exits)

    @property
    def ended(self) -> int:
        """Of these of whom it is known how their wait ended."""
        return sum(one.served is not None for one in self.exits)

    @property
    def present(self) -> int:
        """People of whom at least it is known that they stood there: one may stand in an hour and leave in the next."""
        return max(self.joins, int(any(one.length_sum > 0 for one in self.samples)))


Day = Sequence[Cell]


def is_told(day: Day, *, k: int) -> bool:
    """Return whether waits of a day may be told: nobody queued, or `k` people at least."""
    return not any(0 < sum(count) < k for count in (_joins(day), _waited(day), _ended(day)))


def told_hours(parts: Sequence[Sequence[Day]], *, k: int) -> Mapping[int, Sequence[Cell]]:
    """Return by hour the cells that may be told together; an hour of which none may has none.

    Each part is the days of a whole calendar week, or one day. Days that may not be told are left out of it.
    """
    found: dict[int, list[Cell]] = {cell.hour: [] for part in parts for day in part for cell in day}
    for part in parts:
        days = [day for day in part if is_told(day, k=k)]
        hidden = _hidden_hours(days, k) if len(part) > 1 else set()
        for day in days:
            few = [False] * len(day) if len(part) > 1 else _hidden_cells(day, k)
            for cell, hide in zip(day, few, strict=True):
                if not hide and cell.hour not in hidden:
                    found[cell.hour].append(cell)
    return found


def _joins(day: Day) -> list[int]:
    return [cell.joins for cell in day]


def _waited(day: Day) -> list[int]:
    return [cell.waited for cell in day]


def _ended(day: Day) -> list[int]:
    return [cell.ended for cell in day]


def _present(day: Day) -> list[int]:
    return [cell.present for cell in day]


def _hidden_cells(day: Day, k: int) -> list[bool]:
    """Return which hours of a day are withheld, by any of its counts."""
    counts = (_joins(day), _waited(day), _ended(day), _present(day))
    return [any(one) for one in zip(*(withheld_in_time(count, k=k) for count in counts), strict=True)]


def _hidden_hours(days: Sequence[Day], k: int) -> set[int]:
    """Return which hours of a week are withheld: those of few, and those that tell of a day's withheld hour."""
    hours = sorted({cell.hour for day in days for cell in day})
    hidden: set[int] = set()
    for counted in (_joins, _waited, _ended, _present):
        sums = dict.fromkeys(hours, 0)
        for day in days:
            for cell, count in zip(day, counted(day), strict=True):
                sums[cell.hour] += count
        hidden |= {hour for hour, few in zip(hours, withheld_in_time(list(sums.values()), k=k), strict=True) if few}
    # By how many left it hours of days are told elsewhere; by the other counts, as a day by itself is told here.
    of_joins = [withheld_in_time(_joins(day), k=k) for day in days]
    of_all = [_hidden_cells(day, k) for day in days]
    for counted, cells in ((_joins, of_joins), (_waited, of_all), (_ended, of_all)):
        hidden |= _telling([counted(day) for day in days], days, cells, hidden, k)
    return hidden


def _telling(
    counts: Sequence[Sequence[int]], days: Sequence[Day], few: Sequence[Sequence[bool]], hidden: set[int], k: int
) -> set[int]:
    """Return which hours must be withheld beside the `hidden`: days' sums and all cells but the `few` are shown."""
    people: dict[_Key, int | None] = {("all", 0, 0): sum(map(sum, counts))}
    in_hour: dict[int, list[_Key]] = {cell.hour: [] for day in days for cell in day}
    in_day: list[list[_Key]] = [[] for _ in days]
    hours = dict.fromkeys(in_hour, 0)
    for at, (day, own) in enumerate(zip(days, counts, strict=True)):
        people["day", at, 0] = sum(own)
        for place, (cell, count) in enumerate(zip(day, own, strict=True)):
            hours[cell.hour] += count
            if few[at][place]:
                people["cell", at, place] = count
                in_hour[cell.hour].append(("cell", at, place))
                in_day[at].append(("cell", at, place))
    people |= {("hour", hour, 0): count for hour, count in hours.items()}
    relations: list[Relation[_Key]] = [Relation(("hour", hour, 0), tuple(cells)) for hour, cells in in_hour.items()]
    relations += [Relation(("day", at, 0), tuple(cells)) for at, cells in enumerate(in_day) if cells]
    relations.append(Relation(("all", 0, 0), tuple(("hour", hour, 0) for hour in hours)))
    shown: list[_Key] = [("all", 0, 0), *(("day", at, 0) for at in range(len(days)))]
    # An hour of which every cell is shown is known, whatever is withheld of it here.
    gone: list[_Key] = [key for key in people if key[0] == "cell"] + [
        ("hour", hour, 0) for hour in hidden if in_hour[hour]
    ]
    found: frozenset[_Key] = protected(people, relations, k=k, public=shown, hidden=gone)
    return {at for kind, at, _ in found if kind == "hour"}
