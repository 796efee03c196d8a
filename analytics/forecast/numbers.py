"""Means and ratios that leave out what is NaN, and stay NaN where nothing is known (numpy's own would warn)."""

import warnings
from typing import Any

import numpy as np

from analytics.forecast.panel import Floats


def mean_over(values: Floats, axis: int | tuple[int, ...]) -> Floats:
    """Return the mean of the known values along the axes."""
    known = ~np.isnan(values)
    number = known.sum(axis=axis)
    return np.where(number > 0, np.where(known, values, 0.0).sum(axis=axis) / np.maximum(number, 1), np.nan)


def median_over(values: Floats, axis: int | tuple[int, ...] | None = None) -> Floats:
    """Return the median of the known values along the axes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return np.asarray(np.nanmedian(values, axis=axis), dtype=np.float64)


def ratio_of_sums(above: Floats, below: Floats, axis: int | tuple[int, ...]) -> Floats:
    """Return Σ above ÷ Σ below over the cells that both know; NaN where there is none or Σ below is 0."""
    known = ~np.isnan(above) & ~np.isnan(below)
    top = np.where(known, above, 0.0).sum(axis=axis)
    bottom = np.where(known, below, 0.0).sum(axis=axis)
    return np.where(bottom > 0, top / np.where(bottom > 0, bottom, 1.0), np.nan)


def best_factor(wanted: Floats, given: Floats) -> float:
    """Return the f that makes Σ |wanted - f · given| least, a weighted median of their ratios; NaN without any."""
    use = ~np.isnan(wanted) & ~np.isnan(given) & (given != 0)
    if not use.any():
        return float("nan")
    ratios, weights = wanted[use] / given[use], np.abs(given[use])
    order = np.argsort(ratios)
    heavier = np.cumsum(weights[order])
    return float(ratios[order][np.searchsorted(heavier, heavier[-1] / 2)])


def log_within(values: Floats, low: float, high: float) -> Floats:
    """Return the natural logarithm of the values, which are held within [low, high]; NaN stays NaN."""
    return np.log(np.clip(values, low, high))


def or_else(values: Floats, other: Any) -> Floats:
    """Return the values, and `other` where they are NaN."""
    return np.where(np.isnan(values), other, values)
