"""Occupancy hour by hour: who is inside at the end of each hour of a store's business days.

From one told moment to the next lie hours of whole groups of those who came in, went out, and of staff who leave: so
the differences tell of no hour that `traffic` keeps back.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import accumulate, groupby
from typing import Final

from analytics.days import BUCKET, Slice, quarter, wall_hour
from analytics.facts import JUST_PARTIAL, UPTIME_LAG, bucket_facts, bucket_uptime
from analytics.figure import Figure, figure, suppressed
from analytics.quality.accuracy import UNAUDITED, StoreAccuracy
from analytics.queries import Connection
from analytics.statistics.time_cells import levels_told
from analytics.stores import Store
from analytics.visits.occupancy import levels, people_between, read_early, visitor_flows

_NOBODY: Final = (0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Moment:
    """People inside at the end of an hour of a business day; `withheld`: it would tell of an hour of few."""

    business_date: date
    until: datetime
    people: Figure
    withheld: bool


@dataclass(frozen=True, slots=True)
class Quarter:
    """What was counted in 15 minutes: visitors in and out, staff in and out; seconds expected and counted."""

    at: datetime
    crossed: tuple[int, int, int, int]
    up_s: float
    expected_s: float
    lost: bool


def occupancy_day(
    store: Store,
    day: Slice,
    quarters: Sequence[Quarter],
    *,
    early: int,
    known: bool,
    k: int,
    audited: StoreAccuracy = UNAUDITED,
) -> list[Moment]:
    """Return who was inside at the end of each hour; `early` people were inside when the day began.

    `known` is False where nothing was counted. Complete is what was counted since the shop opened.
    """
    flows = list(visitor_flows((one.crossed for one in quarters), early=early))
    inside = [people for people, _ in levels(flows)]
    crossed = list(accumulate(flows, lambda so_far, one: (so_far[0] + one[0], so_far[1] + one[1])))
    hours = [list(some) for _, some in groupby(range(len(quarters)), key=lambda at: wall_hour(store, quarters[at].at))]
    # Staff who leave as visitors are the difference of two sums of those who went out.
    late = [out - one.crossed[1] for (_, out), one in zip(flows, quarters, strict=True)]
    by_hour = [
        [sum(flow[at] for at in hour) for hour in hours]
        for flow in ([one.crossed[0] for one in quarters], [one.crossed[1] for one in quarters], late)
    ]
    told = levels_told(by_hour[:2], untold=by_hour[2], k=k)
    found = []
    for hour, shown in zip(hours, told, strict=True):
        until = min(quarters[hour[-1]].at + BUCKET, day.until)
        value = float(inside[hour[-1]]) if known else None
        between = people_between(*crossed[hour[-1]], inside[hour[-1]], audited)
        counted = _counted(quarters[: hour[-1] + 1])
        people = figure("occupancy", value, as_of=until, completeness=counted, interval=between)
        found.append(Moment(day.business_date, until, people if shown else suppressed(people), not shown))
    return found


def peak(moments: Iterable[Moment]) -> Figure | None:
    """Return the figure of the moment with most people inside of those that are told; None where none is."""
    told = [one.people for one in moments if one.people.value is not None]
    return max(told, key=lambda one: one.value or 0.0, default=None)


def read_occupancy(
    connection: Connection,
    store: Store,
    slices: Sequence[Slice],
    *,
    now: datetime,
    k: int,
    audited: StoreAccuracy = UNAUDITED,
) -> list[Moment]:
    """Return who was inside at the end of each hour of slices, each of a business day from its opening on.

    Raises:
        DatabaseError: the database could not be asked.
    """
    days = [one for one in slices if not one.empty]
    if not days:
        return []
    early = read_early(connection, days)
    crossed = {
        (one.slice, one.bucket): (one.ins, one.outs, one.staff_ins, one.staff_outs)
        for one in bucket_facts(connection, days)
    }
    ends = [min(one.until, now - UPTIME_LAG) for one in days]
    watched = {
        (one.slice, one.bucket): (one.up_s, one.expected_s, one.lost)
        for one in bucket_uptime(connection, days, until=ends)
    }
    found = []
    for place, one in enumerate(days):
        quarters = _quarters(one, place, crossed, watched)
        known = any(each.up_s > 0 or each.crossed != _NOBODY for each in quarters)
        found += occupancy_day(store, one, quarters, early=early[place], known=known, k=k, audited=audited)
    return found


def _quarters(
    day: Slice,
    place: int,
    crossed: Mapping[tuple[int, datetime], tuple[int, int, int, int]],
    watched: Mapping[tuple[int, datetime], tuple[float, float, bool]],
) -> list[Quarter]:
    found = []
    at = quarter(day.from_at)
    while at < day.until:
        found.append(Quarter(at, crossed.get((place, at), _NOBODY), *watched.get((place, at), (0.0, 0.0, False))))
        at += BUCKET
    return found


def _counted(quarters: Sequence[Quarter]) -> float | None:
    expected = sum(one.expected_s for one in quarters)
    if expected <= 0:
        return None
    share = min(1.0, sum(one.up_s for one in quarters) / expected)
    return min(share, JUST_PARTIAL) if any(one.lost for one in quarters) else share
