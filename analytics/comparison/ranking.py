"""Ranking: which places a store may hold, and which stores lie outside what their size explains.

Two stores whose 95 % intervals overlap are level. Overlap is the cautious rule: of stores that differ by chance alone
far fewer than one pair in twenty is told apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from analytics.figure import Figure
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
    counts = [judged(base) for base in bases]
    ranked = [index for index, one in enumerate(counts) if one is not None]
    found: list[Side | None] = [None] * len(bases)
    if len(ranked) < STORES_MIN:
        return tuple(found)
    sales, visitors = np.array([one for one in counts if one is not None], dtype=float).T
    angles, variances = np.arcsin(np.sqrt(sales / visitors)), 1 / (4 * visitors)
    # The median is the middle: a giant must not be measured by itself.
    scores = (angles - np.median(angles)) / np.sqrt(variances + _between(angles, variances))
    for index, score in zip(ranked, scores, strict=True):
        if abs(score) > LIMIT_Z:
            found[index] = "high" if score > 0 else "low"
    return tuple(found)


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
