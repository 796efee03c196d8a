"""What happens inside, who worked and how stores compare, reckoned once more in plain Python: nothing of ours is used.

`tests.support.plain_reckoning` says who came and what was sold; this is the rest of docs/kpis.md.
"""

import itertools
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from contract.entries import Crossing, Flow, QueueExit, ZoneVisit
from tests.support.plain_reckoning import Heard, opening, till_closes, within

#: One shift on the floor: begin, end, minutes of unpaid break.
Shift = tuple[datetime, datetime, int]


def inside(heard: Heard, days: Sequence[date], queues: frozenset[str]) -> dict[str, float | None]:
    """Stays, ways and queues of some business days together."""
    spans = [span for day in days if (span := opening(heard.store, day)) is not None]
    stays: list[tuple[float, bool]] = []
    served, gave_up, walked, left = 0, 0, 0, 0
    for entry in heard.entries:
        if not any(within(entry.at, *span) for span in spans):
            continue
        if isinstance(entry, ZoneVisit) and entry.staff is not True and entry.zone not in queues:
            stays.append((entry.dwell_s, entry.censored))
        elif isinstance(entry, QueueExit):
            served += entry.outcome == "served"
            gave_up += entry.outcome != "served"
        elif isinstance(entry, Flow):
            walked += entry.people
        elif isinstance(entry, Crossing) and entry.line in {"door", "side-door"} and entry.staff is not True:
            left += entry.direction == "out"
    long = sum(dwell_s >= heard.engaged_after_s for dwell_s, _ in stays)
    return {
        "zone_visits": float(len(stays)),
        "engagement": long / len(stays),
        "dwell_p50": stay_quantile(stays, 0.5),
        "dwell_p90": stay_quantile(stays, 0.9),
        "abandonment": gave_up / (served + gave_up),
        "steps": float(walked),
        "leavers": float(left),
    }


def stay_quantile(stays: Sequence[tuple[float, bool]], p: float) -> float | None:
    """Kaplan and Meier, by hand: at each length at which somebody left, so many of those still there stay on."""
    remain = 1.0
    for length in sorted({dwell_s for dwell_s, censored in stays if not censored}):
        there = sum(dwell_s >= length for dwell_s, _ in stays)
        ended = sum(dwell_s == length and not censored for dwell_s, censored in stays)
        remain *= 1 - ended / there
        if remain <= 1 - p + 1e-12:
            return length
    return None


def waits(heard: Heard, now: datetime) -> dict[str, float | None]:
    """Half and nine in ten of the served of half an hour waited less: between the nearest two of five or more."""
    recent = sorted(
        entry.wait_s
        for entry in heard.entries
        if isinstance(entry, QueueExit) and now - timedelta(minutes=30) < entry.at
        and within(entry.at, now - timedelta(days=1), now) and entry.outcome == "served"
    )  # fmt: skip
    told = recent if len(recent) >= 5 else []
    return {"queue_wait_p50": _between(told, 0.5), "queue_wait_p90": _between(told, 0.9)}


def _between(values: Sequence[float], p: float) -> float | None:
    if not values:
        return None
    place = p * (len(values) - 1)
    low, high = values[math.floor(place)], values[math.ceil(place)]
    return low + (high - low) * (place - math.floor(place))


def sold_by_category(heard: Heard, days: Sequence[date], lying: Mapping[str, Sequence[str]]) -> dict[str, float]:
    """Orders, items and money of all categories together, and stops in the zones where each lies."""
    found = {"category_orders": 0.0, "category_units": 0.0, "category_sales": 0.0, "category_visits": 0.0}
    for day in days:
        span = opening(heard.store, day)
        if span is None:
            continue
        for order in heard.orders:
            at = datetime.fromtimestamp(order.closed_ms / 1000, UTC)
            if order.kind == "void" or order.is_test or order.channel != "in_store":
                continue
            if not within(at, span[0], till_closes(heard.store, day)):
                continue
            if order.kind == "sale":
                found["category_orders"] += len({line.category for line in order.lines})
            found["category_units"] += sum(line.units for line in order.lines)
            found["category_sales"] += sum(line.net for line in order.lines) / 100
        for entry in heard.entries:
            if isinstance(entry, ZoneVisit) and within(entry.at, *span) and entry.staff is not True:
                found["category_visits"] += sum(entry.zone in zones for zones in lying.values())
    return found


def staffed(heard: Heard, days: Sequence[date], shifts: Sequence[Shift]) -> dict[str, float | None]:
    """Staff hours within opening hours, and visitors per staff hour over the hours of the clock with a visitor."""
    floor_h, visitors, served_h = 0.0, 0, 0.0
    for day in days:
        span = opening(heard.store, day)
        if span is None:
            continue
        for begin, end in _hours(heard, span):
            worked = sum(_worked(shift, begin, end) for shift in shifts)
            came = sum(
                isinstance(entry, Crossing) and entry.line in {"door", "side-door"} and entry.direction == "in"
                and entry.staff is not True and within(entry.at, begin, end)
                for entry in heard.entries
            )  # fmt: skip
            floor_h += worked
            if came:
                visitors += came
                served_h += worked
    return {"staff_hours": floor_h, "star": visitors / served_h}


def _hours(heard: Heard, span: tuple[datetime, datetime]) -> list[tuple[datetime, datetime]]:
    zone = ZoneInfo(heard.store.timezone)
    cuts, at = [span[0]], span[0]
    while at < span[1]:
        at += timedelta(minutes=15)
        if at < span[1] and at.astimezone(zone).minute == 0:
            cuts.append(at)
    return list(itertools.pairwise([*cuts, span[1]]))


def _worked(shift: Shift, begin: datetime, end: datetime) -> float:
    """Hours of a shift within a span; the break is spread evenly over all of it."""
    begins, ends, break_min = shift
    overlap = (min(end, ends) - max(begin, begins)).total_seconds()
    whole = (ends - begins).total_seconds()
    return max(0.0, overlap) / 3600 * (1 - 60 * break_min / whole)


def people_inside(flows: Sequence[tuple[int, int]]) -> int:
    """In − out since the reset, never below nobody."""
    people = 0
    for ins, outs in flows:
        people = max(0, people + ins - outs)
    return people


def fewest_hours(visitors: Sequence[float], share: float) -> int:
    """The size of the smallest set of hours that holds the share: every set is tried, small ones first."""
    wanted = share * sum(visitors)
    for size in range(len(visitors) + 1):
        if any(sum(chosen) >= wanted - 1e-9 for chosen in itertools.combinations(visitors, size)):
            return size
    return len(visitors)


def effects(before: tuple[float, float, float], after: tuple[float, float, float]) -> tuple[float, float, float]:
    """What visitors, conversion and basket did to one store's net sales: each (visitors, sales, net sales)."""
    (v0, t0, n0), (v1, t1, n1) = before, after
    weight = n0 if n0 == n1 else (n1 - n0) / (math.log(n1) - math.log(n0))
    return weight * math.log(v1 / v0), weight * math.log(t1 / v1 / (t0 / v0)), weight * math.log(n1 / t1 / (n0 / t0))


def turned_round(days: Sequence[tuple[int, Sequence[float], Sequence[float]]], open_s: float) -> float:
    """The share of entries that stay under two minutes: each day is (kind, entries, exits), in seconds since opening.

    Exits that follow an entry within two minutes, less as many as exits of other days of its kind would, scaled to the
    day's own number. Entries of the last hour are left out, as what follows them is not all seen.
    """
    excess, entries_in_all = 0.0, 0
    for number, (kind, entries, exits) in enumerate(days):
        others = [at for place, one in enumerate(days) if place != number and one[0] == kind for at in one[2]]
        early = [at for at in entries if at <= open_s - 3600]
        if not others or not exits or not early:
            continue
        for entry in early:
            followed = sum(entry <= at < entry + 120 for at in exits)
            by_chance = sum(entry <= at < entry + 120 for at in others) * len(exits) / len(others)
            excess += followed - by_chance
        entries_in_all += len(early)
    return min(1.0, max(0.0, excess / entries_in_all))


def best_star(days: Sequence[tuple[date, float, float, float]]) -> float | None:
    """Visitors per staff hour of the weekday that converts best, of those with six days: (date, visitors, sales, h)."""
    best, star = 0.0, None
    for weekday in range(7):
        own = [one for one in days if one[0].weekday() == weekday]
        visitors, sales, hours = sum(one[1] for one in own), sum(one[2] for one in own), sum(one[3] for one in own)
        if len(own) >= 6 and visitors > 0 and hours > 0 and sales / visitors > best:
            best, star = sales / visitors, visitors / hours
    return star
