"""Dwell: how long people stay, from stays of which some were not seen to the end.

The p-quantile is the Kaplan-Meier estimate: a censored stay counts among those still there up to its length and then
leaves the reckoning. Where so many stays are censored that the curve never falls to 1 - p, the quantile is not known.
Never a mean: one sleeper on a sofa moves it by minutes.
"""

from collections.abc import Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from analytics.figure import Figure, figure
from analytics.statistics.quantiles import clustering, quantile_interval


def dwell_quantile(durations_s: Sequence[float], censored: Sequence[bool], p: float) -> float | None:
    """Return the shortest stay t (seconds) with S(t) <= 1 - p, S being the Kaplan-Meier curve; None without one.

    Source: E. L. Kaplan and P. Meier, J. Am. Stat. Assoc. 53 (1958). A stay that ends at t is taken to end before one
    that is censored at t.

    Raises:
        ValueError: not 0 < p < 1, or the two sequences differ in length.
    """
    if not 0 < p < 1:
        raise ValueError(f"expected 0 < p < 1, got {p}")
    stays = np.asarray(durations_s, dtype=float)
    ended = ~np.asarray(censored, dtype=bool)
    if stays.shape != ended.shape:
        raise ValueError(f"expected as many flags as stays, got {ended.size} and {stays.size}")
    if not ended.any():
        return None
    times, survival = _survival(stays, ended)
    # The product of fractions may miss 1 - p by rounding where it should meet it.
    reached = np.flatnonzero(survival <= 1 - p + 1e-12)
    return float(times[reached[0]]) if reached.size else None


def dwell(
    durations_s: Sequence[float], censored: Sequence[bool], *, as_of: datetime, completeness: float | None
) -> tuple[Figure, Figure]:
    """Return the median and the 90th percentile of stays in seconds; stays in the order in which they ended."""
    p50, p90 = (
        stay_figure(name, durations_s, censored, p, as_of=as_of, completeness=completeness)
        for name, p in (("dwell_p50", 0.5), ("dwell_p90", 0.9))
    )
    return p50, p90


def stay_figure(
    definition_id: str,
    durations_s: Sequence[float],
    censored: Sequence[bool],
    p: float,
    *,
    as_of: datetime,
    completeness: float | None,
) -> Figure:
    """Return a quantile of stays with its interval, which knows how far neighbours stay alike (`clustering`)."""
    value = dwell_quantile(durations_s, censored, p)
    interval = None
    if value is not None:
        longer = [one > value for one, cut in zip(durations_s, censored, strict=True) if not cut or one > value]
        interval = quantile_interval(durations_s, censored, p, variance=clustering(longer))
    return figure(definition_id, value, as_of=as_of, completeness=completeness, interval=interval)


def _survival(stays: NDArray[np.float64], ended: NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the distinct lengths at which a stay ended, ascending, and the share that stays longer."""
    times, ends = np.unique(stays[ended], return_counts=True)
    at_risk = stays.size - np.searchsorted(np.sort(stays), times, side="left")
    survival: NDArray[np.float64] = np.cumprod(1.0 - ends / at_risk, dtype=np.float64)
    return times, survival
