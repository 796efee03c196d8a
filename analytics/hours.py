"""Hours: the funnel of each hour of a store's business days, and of those who came in within it how many bought.

Hours are those of the wall clock, as in `analytics.traffic`. Conversion is told twice: the hour's sales ÷ its visitors,
and sales credited to the hour in which their buyers came in (`analytics.lag`) ÷ its visitors. Over a day the sales of
both add up to the same. Hours of few people are withheld with their neighbours, stage by stage.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import groupby
from typing import Final

import numpy as np
import pandas as pd

from analytics import columns as c
from analytics.accuracy import StoreAccuracy
from analytics.days import BUCKET, Slice, quarter
from analytics.facts import completeness, slice_facts
from analytics.figure import Figure, figure, suppressed
from analytics.funnel import Funnel, StageName, funnel
from analytics.kpis import Kpis, conversion_rate, kpis, ratio
from analytics.lag import BIN_S, Lag, credited, read_lag_days
from analytics.queries import Connection
from analytics.stages import read_repeats, read_stages, stage_count
from analytics.stores import Store
from analytics.time_cells import withheld_in_time

#: What would tell how many came in a small hour.
_OF_PEOPLE: Final = ("footfall", "buying_units", "passers_by", "capture_rate", "conversion", "buying_unit_conversion",
                     "spv")  # fmt: skip


_STAGES: Final[tuple[StageName, StageName]] = ("engage", "queue")


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour of a business day, or the part of it in which the store was open.

    `withheld`: too few people came in or walked past; `few`: further stages that are withheld.
    """

    business_date: date
    from_at: datetime
    until: datetime
    base: Kpis
    funnel: Funnel
    conversion_lagged: Figure
    withheld: bool
    few: frozenset[StageName]


@dataclass(frozen=True, slots=True)
class _Counts:
    """What is counted of an hour beside its facts; None: not known, or too few. `bought`: sales credited to it."""

    engaged: int | None
    joins: int | None
    repeat: tuple[int, int] | None
    bought: float | None
    zones: int
    few: frozenset[StageName]


def hour_slices(store: Store, day: Slice) -> list[Slice]:
    """Return a slice cut at the hours of the store's wall clock; the last takes the sales until the till closes.

    An hour that the clock shows twice is two.
    """
    starts = [quarter(day.from_at)]
    while starts[-1] + BUCKET < day.until:
        starts.append(starts[-1] + BUCKET)
    begins = [max(day.from_at, min(some)) for _, some in groupby(starts, key=lambda at: _hour_of(store, at))]
    if day.empty:
        return []
    ends = [*begins[1:], day.until]
    tills = [*begins[1:], day.till_until]
    return [
        replace(day, from_at=begin, until=end, till_until=till)
        for begin, end, till in zip(begins, ends, tills, strict=True)
    ]


def read_hours(
    connection: Connection,
    store: Store,
    slices: Sequence[Slice],
    lag: Lag | None,
    *,
    now: datetime,
    k: int,
    audited: StoreAccuracy,
) -> list[Hour]:
    """Return the hours of the slices, each a business day, in order; none of fewer than `k` people can be told.

    Raises:
        DatabaseError: the database could not be asked.
    """
    cut = [(day, hour_slices(store, day)) for day in slices]
    every = [hour for _, hours in cut for hour in hours]
    if not every:
        return []
    facts = slice_facts(connection, every, now=now)
    stages = read_stages(connection, store.store_id, every)
    repeats = read_repeats(connection, every)
    bought = _credited(connection, cut, lag, now)
    found: list[Hour] = []
    taken = 0
    for _, hours in cut:
        span = slice(taken, taken + len(hours))
        own = facts.iloc[span]
        hidden = _withheld(own, k)
        few = [withheld_in_time(counts[span], k=k) for counts in (stages.engaged, stages.joins)]
        for place, one in enumerate(hours):
            at = taken + place
            counts = _Counts(
                engaged=None if few[0][place] else stages.engaged[at],
                joins=None if few[1][place] else stages.joins[at],
                repeat=repeats[at],
                bought=bought[at],
                zones=stages.engagement_zones,
                few=frozenset(name for name, hide in zip(_STAGES, few, strict=True) if hide[place]),
            )
            found.append(_hour(one, own.iloc[place], counts, hide=hidden[place], now=now, audited=audited))
        taken += len(hours)
    return found


def _hour(
    one: Slice, row: "pd.Series[float]", counts: _Counts, *, hide: bool, now: datetime, audited: StoreAccuracy
) -> Hour:
    as_of, door = min(one.till_until, now), completeness(row)
    base = kpis(row, as_of=as_of, audited=audited)
    engaged, queued = (
        figure(name, stage_count([count], door), as_of=as_of, completeness=door)
        for name, count in (("engaged", counts.engaged), ("queue_joins", counts.joins))
    )
    lagged = _lagged(counts.bought, base, audited)
    if hide:
        base = replace(base, **{name: suppressed(getattr(base, name)) for name in _OF_PEOPLE})
        lagged = suppressed(lagged)
    return Hour(
        business_date=one.business_date,
        from_at=one.from_at,
        until=one.until,
        base=base,
        funnel=funnel(base, engaged=engaged, queued=queued, repeat=counts.repeat, engagement_zones=counts.zones),
        conversion_lagged=lagged,
        withheld=hide,
        few=counts.few,
    )


def _lagged(bought: float | None, base: Kpis, audited: StoreAccuracy) -> Figure:
    """Return sales credited to an hour ÷ its visitors, with the interval of that many sales."""
    came = base.footfall
    people = None if came.value is None or audited.visitors is None else audited.visitors.truth_of(came.value)
    size = ratio(came.value, base.buying_units.value)
    told = conversion_rate(
        bought, came.value, as_of=came.as_of, completeness=came.completeness, people=people, group=max(1.0, size or 1.0)
    )
    return replace(told, definition_id="conversion_lagged")


def _withheld(facts: pd.DataFrame, k: int) -> list[bool]:
    """Return which hours are withheld: for their visitors, or those who walked past."""
    hidden = [
        withheld_in_time([None if pd.isna(one) else int(one) for one in facts[column]], k=k)
        for column in (c.INS, c.PASSERS)
    ]
    return [any(one) for one in zip(*hidden, strict=True)]


def _credited(
    connection: Connection, cut: Sequence[tuple[Slice, Sequence[Slice]]], lag: Lag | None, now: datetime
) -> list[float | None]:
    """Return per hour the sales credited to it; None where the lag is not known or its rows are gone.

    Nor is it known of an hour whose buyers may still be on their way to the till.
    """
    if lag is None:
        return [None for _, hours in cut for _ in hours]
    days = read_lag_days(connection, [day for day, _ in cut])
    found: list[float | None] = []
    for (day, hours), moments in zip(cut, days, strict=True):
        per_bin = credited(moments, lag)
        gone = not moments.ins.any()
        at = np.arange(len(per_bin)) * BIN_S
        for hour in hours:
            begin, end = ((one - day.from_at).total_seconds() for one in (hour.from_at, hour.till_until))
            young = min(hour.until + lag.nearly_all, day.till_until) > now or (
                day.till_until >= now and hour is hours[-1]
            )
            found.append(None if gone or young else float(per_bin[(at >= begin) & (at < end)].sum()))
    return found


def _hour_of(store: Store, at: datetime) -> datetime:
    local = at.astimezone(store.zone)
    return local.replace(minute=0, second=0, microsecond=0).astimezone(UTC)
