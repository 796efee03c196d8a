"""The till's queue: how long people waited, how many stood there and gave up, and how it is now."""

from collections.abc import Sequence
from datetime import date
from typing import Literal

from analytics.days import Slice
from analytics.facts import slice_facts
from analytics.figure import Figure
from analytics.queries import Connection
from analytics.visits.queue_cells import Day
from analytics.visits.queue_hours import (
    PastQueue,
    has_queue,
    parts_of,
    queue_hours,
    queue_total,
    read_counted,
    read_queue_days,
)
from analytics.visits.queueing import read_queue
from analytics.visits.stages import read_stages
from analytics.visits.zone_watch import read_zone_watch
from api.bodies import FigureOut
from api.figures import figure_out, period_out, store_out
from api.inside_bodies import QueueNowOut, QueueOut, QueueRow
from api.reading import paged
from api.weeks import settled_before, settled_days
from api.windows import Window, running_day, shareable

QueueGrain = Literal["period", "day", "hour"]


def read_queue_out(
    connection: Connection, window: Window, grain: QueueGrain, *, cursor: str | None, limit: int
) -> QueueOut:
    """Return the queues of a window: of its days that are over, and as they are now where it reaches up to that.

    Raises:
        ProblemError: the cursor is none of this question.
        DatabaseError: the database could not be asked.
    """
    queue = has_queue(connection, window.store.store_id)
    now = _now(connection, window) if queue else None
    over = settled_days(window)
    _, hidden = shareable(slice_facts(connection, over.sides.current, now=over.now), over.access)
    own = _kept(connection, over, hidden) if queue else []
    days = read_queue_days(connection, window.store, own)
    rows: list[QueueRow] = []
    if days and grain == "hour":
        rows = _by_hour(connection, over, own, days)
    elif days and grain == "day":
        watch = read_zone_watch(connection, own, now=over.now)
        rows = [
            _row(over, one, one, [day], watch.of_role("queue", [place]))
            for place, (one, day) in enumerate(zip(own, days, strict=True))
        ]
    elif days:
        watch = read_zone_watch(connection, own, now=over.now)
        rows = [_row(over, own[0], own[-1], days, watch.of_role("queue"))]
    page, next_cursor = paged(rows, f"queue {grain} {window.question}", cursor, limit, _place)
    return QueueOut(
        store=store_out(window.store),
        period=period_out(window, sum(hidden)),
        grain=grain,
        since=own[0].business_date if days else None,
        now=now,
        rows=page,
        next_cursor=next_cursor,
    )


def _kept(connection: Connection, window: Window, hidden: Sequence[bool]) -> list[Slice]:
    """Return the days that the key may see, and of which the waits are kept.

    Outside the company a day on which few queued is left out of all, as in the funnel.
    """
    seen = [one for one, hide in zip(window.sides.current, hidden, strict=True) if not hide]
    joins = read_stages(connection, window.store.store_id, seen).joins
    few = window.access.k if window.access.outside else 0
    return [one for one, left in zip(seen, joins, strict=True) if left is not None and not 0 < left < few]


def _by_hour(connection: Connection, window: Window, own: Sequence[Slice], days: Sequence[Day]) -> list[QueueRow]:
    parts = parts_of(
        own, days, window.days, store=window.store, period=window.chosen, before=settled_before(window)
    )  # fmt: skip
    counted = read_counted(connection, window.store, own, now=window.now)
    return [
        _told(one.queue, own[0].business_date, own[-1].business_date, hour=one.hour, few=one.withheld, every=True)
        for one in queue_hours(parts, counted, as_of=window.as_of, k=window.access.k)
    ]


def _row(window: Window, first: Slice, last: Slice, days: Sequence[Day], share: float | None) -> QueueRow:
    as_of = min(window.as_of, last.till_until)
    total, few = queue_total(days, as_of=as_of, completeness=share, k=window.access.k)
    return _told(total, first.business_date, last.business_date, few=few)


def _told(
    seen: PastQueue, first: date, last: date, *, few: bool, hour: int | None = None, every: bool = False
) -> QueueRow:
    """Return a row; where `few` its waits are withheld, and with `every` also how many queued."""
    figures = {seen.joins.definition_id: figure_out(seen.joins, withheld=few and every)}
    figures |= {one.definition_id: figure_out(one, withheld=few) for one in seen.waits}
    return QueueRow(first=first, last=last, hour=hour, figures=figures)


def _place(row: QueueRow) -> str:
    return row.first.isoformat() if row.hour is None else f"{row.hour:02}"


def _now(connection: Connection, window: Window) -> QueueNowOut | None:
    day = running_day(window)
    if day is None:
        return None
    watched = read_zone_watch(connection, [day], now=window.now).of_role("queue")
    seen = read_queue(connection, day.store_id, from_at=day.from_at, now=day.until, completeness=watched)

    def wait(one: Figure) -> FigureOut:
        return figure_out(one, withheld=one.definition_id in seen.withheld)

    return QueueNowOut(
        queue_length=figure_out(seen.length), queue_wait_p50=wait(seen.wait_p50), queue_wait_p90=wait(seen.wait_p90)
    )
