"""How stores compare and how far targets are met, reckoned once more in plain Python: nothing of ours is used.

A day is what one store's door and till made of one date; everything is a loop over days, to be read against
docs/kpis.md.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class Day:
    """What a store's door and till say of a date; `counted` is the share of the opening time that was watched."""

    visitors: float
    sales: float
    net: float
    counted: float = 1.0


@dataclass(frozen=True)
class PlainStore:
    """A store with what it is compared by; `since` is its first day."""

    code: str
    since: date
    days: Mapping[date, Day]
    kind: str | None = None
    tier: int | None = None
    size_m2: float | None = None


#: Of a store's period: each day with the one that it is compared with.
Pairs = Sequence[tuple[date, date]]


def a_year_before(days: Sequence[date]) -> Pairs:
    """Ordinary days meet the same weekday 52 weeks before."""
    return [(day, day - timedelta(weeks=52)) for day in days]


def takes_part(store: PlainStore, pairs: Pairs) -> bool:
    """Whether a store was open for a year before all of it, and watched for 95 % of each day on both sides."""
    first = min(day for day, _ in pairs)
    year_earlier = date(first.year - 1, first.month, min(first.day, 28) if first.month == 2 else first.day)
    if store.since > year_earlier or any(store.since > before for _, before in pairs):
        return False
    return all(
        one in store.days and store.days[one].counted >= 0.95 and not math.isnan(store.days[one].visitors)
        for pair in pairs
        for one in pair
    )


def grown(stores: Sequence[PlainStore], pairs: Pairs) -> tuple[list[str], float | None, float | None]:
    """Who takes part in like for like, and how their visitors and net sales grew."""
    taking = [store for store in stores if takes_part(store, pairs)]
    after, before = [0.0, 0.0], [0.0, 0.0]
    for store in taking:
        for day, earlier in pairs:
            for side, one in ((after, store.days[day]), (before, store.days[earlier])):
                side[0] += one.visitors
                side[1] += one.net
    growth = [now / then - 1 if taking and then else None for now, then in zip(after, before, strict=True)]
    return sorted(store.code for store in taking), growth[0], growth[1]


def peers_of(store: PlainStore, stores: Sequence[PlainStore]) -> list[str]:
    """The stores of one kind, one class of city, and half to double its floor; three at least, of something known."""
    found = []
    for other in stores:
        if other.code == store.code or (other.kind, other.tier) != (store.kind, store.tier):
            continue
        if store.size_m2 is None or other.size_m2 is None:
            fits = store.size_m2 is None and other.size_m2 is None
        else:
            fits = store.size_m2 / 2 <= other.size_m2 <= store.size_m2 * 2
        if fits:
            found.append(other.code)
    nothing_known = store.kind is None and store.tier is None and store.size_m2 is None
    return [] if nothing_known or len(found) < 3 else sorted(found)


def places_among(own: str, intervals: Mapping[str, tuple[float, float]]) -> tuple[int, int, int]:
    """The best and the worst place of a store, and of how many: those wholly above it, and those wholly below."""
    low, high = intervals[own]
    above = sum(1 for one in intervals.values() if one[0] > high)
    below = sum(1 for one in intervals.values() if one[1] < low)
    return 1 + above, len(intervals) - below, len(intervals)


def summed(
    days: Mapping[date, Day], targets: Mapping[date, float | None], metric: str
) -> tuple[float, float, int] | None:
    """What the days with a target brought together, what they should have, and how many there were.

    A rate's target weighs each day by who came. None where no such day was measured.
    """
    reached, wanted, weight, count = 0.0, 0.0, 0.0, 0
    for day, target in targets.items():
        one = days.get(day)
        if one is None or not target:
            continue
        if metric == "conversion":
            if one.visitors <= 0:
                continue
            reached += one.sales
            wanted += target * one.visitors
            weight += one.visitors
        else:
            reached += one.visitors if metric == "visitors" else one.net
            wanted += target
        count += 1
    if not count:
        return None
    return (reached / weight, wanted / weight, count) if metric == "conversion" else (reached, wanted, count)
