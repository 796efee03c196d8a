"""Figures and what is around them, as bodies."""

from dataclasses import fields

from analytics.definitions import DEFINITIONS, Definition
from analytics.figure import Figure, suppressed
from analytics.sources import source
from analytics.stores import Store
from analytics.visits.funnel import Funnel, Stage
from analytics.visits.kpis import Kpis
from api.bodies import FigureOut, FunnelOut, InconsistencyOut, MetricOut, PeriodOut, SourceOut, StageOut, StoreOut
from api.windows import Window


def figure_out(one: Figure, *, withheld: bool = False) -> FigureOut:
    """Return a figure's body; without its numbers where it is `withheld`."""
    meant = DEFINITIONS[one.definition_id]
    shown = suppressed(one) if withheld else one
    return FigureOut(
        value=shown.value,
        low=shown.low,
        high=shown.high,
        quality=one.quality,
        completeness=one.completeness,
        definition=meant.id,
        version=meant.version,
        unit=meant.unit,
        as_of=one.as_of,
        withheld=withheld,
    )


def figures_out(base: Kpis, *, withheld: bool = False) -> dict[str, FigureOut]:
    """Return the base set by definition."""
    found: list[Figure] = [getattr(base, field.name) for field in fields(base)]
    return {one.definition_id: figure_out(one, withheld=withheld) for one in found}


def metric_out(one: Definition) -> MetricOut:
    """Return a definition's body."""
    return MetricOut(
        id=one.id,
        name=one.name,
        formula=one.formula,
        unit=one.unit,
        trap=one.trap,
        version=one.version,
        source=one.computed.source,
        sql=one.computed.sql,
    )


def source_out(name: str) -> SourceOut:
    """Return a source's body."""
    one = source(name)
    return SourceOut(name=name, needs=list(one.needs), sql=one.sql)


def store_out(store: Store) -> StoreOut:
    """Return a store's body."""
    return StoreOut(
        id=store.code, name=store.name, timezone=store.timezone, currency=store.currency, region=store.region
    )


def period_out(window: Window, days_withheld: int = 0) -> PeriodOut:
    """Return a window's body."""
    return PeriodOut(
        name=window.name,
        first=window.chosen.first,
        last=window.chosen.last,
        days=len(window.sides.current),
        days_withheld=days_withheld,
        running=window.running,
    )


def funnel_out(window: Window, stages: Funnel, days_withheld: int) -> FunnelOut:
    """Return a funnel's body."""
    return FunnelOut(
        store=store_out(window.store),
        period=period_out(window, days_withheld),
        stages=[stage_out(stage) for stage in stages.stages],
        inconsistencies=inconsistencies_out(stages),
    )


def stage_out(stage: Stage, *, withheld: bool = False) -> StageOut:
    """Return a stage's body; without its numbers where it is `withheld`."""
    return StageOut(
        name=stage.name,
        count=figure_out(stage.count, withheld=withheld),
        rate=None if stage.rate is None else figure_out(stage.rate, withheld=withheld),
        rate_of=stage.rate_of,
    )


def inconsistencies_out(stages: Funnel) -> list[InconsistencyOut]:
    """Return the bodies of what contradicts itself."""
    return [InconsistencyOut(code=one.code, more=one.more, less=one.less) for one in stages.inconsistencies]
