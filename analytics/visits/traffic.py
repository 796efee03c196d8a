"""Traffic through a store's doors in cells of time: quarter-hours and hours of its business days, small ones withheld.

Hours are those of the wall clock: a shop that opens at 9:30 has half an hour before its first whole one, and on the day
the clock goes back an hour is there twice.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Literal

from analytics.days import BUCKET, Slice, quarter, wall_hour
from analytics.facts import JUST_PARTIAL, UPTIME_LAG, bucket_facts, bucket_uptime
from analytics.figure import Figure, figure, suppressed
from analytics.quality.accuracy import StoreAccuracy
from analytics.queries import Connection
from analytics.statistics.miscount import Miscount
from analytics.statistics.time_cells import counted_sum, withheld_hours
from analytics.stores import Store

CellGrain = Literal["15min", "hour"]


@dataclass(frozen=True, slots=True)
class Cell:
    """Who came in and went out in [from_at, until) of a slice; `…_withheld` where the figure is kept back."""

    business_date: date
    from_at: datetime
    until: datetime
    visitors: Figure
    leavers: Figure
    visitors_withheld: bool
    leavers_withheld: bool


@dataclass(frozen=True, slots=True)
class _Quarter:
    """One bucket's counts, None where nobody looked."""

    at: datetime
    ins: int | None
    outs: int | None
    up_s: float
    expected_s: float
    lost: bool


def read_traffic(
    connection: Connection,
    store: Store,
    slices: Sequence[Slice],
    grain: CellGrain,
    *,
    now: datetime,
    k: int,
    audited: StoreAccuracy,
) -> list[Cell]:
    """Return the cells of the slices, one business day each, in order; none of fewer than `k` people can be told.

    Raises:
        DatabaseError: the database could not be asked.
    """
    days = _read_quarters(connection, slices, now=now)
    return [
        cell
        for one, quarters in zip(slices, days, strict=True)
        for cell in _cells(store, one, quarters, grain, k=k, audited=audited)
    ]


def _cells(
    store: Store, day: Slice, quarters: Sequence[_Quarter], grain: CellGrain, *, k: int, audited: StoreAccuracy
) -> Iterator[Cell]:
    hours = [list(some) for _, some in groupby(quarters, key=lambda one: wall_hour(store, one.at))]
    ins_hours, ins_quarters = withheld_hours([[one.ins for one in hour] for hour in hours], k=k)
    outs_hours, outs_quarters = withheld_hours([[one.outs for one in hour] for hour in hours], k=k)
    for index, hour in enumerate(hours):
        parts = [hour] if grain == "hour" else [[one] for one in hour]
        ins_hidden = [ins_hours[index]] if grain == "hour" else ins_quarters[index]
        outs_hidden = [outs_hours[index]] if grain == "hour" else outs_quarters[index]
        for part, no_ins, no_outs in zip(parts, ins_hidden, outs_hidden, strict=True):
            yield _cell(day, part, no_ins, no_outs, audited)


def _cell(day: Slice, part: Sequence[_Quarter], no_ins: bool, no_outs: bool, audited: StoreAccuracy) -> Cell:
    from_at, until = max(part[0].at, day.from_at), min(part[-1].at + BUCKET, day.until)
    complete = _completeness(part)
    visitors = _figure("footfall", counted_sum(one.ins for one in part), until, complete, audited.visitors)
    leavers = _figure("leavers", counted_sum(one.outs for one in part), until, complete, audited.leavers)
    return Cell(
        business_date=day.business_date,
        from_at=from_at,
        until=until,
        visitors=suppressed(visitors) if no_ins else visitors,
        leavers=suppressed(leavers) if no_outs else leavers,
        visitors_withheld=no_ins,
        leavers_withheld=no_outs,
    )


def _figure(
    definition_id: str, count: int | None, as_of: datetime, complete: float | None, miscount: Miscount | None
) -> Figure:
    interval = None
    if count is not None and miscount is not None:
        low, _, high = miscount.truth_of(count)
        interval = (low, high)
    value = None if count is None else float(count)
    return figure(definition_id, value, as_of=as_of, completeness=complete, interval=interval)


def _completeness(part: Sequence[_Quarter]) -> float | None:
    expected = sum(one.expected_s for one in part)
    if expected <= 0:
        return None
    share = min(1.0, sum(one.up_s for one in part) / expected)
    return min(share, JUST_PARTIAL) if any(one.lost for one in part) else share


def _read_quarters(connection: Connection, slices: Sequence[Slice], *, now: datetime) -> list[list[_Quarter]]:
    """Return every quarter-hour of each slice that has begun."""
    if not slices:
        return []
    ends = [max(one.from_at, min(one.until, now - UPTIME_LAG)) for one in slices]
    crossed = {(one.slice, one.bucket): (one.ins, one.outs) for one in bucket_facts(connection, slices)}
    watched = {
        (one.slice, one.bucket): (one.up_s, one.expected_s, one.lost)
        for one in bucket_uptime(connection, slices, until=ends)
    }
    return [_quarters(one, index, crossed, watched, ends[index]) for index, one in enumerate(slices)]


def _quarters(
    day: Slice,
    index: int,
    crossed: dict[tuple[int, datetime], tuple[int, int]],
    watched: dict[tuple[int, datetime], tuple[float, float, bool]],
    counted_until: datetime,
) -> list[_Quarter]:
    found = []
    before_up = False
    at = quarter(day.from_at)
    while at < day.until:
        up_s, expected_s, lost = watched.get((index, at), (0.0, 0.0, False))
        # Watched and empty is zero; so is one too young for its uptime to have come, after one that was watched.
        looked = up_s > 0 or (before_up and at + BUCKET > counted_until)
        ins, outs = crossed.get((index, at), (0, 0) if looked else (None, None))
        found.append(_Quarter(at, ins, outs, up_s, expected_s, lost))
        before_up = up_s > 0
        at += BUCKET
    return found
