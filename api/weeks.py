"""Whole weeks: what is judged by a sum of days is told of periods of which no difference is a day.

Periods that overlap differ by a few days: were each told by itself, the difference would tell what was withheld.
"""

from calendar import MONDAY, SUNDAY
from dataclasses import replace
from datetime import timedelta
from typing import Final

from analytics.periods import Period, comparison, over, past_weeks
from analytics.staff.staffing import WEEKS_MIN
from api.errors import ProblemError
from api.windows import Window

_WEEK: Final = timedelta(days=7)


def one_week(window: Window) -> None:
    """Refuse, outside the company, what is not one calendar week that is over: two such weeks never overlap.

    Raises:
        ProblemError: the key is for somebody outside, and the period is another.
    """
    chosen = window.chosen
    if window.access.outside and not (chosen.last - chosen.first < _WEEK and _whole(window, chosen)):
        raise _refused("keys outside the company: expected one calendar week that is over, Monday to Sunday", window)


def whole_weeks(window: Window) -> Window:
    """Return the window of a usual week: `WEEKS_MIN` calendar weeks or more; `four_weeks` are the last four that ended.

    Raises:
        ProblemError: the period is another.
    """
    chosen = window.chosen
    if window.name == "four_weeks":
        chosen = past_weeks(window.days, window.store, 4, now=window.now)
    if chosen.last - chosen.first + timedelta(days=1) < WEEKS_MIN * _WEEK or not _whole(window, chosen):
        raise _refused(
            f"staffing is told of a usual week: expected {WEEKS_MIN} or more calendar weeks that are over, Monday to "
            "Sunday",
            window,
        )
    sides = comparison(window.days, window.store, chosen, now=window.now)
    ends = [one.till_until for one in sides.current]
    return replace(
        window, chosen=chosen, sides=sides, as_of=max(ends, default=window.now).replace(microsecond=0), running=False
    )


def _whole(window: Window, chosen: Period) -> bool:
    return (
        chosen.first.weekday() == MONDAY
        and chosen.last.weekday() == SUNDAY
        and over(window.days, window.store, chosen, now=window.now)
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
