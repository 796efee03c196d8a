"""A store's day as tables: the chart's quarter-hours, right now, and what is below them."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from analytics import columns as c
from analytics.days import quarter
from analytics.definitions import mark
from analytics.tables import Table, Value
from analytics.visits.hours import runs_told
from analytics.visits.store_day import StoreDay
from analytics.visits.traffic import Cell
from analytics.visits.typical import DAYS_MIN, slot_instants
from dashboard.components.attention import day_hours, finding_texts
from dashboard.components.period_picker import NAMES, against
from dashboard.language import Language
from dashboard.reading.live import LiveView
from dashboard.tables.figures import DAY, FROM, STORE, UNTIL, Row, figure_table, local, plain_table
from dashboard.tables.parts import (
    PERIOD,
    changes_table,
    forecast_table,
    funnel_table,
    kpi_figures,
    targets_table,
    zones_table,
)

_QUARTERS: Final = (STORE, DAY, FROM, UNTIL, mark("Usually"), mark("Usually from"), mark("Usually to"))
_FINDINGS: Final = (STORE, DAY, mark("What"), mark("What to do"), mark("Since (UTC)"))


def day_quarters(view: LiveView, cells: Sequence[Cell], lang: Language) -> Table:
    """Return the chart: visitors of each quarter-hour beside a usual day's, and how many bought of each hour's.

    A quarter-hour that nobody looked at has no number, nor has one of few people (`cells`): a file is kept and passed
    on. Hours of few people do not say how many bought each by itself, but together.
    """

    def rows() -> Iterator[Row]:
        seen = view.store_day
        if seen is None:
            return
        usual = _usual(view, seen)
        for cell in cells:
            beside = usual.get(quarter(cell.from_at), (None, None, None))
            of = (*_span(view, seen, cell.from_at, cell.until), *beside)
            yield Row(of, cell.visitors, withheld=cell.visitors_withheld)
        for hour in view.hours:
            one = hour.conversion_lagged
            of = (*_span(view, seen, hour.from_at, hour.until), None, None, None)
            yield Row(of, one, withheld=one.definition_id in hour.hidden)
        for run in runs_told(view.hours):
            of = (*_span(view, seen, run.from_at, run.until), None, None, None)
            yield Row(of, run.conversion_lagged)

    return figure_table("quarters", _QUARTERS, rows(), lang)


def day_now(view: LiveView, lang: Language) -> Table:
    """Return who is in the shop and who waits; nothing while it is closed."""
    seen = view.store_day
    rows: list[Row] = []
    if seen is not None and seen.is_open:
        queue = seen.queue
        rows = [
            Row(_of(view), one, withheld=one.definition_id in queue.withheld)
            for one in (seen.occupancy.people, queue.length, queue.wait_p50, queue.wait_p90, queue.abandonment)
        ]
    return figure_table("now", PERIOD, rows, lang)


def day_funnel(view: LiveView, lang: Language) -> Table:
    """Return the day's stages and their rates."""
    return funnel_table(_of(view), view.store_day.funnel if view.store_day else None, lang)


def day_sales(view: LiveView, lang: Language) -> Table:
    """Return the day's base set."""
    figures = kpi_figures(view.store_day.base) if view.store_day else []
    return figure_table("sales", PERIOD, (Row(_of(view), one, currency=view.store.currency) for one in figures), lang)


def day_zones(view: LiveView, lang: Language) -> Table:
    """Return who stopped where today."""
    return zones_table(_of(view), view.store_day.zones if view.store_day else (), lang)


def day_findings(view: LiveView, lang: Language) -> Table:
    """Return what needs somebody."""
    seen = view.store_day
    rows: list[list[Value]] = []
    if seen is not None:
        hours = day_hours(seen, view.store, lang)
        for one in seen.findings:
            said, advice = finding_texts(one, seen.now, view.store, lang, hours=hours)
            rows.append([view.store.code, seen.day.business_date, said, advice, one.since])
    return plain_table("findings", _FINDINGS, rows, lang)


def day_changes(view: LiveView, lang: Language) -> Table:
    """Return why net sales changed over each past period."""
    periods, as_of = (view.changes.periods, view.changes.as_of) if view.changes else ({}, view.now)
    named = {lang.t(NAMES[name]): (against(name, lang), why) for name, why in periods.items()}
    return changes_table(view.store, named, as_of, lang)


def day_ahead(view: LiveView, lang: Language) -> Table:
    """Return what is expected of the days to come."""
    return forecast_table(view.store, view.forecast, lang)


def day_targets(view: LiveView, lang: Language) -> Table:
    """Return how far the day is with its targets."""
    return targets_table(_of(view), view.progress, lang)


def month_targets(view: LiveView, lang: Language) -> Table:
    """Return how far the month so far is with its targets, from its first day with one to its last."""
    days = [day for one in view.month for day in one.dates]
    of = (view.store.code, min(days, default=None), max(days, default=None))
    return targets_table(of, view.month, lang)


def _usual(view: LiveView, seen: StoreDay) -> dict[datetime, tuple[Value, ...]]:
    typical = view.typical
    if typical is None or typical.days < DAYS_MIN or not len(typical.slots):
        return {}
    slots = typical.slots
    at = slot_instants(view.store, seen.day.business_date, slots[c.SLOT].tolist())
    numbers = zip(slots[c.MEDIAN], slots[c.LOW], slots[c.HIGH], strict=True)
    return {one: tuple(float(value) for value in three) for one, three in zip(at, numbers, strict=True)}


def _span(view: LiveView, seen: StoreDay, *ends: datetime) -> tuple[Value, ...]:
    return view.store.code, seen.day.business_date, *local(view.store, *ends)


def _of(view: LiveView) -> tuple[Value, ...]:
    day = view.store_day.day.business_date if view.store_day else None
    return view.store.code, day, day
