"""The truth about a fleet: what really happened and what was counted of it, hour by hour.

Measures, each a whole number:

    in:LINE  out:LINE  staff_in:LINE  staff_out:LINE     people across a line
    visits:ZONE  served:ZONE  abandoned:ZONE             stays in zones, and how waits in a queue ended
    up_s:CAMERA                                          seconds watched (counted only)
    transactions  refunds  net_sales  units              in-store sales; money in hundredths of the currency
    sales_of:CATEGORY  net_of:CATEGORY  units_of:CATEGORY    of them, sales with it, and what its lines sum up to
    worked_s                                             seconds of shifts, by the hour in which they ended

and of what is true only, for figures that are made of it:

    group_12ths:LINE     buying units across an entrance line inwards, in twelfths: a member of a group of three is four
    referenced           in-store sales with a customer reference
    repeat_ppm           of each of these, how likely it was somebody who had bought before, in millionths
    floor_s              seconds of staff on the floor within opening hours, breaks spread evenly over their shift
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Final

import numpy as np

from contract.entries import CameraUptime, Crossing, Entry, QueueExit, ZoneVisit
from deploy.simulation.crossings import line_crossings
from deploy.simulation.days import BusinessDay, to_instant
from deploy.simulation.fleet import CHECKOUT, ENGAGEMENT_ZONES, Box
from deploy.simulation.model import Model
from deploy.simulation.orders import Order, member_chances
from deploy.simulation.outages import Outage
from deploy.simulation.recorder import Recorder
from deploy.simulation.staff import Clocked
from deploy.simulation.till import Till
from deploy.simulation.traffic import Millis
from deploy.simulation.visits import Bools, StoreDay

_HOUR_MS: Final = 3_600_000

#: Numbers by (hour, measure).
Tally = Counter[tuple[datetime, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class TruthRow:
    """One hour (UTC, by its start) of one store's business day; a measure that is left out is 0."""

    store: str
    business_date: date
    hour: datetime
    counted: dict[str, int] = field(default_factory=dict)
    true: dict[str, int] = field(default_factory=dict)


def truth_of(recorders: Iterable[Recorder], tills: Iterable[Till]) -> list[TruthRow]:
    """Return the truth of everything that the recorders have written and the tills have posted."""
    counted: defaultdict[tuple[str, date], Tally] = defaultdict(Counter)
    true: defaultdict[tuple[str, date], Tally] = defaultdict(Counter)
    for recorder in recorders:
        for day, seen, happened in _recorded(recorder):
            counted[recorder.store.profile.code, day].update(seen)
            true[recorder.store.profile.code, day].update(happened)
    for till in tills:
        for day, sold, only_true in _posted(till):
            counted[till.store.profile.code, day].update(sold)
            true[till.store.profile.code, day].update({**sold, **only_true})
    return sorted(_rows(counted, true), key=lambda row: (row.store, row.business_date, row.hour))


def tally_entries(entries: Iterable[Entry]) -> Tally:
    """Return what the entries say, by the hour of their `at`."""
    tally: Tally = Counter()
    for entry in entries:
        hour = entry.at.replace(minute=0, second=0, microsecond=0)
        match entry:
            case Crossing(line=line, direction=direction, staff=staff):
                tally[hour, f"{'staff_' if staff else ''}{direction}:{line}"] += 1
            case ZoneVisit(zone=zone):
                tally[hour, f"visits:{zone}"] += 1
            case QueueExit(zone=zone, outcome=outcome):
                tally[hour, f"{outcome}:{zone}"] += 1
            case CameraUptime(camera=camera, up_s=up_s):
                # Milliseconds add up without error; made seconds at the end.
                tally[hour, f"up_s:{camera}"] += round(up_s * 1000)
    return tally


def tally_day(store_day: StoreDay, box: Box, until_ms: int) -> Tally:
    """Return what truly happened in view of a box by `until_ms`, inclusive: straight from the day's arrays."""
    tally: Tally = Counter()
    for info in box.lines:
        crossed = line_crossings(store_day, info.line, Outage())
        for inward, direction in ((True, "in"), (False, "out")):
            chosen = crossed.inward == inward
            _count(tally, f"{direction}:{info.line}", crossed.at_ms[chosen & ~crossed.staff], until_ms)
            _count(tally, f"staff_{direction}:{info.line}", crossed.at_ms[chosen & crossed.staff], until_ms)
        if info.role == "entrance":
            came = crossed.inward & ~crossed.staff
            parts = np.repeat(crossed.at_ms[came], 12 // crossed.group_size[came])
            _count(tally, f"group_12ths:{info.line}", parts, until_ms)
    if box.zones:
        for zone, stays in zip(ENGAGEMENT_ZONES, store_day.zones, strict=True):
            _count(tally, f"visits:{zone}", stays.end_ms, until_ms)
        served: Bools = store_day.queue.served
        _count(tally, f"served:{CHECKOUT}", store_day.queue.left_ms[served], until_ms)
        _count(tally, f"abandoned:{CHECKOUT}", store_day.queue.left_ms[~served], until_ms)
    return tally


def tally_orders(orders: Iterable[Order]) -> Tally:
    """Return in-store sales by the hour in which the order closed."""
    tally: Tally = Counter()
    for order in orders:
        if order.counts:
            hour = to_instant(order.closed_ms).replace(minute=0, second=0, microsecond=0)
            tally[hour, "transactions" if order.kind == "sale" else "refunds"] += 1
            tally[hour, "net_sales"] += order.net
            tally[hour, "units"] += order.units
            for line in order.lines:
                if order.kind == "sale":
                    tally[hour, f"sales_of:{line.category}"] += 1
                tally[hour, f"net_of:{line.category}"] += line.net
                tally[hour, f"units_of:{line.category}"] += line.units
    return tally


def tally_clock(heard: Iterable[Clocked]) -> Tally:
    """Return the seconds of shifts that are over, breaks left out, by the hour in which they ended."""
    tally: Tally = Counter()
    for one in heard:
        if one.out:
            hour = to_instant(one.at_ms).replace(minute=0, second=0, microsecond=0)
            tally[hour, "worked_s"] += one.shift.worked_s
    return tally


def tally_returns(orders: Iterable[Order], model: Model, known: set[int]) -> Tally:
    """Return sales with a reference, and how likely each was to be a repeat; who bought is added to the `known`."""
    chances = member_chances(model)
    tally: Tally = Counter()
    for order in orders:
        if order.counts and order.kind == "sale" and order.member is not None:
            hour = to_instant(order.closed_ms).replace(minute=0, second=0, microsecond=0)
            tally[hour, "referenced"] += 1
            tally[hour, "repeat_ppm"] += round(1e6 * float(chances[list(known)].sum()))
            known.add(order.member)
    return tally


def tally_floor(day: BusinessDay, heard: Iterable[Clocked]) -> Tally:
    """Return the seconds on the floor within opening hours, of shifts that are over."""
    tally: Tally = Counter()
    for shift in (one.shift for one in heard if one.out):
        start, end = max(shift.start_ms, day.opens_ms), min(shift.end_ms, day.closes_ms)
        worked = shift.worked_s * 1000 / (shift.end_ms - shift.start_ms)
        for hour_ms in range(start // _HOUR_MS * _HOUR_MS, end, _HOUR_MS):
            there = min(end, hour_ms + _HOUR_MS) - max(start, hour_ms)
            tally[to_instant(hour_ms), "floor_s"] += round(there * worked / 1000)
    return tally


def _count(tally: Tally, measure: str, at_ms: Millis, until_ms: int) -> None:
    hours, counts = np.unique(at_ms[at_ms <= until_ms] // _HOUR_MS, return_counts=True)
    for hour, count in zip(hours.tolist(), counts.tolist(), strict=True):
        tally[datetime.fromtimestamp(hour * 3600, UTC), measure] += count


def _recorded(recorder: Recorder) -> Iterator[tuple[date, Tally, Tally]]:
    mark, store = recorder.mark, recorder.store
    for day in _dates(mark.began, mark.day):
        ledger = store.ledger(day, recorder.box, live=day >= mark.live_from, totals={})
        first = mark.began_at if day == mark.began else 0
        last = recorder.position if day == mark.day else len(ledger.entries)
        happened = store.day(day)
        if happened is not None and last > first:
            seen = tally_entries(ledger.entries[first:last])
            yield day, seen, tally_day(happened, recorder.box, int(ledger.at_ms[last - 1]))


def _posted(till: Till) -> Iterator[tuple[date, Tally, Tally]]:
    mark, store = till.mark, till.store
    known: set[int] = set()
    for day in _dates(mark.began, mark.day):
        orders: Sequence[Order] = store.orders(day)
        last, told = (mark.posted, mark.clocked) if day == mark.day else (None, None)
        first, before = (mark.began_at, mark.clocked_at) if day == mark.began else (0, 0)
        sold, heard = tally_orders(orders[first:last]), store.clock(day)[before:told]
        sold.update(tally_clock(heard))
        only_true = tally_returns(orders[first:last], store.model, known)
        happened = store.day(day)
        if happened is not None:
            only_true.update(tally_floor(happened.day, heard))
        yield day, sold, only_true


def _dates(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=ahead) for ahead in range((last - first).days + 1))


def _rows(counted: dict[tuple[str, date], Tally], true: dict[tuple[str, date], Tally]) -> Iterator[TruthRow]:
    for (store, day), numbers in counted.items():
        hours: defaultdict[datetime, tuple[dict[str, int], dict[str, int]]] = defaultdict(lambda: ({}, {}))
        for side, tally in enumerate((numbers, true[store, day])):
            for (hour, measure), number in tally.items():
                hours[hour][side][measure] = round(number / 1000) if measure.startswith("up_s:") else number
        for hour, (seen, happened) in hours.items():
            yield TruthRow(store=store, business_date=day, hour=hour, counted=seen, true=happened)
