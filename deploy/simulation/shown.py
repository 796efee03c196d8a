"""What is shown of the simulated store-days: the figures as pages, the KPI API and the command read them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta
from typing import Any, Final

from analytics.days import Calendar, Slice, calendar, wall_minutes
from analytics.facts import UPTIME_LAG, add_up, completeness, slice_facts
from analytics.figure import Figure, figure
from analytics.quality.accuracy import UNAUDITED, StoreAccuracy, read_accuracy
from analytics.queries import rows
from analytics.staff.staffing import read_hours as read_floor_hours
from analytics.staff.staffing import staffing
from analytics.statistics.suppression import K_INSIDE
from analytics.stores import Store, all_stores
from analytics.visits.funnel import funnel
from analytics.visits.hours import Hour, Together, read_hours
from analytics.visits.kpis import Kpis, kpis
from analytics.visits.lag import lag_figure, read_lag
from analytics.visits.queueing import QueueExit, abandonment, wait_figure
from analytics.visits.stages import Repeat, read_repeats
from analytics.visits.store_day import ZoneDay, read_zones
from analytics.visits.zone_watch import read_zone_watch
from deploy.simulation.cases import COUNTS, RATES, WEEK, Case, Named, cases_of, true_days
from deploy.simulation.rates import Rates
from deploy.simulation.truth import TruthRow

#: Sales of a day come until this long after closing.
_SETTLES: Final = timedelta(hours=2)
_STATED: Final = frozenset({*COUNTS, *RATES})

Shown = dict[Named, Figure]


def read_cases(
    connection: Any,
    truth: Sequence[TruthRow],
    rates: Iterable[Rates],
    *,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> list[Case]:
    """Return the cases of every finished store-day of the truth.

    Raises:
        DatabaseError: the database could not be asked.
    """
    true = true_days(truth)
    behind = {(one.store, one.weekday): one for one in rates}
    now = max(row.hour for row in truth) + _SETTLES
    stores = [one for one in all_stores(connection) if any(one.code == code for code, _ in true)]
    found: list[Case] = []
    for done, store in enumerate(stores):
        progress(done, len(stores))
        dates = [day for code, day in true if code == store.code]
        days = calendar(connection, [store.store_id], first=min(dates), last=max(dates) + timedelta(days=7))
        slices = [
            days.whole(day)
            for date_, day in days.of(store.store_id).items()
            if date_ in dates and days.till_until(day) < now
        ]
        if not slices:
            continue
        audited = read_accuracy(connection, [store.store_id], now=now).get(store.store_id, UNAUDITED)
        hours = _hours(connection, store, days, slices, audited)
        for day, shown in _days(connection, store, slices, audited, now):
            own = behind.get((store.code, day.isoweekday()))
            found += cases_of(store.code, day, shown, true[store.code, day], own)
            found += cases_of(store.code, day, hours[day].shown, {}, own, came=hours[day].came)
        for day, shown in _weeks(connection, store, days, slices, now):
            found += cases_of(store.code, day, shown, {}, behind.get((store.code, 0)))
    progress(len(stores), len(stores))
    return found


def waits_of(exits: Sequence[QueueExit], *, as_of: datetime, completeness: float | None) -> Shown:
    """Return how long people waited, of a week's exits in their order."""
    return {
        (name, ""): wait_figure(name, exits, p, as_of=as_of, completeness=completeness)
        for name, p in (("wait_p50", 0.5), ("wait_p90", 0.9))
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What was seen of a store-day between the door and the till, and who came again to the latter."""

    zones: Sequence[ZoneDay]
    engaged: Figure
    exits: Sequence[QueueExit]
    repeat: Repeat | None


def figures_of(base: Kpis, seen: Seen, audited: StoreAccuracy) -> Shown:
    """Return the figures of a store-day that follow from what was counted of it and sold on it."""
    engaged, exits = seen.engaged, seen.exits
    as_of, door = base.footfall.as_of, base.footfall.completeness
    joins = figure("queue_joins", float(len(exits)), as_of=engaged.as_of, completeness=engaged.completeness)
    stages = funnel(
        base, engaged=engaged, queued=joins, repeat=seen.repeat, engagement_zones=len(seen.zones), audited=audited
    )  # fmt: skip
    found: Shown = {(one.name, ""): getattr(base, one.name) for one in fields(base) if one.name in _STATED}
    rates = (stage.rate for stage in stages.stages if stage.rate is not None)
    found |= {(one.definition_id, ""): one for one in rates if one.definition_id in _STATED}
    found["abandonment", ""] = abandonment(exits, as_of=as_of, completeness=door)
    for zone in seen.zones:
        for one in (zone.engagement, zone.dwell_p50, zone.dwell_p90):
            found[one.definition_id, zone.zone] = one
    return found


@dataclass(slots=True)
class _ByHour:
    """What is told of a day's hours, and how many came in each of them."""

    shown: Shown = field(default_factory=dict)
    came: dict[str, float] = field(default_factory=dict)

    def add(self, part: str, footfall: Figure, conversion: Figure, lagged: Figure) -> None:
        self.came[part] = footfall.value or 0.0
        self.shown["conversion_hour", part] = conversion
        self.shown["conversion_lagged", part] = lagged


def _days(
    connection: Any, store: Store, slices: Sequence[Slice], audited: StoreAccuracy, now: datetime
) -> Iterator[tuple[date, Shown]]:
    facts = slice_facts(connection, slices, now=now)
    staff = _staff(connection, store, slices, audited, now)
    repeats = read_repeats(connection, slices)
    for one, (_, row), again in zip(slices, facts.iterrows(), repeats, strict=True):
        base = kpis(row, as_of=one.till_until, audited=audited)
        seen = _seen(connection, one, again)
        shown = figures_of(base, seen, audited)
        yield one.business_date, {**shown, **staff[one.business_date]}


def _seen(connection: Any, one: Slice, again: Repeat | None) -> Seen:
    watch = read_zone_watch(connection, [one], now=one.till_until + UPTIME_LAG)
    zones, engaged = read_zones(connection, one, now=one.till_until, watch=watch)
    return Seen(zones=zones, engaged=engaged, exits=_exits(connection, one), repeat=again)


def _weeks(
    connection: Any, store: Store, days: Calendar, slices: Sequence[Slice], now: datetime
) -> Iterator[tuple[date, Shown]]:
    """Yield what is told of whole weeks, and on the last day the store's lag."""
    facts = slice_facts(connection, slices, now=now)
    for at in range(0, len(slices) - WEEK + 1, WEEK):
        week = slices[at : at + WEEK]
        exits = [left for one in week for left in _exits(connection, one)]
        door = completeness(add_up(facts.iloc[at : at + WEEK]))
        yield week[-1].business_date, waits_of(exits, as_of=week[-1].until, completeness=door)
    last = slices[-1].business_date
    lag = read_lag(connection, days, store.store_id, last + timedelta(days=1), now=now)
    # It is read of days alone that were counted in full.
    yield last, {("purchase_lag_p50", ""): lag_figure(lag, as_of=now, completeness=1.0)}


def _exits(connection: Any, one: Slice) -> list[QueueExit]:
    span = {"store_id": one.store_id, "from_at": one.from_at, "until": one.until}
    return [QueueExit(*found) for found in rows(connection, "queue_exits", **span)]


def _hours(
    connection: Any, store: Store, days: Calendar, slices: Sequence[Slice], audited: StoreAccuracy
) -> dict[date, _ByHour]:
    """Return what is told by the hour of each day: of hours of few it is told together."""
    now = slices[-1].till_until + _SETTLES
    found = {one.business_date: _ByHour() for one in slices}
    lag = read_lag(connection, days, store.store_id, slices[-1].business_date + timedelta(days=1), now=now)
    for hour in read_hours(connection, store, slices, lag, now=now, k=K_INSIDE, audited=audited):
        day = found[hour.business_date]
        if hour.together is None:
            part = _part(store, hour, hour)
            day.add(part, hour.base.footfall, hour.base.conversion, hour.conversion_lagged)
        elif hour.until == hour.together.until:
            run = hour.together
            day.add(_part(store, run, hour), run.footfall, run.conversion, run.conversion_lagged)
    return found


def _part(store: Store, first: Hour | Together, last: Hour) -> str:
    hours = sorted({wall_minutes(store, last.business_date, one.from_at) // 60 for one in (first, last)})
    return "-".join(map(str, hours))


def _staff(
    connection: Any, store: Store, slices: Sequence[Slice], audited: StoreAccuracy, now: datetime
) -> dict[date, Shown]:
    """Return staff hours of each day, and its visitors per staff hour."""
    cells = read_floor_hours(connection, store, slices, now=now)
    found: dict[date, Shown] = {}
    for one in slices:
        own = [cell for cell in cells if cell.business_date == one.business_date]
        told = staffing(own, None, as_of=one.until, k=K_INSIDE, audited=audited)
        found[one.business_date] = {("staff_hours", ""): told.staff_hours, ("star", ""): told.star}
    return found
