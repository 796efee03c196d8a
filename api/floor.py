"""What happened on the floor: staffing, categories, flows, as bodies."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from analytics import columns as c
from analytics.days import Slice
from analytics.facts import add_up, completeness, slice_facts
from analytics.figure import Figure, figure
from analytics.queries import Connection
from analytics.staff.staff_sales import StaffSales, read_staff_sales
from analytics.staff.staffing import StaffedHour, Staffing, read_staffing, target_slices
from analytics.visits.categories import read_categories
from analytics.visits.kpis import group_size, kpis
from analytics.visits.movement import held_back, known_share, read_steps, read_warmth_sums, shown_steps, together
from analytics.visits.zone_funnel import ZoneFunnel, read_zone_funnels
from analytics.visits.zone_watch import read_zone_watch
from api.bodies import (
    CategoriesOut,
    CategoryOut,
    FigureOut,
    InconsistencyOut,
    StaffingOut,
    StaffSalesOut,
    TargetOut,
    WeekHourOut,
)
from api.errors import ProblemError
from api.figures import figure_out, period_out, store_out
from api.reading import accuracy_of
from api.weeks import calendar_weeks, finished_days, one_week, whole_weeks
from api.windows import Window, shareable
from api.zone_bodies import FlowsOut, StepOut, WarmthOut, ZoneOut, ZonesOut, ZoneStageOut

if TYPE_CHECKING:
    import pandas as pd


def read_staffing_out(connection: Connection, window: Window) -> StaffingOut:
    """Return the staffing of a window.

    Raises:
        ProblemError: the key is for somebody outside the company, or what is asked for is no three whole weeks.
        DatabaseError: the database could not be asked.
    """
    if window.access.outside:
        raise ProblemError(403, "outside", "keys outside the company see nothing of staff")
    window = whole_weeks(window)
    store, now = window.store, window.now
    audited = accuracy_of(connection, window)
    whole = [window.days.up_to(day, now) for day in window.days.of(store.store_id).values() if day.opens_at < now]
    seen = read_staffing(
        connection, store, window.sides.current, target_slices(whole, now=now), now=now, as_of=window.as_of,
        k=window.access.k, audited=audited,
    )  # fmt: skip
    staff: Sequence[StaffSales] = ()
    # Of whom hours were corrected, and when, is nobody's to look up: a past moment is told of the whole store only.
    if window.access.staff and window.known is None:
        staff = read_staff_sales(
            connection, store.store_id, window.sides.current, now=now, as_of=window.as_of, k=window.access.k
        )
    return StaffingOut(
        store=store_out(store),
        period=period_out(window),
        figures=_named(seen.figures),
        target=_target(seen),
        hours=[_hour(one) for one in seen.hours],
        staff=[StaffSalesOut(alias=one.alias, figures=_named(one.figures, withheld=one.withheld)) for one in staff],
    )


def read_categories_out(connection: Connection, window: Window) -> CategoriesOut:
    """Return the categories of a window.

    Raises:
        ProblemError: what is asked for is not calendar weeks, or by somebody outside several of them.
        DatabaseError: the database could not be asked.
    """
    window = calendar_weeks(window)
    slices, facts, withheld = _shareable(connection, window)
    base = kpis(add_up(facts), as_of=window.as_of)
    found = read_categories(
        connection, window.store.store_id, slices, as_of=window.as_of,
        watch=read_zone_watch(connection, slices, now=window.now), group=group_size(base), k=window.access.k,
    )  # fmt: skip
    return CategoriesOut(
        store=store_out(window.store),
        period=period_out(window, withheld),
        categories=[
            CategoryOut(
                category=one.category,
                zones=list(one.zones),
                figures={told.definition_id: figure_out(told, withheld=hide) for told, hide in one.figures},
            )
            for one in found
        ],
    )


def read_zones_out(connection: Connection, window: Window) -> ZonesOut:
    """Return the funnel of each zone over a window.

    Raises:
        ProblemError: what is asked for is not calendar weeks, or by somebody outside several of them.
        DatabaseError: the database could not be asked.
    """
    window = calendar_weeks(window)
    slices, facts, withheld = _shareable(connection, window)
    base = kpis(add_up(facts), as_of=window.as_of)
    found = read_zone_funnels(
        connection, window.store.store_id, slices, as_of=window.as_of,
        watch=read_zone_watch(connection, slices, now=window.now), group=group_size(base), k=window.access.k,
    )  # fmt: skip
    return ZonesOut(
        store=store_out(window.store), period=period_out(window, withheld), zones=[_zone(one) for one in found]
    )  # fmt: skip


def read_flows_out(connection: Connection, window: Window) -> FlowsOut:
    """Return the steps between zones in a window.

    Raises:
        ProblemError: no day is over, or the key is for somebody outside who asks for more or less than a week.
        DatabaseError: the database could not be asked.
    """
    one_week(window)
    window = finished_days(window)
    slices, facts, withheld = _shareable(connection, window)
    door = completeness(add_up(facts))
    many = [one for one, came in zip(slices, facts[c.INS], strict=True) if came >= window.access.k]
    # Outside, weeks are all that is told, and a camera's week is that of the few who stopped there.
    told_of = [] if window.access.outside else many
    warm = read_warmth_sums(connection, window.store.store_id, told_of, k=window.access.k)
    days, stays = read_steps(connection, window.store.store_id, slices)
    # Outside, weeks are all that is told: what is few on a day need not be few in its week.
    judged = [together(days)] if window.access.outside else days
    told = shown_steps(judged, k=window.access.k)
    return FlowsOut(
        store=store_out(window.store),
        period=period_out(window, withheld),
        steps=[
            StepOut(
                from_=one.from_zone,
                to=one.to_zone,
                people=figure_out(one.figure(as_of=window.as_of, completeness=door)),
            )
            for one in told
        ],
        held_back=held_back(judged, told),
        known_share=known_share(days, stays),
        warmth=[
            WarmthOut(
                camera=camera, warmth=figure_out(figure("warmth", seconds, as_of=window.as_of, completeness=door))
            )
            for camera, seconds in warm.items()
        ],
    )


def _shareable(connection: Connection, window: Window) -> tuple[list[Slice], "pd.DataFrame", int]:
    """Return the days that the key may see, their facts, and how many are withheld."""
    every = window.sides.current
    facts, hidden = shareable(slice_facts(connection, every, now=window.now), window.access)
    kept = [one for one, hide in zip(every, hidden, strict=True) if not hide]
    return kept, facts.loc[[not hide for hide in hidden]], sum(hidden)


def _zone(one: ZoneFunnel) -> ZoneOut:
    excess = [] if one.excess is None else [("bought_over_visited", *one.excess)]
    return ZoneOut(
        zone=one.zone,
        categories=list(one.categories),
        stages=[
            ZoneStageOut(
                name=stage.name,
                count=figure_out(stage.count, withheld=stage.withheld),
                rate=None if stage.rate is None else figure_out(stage.rate, withheld=stage.rate_withheld),
            )
            for stage in one.stages
        ],
        dwell_p50=figure_out(one.dwell_p50, withheld=one.stages[0].withheld),
        dwell_p90=figure_out(one.dwell_p90, withheld=one.stages[0].withheld),
        inconsistencies=[InconsistencyOut(code=code, more=more, less=less) for code, more, less in excess],
    )


def _named(figures: Sequence[Figure], *, withheld: bool = False) -> dict[str, FigureOut]:
    return {one.definition_id: figure_out(one, withheld=withheld) for one in figures}


def _target(seen: Staffing) -> TargetOut | None:
    if seen.target is None:
        return None
    return TargetOut(
        weekday=seen.target.weekday, conversion=seen.target.conversion, star=seen.target.star, days=seen.target.days
    )


def _hour(one: StaffedHour) -> WeekHourOut:
    return WeekHourOut(
        weekday=one.weekday,
        hour=one.hour,
        weeks=one.weeks,
        visitors=figure_out(one.visitors, withheld=one.withheld),
        staff_on_floor=figure_out(one.on_floor),
        star=figure_out(one.star, withheld=one.withheld),
        staff_needed=figure_out(one.needed, withheld=one.withheld),
        power=one.power,
        verdict=one.verdict,
    )
