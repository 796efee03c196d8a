"""Intervals by split-conformal prediction, per series and hour of day.

What the last forecasts missed by, as a share of what they said, is collected for each series and hour; the interval
holds the middle of it (Lei et al. 2018, doi 10.1080/01621459.2017.1307116). Shares, so that a quiet week and a busy one
may stand side by side; signed, as more come by surprise than stay away by surprise.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from analytics.forecast.numbers import mean_over, or_else
from analytics.forecast.panel import Floats

#: Coverages that are given, in per cent.
COVERAGES: Final = (80, 95)
#: Misses count of so many of the newest forecasts: older ones tell of other times, as of a lockdown.
ORIGINS: Final = 8
#: An hour of a series with fewer past errors than this borrows: all hours of the series, then all series.
ERRORS_MIN: Final = 40
#: Added to a forecast before a miss is divided by it, as a share of the series' mean hour: 0 may be forecast, too.
FLOOR: Final = 0.05


@dataclass(frozen=True, slots=True)
class Band:
    """An interval around a forecast; `low` and `high` have its shape, NaN where it is or no error is known."""

    low: Floats
    high: Floats


def denominators(forecast: Floats) -> Floats:
    """Return what a miss of each hour (S, days, 24) is divided by."""
    return np.asarray(forecast + FLOOR * mean_over(forecast, (1, 2))[:, None, None])


def scores(actual: Floats, forecast: Floats) -> Floats:
    """Return (actual - forecast) ÷ `denominators`, (S, days, 24); NaN where one is not known."""
    below = denominators(forecast)
    return np.asarray((actual - forecast) / np.where(below > 0, below, np.nan))


def day_totals(counts: Floats, forecast: Floats) -> Floats:
    """Return (S, days, 1): each day's sum over the hours that are forecast; NaN where one of them is not known."""
    wanted = ~np.isnan(forecast)
    known = wanted.any(axis=2) & ~(wanted & np.isnan(counts)).any(axis=2)
    total = np.where(wanted & ~np.isnan(counts), counts, 0.0).sum(axis=2)
    return np.where(known, total, np.nan)[:, :, None]


def bands(forecast: Floats, past: Sequence[Floats]) -> dict[int, Band]:
    """Return the interval of each of `COVERAGES` around a forecast (S, days, 24).

    It is made of the scores of earlier ones, newest first; those beyond `ORIGINS` are not looked at.
    """
    found: dict[int, Band] = {}
    pooled = _by_hour(past[:ORIGINS], len(forecast), forecast.shape[2])
    below = denominators(forecast)
    for coverage in COVERAGES:
        tail = (1 - coverage / 100) / 2
        low, high = (_borrowed(pooled, share)[:, None, :] for share in (tail, 1 - tail))
        found[coverage] = Band(
            np.maximum(0.0, forecast + np.minimum(low, 0.0) * below), forecast + np.maximum(high, 0.0) * below
        )
    return found


def _by_hour(past: Sequence[Floats], series: int, parts: int) -> Floats:
    """Return (S, 24, N) scores, sorted, NaN last."""
    if not past:
        return np.full((series, parts, 1), np.nan)
    together = np.concatenate([one.transpose(0, 2, 1) for one in past], axis=2)
    return np.sort(together, axis=2)


def _borrowed(pooled: Floats, share: float) -> Floats:
    """Return (S, 24) quantiles, from as narrow a pool as has enough in it."""
    series, hours, _ = pooled.shape
    found = _quantile(pooled, share)
    # All hours of the series, the hour of all series, and at last everything there is.
    wider = (
        (pooled.reshape(series, 1, -1), ERRORS_MIN),
        (pooled.transpose(1, 0, 2).reshape(1, hours, -1), ERRORS_MIN),
        (pooled.reshape(1, 1, -1), 1),
    )
    for pool, least in wider:
        if np.isnan(found).any():
            found = or_else(found, _quantile(np.sort(pool, axis=2), share, least=least))
    return found


def _quantile(ordered: Floats, share: float, least: int = ERRORS_MIN) -> Floats:
    """Return the quantile along the last axis, pushed outwards by the one value that is yet to come."""
    number = (~np.isnan(ordered)).sum(axis=-1)
    outwards = np.floor((number + 1) * share) - 1 if share < 0.5 else np.ceil((number + 1) * share) - 1  # noqa: PLR2004
    at = np.clip(outwards, 0, np.maximum(number - 1, 0)).astype(int)
    value = np.take_along_axis(ordered, at[..., None], axis=-1)[..., 0]
    return np.where(number >= least, value, np.nan)
