"""A store's tables: its period by day and hour, funnel, sales and zones; its day by hour."""

from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import datetime
from typing import Final

from analytics.definitions import mark
from analytics.figure import Figure
from analytics.stores import Store
from analytics.tables import Table, Value
from analytics.visits.funnel import Funnel
from analytics.visits.hours import Hour
from analytics.visits.kpis import Kpis
from analytics.visits.store_day import ZoneDay
from dashboard.language import Language
from dashboard.reading.history import HistoryView
from dashboard.reading.live import LiveView
from dashboard.tables.figures import Row, figure_table

_DAY: Final = mark("Business day")
_PERIOD: Final = (mark("Store"), mark("From"), mark("To"))
_AT: Final = (mark("Store"), _DAY, mark("From"), mark("Until"))
_STAGE: Final = mark("Stage")
_ZONE: Final = mark("Zone")


def kpi_figures(base: Kpis) -> list[Figure]:
    """Return the figures of the base set, without who of the staff went through the doors: no page tells it."""
    return [getattr(base, one.name) for one in fields(base) if one.name != "staff"]


def past_days(seen: HistoryView, lang: Language) -> Table:
    """Return each day's figures, and the visitors with what was estimated where some were."""

    def rows() -> Iterator[Row]:
        for day in seen.days:
            of = (seen.store.code, day.business_date)
            for one in kpi_figures(day.base):
                yield Row(of, one, currency=seen.store.currency)
            if day.estimated:
                counted = day.base.footfall
                yield Row(of, replace(counted, value=day.whole, low=None, high=None, quality="imputed"))

    return figure_table("days", (mark("Store"), _DAY), rows(), lang)


def past_hours(seen: HistoryView, lang: Language) -> Table:
    """Return who came in and went out in each hour; hours of few people without numbers."""

    def rows() -> Iterator[Row]:
        for cell in seen.cells:
            of: tuple[Value, ...] = (seen.store.code, cell.business_date, *_local(seen.store, cell.from_at, cell.until))
            yield Row(of, cell.visitors, withheld=cell.visitors_withheld)
            yield Row(of, cell.leavers, withheld=cell.leavers_withheld)

    return figure_table("hours", _AT, rows(), lang)


def past_funnel(seen: HistoryView, lang: Language) -> Table:
    """Return the period's stages and their rates."""
    return _funnel(_of_period(seen), seen.funnel, lang)


def past_sales(seen: HistoryView, lang: Language) -> Table:
    """Return the period's base set."""
    rows = (Row(_of_period(seen), one, currency=seen.store.currency) for one in kpi_figures(seen.compared.now))
    return figure_table("sales", _PERIOD, rows, lang)


def past_zones(seen: HistoryView, lang: Language) -> Table:
    """Return who stopped where over the period; zones of few people without numbers."""
    return _zones(_of_period(seen), seen.zones, lang)


def day_hours(view: LiveView, lang: Language) -> Table:
    """Return the day's hours so far; what is of few people without numbers."""

    def rows() -> Iterator[Row]:
        for hour in view.hours:
            of: tuple[Value, ...] = (view.store.code, hour.business_date, *_local(view.store, hour.from_at, hour.until))
            yield from _hour(hour, of, view.store)

    return figure_table("hours", _AT, rows(), lang)


def day_funnel(view: LiveView, lang: Language) -> Table:
    """Return the day's stages and their rates."""
    seen = view.store_day
    return _funnel(_of_day(view), seen.funnel if seen else None, lang)


def day_sales(view: LiveView, lang: Language) -> Table:
    """Return the day's base set."""
    seen = view.store_day
    figures = kpi_figures(seen.base) if seen else []
    return figure_table(
        "sales", _PERIOD, (Row(_of_day(view), one, currency=view.store.currency) for one in figures), lang
    )


def day_zones(view: LiveView, lang: Language) -> Table:
    """Return who stopped where today."""
    seen = view.store_day
    return _zones(_of_day(view), seen.zones if seen else (), lang)


def _hour(hour: Hour, of: tuple[Value, ...], store: Store) -> Iterator[Row]:
    for one in (*kpi_figures(hour.base), hour.conversion_lagged):
        yield Row(of, one, withheld=one.definition_id in hour.hidden, currency=store.currency)


def _funnel(of: tuple[Value, ...], funnel: Funnel | None, lang: Language) -> Table:
    rows = [
        Row((*of, stage.name), one)
        for stage in (funnel.stages if funnel else ())
        for one in (stage.count, stage.rate)
        if one is not None
    ]
    return figure_table("funnel", (*_PERIOD, _STAGE), rows, lang)


def _zones(of: tuple[Value, ...], zones: tuple[ZoneDay, ...], lang: Language) -> Table:
    rows = [
        Row((*of, zone.zone), one, withheld=zone.withheld)
        for zone in zones
        for one in (zone.visits, zone.engagement, zone.dwell_p50, zone.dwell_p90)
    ]
    return figure_table("zones", (*_PERIOD, _ZONE), rows, lang)


def _of_period(seen: HistoryView) -> tuple[Value, ...]:
    return seen.store.code, seen.period.first, seen.period.last


def _of_day(view: LiveView) -> tuple[Value, ...]:
    day = view.store_day.day.business_date if view.store_day else None
    return view.store.code, day, day


def _local(store: Store, *instants: datetime) -> tuple[str, ...]:
    """Return instants by the store's clock, with its offset."""
    return tuple(at.astimezone(store.zone).isoformat() for at in instants)
