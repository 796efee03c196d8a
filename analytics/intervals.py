"""95 % intervals for shares and for ratios of counts."""

import math
from typing import Final

#: Two-sided 95 % quantile of the standard normal distribution.
Z95: Final = 1.959963984540054


def wilson(successes: int, trials: int, *, z: float = Z95) -> tuple[float, float]:
    """Return the Wilson score interval of `successes` ÷ `trials`, within 0 to 1.

    Source: E. B. Wilson, J. Am. Stat. Assoc. 22 (1927); recommended for small n by Brown, Cai and DasGupta (2001).

    Raises:
        ValueError: not 0 <= successes <= trials, or trials is 0.
    """
    if not 0 <= successes <= trials or trials == 0:
        raise ValueError(f"expected 0 <= successes <= trials and trials > 0, got {successes} of {trials}")
    share = successes / trials
    scale = 1 + z * z / trials
    centre = (share + z * z / (2 * trials)) / scale
    half = z * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials)) / scale
    # At 0 and at all the ends are exact; rounding must not push the share out of its own interval.
    return (
        0.0 if successes == 0 else min(share, max(0.0, centre - half)),
        1.0 if successes == trials else max(share, min(1.0, centre + half)),
    )


def poisson_ratio(numerator: int, denominator: int, *, z: float = Z95) -> tuple[float, float]:
    """Return the interval of the ratio of two independent Poisson counts.

    Given the sum of both, the numerator is binomial with p = r ÷ (1 + r): the Wilson interval of p is turned back into
    one of r = p ÷ (1 - p) (conditional method, Przyborowski and Wilenski 1940).

    Raises:
        ValueError: a count is negative or the denominator is 0.
    """
    if numerator < 0 or denominator <= 0:
        raise ValueError(f"expected numerator >= 0 and denominator > 0, got {numerator} and {denominator}")
    low, high = wilson(numerator, numerator + denominator, z=z)
    ratio = numerator / denominator
    return min(ratio, low / (1 - low)), max(ratio, high / (1 - high))


def conversion_interval(transactions: int, footfall: int) -> tuple[float, float] | None:
    """Return the interval of transactions ÷ footfall; None when nobody came in.

    Wilson while it is a share; beyond 100 % (more sales than visitors counted) the two are unrelated counts and the
    Poisson ratio speaks, so nothing is clipped.
    """
    if footfall <= 0:
        return None
    if transactions <= footfall:
        return wilson(transactions, footfall)
    return poisson_ratio(transactions, footfall)
