"""Baselines: what a forecast has to beat. Each returns (S, `HORIZON`, 24), NaN where the past has nothing to say."""

import numpy as np

from analytics.forecast.numbers import mean_over
from analytics.forecast.panel import HORIZON, Floats, Panel

WEEK = 7


def seasonal_naive(panel: Panel, cutoff: int) -> Floats:
    """Return the last week before `cutoff`, again and again."""
    return repeat_week(panel.counts[:, cutoff - WEEK : cutoff])


def mean_of_weeks(panel: Panel, cutoff: int, weeks: int = 4) -> Floats:
    """Return the mean of the last `weeks` weeks, hour by hour."""
    past = [panel.counts[:, cutoff - WEEK * back : cutoff - WEEK * (back - 1)] for back in range(1, weeks + 1)]
    return repeat_week(mean_over(np.stack(past), 0))


def repeat_week(week: Floats) -> Floats:
    """Return (S, 7, 24) repeated over the horizon."""
    return np.concatenate([week] * -(-HORIZON // WEEK), axis=1)[:, :HORIZON]
