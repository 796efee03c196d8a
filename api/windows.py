"""Windows: which business days of a store a question is about, and what a key may see of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import reduce
from operator import or_
from typing import Final

import pandas as pd

from analytics import columns as c
from analytics.days import Calendar, Slice
from analytics.directory import Directory
from analytics.facts import orders
from analytics.periods import Comparison, Period, PeriodName, comparison, finished, store_period
from analytics.stores import Store
from api.access import Access
from api.errors import ProblemError

#: The longest custom period, in days: 13 months.
DAYS_MAX: Final = 400
#: Calendars are read so far back, or twice as far and so on, so that few of them are kept.
_BACK_DAYS: Final = 70
_MARGIN_DAYS: Final = 20
_EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
_EXPECTED: Final = (c.EXPECTED_S, c.STREET_EXPECTED_S)
#: As of a past moment a day is told once it had been over for so long: what was on its way when it ended has arrived.
_TOLD_AFTER: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """A period as it was asked for; `known`: as it was known at that moment."""

    name: PeriodName
    first: date | None = None
    last: date | None = None
    known: datetime | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """A store's business days, as far as they have begun and may be seen.

    `as_of` is up to when figures of them count; `running` whether the last of them is still going on at `now`, which is
    the moment that was asked for where one was (`known`). What intervals are made of beside the days is of before
    `judged_at`: in their digits, too, a key that sees no day that runs would find each of its sales.
    """

    store: Store
    access: Access
    name: PeriodName
    chosen: Period
    days: Calendar
    sides: Comparison
    now: datetime
    as_of: datetime
    running: bool
    known: datetime | None
    judged_at: datetime

    @property
    def question(self) -> str:
        """The days and the store in words, for cursors and caches."""
        return (
            f"{self.store.code} {self.name} {self.chosen.first} {self.chosen.last} {self.access.outside} {self.known}"
        )


def window(directory: Directory, store: Store, access: Access, asked: Asked, *, now: datetime) -> Window:
    """Return the window of a question about one store.

    Raises:
        ProblemError: the dates are missing, in disorder or too far apart, or the key may not see a day that runs.
        DatabaseUnavailableError: the database does not answer.
    """
    return windows(directory, [store], access, asked, now=now)[0]


def windows(
    directory: Directory, stores: Sequence[Store], access: Access, asked: Asked, *, now: datetime
) -> list[Window]:
    """Return the window of each store, by its own date.

    Raises:
        ProblemError: as `window`.
        DatabaseUnavailableError: the database does not answer.
    """
    _check(asked, access, now)
    now = asked.known or now
    days = directory.calendar(stores, _back(asked, now), now, known=asked.known)
    return [_window(store, access, asked, days, now) for store in stores]


def _window(store: Store, access: Access, asked: Asked, days: Calendar, now: datetime) -> Window:
    known = asked.known
    chosen = store_period(days, store, asked.name, now=now, first=asked.first, last=asked.last)
    sides = visible(comparison(days, store, chosen, now=now), access, now=now, known=known)
    ends = [one.till_until for one in sides.current]
    return Window(
        store=store,
        access=access,
        name=asked.name,
        chosen=chosen,
        days=days,
        sides=sides,
        now=now,
        as_of=min(now, max(ends, default=now)).replace(microsecond=0),
        running=not ends or max(ends) >= now,
        known=known,
        judged_at=_judged_at(store, access, days, now, known),
    )


def visible(sides: Comparison, access: Access, *, now: datetime, known: datetime | None) -> Comparison:
    """Return the days that a key may see: outside the company, and as of a past moment, those that are over.

    One that runs is cut at `now`: its sales have not ended before. Minute by minute as of then it would say when each
    of its visitors came in.
    """
    if known is None and not access.outside:
        return sides
    before = now if known is None else known - _TOLD_AFTER
    over = {one.business_date for one in finished(sides.current, before)}
    pairs = [
        (one, before) for one, before in zip(sides.comparable, sides.previous, strict=True) if one.business_date in over
    ]
    return Comparison(
        current=tuple(one for one in sides.current if one.business_date in over),
        comparable=tuple(one for one, _ in pairs),
        previous=tuple(before for _, before in pairs),
    )


def _judged_at(store: Store, access: Access, days: Calendar, now: datetime, known: datetime | None) -> datetime:
    if known is None and not access.outside:
        return now
    ends = (days.till_until(one) + _TOLD_AFTER for one in days.of(store.store_id).values())
    return max((end for end in ends if end < now), default=now)


def running_day(window: Window) -> Slice | None:
    """Return the business day that is open now, where a window reaches up to it and the key may see it."""
    if window.known is not None or window.access.outside or not window.running or not window.sides.current:
        return None
    last = window.sides.current[-1]
    day = window.days.of(window.store.store_id)[last.business_date]
    return last if window.now < day.closes_at else None


def shareable(facts: pd.DataFrame, access: Access) -> tuple[pd.DataFrame, list[bool]]:
    """Return the facts of days as far as the key may see them, and which days are withheld.

    Within the company a store's totals are never withheld. Outside, a day of fewer than k visitors or sales is left out
    of everything, sums included, as if nobody had counted: so no difference of two answers tells of it.
    """
    if not access.outside:
        return facts, [False] * len(facts)
    kept = facts.copy()
    for column in (c.PASSERS, c.OUTS):
        kept.loc[_small(kept[column], access.k), column] = float("nan")
    kept[c.STAFF_INS] = float("nan")
    # A day of refunds alone has no sale, yet its net sales are somebody's.
    judged = (kept[c.INS], kept[c.TRANSACTIONS], orders(kept))
    withheld = reduce(or_, (_small(people, access.k) for people in judged))
    kept.loc[withheld, [name for name in c.ADDITIVE if name not in _EXPECTED]] = float("nan")
    return kept, withheld.tolist()


def _small(people: "pd.Series[float]", k: int) -> "pd.Series[bool]":
    return (people > 0) & (people < k)


def _check(asked: Asked, access: Access, now: datetime) -> None:
    if asked.known is not None:
        _check_known(asked, asked.known, access, now)
    if asked.name != "custom":
        if asked.first is not None or asked.last is not None:
            raise ProblemError(422, "invalid-parameter", "first and last: only with period=custom")
        if asked.name == "today" and access.outside:
            raise ProblemError(
                403, "outside", "keys outside the company see finished days only: ask for yesterday or this_week"
            )
        return
    if asked.first is None or asked.last is None:
        raise ProblemError(422, "invalid-parameter", "period=custom: expected first and last such as 2026-11-01")
    if asked.last < asked.first:
        raise ProblemError(422, "invalid-parameter", f"last: expected {asked.first} or later, got {asked.last}")
    if asked.last - asked.first >= timedelta(days=DAYS_MAX):
        raise ProblemError(422, "invalid-parameter", f"first and last: expected at most {DAYS_MAX} days")


def _check_known(asked: Asked, known: datetime, access: Access, now: datetime) -> None:
    if access.outside:
        # Two moments tell, by their difference, what came between them: one order, one visitor.
        raise ProblemError(403, "outside", "as_of: keys outside the company see figures as they are known now")
    if not _EARLIEST <= known <= now:
        raise ProblemError(422, "invalid-parameter", f"as_of: expected a moment from {_EARLIEST:%Y-%m-%d} to now")
    if asked.name == "today":
        raise ProblemError(
            422,
            "invalid-parameter",
            "period=today: as of a past moment days are told that had been over for an hour by then: ask for "
            "yesterday, or custom",
        )


def _back(asked: Asked, now: datetime) -> int:
    needed = _BACK_DAYS
    if asked.first is not None and asked.last is not None:
        needed = (now.date() - asked.first).days + (asked.last - asked.first).days + _MARGIN_DAYS
    back = _BACK_DAYS
    while back < needed:
        back *= 2
    return back
