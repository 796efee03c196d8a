"""What the residual model sees of each hour to forecast: the calendar, last weeks, last years, the series itself.

All of it is relative to the closed form, so that series of any size share one model.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from analytics.forecast.baselines import WEEK, mean_of_weeks, repeat_week, seasonal_naive
from analytics.forecast.closed_form import ORIGIN_MIN, YEAR, ClosedForm
from analytics.forecast.conformal import FLOOR
from analytics.forecast.numbers import log_within, mean_over, median_over, ratio_of_sums
from analytics.forecast.panel import HORIZON, HOURS, Floats

Matrix = npt.NDArray[np.float32]
_FAR_DAYS: Final = 15
_RATIO: Final = (0.2, 5.0)
_WEEKEND: Final = (5, 6)


def features(closed: ClosedForm, origin: int) -> Matrix:
    """Return (S, `HORIZON`, 24, F) float32; NaN where the past has nothing to say."""
    cells = (len(closed.panel.series), HORIZON, HOURS)
    columns = [
        *_calendar(closed, origin),
        *_last_weeks(closed, origin),
        *_year_before(closed, origin, YEAR),
        *_year_before(closed, origin, 2 * YEAR),
        *_series(closed, origin),
    ]
    return np.stack([np.broadcast_to(column, cells).astype(np.float32) for column in columns], axis=-1)


def _calendar(closed: ClosedForm, origin: int) -> list[Floats]:
    days = np.arange(origin, origin + HORIZON)
    dates = [closed.panel.day(int(day)) for day in days]
    holidays = np.flatnonzero(closed.holiday)
    ahead = np.array([min([*(holidays[holidays > day] - day), _FAR_DAYS]) for day in days])
    behind = np.array([min([*(day - holidays[holidays < day]), _FAR_DAYS]) for day in days])
    by_day = [
        np.arange(HORIZON),
        np.array([date.weekday() for date in dates]),
        np.array([date.timetuple().tm_yday for date in dates]),
        closed.holiday[days],
        closed.special[days],
        ahead,
        behind,
        closed.index(origin),
    ]
    return [
        np.arange(HOURS, dtype=float)[None, None, :],
        *(np.asarray(one, dtype=float)[None, :, None] for one in by_day),
    ]


def _last_weeks(closed: ClosedForm, origin: int) -> list[Floats]:
    forecast, usual = closed.forecast(origin), repeat_week(closed.weekly(origin).week)
    floor = _floor(usual)
    recent = mean_over(closed.panel.counts[:, origin - HORIZON : origin], 1)
    by_hour = ratio_of_sums(recent[:, None, :], mean_over(usual, 1)[:, None, :], 1)
    return [
        _log_ratio(seasonal_naive(closed.panel, origin), forecast, floor),
        _log_ratio(mean_of_weeks(closed.panel, origin), forecast, floor),
        _log_ratio(usual, forecast, floor),
        log_within(by_hour, *_RATIO)[:, None, :],
    ]


def _year_before(closed: ClosedForm, origin: int, back: int) -> list[Floats]:
    """Return the same hours of an earlier year, brought to today's level, and its days against what was usual then.

    Of a disrupted time nothing is said.
    """
    then = origin - back
    if then < ORIGIN_MIN:
        return [np.full((1, 1, 1), np.nan)] * 3
    told = ~closed.disrupted(origin)
    if not told[then - 4 * WEEK : then].all():
        return [np.full((1, 1, 1), np.nan)] * 3
    counts = closed.panel.counts
    usual = repeat_week(closed.weekly(origin).week)
    came = np.where(told[None, then : then + HORIZON, None], counts[:, then : then + HORIZON], np.nan)
    now_level = mean_over(counts[:, origin - 4 * WEEK : origin], (1, 2))
    then_level = mean_over(counts[:, then - 4 * WEEK : then], (1, 2))
    brought = came * _divided(now_level, then_level)[:, None, None]
    days = log_within(ratio_of_sums(came, repeat_week(closed.weekly(then).week), 2), *_RATIO)
    return [_log_ratio(brought, usual, _floor(usual)), days[:, :, None], median_over(days, 0)[None, :, None]]


def _series(closed: ClosedForm, origin: int) -> list[Floats]:
    pattern = closed.weekly(origin)
    levels = pattern.week_levels
    mean_level = mean_over(levels, 1)
    newest = _logarithm(_divided(levels[:, -1], mean_over(levels[:, -4:], 1)))
    hours = mean_over(pattern.shape, 1)
    ends = [(day - closed.panel.day(origin).weekday()) % WEEK for day in _WEEKEND]
    whole = mean_over(pattern.shape, (1, 2))
    spread = np.sqrt(mean_over(_logarithm(_divided(levels, mean_level[:, None])) ** 2, 1))
    of_series = [
        _logarithm(_divided(pattern.level, mean_level)),
        newest,
        np.full_like(newest, median_over(newest)),
        _logarithm(mean_over(pattern.week, (1, 2))),
        _divided(mean_over(pattern.shape[:, ends], (1, 2)), whole),
        spread,
    ]
    share = _divided(hours, whole[:, None])
    week = repeat_week(_divided(pattern.shape, whole[:, None, None]))
    return [*(one[:, None, None] for one in of_series), share[:, None, :], week]


def _floor(usual: Floats) -> Floats:
    return np.asarray(FLOOR * mean_over(usual, (1, 2))[:, None, None])


def _log_ratio(above: Floats, below: Floats, floor: Floats) -> Floats:
    return _logarithm(_divided(above + floor, below + floor))


def _logarithm(values: Floats) -> Floats:
    return np.log(np.where(values > 0, values, np.nan))


def _divided(above: Floats, below: Floats) -> Floats:
    """Return above ÷ below, NaN where that is not above 0: of a sensor that is dead nothing can be said."""
    return np.asarray(above / np.where(below > 0, below, np.nan))
