"""Periods and what they are compared with.

Each period is a set of a store's own business days. It is compared with the days that lie whole weeks before it, so
that Saturdays meet Saturdays; a day that is still running is compared up to the same time on the wall clock.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, get_args

from analytics.days import Calendar, Slice, at_wall_minutes, business_date, quarter, wall_minutes
from analytics.stores import Store

PeriodName = Literal["today", "yesterday", "this_week", "last_week", "four_weeks", "custom"]
PERIODS: tuple[PeriodName, ...] = get_args(PeriodName)


@dataclass(frozen=True, slots=True)
class Period:
    """Dates of a store, both ends included, and how many days earlier its comparison lies (whole weeks)."""

    first: date
    last: date
    shift_days: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is shown and what is compared.

    `current` is everything up to now; `comparable` the same without the quarter-hour that is still running;
    `previous` the matching part of the days before.
    """

    current: tuple[Slice, ...]
    comparable: tuple[Slice, ...]
    previous: tuple[Slice, ...]


def period(name: PeriodName, today: date, *, first: date | None = None, last: date | None = None) -> Period:
    """Return the period as dates, seen from the store's `today`. Weeks begin on Monday; four weeks end yesterday.

    Raises:
        ValueError: a custom period without both dates, or one that ends before it begins.
    """
    monday = today - timedelta(days=today.weekday())
    yesterday = today - timedelta(days=1)
    if name == "today":
        return Period(today, today, 7)
    if name == "yesterday":
        return Period(yesterday, yesterday, 7)
    if name == "this_week":
        return Period(monday, today, 7)
    if name == "last_week":
        return Period(monday - timedelta(days=7), monday - timedelta(days=1), 7)
    if name == "four_weeks":
        return Period(today - timedelta(days=28), yesterday, 28)
    if first is None or last is None or last < first:
        raise ValueError(f"expected a first and a last date in order, got {first} and {last}")
    return Period(first, last, -(-((last - first).days + 1) // 7) * 7)


def comparison(
    days: Calendar, store: Store, chosen: Period, *, now: datetime, counterpart: Callable[[date], date] | None = None
) -> Comparison:
    """Return the slices of a store's period, of its whole quarter-hours, and of what they are compared with.

    `counterpart` says which day each is compared with; without it, the one `shift_days` before.
    """
    earlier = counterpart or (lambda day: day - timedelta(days=chosen.shift_days))
    known = days.of(store.store_id)
    current, comparable, previous = [], [], []
    for date_, day in known.items():
        if not chosen.first <= date_ <= chosen.last or day.opens_at >= now:
            continue
        current.append(days.up_to(day, now))
        cut = days.up_to(day, quarter(now))
        before = known.get(earlier(date_))
        if before is None or cut.empty:
            continue
        comparable.append(cut)
        if cut.until < day.closes_at:
            wall = wall_minutes(store, date_, cut.until)
            previous.append(days.up_to(before, at_wall_minutes(store, before.business_date, wall)))
        else:
            previous.append(days.whole(before))
    return Comparison(tuple(current), tuple(comparable), tuple(previous))


def store_period(
    days: Calendar,
    store: Store,
    name: PeriodName,
    *,
    now: datetime,
    first: date | None = None,
    last: date | None = None,
) -> Period:
    """Return the period as seen from the store's own date at `now`.

    Raises:
        ValueError: a custom period without both dates in order.
    """
    return period(name, business_date(days, store, now), first=first, last=last)


def finished(slices: Iterable[Slice], now: datetime) -> tuple[Slice, ...]:
    """Return the business days that were over by `now`, their tills closed, whatever the calendar's date."""
    return tuple(one for one in slices if one.over(now))


def month_so_far(days: Calendar, store: Store, *, now: datetime) -> tuple[Slice, ...]:
    """Return the business days that are over of the month in which the last of them lies."""
    over_by_now = finished(map(days.whole, days.of(store.store_id).values()), now)
    if not over_by_now:
        return ()
    last = over_by_now[-1].business_date
    return tuple(
        one for one in over_by_now if (one.business_date.year, one.business_date.month) == (last.year, last.month)
    )


def past_weeks(days: Calendar, store: Store, weeks: int, *, now: datetime) -> Period:
    """Return the last calendar weeks that are over, Monday to Sunday, their last till closed.

    Two such periods differ by whole weeks: what a day of few people would tell stands in no difference.
    """
    today = business_date(days, store, now)
    monday = today - timedelta(days=today.weekday())
    chosen = Period(monday - timedelta(weeks=weeks), monday - timedelta(days=1), 7 * weeks)
    if over(days, store, chosen, now=now):
        return chosen
    return Period(chosen.first - timedelta(weeks=1), chosen.last - timedelta(weeks=1), chosen.shift_days)


def over(days: Calendar, store: Store, chosen: Period, *, now: datetime) -> bool:
    """Whether the last day of a period is over, its till closed."""
    return now.astimezone(store.zone).date() > chosen.last and all(
        days.whole(day).over(now) for at, day in days.of(store.store_id).items() if chosen.first <= at <= chosen.last
    )
