"""Hours of a store: the funnel of each, and how many bought of those who came in."""

from dataclasses import fields
from typing import Final

from analytics.facts import add_up, completeness, slice_facts
from analytics.queries import Connection
from analytics.visits.bounce import bounce_figure
from analytics.visits.hours import Hour, Together, read_hours, runs_told
from analytics.visits.kpis import kpis
from analytics.visits.lag import lag_figure, read_lag
from analytics.visits.reentry import read_door_days, reentry, unique_visits
from api.bodies import FigureOut, HourRow, HoursOut, TogetherRow
from api.errors import ProblemError
from api.figures import figure_out, inconsistencies_out, period_out, stage_out, store_out
from api.reading import accuracy_of
from api.weeks import settled_as_of
from api.windows import Window, shareable

#: The most days that are answered hour by hour.
DAYS_MAX: Final = 35
#: Few at any hour, and nobody's visit to the shop.
_NOT_BY_HOUR: Final = "staff"


def read_hours_out(connection: Connection, window: Window) -> HoursOut:
    """Return the hours of a window.

    Raises:
        ProblemError: the period is too long.
        DatabaseError: the database could not be asked.
    """
    window = settled_as_of(window)
    every = window.sides.current
    if len(every) > DAYS_MAX:
        raise ProblemError(422, "invalid-parameter", f"period: expected at most {DAYS_MAX} days, got {len(every)}")
    facts, hidden = shareable(slice_facts(connection, every, now=window.now), window.access)
    days = [one for one, hide in zip(every, hidden, strict=True) if not hide]
    lag = read_lag(connection, window.days, window.store.store_id, window.chosen.first, now=window.now)
    doors = read_door_days(connection, window.store, window.days, window.chosen.first, now=window.now)
    found = read_hours(
        connection, window.store, days, lag, now=window.now, k=window.access.k, audited=accuracy_of(connection, window)
    )
    total = add_up(facts)
    came = kpis(total, as_of=window.as_of).footfall
    return HoursOut(
        store=store_out(window.store),
        period=period_out(window, sum(hidden)),
        lag=figure_out(lag_figure(lag, as_of=window.as_of, completeness=completeness(total))),
        bounce=figure_out(bounce_figure(doors.days, counted=doors.counted, as_of=window.as_of)),
        unique_visits=figure_out(unique_visits(came, reentry(doors.days))),
        hours=[_row(one, outside=window.access.outside) for one in found],
        together=[_as_one(one) for one in runs_told(found)],
    )


def _row(one: Hour, *, outside: bool) -> HourRow:
    told = [getattr(one.base, field.name) for field in fields(one.base) if field.name != _NOT_BY_HOUR]
    figures: dict[str, FigureOut] = {
        figure.definition_id: figure_out(figure, withheld=figure.definition_id in one.hidden)
        for figure in [*told, one.conversion_lagged]
    }
    return HourRow(
        from_=one.from_at,
        until=one.until,
        business_date=one.business_date,
        figures=figures,
        stages=[
            stage_out(stage, withheld=stage.name in one.few)
            for stage in one.funnel.stages
            if not (outside and stage.name == "buy_again")
        ],
        inconsistencies=inconsistencies_out(one.funnel),
    )


def _as_one(run: Together) -> TogetherRow:
    told = (run.footfall, run.transactions, run.conversion, run.conversion_lagged)
    return TogetherRow(
        from_=run.from_at,
        until=run.until,
        business_date=run.business_date,
        figures={figure.definition_id: figure_out(figure) for figure in told},
    )
