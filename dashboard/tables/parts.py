"""What a store's day and its past have in common as tables: funnel, zones, ways, warmth, changes, forecast, targets."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Final

from analytics.comparison.decomposition import Decomposition
from analytics.definitions import DEFINITIONS, mark
from analytics.figure import Figure
from analytics.forecast.keeping import KeptForecast
from analytics.stores import Store
from analytics.tables import Table, Value
from analytics.visits.funnel import Funnel
from analytics.visits.kpis import Kpis
from analytics.visits.movement import Movement
from analytics.visits.store_day import ZoneDay
from analytics.visits.targets import DEFINITION_OF, Progress
from dashboard.components.movement import SHADES, shades
from dashboard.language import Language
from dashboard.tables.figures import DAY, FROM, STORE, TO, ZONE, Row, figure_table, plain_table

#: What a table is of: a store and its days.
PERIOD: Final = (STORE, FROM, TO)
Of = tuple[Value, ...]
_STAGE: Final = mark("Stage")
_WARMTH: Final = (
    mark("Camera"), mark("Column (of)"), mark("Columns"), mark("Row (of)"), mark("Rows"), mark("Shade"), mark("Shades"),
)  # fmt: skip
_AHEAD: Final = (
    STORE, DAY, mark("Expected visitors"), mark("From (80 %)"), mark("To (80 %)"), mark("From (95 %)"),
    mark("To (95 %)"), mark("Quality"), mark("Made (UTC)"),
)  # fmt: skip
_TARGETS: Final = (
    *PERIOD, mark("Figure"), mark("Value"), mark("Target"), mark("Share reached"), mark("Usually by now"), mark("Days"),
    mark("Quality"),
)  # fmt: skip


def kpi_figures(base: Kpis) -> list[Figure]:
    """Return the figures of the base set, without who of the staff went through the doors: no page tells it."""
    return [getattr(base, one.name) for one in fields(base) if one.name != "staff"]


def funnel_table(of: Of, funnel: Funnel | None, lang: Language) -> Table:
    """Return the stages and their rates."""
    rows = [
        Row((*of, stage.name), one)
        for stage in (funnel.stages if funnel else ())
        for one in (stage.count, stage.rate)
        if one is not None
    ]
    return figure_table("funnel", (*PERIOD, _STAGE), rows, lang)


def zones_table(of: Of, zones: tuple[ZoneDay, ...], lang: Language) -> Table:
    """Return who stopped where; zones of few people without numbers."""
    rows = [
        Row((*of, zone.zone), one, withheld=zone.withheld)
        for zone in zones
        for one in (zone.visits, zone.engagement, zone.dwell_p50, zone.dwell_p90)
    ]
    return figure_table("zones", (*PERIOD, ZONE), rows, lang)


def steps_table(of: Of, seen: Movement | None, base: Kpis | None, lang: Language) -> Table:
    """Return the ways that are told; an end outside the shop is empty."""

    def rows() -> Iterator[Row]:
        if seen is None or base is None:
            return
        for step in seen.steps:
            yield Row(
                (*of, step.from_zone, step.to_zone),
                step.figure(as_of=base.footfall.as_of, completeness=base.footfall.completeness),
            )

    return figure_table("steps", (*PERIOD, mark("From zone"), mark("To zone")), rows(), lang)


def warmth_table(of: Of, seen: Movement | None, lang: Language) -> Table:
    """Return the shade of each part of a camera's picture, from its top left, as it is drawn; without those of none.

    Shades, not seconds: those of a corner where one person stopped are that person's.
    """

    def rows() -> Iterator[list[Value]]:
        for grid in seen.warmth if seen else ():
            for place, shade in enumerate(shades(grid.person_s)):
                row, column = divmod(place, grid.columns)
                if shade:
                    yield [*of, grid.camera, column + 1, grid.columns, row + 1, grid.rows, shade, SHADES]

    return plain_table("warmth", (*PERIOD, *_WARMTH), list(rows()), lang)


def change_rows(of: Of, why: Decomposition, currency: str, *, as_of: datetime) -> Iterator[Row]:
    """Yield a change in net sales and its parts, which add up to it."""
    return (Row(of, one, currency=currency) for one in why.figures(as_of=as_of))


def changes_table(
    store: Store, changes: Mapping[str, tuple[str, Decomposition]], as_of: datetime, lang: Language
) -> Table:
    """Return a store's changes; by each period's name what it is compared with, and the change."""
    rows = [
        row
        for name, (against, why) in changes.items()
        for row in change_rows((store.code, name, against), why, store.currency, as_of=as_of)
    ]
    return figure_table("changes", (STORE, mark("Period"), mark("Compared with")), rows, lang)


def forecast_table(store: Store, kept: KeptForecast | None, lang: Language) -> Table:
    """Return what is expected of each day to come: a forecast, nothing that was counted."""
    rows: list[list[Value]] = [
        [store.code, day.at, day.visitors, day.low_80, day.high_80, day.low_95, day.high_95, lang.t("forecast"),
         kept.made_at]
        for day in (kept.days if kept else ())
        if kept is not None
    ]  # fmt: skip
    return plain_table("forecast", _AHEAD, rows, lang)


def targets_table(of: Of, progress: Sequence[Progress], lang: Language) -> Table:
    """Return how far the store is with its targets."""
    rows: list[list[Value]] = [
        [*of, lang.t(DEFINITIONS[DEFINITION_OF[one.metric]].name), one.value, one.target, one.share, one.due, one.days,
         lang.t("partial") if one.partial else lang.t("measured")]
        for one in progress
    ]  # fmt: skip
    return plain_table("targets", _TARGETS, rows, lang)
