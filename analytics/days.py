"""Business days: the store's own days, as instants.

A business day runs from the store's opening to its closing, which may lie after midnight. Everything is compared by
the store's wall clock, so a day of 23 or 25 hours lines up with the others.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from analytics.queries import Connection, rows
from analytics.stores import Store

#: Width of the base bucket.
BUCKET: Final = timedelta(minutes=15)
#: The last customers pay after the door has closed: sales count until this long after it.
TILL_CLOSES_AFTER: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class BusinessDay:
    """One store's opening hours on one date, half open; `hours_known` is False when no hours were ever set."""

    store_id: int
    business_date: date
    opens_at: datetime
    closes_at: datetime
    hours_known: bool = True


@dataclass(frozen=True, slots=True)
class Slice:
    """The part of a business day that is looked at: [from_at, until); sales count until `till_until`."""

    store_id: int
    business_date: date
    from_at: datetime
    until: datetime
    till_until: datetime

    @property
    def empty(self) -> bool:
        """Whether no time lies in it."""
        return self.until <= self.from_at

    def over(self, now: datetime) -> bool:
        """Whether the day had ended by `now`, its till closed; one cut at `now` or later is still running."""
        return self.till_until < now


class Calendar:
    """The business days of some stores, by store and date."""

    def __init__(self, days: Iterable[BusinessDay]) -> None:
        self._days: dict[int, dict[date, BusinessDay]] = {}
        for day in sorted(days, key=lambda one: one.business_date):
            self._days.setdefault(day.store_id, {})[day.business_date] = day
        self._dates = {store_id: list(known) for store_id, known in self._days.items()}

    def of(self, store_id: int) -> Mapping[date, BusinessDay]:
        """Return one store's days by date, in order."""
        return self._days.get(store_id, {})

    def latest_opened(self, store_id: int, now: datetime) -> BusinessDay | None:
        """Return the day that is open at `now`, else the last one that was; None before the first."""
        opened = [day for day in self.of(store_id).values() if day.opens_at <= now]
        return opened[-1] if opened else None

    def next_opening(self, store_id: int, now: datetime) -> BusinessDay | None:
        """Return the first day that opens after `now`."""
        return next((day for day in self.of(store_id).values() if day.opens_at > now), None)

    def till_until(self, day: BusinessDay) -> datetime:
        """Return when the day's sales end: `TILL_CLOSES_AFTER` the door, but never in the next business day."""
        until = day.closes_at + TILL_CLOSES_AFTER
        dates = self._dates.get(day.store_id, [])
        later = bisect_right(dates, day.business_date)
        if later == len(dates):
            return until
        return max(day.closes_at, min(until, self.of(day.store_id)[dates[later]].opens_at))

    def whole(self, day: BusinessDay) -> Slice:
        """Return the slice that holds all of a day."""
        return Slice(day.store_id, day.business_date, day.opens_at, day.closes_at, self.till_until(day))

    def up_to(self, day: BusinessDay, until: datetime) -> Slice:
        """Return the slice of a day that ends at `until` (or with the day)."""
        ends, till = min(day.closes_at, until), min(self.till_until(day), until)
        return Slice(day.store_id, day.business_date, day.opens_at, ends, till)


def calendar(connection: Connection, store_ids: Sequence[int], *, first: date, last: date) -> Calendar:
    """Return the business days of the stores between two dates, both included.

    A store for which no hours were ever set is taken as open from midnight to midnight.

    Raises:
        DatabaseError: the database could not be asked.
    """
    found = rows(connection, "business_days", store_ids=list(store_ids), first=first, last=last)
    return Calendar(
        BusinessDay(store_id, day, opens.astimezone(UTC), closes.astimezone(UTC), known)
        for store_id, day, opens, closes, known in found
    )


def by_week(slices: Iterable[Slice]) -> list[list[Slice]]:
    """Return slices by the calendar week of their business date, in order."""
    weeks: dict[tuple[int, int], list[Slice]] = {}
    for one in slices:
        year, week, _ = one.business_date.isocalendar()
        weeks.setdefault((year, week), []).append(one)
    return [weeks[week] for week in sorted(weeks)]


def business_date(days: Calendar, store: Store, now: datetime) -> date:
    """Return the store's date at `now`: the business day's while one is open, else the calendar's."""
    opened = days.latest_opened(store.store_id, now)
    if opened is not None and now < opened.closes_at:
        return opened.business_date
    return now.astimezone(store.zone).date()


def wall_minutes(store: Store, day: date, at: datetime) -> int:
    """Return the minutes from the wall clock's midnight of `day` to `at`; 1440 and more after the next midnight."""
    local = at.astimezone(store.zone).replace(tzinfo=None)
    return int((local - datetime.combine(day, datetime.min.time())) // timedelta(minutes=1))


def at_wall_minutes(store: Store, day: date, minutes: int) -> datetime:
    """Return the instant at which the store's wall clock shows `minutes` after the midnight of `day`.

    A time that the clock jumps over reads as the instant an unchanged clock would have shown it.
    """
    wall = datetime.combine(day, datetime.min.time()) + timedelta(minutes=minutes)
    return wall.replace(tzinfo=store.zone).astimezone(UTC)


def wall_hour(store: Store, at: datetime) -> datetime:
    """Return when the wall clock's hour that holds `at` began; the two of a day that has one twice are two."""
    local = at.astimezone(store.zone)
    return local.replace(minute=0, second=0, microsecond=0).astimezone(UTC)


def quarter(at: datetime) -> datetime:
    """Return the start of the 15-minute bucket that holds `at`."""
    utc = at.astimezone(UTC)
    return utc.replace(minute=utc.minute // 15 * 15, second=0, microsecond=0)
