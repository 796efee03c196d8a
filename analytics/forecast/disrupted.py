"""Disrupted times: when most series of a panel stood far below what they are used to, once only, and came back.

A lockdown is one: what was so then says nothing about the same days of a later year. A season that is low every year is
none, nor is a fall that lasts: that is a new level, and the best that is known of the years to come.
"""

from typing import Final

import numpy as np

from analytics.forecast.baselines import WEEK
from analytics.forecast.numbers import median_over
from analytics.forecast.panel import Flags, Floats

_YEAR: Final = 52 * WEEK
#: Below this share of what is usual a week is low, in most series at once.
_LOW: Final = 0.65
#: A time that is low every year is a season: some other year must have stood above this at the same time.
_ORDINARY: Final = 0.8
#: It came back when within so many weeks most days stood above that: longer than a season lifts a lower level.
_BACK_DAYS: Final = 8 * WEEK
_BACK: Final = 0.75
#: Days before and after that are disrupted as well: what falls or comes back.
_AROUND: Final = 14


def disrupted(totals: Floats) -> Flags:
    """Return (D,) which days lie in or about a disrupted time, by the days' totals (S, D), NaN where not known."""
    level = _level(totals)
    years = [_shifted(level, back * _YEAR) for back in range(-(len(level) // _YEAR), len(level) // _YEAR + 1) if back]
    ordinary = np.any([other > _ORDINARY for other in years], axis=0) if years else np.zeros(len(level), dtype=bool)
    low: Flags = (level < _LOW) & ordinary & _comes_back(level)
    reach = np.pad(low, _AROUND)
    return np.asarray(np.lib.stride_tricks.sliding_window_view(reach, 2 * _AROUND + 1).any(axis=1))


def _level(totals: Floats) -> Floats:
    """Return (D,): the week around each day against what is usual for its weekdays, median over days and series."""
    usual = np.stack([median_over(totals[:, day::WEEK], 1) for day in range(min(WEEK, totals.shape[1]))], axis=1)
    usual = np.where(usual > 0, usual, np.nan)
    days = median_over(totals / np.resize(usual.T, totals.shape[::-1]).T, 0)
    weeks = np.lib.stride_tricks.sliding_window_view(np.pad(days, WEEK // 2, constant_values=np.nan), WEEK)
    return median_over(weeks, 1)


def _comes_back(level: Floats) -> Flags:
    """Return (D,) after which days the level is ordinary again, for good as far as is known."""
    found = np.zeros(len(level), dtype=bool)
    if len(level) > _BACK_DAYS:
        windows = np.lib.stride_tricks.sliding_window_view(level > _ORDINARY, _BACK_DAYS)
        ordinary = windows.mean(axis=1)[1:] >= _BACK
        found[: len(ordinary)] = np.logical_or.accumulate(ordinary[::-1])[::-1]
    return found


def _shifted(level: Floats, back: int) -> Floats:
    """Return the level `back` days earlier (later, if negative), NaN where there is none."""
    other = np.full_like(level, np.nan)
    if back > 0:
        other[back:] = level[:-back]
    else:
        other[:back] = level[-back:]
    return other
