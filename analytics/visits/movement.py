"""Movement: where people went next and where they spent their time, summed over a day.

Over several days only those are summed on which a step may be told on its own, and of warmth those on which enough
came in: so periods that overlap differ by whole told days, and no difference of theirs is a day of few.

Nobody is followed beyond a step. Steps are lower bounds: who is lost on the way, or goes on in another camera's
picture, leaves the step uncounted.
`known_share` says of how many stays the step that led to them was seen.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

from analytics.days import Slice
from analytics.figure import Figure, figure
from analytics.queries import Connection, rows
from analytics.statistics.suppression import K_INSIDE, withheld
from analytics.visits.kpis import ratio

#: So many steps are told one by one.
STEPS_MAX: Final = 8


@dataclass(frozen=True, slots=True)
class Step:
    """So many people went from one zone straight to another; None is outside the shop."""

    from_zone: str | None
    to_zone: str | None
    people: int

    def figure(self, *, as_of: datetime, completeness: float | None) -> Figure:
        """Return how many they were as a figure: a lower bound, without an interval."""
        return figure("steps", float(self.people), as_of=as_of, completeness=completeness)


@dataclass(frozen=True, slots=True)
class Warmth:
    """Person-seconds per cell of one camera's picture, row by row from the top left."""

    camera: str
    columns: int
    rows: int
    person_s: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Movement:
    """A day's movement.

    Attributes:
        steps: those of enough people to be told, most first, at most `STEPS_MAX`.
        held_back: how many more steps there were, withheld or left out.
        known_share: stays to which a step was seen, of all stays; None without any stay.
        warmth: per camera, of the days on which enough people were in the shop to show where they stood.
    """

    steps: tuple[Step, ...]
    held_back: int
    known_share: float | None
    warmth: tuple[Warmth, ...]


def movement(days: Sequence[Sequence[Step]], stays: int, warmth: Sequence[Warmth]) -> Movement:
    """Return the movement that may be shown; `days` holds the steps of each, `warmth` that of days of enough people."""
    told = shown_steps(days)
    return Movement(
        steps=told[:STEPS_MAX],
        held_back=held_back(days, told) + max(0, len(told) - STEPS_MAX),
        known_share=known_share(days, stays),
        warmth=tuple(warmth),
    )


def shown_steps(days: Sequence[Sequence[Step]], *, k: int = K_INSIDE) -> tuple[Step, ...]:
    """Return the steps that may be told one by one, most people first: each over the days on which it may be."""
    told = together([_told(steps, k) for steps in days])
    return tuple(sorted(told, key=lambda step: -step.people))


def held_back(days: Sequence[Sequence[Step]], told: Sequence[Step]) -> int:
    """Return how many ways are not among those told at all."""
    every = {(step.from_zone, step.to_zone) for steps in days for step in steps if step.people}
    return len(every) - len(told)


def together(days: Sequence[Sequence[Step]]) -> list[Step]:
    """Return the steps of all days as those of one."""
    people: Counter[tuple[str | None, str | None]] = Counter()
    for steps in days:
        for step in steps:
            people[step.from_zone, step.to_zone] += step.people
    return [Step(*way, count) for way, count in people.items()]


def known_share(days: Sequence[Sequence[Step]], stays: int) -> float | None:
    """Return of how many of the stays the step that led to them was seen; None without any stay."""
    seen = sum(step.people for steps in days for step in steps if step.to_zone is not None)
    share = ratio(float(seen), float(stays))
    return None if share is None else min(1.0, share)


def warm(grids: Iterable[Warmth]) -> tuple[Warmth, ...]:
    """Return the sum of each camera's grids, by its name; of grids of two shapes that which holds more."""
    sums: dict[tuple[str, int, int], Warmth] = {}
    for one in grids:
        shape = (one.camera, one.columns, one.rows)
        before = sums[shape].person_s if shape in sums else (0,) * len(one.person_s)
        both = tuple(first + second for first, second in zip(before, one.person_s, strict=True))
        sums[shape] = replace(one, person_s=both)
    fullest = sorted(sums.values(), key=lambda one: (one.camera, sum(one.person_s)))
    return tuple({one.camera: one for one in fullest}.values())


def read_movement(connection: Connection, slices: Sequence[Slice], *, visitors: Sequence[float | None]) -> Movement:
    """Return the movement in slices of one store, a business day each, on which `visitors` came in; there is one.

    Raises:
        DatabaseError: the database could not be asked.
    """
    store_id = slices[0].store_id
    days, stays = read_steps(connection, store_id, slices)
    enough = [came is not None and came >= K_INSIDE for came in visitors]
    grids = [
        Warmth(camera, columns, lines, tuple(person_s))
        for told, run in groupby(zip(slices, enough, strict=True), key=itemgetter(1))
        if told
        for camera, columns, lines, person_s in _read_warmth(connection, [one for one, _ in run])
    ]
    return movement(days, stays, warm(grids))


def read_warmth_sums(connection: Connection, store_id: int, slices: Sequence[Slice], *, k: int) -> dict[str, float]:
    """Return the person-seconds in each camera's picture over those slices of one store with `k` stays in its zones.

    Of a camera without zones nothing is known of how many those were who stood there: it is left out.

    Raises:
        DatabaseError: the database could not be asked.
    """
    spans = {"from_at": [one.from_at for one in slices], "until": [one.until for one in slices]}
    return dict(rows(connection, "warmth_sums", of_store=store_id, k=k, slice=list(range(len(slices))), **spans))


def read_steps(connection: Connection, store_id: int, slices: Sequence[Slice]) -> tuple[list[list[Step]], int]:
    """Return every step in each slice of one store, exact, and how many stays there were.

    Raises:
        DatabaseError: the database could not be asked.
    """
    spans = {"of_store": store_id, "from_at": [one.from_at for one in slices], "until": [one.until for one in slices]}
    ((stays,),) = rows(connection, "stays_begun", **spans)
    days: list[list[Step]] = [[] for _ in slices]
    for place, *step in rows(connection, "steps", slice=list(range(len(slices))), **spans):
        days[place].append(Step(*step))
    return days, stays


def _read_warmth(connection: Connection, run: Sequence[Slice]) -> list[tuple[Any, ...]]:
    """Return the grids of business days that follow one another: nights between them are empty."""
    return rows(connection, "warmth", store_id=run[0].store_id, from_at=run[0].from_at, until=run[-1].until)


def _told(steps: Sequence[Step], k: int) -> list[Step]:
    hidden = withheld([step.people for step in steps], k=k)
    return [step for step, hide in zip(steps, hidden, strict=True) if step.people and not hide]
