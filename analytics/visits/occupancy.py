"""Occupancy: who is inside, from the doors alone.

Σ in - Σ out since the business day's reset. Every miscount stays in the sum: where it would fall below zero it is held
there, and what was held back is the drift that the screen shows. The reset itself is an event that is seen: what was
left over when the day before closed (Σ in - Σ out, which should be nobody) is what it throws away.

Where both directions of every door are audited, an interval says how many people the two sums stand for, one less the
other. It grows with everybody who came and went: in the evening it says less than in the morning.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from analytics.days import Slice
from analytics.facts import bucket_facts
from analytics.figure import Figure, figure
from analytics.quality.accuracy import UNAUDITED, StoreAccuracy
from analytics.queries import Connection
from analytics.statistics.miscount import difference

#: Who opens the shop comes in so long before it opens, at most.
_EARLY: Final = timedelta(hours=3)


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
    audited: StoreAccuracy = UNAUDITED,
) -> Occupancy:
    """Return the occupancy after `flows`, (in, out) per bucket in order of time since the reset.

    `known` is False where nothing was counted: then the value is None.
    """
    each = list(flows)
    *_, (inside, drift) = [(0, 0), *levels(each)]
    between = people_between(sum(ins for ins, _ in each), sum(outs for _, outs in each), inside, audited)
    value = float(inside) if known else None
    people = figure("occupancy", value, as_of=as_of, completeness=completeness, interval=between)
    return Occupancy(people, drift, since, left_over)


def people_between(ins: int, outs: int, inside: int, audited: StoreAccuracy) -> tuple[float, float] | None:
    """Return between how many people are inside, 95 %, where `ins` and `outs` were counted since the reset.

    It reaches up to what the count was lifted to: that lies outside of what audits found. None where a door is not
    audited both ways.
    """
    if audited.visitors is None or audited.leavers is None:
        return None
    low, _, high = difference(audited.visitors.truth_of(ins), audited.leavers.truth_of(outs))
    return max(0.0, low), max(high, inside)


def levels(flows: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield after each bucket's (in, out) how many are inside, never below zero, and the drift so far."""
    inside = drift = 0
    for ins, outs in flows:
        inside += ins - outs
        if inside < 0:
            drift -= inside
            inside = 0
        yield inside, drift


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


def read_early(connection: Connection, days: Sequence[Slice]) -> list[int]:
    """Return how many more came in than went out in the hours before each slice begins: those who open the shop.

    Raises:
        DatabaseError: the database could not be asked.
    """
    before = [replace(one, from_at=one.from_at - _EARLY, until=one.from_at, till_until=one.from_at) for one in days]
    inside = [0] * len(days)
    for one in bucket_facts(connection, before):
        inside[one.slice] += one.ins + one.staff_ins - one.outs - one.staff_outs
    return inside
