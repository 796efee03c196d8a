"""What the Look back page reads: one store over any past period, by day, by hour of the week, and in sum."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import compress
from typing import Any, Final

import pandas as pd

from analytics import columns as c
from analytics.cache import Cache
from analytics.clock import Clock
from analytics.comparison.decomposition import Decomposition, decompose, sides
from analytics.comparison.network import Compared, compared, comparison_slices
from analytics.database import Database
from analytics.days import Calendar, Slice
from analytics.directory import Directory
from analytics.facts import slice_facts
from analytics.figure import MEASURED_FROM, Figure, figure
from analytics.forecast.keeping import KeptForecast, read_forecast
from analytics.periods import Period, PeriodName, comparison, finished, store_period
from analytics.quality.accuracy import UNAUDITED, StoreAccuracy, read_accuracy
from analytics.quality.imputation import read_estimated, with_estimates
from analytics.queries import Connection
from analytics.statistics.suppression import K_INSIDE
from analytics.stores import Store
from analytics.visits.floor_plan import FloorPlan, read_floor_image, read_floor_plan
from analytics.visits.funnel import Funnel, funnel
from analytics.visits.kpis import Kpis, kpis
from analytics.visits.movement import Movement, read_movement
from analytics.visits.queue_hours import QueuePast, read_queue_past
from analytics.visits.stages import Stages, read_repeat, read_stages, stage_count
from analytics.visits.store_day import ZoneDay
from analytics.visits.targets import NO_TARGETS, Progress, period_progress, reached_days, read_targets
from analytics.visits.traffic import Cell, read_traffic
from analytics.visits.zone_watch import ZoneRole, read_zone_watch
from analytics.visits.zones_past import read_past_zones
from dashboard.reading.chain import CUSTOM_DAYS_MAX
from dashboard.reading.parts import Parts, kept_for

_KEPT_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Day:
    """One business day: its figures, and its visitors with those estimated; None where none were."""

    business_date: date
    base: Kpis
    imputed: Figure | None = None

    @property
    def estimated(self) -> float:
        """Visitors estimated beside those counted; 0 without any."""
        return self.whole - (self.base.footfall.value or 0.0)

    @property
    def whole(self) -> float:
        """Visitors counted and estimated."""
        told = self.base.footfall if self.imputed is None else self.imputed
        return told.value or 0.0

    @property
    def torn(self) -> bool:
        """Whether it was counted in part only."""
        share = self.base.footfall.completeness
        return self.base.footfall.value is not None and share is not None and share < MEASURED_FROM


@dataclass(frozen=True, slots=True)
class HistoryView:
    """All of the Look back page: `cells` are the hours of each day; `why` tells a change in net sales apart.

    `queue` and `movement` are of days that are over; `kept` says of which days waits still are, None where that could
    not be read; `ahead` is there where the period reaches up to the forecast.
    """

    store: Store
    now: datetime
    period: Period
    name: PeriodName
    compared: Compared
    days: tuple[Day, ...]
    cells: tuple[Cell, ...]
    funnel: Funnel
    why: Decomposition | None
    movement: Movement | None
    zones: tuple[ZoneDay, ...]
    queue: QueuePast | None = None
    kept: tuple[bool, ...] | None = ()
    ahead: KeptForecast | None = None
    progress: tuple[Progress, ...] = ()
    plan: FloorPlan | None = None
    #: Names of cards whose numbers could not be read.
    failed: frozenset[str] = frozenset()


class HistoryReading:
    """Reads through a cache. Every method raises DatabaseUnavailableError while the database does not answer."""

    def __init__(self, database: Database, cache: Cache, directory: Directory, clock: Clock) -> None:
        self._database = database
        self._cache = cache
        self._directory = directory
        self._clock = clock

    def store(self, store: Store, name: PeriodName, first: date | None = None, last: date | None = None) -> HistoryView:
        """Return a store over a period."""
        key = ("history", store.store_id, name, first, last)
        return self._cache.get(key, lambda: self._read(store, name, first, last), for_s=kept_for(_KEPT_S))

    def plan_image(self, store: Store) -> tuple[str, bytes] | None:
        """Return the drawing of a store's floor with its media type; None without one."""
        with self._database.connection() as connection:
            return read_floor_image(connection, store.store_id)

    def _read(self, store: Store, name: PeriodName, first: date | None, last: date | None) -> HistoryView:
        now, back = self._clock(), 80
        if first is not None and last is not None:
            first = max(first, last - timedelta(days=CUSTOM_DAYS_MAX - 1))
            back = max(back, (now.date() - first).days + (last - first).days + 16)
        days = self._directory.calendar([store], back, now)
        chosen = store_period(days, store, name, now=now, first=first, last=last)
        three = comparison_slices(comparison(days, store, chosen, now=now))
        with self._database.connection() as connection:
            current, comparable, previous = (slice_facts(connection, one, now=now) for one in three)
            audited = read_accuracy(connection, [store.store_id], now=now).get(store.store_id, UNAUDITED)
            told = compared(current, comparable, previous, now=now, audited=audited)
            view = HistoryView(
                store=store, now=now, period=chosen, name=name, compared=told, days=_days(current, {}, now), cells=(),
                funnel=Funnel((), ()), why=None, movement=None, zones=(),
            )  # fmt: skip
            parts = Parts(connection)
            view = replace(
                view,
                why=parts.read("changes", lambda: decompose([sides(comparable, previous)]), None),
                days=parts.read("days", lambda: _days(current, _estimated(connection, view), now), view.days),
                plan=parts.read("plan", lambda: read_floor_plan(connection, store.store_id), None),
                progress=parts.read(
                    "targets", lambda: _progress(connection, view, current, finished(three[0], now), audited), ()
                ),
                ahead=parts.read("ahead", lambda: _ahead(read_forecast(connection, store.store_id), chosen), None),
            )
            view = _rest(connection, replace(view, failed=parts.failed), three[0], audited)
            return _of_days_over(connection, view, three[0], days)


def _rest(connection: Connection, view: HistoryView, slices: Sequence[Slice], audited: StoreAccuracy) -> HistoryView:
    """Return the view with what is read of single rows, and of days: a part that cannot be read is left out."""
    store, now, parts = view.store, view.now, Parts(connection)
    cells = parts.read(
        "hours",
        lambda: tuple(read_traffic(connection, store, slices, "hour", now=now, k=K_INSIDE, audited=audited)),
        (),
    )
    stages = parts.read("stages", lambda: read_stages(connection, store.store_id, slices), None)
    view = replace(
        view,
        cells=cells,
        kept=None if stages is None else tuple(joins is not None for joins in stages.joins),
        zones=parts.read("zones", lambda: _zones(connection, slices, now), ()),
    )
    if stages is None:
        return replace(view, failed=view.failed | parts.failed | {"funnel"})
    drawn = parts.read("funnel", lambda: _funnel(connection, view, slices, stages, audited), view.funnel)
    return replace(view, funnel=drawn, failed=view.failed | parts.failed)


def _of_days_over(connection: Connection, view: HistoryView, slices: Sequence[Slice], days: Calendar) -> HistoryView:
    """Return the view with the queues and the movement of its days that are over.

    Of a day that runs they would tell moments to whoever looks again and again.
    """
    parts, over = Parts(connection), [one.over(view.now) for one in slices]
    moved = parts.read("movement", lambda: _moved(connection, slices, view.days, over), None)
    if view.kept is None:
        return replace(view, movement=moved, failed=view.failed | parts.failed | {"queue"})
    kept = [ended and still for ended, still in zip(over, view.kept, strict=True)]
    queue = parts.read("queue", lambda: _queue(connection, view, list(compress(slices, kept)), days), None)
    return replace(view, movement=moved, queue=queue, failed=view.failed | parts.failed)


def _queue(connection: Connection, view: HistoryView, slices: Sequence[Slice], days: Calendar) -> QueuePast | None:
    return read_queue_past(
        connection,
        view.store,
        slices,
        days,
        period=view.period,
        now=view.now,
        as_of=max((one.till_until for one in slices), default=view.now),
        k=K_INSIDE,
    )


def _progress(
    connection: Connection, view: HistoryView, facts: pd.DataFrame, over: Sequence[Slice], audited: StoreAccuracy
) -> tuple[Progress, ...]:
    """Return how far the days that are over are with their targets: a running day is not behind at noon."""
    store_id = view.store.store_id
    targets = read_targets(connection, [store_id]).get(store_id, NO_TARGETS)
    dates = {one.business_date for one in over}
    reached = [one for one in reached_days(facts) if one.day in dates]
    return period_progress(targets, reached, as_of=view.now, audited=audited)


def _ahead(kept: KeptForecast | None, chosen: Period) -> KeptForecast | None:
    """Return the forecast where the period leads up to it: beside days long past it would say nothing."""
    return kept if kept is not None and chosen.last >= kept.first_day - timedelta(days=1) else None


def _estimated(connection: Connection, view: HistoryView) -> Mapping[date, "pd.Series[float]"]:
    told = read_estimated(connection, [view.store.store_id], first=view.period.first, last=view.period.last)
    return {row[c.BUSINESS_DATE]: row for _, row in told.iterrows()}


def _days(facts: pd.DataFrame, estimated: Mapping[date, "pd.Series[float]"], now: datetime) -> tuple[Day, ...]:
    return tuple(_day(row, estimated.get(row[c.BUSINESS_DATE]), now) for _, row in facts.iterrows())


def _day(facts: "pd.Series[Any]", estimated: "pd.Series[float] | None", now: datetime) -> Day:
    base = kpis(facts, as_of=now)
    imputed = None if estimated is None else with_estimates(base.footfall, estimated)
    return Day(facts[c.BUSINESS_DATE], base, imputed)


def _funnel(
    connection: Connection, view: HistoryView, slices: Sequence[Slice], stages: Stages, audited: StoreAccuracy
) -> Funnel:
    base, watch = view.compared.now, read_zone_watch(connection, slices, now=view.now)

    def summed(name: str, parts: Sequence[int | None], role: ZoneRole) -> Figure:
        watched = watch.of_role(role)
        # Of no sum is a part told: days whose rows are gone would be missing in it.
        value = None if None in parts else stage_count(parts, watched)
        return figure(name, value, as_of=base.footfall.as_of, completeness=watched)

    return funnel(
        base,
        engaged=summed("engaged", stages.engaged, "engagement"),
        queued=summed("queue_joins", stages.joins, "queue"),
        repeat=read_repeat(connection, slices),
        engagement_zones=stages.engagement_zones,
        audited=audited,
    )


def _zones(connection: Connection, slices: Sequence[Slice], now: datetime) -> tuple[ZoneDay, ...]:
    """Return the zones over the days; what is older than single rows is gone."""
    watch = read_zone_watch(connection, slices, now=now)
    return read_past_zones(connection, slices, now=now, watch=watch) if slices else ()


def _moved(
    connection: Connection, slices: Sequence[Slice], days: Sequence[Day], over: Sequence[bool]
) -> Movement | None:
    ended = list(compress(slices, over))
    visitors = [one.base.footfall.value for one in compress(days, over)]
    return read_movement(connection, ended, visitors=visitors) if ended else None
