"""Ranking: which places a store may hold, and which stores lie outside what their size explains.

Two stores whose 95 % intervals overlap are level. Overlap is the cautious rule: of stores that differ by chance alone
far fewer than one pair in twenty is told apart.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from analytics.figure import Figure, figure
from analytics.visits.kpis import Kpis

#: Stores counted less than this are not ranked: a blind door lifts conversion.
RANKED_FROM: Final = 0.95
#: Control limits, in standard deviations: three in a thousand stores lie outside by chance.
LIMIT_Z: Final = 3.0
#: Fewer stores than this say nothing about what is usual.
STORES_MIN: Final = 8
#: The spread between stores is taken from the middle of them, so that the unusual do not hide themselves.
_QUARTILE_Z: Final = 0.6744897501960817

Side = Literal["high", "low"]


@dataclass(frozen=True, slots=True)
class Place:
    """The best and the worst place a store may hold among `of`, 1 being the highest value."""

    best: int
    worst: int
    of: int

    def figure(self, ranked: Figure) -> Figure:
        """Return the best place as a figure, whose interval reaches to the worst, as whole as what was `ranked`."""
        between = float(self.best), float(self.worst)
        return figure("place", between[0], as_of=ranked.as_of, completeness=ranked.completeness, interval=between)


def places(figures: Sequence[Figure]) -> tuple[Place | None, ...]:
    """Return each figure's places, highest value first; None for one without an interval or counted in part.

    Best is one more than those surely above (their low end lies above its high end), worst leaves room for those
    surely below.
    """
    ranked = [index for index, one in enumerate(figures) if _ranks(one)]
    lows = np.array([figures[index].low for index in ranked], dtype=float)
    highs = np.array([figures[index].high for index in ranked], dtype=float)
    above = len(ranked) - np.searchsorted(np.sort(lows), highs, side="right")
    below = np.searchsorted(np.sort(highs), lows, side="left")
    found: list[Place | None] = [None] * len(figures)
    for index, more, fewer in zip(ranked, above, below, strict=True):
        found[index] = Place(1 + int(more), len(ranked) - int(fewer), len(ranked))
    return tuple(found)


def level(one: Figure, other: Figure) -> bool | None:
    """Return whether two intervals overlap; None where one is missing."""
    if one.low is None or one.high is None or other.low is None or other.high is None:
        return None
    return one.low <= other.high and other.low <= one.high


def outliers(bases: Sequence[Kpis]) -> tuple[Side | None, ...]:
    """Return which stores' conversion lies outside the control limits for their number of visitors.

    A funnel plot (D. J. Spiegelhalter, Stat. Med. 24, 2005) on the angular scale asin √p, where the sampling variance
    is 1 ÷ 4n whatever p is. Shops differ by more than chance: their own spread τ², from the quartiles, is added
    (additive over-dispersion; Qual. Saf. Health Care 14, 2005). None for all with fewer than `STORES_MIN` stores.
    """
    funnel = funnel_of(bases)
    if funnel is None:
        return (None,) * len(bases)
    return tuple(None if counts is None else funnel.side(*counts) for counts in map(judged, bases))


def outliers_among(bases: Sequence[Kpis]) -> float | None:
    """Return how many stores' conversion lies outside the limits for their size; None where too few can be judged."""
    if sum(judged(base) is not None for base in bases) < STORES_MIN:
        return None
    return float(sum(one is not None for one in outliers(bases)))


@dataclass(frozen=True, slots=True)
class Limits:
    """The control limits of conversion: `middle` is asin √p of the middle store, `between` the spread τ² of stores."""

    middle: float
    between: float

    def at(self, visitors: float) -> tuple[float, float]:
        """Return the lower and the upper limit of conversion for so many visitors, 0 to 1."""
        reach = LIMIT_Z * math.sqrt(1 / (4 * visitors) + self.between)
        low, high = max(0.0, self.middle - reach), min(math.pi / 2, self.middle + reach)
        return math.sin(low) ** 2, math.sin(high) ** 2

    @property
    def usual(self) -> float:
        """The middle store's conversion."""
        return math.sin(self.middle) ** 2

    def side(self, sales: float, visitors: float) -> Side | None:
        """Return beyond which limit a store lies, None within."""
        low, high = self.at(visitors)
        rate = sales / visitors
        return "high" if rate > high else "low" if rate < low else None


def funnel_of(bases: Sequence[Kpis]) -> Limits | None:
    """Return the control limits that stores are judged by (`outliers`); None with fewer than `STORES_MIN`."""
    counts = [one for one in map(judged, bases) if one is not None]
    if len(counts) < STORES_MIN:
        return None
    sales, visitors = np.array(counts, dtype=float).T
    angles, variances = np.arcsin(np.sqrt(sales / visitors)), 1 / (4 * visitors)
    # The median is the middle: a giant must not be measured by itself.
    return Limits(float(np.median(angles)), _between(angles, variances))


def judged(base: Kpis) -> tuple[float, float] | None:
    """Return sales and visitors of a store that can be judged; None beyond 100 %: that is a finding of its own."""
    sales, visitors = base.transactions.value, base.footfall.value
    if not _ranks(base.conversion) or sales is None or visitors is None or not 0 <= sales <= visitors or visitors == 0:
        return None
    return sales, visitors


def _between(angles: NDArray[np.float64], variances: NDArray[np.float64]) -> float:
    """Return the variance between stores beyond sampling: the quartiles' spread less the usual sampling variance."""
    low, high = np.percentile(angles, [25, 75])
    spread = float(high - low) / (2 * _QUARTILE_Z)
    return max(0.0, spread**2 - float(np.median(variances)))


def _ranks(one: Figure) -> bool:
    return one.low is not None and one.completeness is not None and one.completeness >= RANKED_FROM
