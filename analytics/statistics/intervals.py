"""95 % intervals for shares and for ratios of counts."""

import math
from typing import Final

#: Two-sided 95 % quantile of the standard normal distribution.
Z95: Final = 1.959963984540054


def wilson(successes: float, trials: float, *, z: float = Z95) -> tuple[float, float]:
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


def conversion_interval(transactions: int, footfall: int, *, variance: float = 1.0) -> tuple[float, float] | None:
    """Return the interval of transactions ÷ footfall; None when nobody came in.

    `variance` is that of the share against the binomial one (`analytics.statistics.sampling.of_conversion`).

    Wilson while it is a share; beyond 100 % (more sales than visitors counted) the two are unrelated counts and the
    Poisson ratio speaks, so nothing is clipped.
    """
    if footfall <= 0:
        return None
    if transactions <= footfall:
        return wilson(transactions / variance, footfall / variance)
    return poisson_ratio(transactions, footfall)


def conversion_of(
    transactions: int, people: tuple[float, float, float], *, variance: float = 1.0, times: int = 1
) -> tuple[float, float] | None:
    """Return the interval of transactions ÷ people, who are known to lie in (low, likely, high) only.

    Sampling about the likely value (`conversion_interval`) and the miscount are independent: on the log scale their
    distances add in squares (MOVER of a ratio, Donner and Zou 2012). None when nobody came in.

    Where each may be counted up to `times` times (a stop in each of so many zones), each of these is taken to be as
    likely as the others: no other shares with the same sum vary more.
    """
    low, likely, high = people
    whole = round(likely)
    each = conversion_interval(transactions, whole * times, variance=variance)
    if each is None:
        return None
    sampled = (each[0] * times, each[1] * times)
    fewest = max(low, likely / 1000)
    if transactions == 0:
        return 0.0, sampled[1] * likely / fewest
    value = transactions / whole
    down = math.hypot(math.log(value / sampled[0]), math.log(high / likely))
    up = math.hypot(math.log(sampled[1] / value), math.log(likely / fewest))
    return value * math.exp(-down), value * math.exp(up)


def share_of(
    part: tuple[float, float, float], rest: tuple[float, float, float], *, variance: float = 1.0
) -> tuple[float, float] | None:
    """Return the interval of part ÷ (part + rest), each known to lie in (low, likely, high) only.

    `variance` is the part's, against a Poisson count's (`sampling.of_visitors`); the rest come alone.
    As `conversion_of`, on the odds part ÷ rest, so it stays within 0 and 1. None when there is neither.
    """
    parts, rests = round(part[1]), round(rest[1])
    if parts + rests <= 0:
        return None
    # The variance of the log odds is variance ÷ part + 1 ÷ rest.
    both = (variance * rests + parts) / (parts + rests)
    low, high = wilson(parts / both, (parts + rests) / both)
    if parts == 0 or rests == 0:
        return low, high
    odds = parts / rests
    fewest, least = max(part[0], part[1] / 1000), max(rest[0], rest[1] / 1000)
    down = math.sqrt(
        math.log(odds * (1 - low) / low) ** 2 + math.log(part[1] / fewest) ** 2 + math.log(rest[2] / rest[1]) ** 2
    )
    up = math.sqrt(
        math.log(high / (1 - high) / odds) ** 2 + math.log(part[2] / part[1]) ** 2 + math.log(rest[1] / least) ** 2
    )
    least_odds, most_odds = odds * math.exp(-down), odds * math.exp(up)
    return least_odds / (1 + least_odds), most_odds / (1 + most_odds)
