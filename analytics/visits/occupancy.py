"""Occupancy: who is inside, from the doors alone.

Σ in - Σ out since the business day's reset. Every miscount stays in the sum: where it would fall below zero it is held
there, and what was held back is the drift that the screen shows. The reset itself is an event that is seen: what was
left over when the day before closed (Σ in - Σ out, which should be nobody) is what it throws away.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from analytics.figure import Figure, figure


@dataclass(frozen=True, slots=True)
class Occupancy:
    """People inside now, how far the count had to be corrected (`drift`, people), and since when it runs.

    `since` is the reset; `left_over` is Σ in - Σ out of the finished day before, which the reset threw away; None where
    that day was not counted in full.
    """

    people: Figure
    drift: int
    since: datetime
    left_over: int | None = None


def occupancy(
    flows: Iterable[tuple[int, int]],
    *,
    since: datetime,
    as_of: datetime,
    completeness: float | None,
    known: bool = True,
    left_over: int | None = None,
) -> Occupancy:
    """Return the occupancy after `flows`, (in, out) per bucket in order of time since the reset.

    `known` is False where nothing was counted: then the value is None.
    """
    inside = drift = 0
    for ins, outs in flows:
        inside += ins - outs
        if inside < 0:
            drift -= inside
            inside = 0
    people = figure("occupancy", float(inside) if known else None, as_of=as_of, completeness=completeness)
    return Occupancy(people, drift, since, left_over)


def visitor_flows(flows: Iterable[tuple[int, int, int, int]], *, early: int = 0) -> Iterator[tuple[int, int]]:
    """Yield visitors (in, out) per bucket from visitors in, out and staff in, out.

    Some rules know staff only after a while in the shop: who came in as a visitor goes out as staff. As far as more
    staff go out than came in, and than the `early` people who were inside when the day began, those were counted among
    the visitors inside and leave them now.
    """
    ahead, counted = -max(0, early), 0
    for ins, outs, staff_ins, staff_outs in flows:
        ahead += staff_outs - staff_ins
        late = max(0, ahead - counted)
        counted += late
        yield ins, outs + late
