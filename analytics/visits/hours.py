"""Hours: the funnel of each hour of a store's business days, and of those who came in within it how many bought.

Hours are those of the wall clock, as in `traffic`. Conversion is told twice: the hour's sales ÷ its visitors,
and sales credited to the hour in which their buyers came in (`lag`) ÷ its visitors. Over a day the sales of
both add up to the same. Hours of few people, or of few sales, are withheld with their neighbours, stage by stage.

Hours of few sales are the worse ones: those that are left sell better than the day. So what is withheld is told as one:
such a run of hours has a conversion of its own, and all hours that are told alone and all runs hold the whole day.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from itertools import groupby
from typing import Final

import numpy as np
import pandas as pd

from analytics import columns as c
from analytics.days import BUCKET, Slice, quarter, wall_hour
from analytics.facts import add_up, orders, slice_facts
from analytics.figure import Figure, figure, suppressed
from analytics.quality.accuracy import StoreAccuracy
from analytics.queries import Connection
from analytics.statistics.time_cells import told_together, withheld_in_time
from analytics.stores import Store
from analytics.visits.funnel import Funnel, StageName, funnel
from analytics.visits.kpis import OF_SALES, Kpis, conversion_rate, group_size, kpis
from analytics.visits.lag import BIN_S, Lag, credited, read_lag_days
from analytics.visits.stages import Repeat, read_repeats, read_stages, stage_count
from analytics.visits.zone_watch import read_zone_watch

#: What would tell how many came in a small hour.
_OF_PEOPLE: Final = frozenset({
    "footfall", "buying_units", "passers_by", "capture_rate", "conversion", "buying_unit_conversion", "spv",
    "conversion_lagged",
})  # fmt: skip
#: What would tell of single sales in an hour of few: conversion × visitors is sales.
_OF_SALES: Final = OF_SALES | {"conversion_lagged"}


@dataclass(frozen=True, slots=True)
class Together:
    """Hours that follow one another and cannot each be told, as one: together they hold enough people and sales."""

    business_date: date
    from_at: datetime
    until: datetime
    footfall: Figure
    transactions: Figure
    conversion: Figure
    conversion_lagged: Figure


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour of a business day, or the part of it in which the store was open.

    `hidden`: definitions of the figures that are withheld; `few`: stages that are. `together`: the run of hours in
    which it is told, the same of all of them; None where it is told alone.
    """

    business_date: date
    from_at: datetime
    until: datetime
    base: Kpis
    funnel: Funnel
    conversion_lagged: Figure
    hidden: frozenset[str]
    few: frozenset[StageName]
    together: Together | None = None


@dataclass(frozen=True, slots=True)
class _Counts:
    """What is counted of an hour beside its facts; None: not known, or too few. `bought`: sales credited to it.

    `watched`: how far the zones that it stops in were, and the queues.
    """

    engaged: int | None
    joins: int | None
    repeat: Repeat | None
    bought: float | None
    zones: int
    watched: tuple[float | None, float | None]


@dataclass(frozen=True, slots=True)
class _Few:
    """Per hour of a day whether something of it is withheld."""

    people: Sequence[bool]
    sales: Sequence[bool]
    engaged: Sequence[bool]
    joins: Sequence[bool]
    again: Sequence[bool]
    runs: Sequence[range]

    def figures(self, place: int) -> frozenset[str]:
        return (_OF_PEOPLE if self.people[place] else frozenset()) | (_OF_SALES if self.sales[place] else frozenset())

    def stages(self, place: int) -> frozenset[StageName]:
        told: tuple[tuple[StageName, Sequence[bool]], ...] = (
            ("pass_by", self.people), ("enter", self.people), ("engage", self.engaged), ("queue", self.joins),
            ("buy", self.sales), ("buy_again", self.again),
        )  # fmt: skip
        return frozenset(name for name, hide in told if hide[place])


def hour_slices(store: Store, day: Slice) -> list[Slice]:
    """Return a slice cut at the hours of the store's wall clock; the last takes the sales until the till closes.

    An hour that the clock shows twice is two.
    """
    starts = [quarter(day.from_at)]
    while starts[-1] + BUCKET < day.until:
        starts.append(starts[-1] + BUCKET)
    begins = [max(day.from_at, min(some)) for _, some in groupby(starts, key=lambda at: wall_hour(store, at))]
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
    """Return the hours of the slices, each a business day, in order; no fewer than `k` people or sales can be told.

    Raises:
        DatabaseError: the database could not be asked.
    """
    cut = [(day, hour_slices(store, day)) for day in slices]
    every = [hour for _, hours in cut for hour in hours]
    if not every:
        return []
    facts = slice_facts(connection, every, now=now)
    stages = read_stages(connection, store.store_id, every)
    watch = read_zone_watch(connection, every, now=now)
    repeats = read_repeats(connection, every)
    bought = _credited(connection, cut, lag, now)
    found: list[Hour] = []
    taken = 0
    for _, hours in cut:
        span = slice(taken, taken + len(hours))
        own = facts.iloc[span]
        few = _few(own, stages.engaged[span], stages.joins[span], repeats[span], k)
        for place, one in enumerate(hours):
            at = taken + place
            counts = _Counts(
                engaged=None if few.engaged[place] else stages.engaged[at],
                joins=None if few.joins[place] else stages.joins[at],
                repeat=None if few.again[place] else repeats[at],
                bought=bought[at],
                zones=stages.engagement_zones,
                watched=(watch.of_role("engagement", [at]), watch.of_role("queue", [at])),
            )
            found.append(_hour(one, own.iloc[place], counts, few, place, now=now, audited=audited))
        for run in few.runs:
            whole = slice(taken + run.start, taken + run.stop)
            as_one = _together(hours[run.start : run.stop], facts.iloc[whole], bought[whole], now=now, audited=audited)
            found[whole] = [replace(one, together=as_one) for one in found[whole]]
        taken += len(hours)
    return found


def runs_told(hours: Sequence[Hour]) -> list[Together]:
    """Return what is told of runs of the hours, each once, in order."""
    return [one for one, _ in groupby(hour.together for hour in hours) if one is not None]


def _hour(
    one: Slice,
    row: "pd.Series[float]",
    counts: _Counts,
    few: _Few,
    place: int,
    *,
    now: datetime,
    audited: StoreAccuracy,
) -> Hour:
    as_of = min(one.till_until, now)
    base = kpis(row, as_of=as_of, audited=audited)
    engaged, queued = (
        figure(name, stage_count([count], watched), as_of=as_of, completeness=watched)
        for name, count, watched in zip(
            ("engaged", "queue_joins"), (counts.engaged, counts.joins), counts.watched, strict=True
        )
    )
    lagged = _lagged(counts.bought, base, audited)
    hidden = few.figures(place)
    base = replace(
        base, **{one.name: suppressed(getattr(base, one.name)) for one in fields(base) if one.name in hidden}
    )
    if lagged.definition_id in hidden:
        lagged = suppressed(lagged)
    return Hour(
        business_date=one.business_date,
        from_at=one.from_at,
        until=one.until,
        base=base,
        funnel=funnel(
            base, engaged=engaged, queued=queued, repeat=counts.repeat, engagement_zones=counts.zones, audited=audited
        ),
        conversion_lagged=lagged,
        hidden=hidden,
        few=few.stages(place),
    )


def _together(
    hours: Sequence[Slice],
    facts: pd.DataFrame,
    bought: Sequence[float | None],
    *,
    now: datetime,
    audited: StoreAccuracy,
) -> Together:
    first, last = hours[0], hours[-1]
    base = kpis(add_up(facts), as_of=min(last.till_until, now), audited=audited)
    known = [one for one in bought if one is not None]
    lagged = _lagged(sum(known) if len(known) == len(bought) else None, base, audited)
    return Together(
        first.business_date, first.from_at, last.until, base.footfall, base.transactions, base.conversion, lagged
    )


def _lagged(bought: float | None, base: Kpis, audited: StoreAccuracy) -> Figure:
    """Return sales credited to an hour ÷ its visitors, with the interval of that many sales."""
    came = base.footfall
    people = None if came.value is None or audited.visitors is None else audited.visitors.truth_of(came.value)
    told = conversion_rate(
        bought, came.value, as_of=came.as_of, completeness=came.completeness, people=people, group=group_size(base)
    )
    return replace(told, definition_id="conversion_lagged")


def _few(
    facts: pd.DataFrame,
    engaged: Sequence[int | None],
    joins: Sequence[int | None],
    repeats: Sequence[Repeat | None],
    k: int,
) -> _Few:
    """Return what is withheld of the hours of a day, each count with what would give its few away."""

    def small(*counts: Sequence[int | None]) -> list[bool]:
        return [any(one) for one in zip(*(withheld_in_time(count, k=k) for count in counts), strict=True)]

    people = (_whole(facts[c.INS]), _whole(facts[c.PASSERS]))
    # An hour of refunds alone has no sale, yet its net sales are somebody's.
    sold = (_whole(facts[c.TRANSACTIONS]), _whole(orders(facts)))
    sales = small(*sold)
    again = small(
        [None if one is None else one.referenced for one in repeats],
        [None if one is None else one.repeated for one in repeats],
    )
    return _Few(
        people=small(*people),
        sales=sales,
        engaged=small(engaged),
        joins=small(joins),
        # Those who bought again are of the sales: so many at least.
        again=[one or other for one, other in zip(sales, again, strict=True)],
        runs=told_together(*people, *sold, k=k),
    )


def _whole(counts: "pd.Series[float]") -> list[int | None]:
    return [None if pd.isna(one) else int(one) for one in counts]


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
