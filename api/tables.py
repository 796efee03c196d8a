"""Answers as flat tables: one figure a row, with all that is said beside it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from pydantic import BaseModel

from analytics.tables import Table
from api.bodies import (
    CategoriesOut,
    FigureOut,
    ForecastOut,
    FunnelOut,
    HoursOut,
    KpisOut,
    MetricsOut,
    QualityOut,
    StaffingOut,
    StoresOut,
    TrafficOut,
)
from api.comparing_bodies import ChangeOfStoreOut, ComparisonOut, ExplainedOut, LikeForLikeOut, StoreTargetsOut
from api.forecast import COLUMNS, rows_of
from api.inside_bodies import OccupancyOut, QueueOut
from api.zone_bodies import FlowsOut, ZonesOut

_FIGURE: Final = tuple(FigureOut.model_fields)
_KPIS: Final = ("store", "side", "first", "last")
#: The columns of a table of KPIs.
KPIS_COLUMNS: Final = (*_KPIS, *_FIGURE)


def table_of(body: BaseModel) -> Table:
    """Return an answer as a table; findings and inconsistencies, which are no figures, are in the JSON only."""
    if isinstance(body, MetricsOut):
        return _plain("metrics", body.metrics)
    if isinstance(body, StoresOut):
        return _plain("stores", body.stores)
    if isinstance(body, ForecastOut):
        return Table("forecast", COLUMNS, rows_of(body))
    if type(body) not in _TABLES:
        raise TypeError(f"expected an answer with a table, got {type(body).__name__}")
    name, keys, rows = _TABLES[type(body)]
    return _figures(name, keys, rows(body))


def _plain(name: str, items: Sequence[BaseModel]) -> Table:
    columns = tuple(type(items[0]).model_fields) if items else ("id",)
    return Table(name, columns, [[getattr(one, column) for column in columns] for one in items])


def _figures(name: str, keys: tuple[str, ...], rows: Iterator[tuple[Any, ...]]) -> Table:
    flat = [[*row[:-1], *(getattr(row[-1], field) for field in _FIGURE)] for row in rows]
    return Table(name, (*keys, *_FIGURE), flat)


def _kpis(body: KpisOut) -> Iterator[tuple[Any, ...]]:
    for row in body.rows:
        for one in row.figures.values():
            yield body.store.id, "current", row.first, row.last, one
    if body.previous is not None:
        for one in body.previous.figures.values():
            yield body.store.id, "previous", body.period.first, body.period.last, one


def _stages(body: FunnelOut) -> Iterator[tuple[Any, ...]]:
    for stage in body.stages:
        for one in (stage.count, stage.rate):
            if one is not None:
                yield body.store.id, body.period.first, body.period.last, stage.name, one


def _traffic(body: TrafficOut) -> Iterator[tuple[Any, ...]]:
    for row in body.rows:
        for one in (row.visitors, row.leavers):
            yield body.store.id, row.business_date, row.from_, row.until, row.known_now, one


def _staffing(body: StaffingOut) -> Iterator[tuple[Any, ...]]:
    whole = (body.store.id, body.period.first, body.period.last)
    for one in body.figures.values():
        yield *whole, None, None, None, None, one
    for hour in body.hours:
        for one in (hour.visitors, hour.staff_on_floor, hour.star, hour.staff_needed):
            yield *whole, hour.weekday, hour.hour, None, hour.verdict, one
    for staff in body.staff:
        for one in staff.figures.values():
            yield *whole, None, None, staff.alias, None, one


def _categories(body: CategoriesOut) -> Iterator[tuple[Any, ...]]:
    for row in body.categories:
        for one in row.figures.values():
            yield body.store.id, body.period.first, body.period.last, row.category, " ".join(row.zones), one


def _hours(body: HoursOut) -> Iterator[tuple[Any, ...]]:
    for row in body.hours:
        at = (body.store.id, row.business_date, row.from_, row.until)
        for one in row.figures.values():
            yield *at, None, one
        for stage in row.stages:
            for told in (stage.count, stage.rate):
                if told is not None and told.definition not in row.figures:
                    yield *at, stage.name, told
    for run in body.together:
        for one in run.figures.values():
            yield body.store.id, run.business_date, run.from_, run.until, None, one


def _zones(body: ZonesOut) -> Iterator[tuple[Any, ...]]:
    for row in body.zones:
        for stage in row.stages:
            for one in (stage.count, stage.rate):
                if one is not None:
                    yield body.store.id, body.period.first, body.period.last, row.zone, stage.name, one
        for one in (row.dwell_p50, row.dwell_p90):
            yield body.store.id, body.period.first, body.period.last, row.zone, None, one


def _steps(body: FlowsOut) -> Iterator[tuple[Any, ...]]:
    for step in body.steps:
        yield body.store.id, body.period.first, body.period.last, None, step.from_, step.to, step.people
    for one in body.warmth:
        yield body.store.id, body.period.first, body.period.last, one.camera, None, None, one.warmth


def _queue(body: QueueOut) -> Iterator[tuple[Any, ...]]:
    for row in body.rows:
        for one in row.figures.values():
            yield body.store.id, row.first, row.last, row.hour, one


def _occupancy(body: OccupancyOut) -> Iterator[tuple[Any, ...]]:
    for row in body.rows:
        yield body.store.id, row.business_date, row.until, row.occupancy


def _change(body: ChangeOfStoreOut) -> Iterator[tuple[Any, ...]]:
    whole = (body.store.id, body.period.first, body.period.last)
    for side, one in (("after", body.after), ("before", body.before)):
        for told in one.figures.values() if one is not None else ():
            yield *whole, side, body.store.currency, told
    for currency, told in _amounts([] if body.explained is None else [body.explained]):
        yield *whole, "change", currency, told
    if body.like_for_like is not None:
        yield from ((*whole, "like_for_like", *one) for one in _like_for_like(body.like_for_like))


def _comparison(body: ComparisonOut) -> Iterator[tuple[Any, ...]]:
    nobody = (None, None, None)
    for currency, one in _amounts(body.explained):
        yield *nobody, "change", currency, None, None, one
    yield from ((*nobody, "like_for_like", of, None, None, one) for of, one in _like_for_like(body.like_for_like))
    yield *nobody, None, None, None, None, body.outliers
    for row in body.stores:
        own = (row.store, row.period.first, row.period.last)
        for one in row.figures.values():
            yield *own, "store", row.currency, None, None, one
        for among, place in (("all", row.place), ("peers", row.place_among_peers)):
            if place is not None:
                yield *own, among, row.currency, place.of, place.level_with, place.place


def _amounts(told: Sequence[ExplainedOut]) -> Iterator[tuple[str, FigureOut]]:
    return ((one.currency, figure) for one in told for figure in one.figures.values())


def _like_for_like(told: LikeForLikeOut) -> Iterator[tuple[str | None, FigureOut]]:
    yield None, told.visitors
    yield from _amounts(told.sales)


def _targets(body: StoreTargetsOut) -> Iterator[tuple[Any, ...]]:
    for span, some in (("period", body.met), ("today", body.today), ("month", body.month)):
        for one in some:
            yield body.store.id, span, one.days, one.target, one.share, one.reached


def _quality(body: QualityOut) -> Iterator[tuple[Any, ...]]:
    whole = (body.store.id, body.period.first, body.period.last)
    yield *whole, None, None, body.completeness
    for day in body.days:
        yield body.store.id, day.business_date, day.business_date, None, None, day.completeness
    for line in body.lines:
        for one in (line.accuracy_in, line.found_in, line.genuine_in):
            yield *whole, line.line, f"{line.role} in", one
        for one in (line.accuracy_out, line.found_out, line.genuine_out):
            yield *whole, line.line, f"{line.role} out", one


#: Of each answer: the table's name, what stands before each figure, and the rows.
_TABLES: Final[Mapping[type[BaseModel], tuple[str, tuple[str, ...], Callable[[Any], Iterator[tuple[Any, ...]]]]]] = {
    KpisOut: ("kpis", _KPIS, _kpis),
    FunnelOut: ("funnel", ("store", "first", "last", "stage"), _stages),
    TrafficOut: ("traffic", ("store", "business_date", "from", "until", "known_now"), _traffic),
    HoursOut: ("hours", ("store", "business_date", "from", "until", "stage"), _hours),
    StaffingOut: ("staffing", ("store", "first", "last", "weekday", "hour", "alias", "verdict"), _staffing),
    CategoriesOut: ("categories", ("store", "first", "last", "category", "zones"), _categories),
    ZonesOut: ("zones", ("store", "first", "last", "zone", "stage"), _zones),
    FlowsOut: ("flows", ("store", "first", "last", "camera", "from", "to"), _steps),
    ChangeOfStoreOut: ("change", ("store", "first", "last", "side", "currency"), _change),
    ComparisonOut: ("comparison", ("store", "first", "last", "side", "currency", "of", "level_with"), _comparison),
    StoreTargetsOut: ("targets", ("store", "span", "days", "target", "share"), _targets),
    QueueOut: ("queue", ("store", "first", "last", "hour"), _queue),
    OccupancyOut: ("occupancy", ("store", "business_date", "until"), _occupancy),
    QualityOut: ("quality", ("store", "first", "last", "line", "role"), _quality),
}
