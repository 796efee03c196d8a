"""Queues over past days: how long people waited, how many stood there and gave up, in all and by the hour of the day.

Waits are single rows, kept 90 days: days before that are left out and said to be. Days and hours of few people are left
out of waits, lengths and who gave up, so that no two periods tell of one (`queue_cells`).
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

from analytics.days import Calendar, Slice, by_week, quarter
from analytics.figure import Figure, figure, suppressed_where
from analytics.periods import Period, over
from analytics.queries import Connection, rows
from analytics.stores import Store
from analytics.visits.hours import hour_slices
from analytics.visits.kpis import ratio
from analytics.visits.queue_cells import Cell, Day, Sample, is_told, told_hours
from analytics.visits.queueing import QueueExit, abandonment, wait_figure
from analytics.visits.zone_watch import read_zone_watch

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PastQueue:
    """A queue's figures over some time: people who left it, waits in seconds, mean length, share who gave up."""

    joins: Figure
    wait_p50: Figure
    wait_p90: Figure
    mean: Figure
    abandonment: Figure

    @property
    def waits(self) -> tuple[Figure, ...]:
        """All of it but how many left."""
        return self.mean, self.wait_p50, self.wait_p90, self.abandonment


@dataclass(frozen=True, slots=True)
class QueueHour:
    """One hour of the day over those days of which it may be told; `withheld`: it may be told of none."""

    hour: int
    queue: PastQueue
    withheld: bool


@dataclass(frozen=True, slots=True)
class QueuePast:
    """The queues of a store over a period; `since` is the first day whose waits are still kept.

    `withheld`: of each day with a queue fewer than k people left it, so that of all only their number is told.
    """

    since: date
    total: PastQueue
    hours: tuple[QueueHour, ...]
    withheld: bool = False


def queue_past(
    parts: Sequence[Sequence[Day]],
    counted: Mapping[int, float | None],
    *,
    since: date,
    as_of: datetime,
    completeness: float | None,
    k: int,
) -> QueuePast:
    """Return the queues' figures over the days of whole calendar weeks, and single days, in all and by the hour.

    `counted` names the hours of the wall clock, 24 and more after midnight, and the share of each that was counted.
    """
    days = [day for part in parts for day in part]
    total, withheld = queue_total(days, as_of=as_of, completeness=completeness, k=k)
    return QueuePast(since, total, queue_hours(parts, counted, as_of=as_of, k=k), withheld)


def queue_total(days: Sequence[Day], *, as_of: datetime, completeness: float | None, k: int) -> tuple[PastQueue, bool]:
    """Return the queues' figures over days, and whether waits are withheld. How many left is a total of the store's."""
    told = [day for day in days if is_told(day, k=k)]
    few = not any(cell.exits for day in told for cell in day) and any(cell.exits for day in days for cell in day)
    share = ratio(float(len(told)), float(len(days)))
    counted = None if completeness is None or share is None else completeness * share
    waits = _queue([cell for day in told for cell in day], as_of=as_of, completeness=counted, few=few)
    whole = _queue([cell for day in days for cell in day], as_of=as_of, completeness=completeness, few=False)
    return PastQueue(whole.joins, waits.wait_p50, waits.wait_p90, waits.mean, waits.abandonment), few


def queue_hours(
    parts: Sequence[Sequence[Day]], counted: Mapping[int, float | None], *, as_of: datetime, k: int
) -> tuple[QueueHour, ...]:
    """Return the figures of each hour of the day, of such parts as `queue_past` takes."""
    told = told_hours(parts, k=k)
    found = []
    for hour in sorted(counted):
        every = sum(cell.hour == hour for part in parts for day in part for cell in day)
        some = told.get(hour, ())
        few, share = bool(every) and not some, ratio(float(len(some)), float(every))
        complete = counted[hour]
        seen = complete if complete is None or share is None else complete * share
        found.append(QueueHour(hour, _queue(some, as_of=as_of, completeness=seen, few=few), few))
    return tuple(found)


def parts_of(
    slices: Sequence[Slice],
    cells: Sequence[Day],
    days: Calendar,
    *,
    store: Store,
    period: Period,
    before: datetime,
) -> list[list[Day]]:
    """Return the cells of each slice in parts: a calendar week of which all is there together, else day by day.

    `slices` are days that were over `before` a moment. All of a week is there where it had ended by then and the slices
    hold each of its business days: a week so far is no whole one, or a day later it would tell of that day.
    """
    found: list[list[Day]] = []
    begin = 0
    for week in by_week(slices):
        own = list(cells[begin : begin + len(week)])
        begin += len(week)
        monday = week[0].business_date - timedelta(days=week[0].business_date.weekday())
        all_of_it = Period(monday, monday + timedelta(days=6), 7)
        wanted = [day for day in days.of(store.store_id) if all_of_it.first <= day <= all_of_it.last]
        whole = period.first <= all_of_it.first and all_of_it.last <= period.last
        if whole and wanted == [one.business_date for one in week] and over(days, store, all_of_it, now=before):
            found.append(own)
        else:
            found += [[day] for day in own]
    return found


def _queue(cells: Sequence[Cell], *, as_of: datetime, completeness: float | None, few: bool) -> PastQueue:
    shown = suppressed_where(few)
    # In their order: who stands behind one who waits waits, too.
    exits = sorted((one for cell in cells for one in cell.exits), key=lambda one: one.at)
    samples = [one for cell in cells for one in cell.samples]

    def stated(definition_id: str, value: float | None) -> Figure:
        return shown(figure(definition_id, value, as_of=as_of, completeness=completeness))

    watched = bool(exits) or (completeness or 0.0) > 0
    mean = ratio(sum(one.length_sum for one in samples), float(sum(one.samples for one in samples)))
    return PastQueue(
        joins=stated("queue_joins", float(len(exits)) if watched else None),
        wait_p50=shown(wait_figure("wait_p50", exits, 0.5, as_of=as_of, completeness=completeness)),
        wait_p90=shown(wait_figure("wait_p90", exits, 0.9, as_of=as_of, completeness=completeness)),
        mean=stated("queue_mean", mean),
        abandonment=shown(abandonment(exits, as_of=as_of, completeness=completeness)),
    )


def has_queue(connection: Connection, store_id: int) -> bool:
    """Return whether a queue zone is drawn in the store.

    Raises:
        DatabaseError: the database could not be asked.
    """
    return any(role == "queue" for _, role, _ in rows(connection, "zones", store_id=store_id))


def read_queue_days(connection: Connection, store: Store, slices: Sequence[Slice]) -> list[list[Cell]]:
    """Return each slice's hours with who left the queues and how many stood there.

    Raises:
        DatabaseError: the database could not be asked.
    """
    if not slices:
        return []
    span = {"from_at": slices[0].from_at, "until": slices[-1].until}
    left = [QueueExit(*row) for row in rows(connection, "queue_exits", store_id=store.store_id, **span)]
    spans = {"from_at": [one.from_at for one in slices], "until": [one.until for one in slices]}
    sums = [Sample(*row) for row in rows(connection, "queue_lengths", of_store=store.store_id, **spans)]
    hours = [(place, hour) for place, day in enumerate(slices) for hour in hour_slices(store, day)]
    ends = [hour for _, hour in hours]
    exits = _by_place(ends, ((one.at, one) for one in left))
    samples = _by_place(ends, ((one.at, one) for one in sums))
    found: list[list[Cell]] = [[] for _ in slices]
    for at, (place, hour) in enumerate(hours):
        found[place].append(Cell(_of_clock(store, hour), tuple(exits.get(at, ())), tuple(samples.get(at, ()))))
    return found


def read_counted(
    connection: Connection, store: Store, slices: Sequence[Slice], *, now: datetime
) -> dict[int, float | None]:
    """Return of each hour of the wall clock, over all slices, which share of it the queues' cameras counted.

    Raises:
        DatabaseError: the database could not be asked.
    """
    hours = [hour for day in slices for hour in hour_slices(store, day)]
    watch = read_zone_watch(connection, hours, now=now)
    places: dict[int, list[int]] = {}
    for place, hour in enumerate(hours):
        places.setdefault(_of_clock(store, hour), []).append(place)
    return {hour: watch.of_role("queue", some) for hour, some in places.items()}


def read_queue_past(
    connection: Connection,
    store: Store,
    slices: Sequence[Slice],
    days: Calendar,
    *,
    period: Period,
    now: datetime,
    as_of: datetime,
    k: int,
) -> QueuePast | None:
    """Return the queues over a period's days that are over and whose waits are kept; None without any, or a queue.

    Raises:
        DatabaseError: the database could not be asked.
    """
    if not slices or not has_queue(connection, store.store_id):
        return None
    cells = read_queue_days(connection, store, slices)
    parts = parts_of(slices, cells, days, store=store, period=period, before=now)
    hours = read_counted(connection, store, slices, now=now)
    watched = read_zone_watch(connection, slices, now=now).of_role("queue")
    return queue_past(parts, hours, since=slices[0].business_date, as_of=as_of, completeness=watched, k=k)


def _of_clock(store: Store, hour: Slice) -> int:
    """Return an hour's number on the store's wall clock, 24 and more after midnight."""
    local = hour.from_at.astimezone(store.zone)
    return local.hour + 24 * (local.date() - hour.business_date).days


def _by_place(hours: Sequence[Slice], moments: Iterable[tuple[datetime, T]]) -> dict[int, list[T]]:
    """Return what lies within an hour by its place; what is of the quarter-hour in which the shop opened is of it."""
    starts = [quarter(one.from_at) for one in hours]
    found: dict[int, list[T]] = {}
    for at, what in moments:
        place = bisect_right(starts, quarter(at)) - 1
        if place >= 0 and quarter(at) < hours[place].until:
            found.setdefault(place, []).append(what)
    return found
