"""95 % intervals of quantiles, from values of which some are only known to be larger, and of which neighbours agree.

The quantile itself is Kaplan and Meier's (`analytics.visits.dwell`). Its interval turns that of the survival curve
round (Brookmeyer and Crowley, Biometrics 38, 1982): Greenwood's variance on the log-log scale, and where the curve is
still 1 or already 0 the exact binomial bound.

Who comes together stays together, and who queues behind one who waits long waits long: values next to each other say
less than as many strangers would. `clustering` tells by how much from their order alone (the integrated autocorrelation
up to the first lag that is not positive, as C. J. Geyer's initial sequence, Stat. Sci. 7, 1992).
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from analytics.statistics.intervals import Z95

#: Rounding of a product of shares.
_TINY: Final = 1e-9

Floats = NDArray[np.float64]

#: What each end of a 95 % interval leaves out.
_TAIL: Final = 0.025
#: So many values must be expected on either side of a quantile. With fewer an interval has an upper end on the calmer
#: days only, and those that are stated hold the truth less often than they say.
SIDE_MIN: Final = 10
#: Fewer values say nothing of how neighbours agree.
_NEIGHBOURS_MIN: Final = 8


def clustering(values: Sequence[float] | Floats) -> float:
    """Return the variance of the mean of `values`, in their order, against that of as many independent ones.

    1 at least, and where they are too few to say, or all the same.
    """
    found = np.asarray(values, float)
    if len(found) < _NEIGHBOURS_MIN:
        return 1.0
    off = found - found.mean()
    power = float(off @ off)
    if power <= 0:
        return 1.0
    total = 0.0
    for lag in range(1, len(off) // 2):
        agreement = float(off[lag:] @ off[:-lag]) / power
        if agreement <= 0:
            break
        total += agreement
    return 1 + 2 * total


def quantile_interval(
    values: Sequence[float], censored: Sequence[bool], p: float, *, variance: float = 1.0
) -> tuple[float, float] | None:
    """Return the interval of the p-quantile; None where values are too few, or so few ended that it has no upper end.

    `variance` is that of a share of these values against independent ones (`clustering`).

    Raises:
        ValueError: not 0 < p < 1, the two sequences differ in length, or the variance is below 1.
    """
    if not 0 < p < 1 or variance < 1:
        raise ValueError(f"expected 0 < p < 1 and a variance of 1 at least, got {p} and {variance}")
    every = np.asarray(values, float)
    ended = ~np.asarray(censored, dtype=bool)
    if every.shape != ended.shape:
        raise ValueError(f"expected as many flags as values, got {ended.size} and {every.size}")
    if not ended.any() or every.size * min(p, 1 - p) < SIDE_MIN - _TINY:
        return None
    times, ends = np.unique(every[ended], return_counts=True)
    at_risk = every.size - np.searchsorted(np.sort(every), times, side="left")
    least, most = _band(ends.astype(float), at_risk.astype(float), every.size / variance, variance)
    below, above = np.flatnonzero(least <= 1 - p), np.flatnonzero(most <= 1 - p)
    if not above.size:
        return None
    # Before the first end the curve is 1, known no better than so many values tell.
    low = 0.0 if _TAIL ** (variance / every.size) <= 1 - p else float(times[below[0]])
    return low, float(times[above[0]])


def _band(ends: Floats, at_risk: Floats, effective: float, variance: float) -> tuple[Floats, Floats]:
    """Return the survival curve's lower and upper limit at each end, falling."""
    survival = np.cumprod(1 - ends / at_risk)
    inner = survival > 0
    # The product of fractions may miss 0 by rounding where the last of all has ended.
    inner &= at_risk > ends
    greenwood = np.cumsum(np.divide(ends, at_risk * (at_risk - ends), out=np.zeros_like(ends), where=inner))
    log = np.log(np.where(inner, survival, 0.5))
    spread = np.exp(Z95 * np.sqrt(variance * greenwood) / np.abs(log))
    least = np.where(inner, np.exp(log * spread), 0.0)
    most = np.where(inner, np.exp(log / spread), 1 - _TAIL ** (1 / effective))
    return np.minimum.accumulate(least), np.minimum.accumulate(most)
