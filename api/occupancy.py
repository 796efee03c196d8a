"""Who is inside: at the end of each hour, when most, and now."""

from itertools import groupby

from analytics.facts import slice_facts
from analytics.quality.accuracy import StoreAccuracy
from analytics.queries import Connection
from analytics.visits.occupancy_hours import Moment, peak, read_occupancy
from api.bodies import FigureOut
from api.errors import ProblemError
from api.figures import figure_out, period_out, store_out
from api.hourly import DAYS_MAX
from api.inside_bodies import OccupancyOut, OccupancyRow, PeakOut
from api.reading import accuracy_of, paged
from api.weeks import settled_as_of
from api.windows import Window, running_day, shareable


def read_occupancy_out(connection: Connection, window: Window, *, cursor: str | None, limit: int) -> OccupancyOut:
    """Return who was inside over a window, and who is now where it reaches up to that.

    Raises:
        ProblemError: the period is too long, or the cursor is none of this question.
        DatabaseError: the database could not be asked.
    """
    every = settled_as_of(window).sides.current
    if len(every) > DAYS_MAX:
        raise ProblemError(422, "invalid-parameter", f"period: expected at most {DAYS_MAX} days, got {len(every)}")
    _, hidden = shareable(slice_facts(connection, every, now=window.now), window.access)
    days = [one for one, hide in zip(every, hidden, strict=True) if not hide]
    audited = accuracy_of(connection, window)
    moments = read_occupancy(connection, window.store, days, now=window.now, k=window.access.k, audited=audited)
    page, next_cursor = paged(moments, f"occupancy {window.question}", cursor, limit, lambda one: one.until.isoformat())
    told = {one.business_date for one in page}
    peaks = ((day, peak(some)) for day, some in groupby(moments, key=lambda one: one.business_date) if day in told)
    return OccupancyOut(
        store=store_out(window.store),
        period=period_out(window, sum(hidden)),
        now=_now(connection, window, audited),
        peaks=[PeakOut(business_date=day, occupancy=figure_out(one)) for day, one in peaks if one is not None],
        rows=[_row(one) for one in page],
        next_cursor=next_cursor,
    )


def _row(one: Moment) -> OccupancyRow:
    return OccupancyRow(
        until=one.until, business_date=one.business_date, occupancy=figure_out(one.people, withheld=one.withheld)
    )


def _now(connection: Connection, window: Window, audited: StoreAccuracy) -> FigureOut | None:
    day = running_day(window)
    if day is None:
        return None
    # A running total of the store's, as on the page.
    moments = read_occupancy(connection, window.store, [day], now=window.now, k=0, audited=audited)
    return figure_out(moments[-1].people) if moments else None
