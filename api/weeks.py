"""Whole weeks: what is judged by a sum of days is told of periods of which no difference is a day.

Periods that overlap differ by a few days: were each told by itself, the difference would tell what was withheld.
"""

from calendar import MONDAY, SUNDAY
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from analytics.periods import Period, comparison, finished, over, past_weeks
from analytics.staff.staffing import WEEKS_MIN
from api.errors import ProblemError
from api.windows import Window

_WEEK: Final = timedelta(days=7)
#: As of a past moment staff are told of weeks that had been over for so long: rosters come late, and the difference of
#: two moments before would be the day of which the hours came between them.
_SETTLED: Final = _WEEK


def calendar_weeks(window: Window) -> Window:
    """Return the window of calendar weeks that are over: `four_weeks` are the last four; outside the company one week.

    Each week is judged by itself, so that longer periods say no more than their weeks. Outside, days of few people are
    left out beside that, by what was sold on them: there two weeks in one answer could say more than two answers.

    Raises:
        ProblemError: the period is another.
    """
    one_week(window)
    if window.name == "four_weeks":
        return _over_weeks(window, past_weeks(window.days, window.store, 4, now=window.now))
    if not _whole(window, window.chosen, window.now):
        raise _refused("categories are told by calendar weeks that are over, Monday to Sunday", window)
    return window


def finished_days(window: Window) -> Window:
    """Return the window without a day that is still going on: asked again and again, it would tell of moments.

    Raises:
        ProblemError: no day of it is over.
    """
    over_by_now = finished(window.sides.current, window.now)
    if window.name == "today" or (window.sides.current and not over_by_now):
        raise _refused("flows are told of days that are over", window)
    sides = replace(window.sides, current=over_by_now)
    ends = [one.till_until for one in over_by_now]
    return replace(window, sides=sides, as_of=max(ends, default=window.now).replace(microsecond=0), running=False)


def settled_days(window: Window) -> Window:
    """Return the window's days that are over; as of a past moment those that had been for a week by then.

    What comes late to a day would be the difference of two moments of it.
    """
    before = settled_before(window)
    over_by_then = finished(window.sides.current, before)
    ends = [one.till_until for one in over_by_then]
    as_of = min(window.as_of, max(ends, default=window.as_of)).replace(microsecond=0)
    return replace(window, sides=replace(window.sides, current=over_by_then), as_of=as_of)


def settled_as_of(window: Window) -> Window:
    """Return the window as it is; as of a past moment that of its `settled_days`."""
    return window if window.known is None else settled_days(window)


def settled_before(window: Window) -> datetime:
    """Return the moment before which days must have been over to be told: as of a past one a week before it."""
    return window.now if window.known is None else window.now - _SETTLED


def one_week(window: Window) -> None:
    """Refuse, outside the company, what is not one calendar week that is over: two such weeks never overlap.

    Raises:
        ProblemError: the key is for somebody outside, and the period is another.
    """
    chosen = window.chosen
    if window.access.outside and not (chosen.last - chosen.first < _WEEK and _whole(window, chosen, window.now)):
        raise _refused("keys outside the company: expected one calendar week that is over, Monday to Sunday", window)


def whole_weeks(window: Window) -> Window:
    """Return the window of a usual week: `WEEKS_MIN` calendar weeks or more; `four_weeks` are the last four that ended.

    As of a past moment those that had been over for another week by then.

    Raises:
        ProblemError: the period is another.
    """
    chosen, before = window.chosen, settled_before(window)
    if window.name == "four_weeks":
        chosen = past_weeks(window.days, window.store, 4, now=before)
    if chosen.last - chosen.first + timedelta(days=1) < WEEKS_MIN * _WEEK or not _whole(window, chosen, before):
        which = "are over" if window.known is None else "had been over for a week by then"
        raise _refused(
            f"staffing is told of a usual week: expected {WEEKS_MIN} or more calendar weeks that {which}, Monday to "
            "Sunday",
            window,
        )
    return _over_weeks(window, chosen)


def _over_weeks(window: Window, chosen: Period) -> Window:
    sides = comparison(window.days, window.store, chosen, now=window.now)
    ends = [one.till_until for one in sides.current]
    return replace(
        window, chosen=chosen, sides=sides, as_of=max(ends, default=window.now).replace(microsecond=0), running=False
    )


def _whole(window: Window, chosen: Period, before: datetime) -> bool:
    """Whether a period is calendar weeks that were over before a moment."""
    return (
        chosen.first.weekday() == MONDAY
        and chosen.last.weekday() == SUNDAY
        and over(window.days, window.store, chosen, now=before)
    )


def _refused(expected: str, window: Window) -> ProblemError:
    first, last = window.chosen.first, window.chosen.last
    return ProblemError(
        422,
        "invalid-parameter",
        f"period: {expected}, got {first} to {last}: ask for {_instead(window)}",
    )


def _instead(window: Window) -> str:
    return "last_week, or custom with such dates" if window.access.outside else "four_weeks, or custom with such dates"
