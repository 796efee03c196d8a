"""Miscounts: how many people really crossed, given what was counted and what audits found. See docs/adr on audits.

Of everybody who crosses, a share m is missed, and a rate d of counts has nobody behind it (doubles), so that

    counted = r · truth on average,    r = 1 - m + d

Audits estimate m (binomial) and d (Poisson), each direction of each line apart. Their events are few, so each end of
an interval is corrected by itself (T. T. Cai, J. Stat. Plan. Inference 131, 2005): Wilson's and the score interval are
too wide there. The interval of r combines both by the method of variance estimates recovery (MOVER: Zou and Donner,
Stat. Med. 27, 2008):

    r_low  = r - sqrt((m_high - m)² + (d - d_low)²)        r_high = r + sqrt((m - m_low)² + (d_high - d)²)

Even with r known, a count scatters about it: given the truth Y its variance is v · Y, v = m (1 - m) + d. Solving
(X - r Y)² = z² v Y for Y gives that part's interval. Both parts, and independent lines, combine by MOVER again.
Errors that come in clusters (a crowd, a low sun) make audits differ more than chance would: their n is then divided by
the dispersion. Nothing here corrects a count; it says where the truth lies.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from analytics.statistics.intervals import Z95

#: Fewer people than this in all audits of a line say too little to speak of an interval.
AUDITED_MIN: Final = 20
#: From so many audits on their scatter can be judged; it counts when chance would hardly bring it (2 σ of χ²).
_SCATTER_FROM: Final = 3
_SCATTER_SIGMAS: Final = 2.0

#: What the second-order corrected intervals move their middle and widen their half-width by (Cai 2005, for z = Z95).
_MIDDLE: Final = Z95 * Z95 / 3 + 1 / 6
_SPREAD: Final = Z95 * Z95 / 18 + 7 / 36

Interval = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Tally:
    """One direction of a line over its audits: people tapped, counted, and matched one to one."""

    truth: float = 0
    counted: float = 0
    matched: float = 0

    @property
    def misses(self) -> float:
        """People nobody counted."""
        return self.truth - self.matched

    @property
    def doubles(self) -> float:
        """Counts that were nobody."""
        return self.counted - self.matched

    @property
    def enough(self) -> bool:
        """Whether it says enough to speak of an interval."""
        return self.truth >= AUDITED_MIN and self.matched > 0


#: Taken for a direction that nobody has audited, only to judge a balance: 3 % missed and 2 % doubled, known no better
#: than 100 people tell. Typical of a well-placed line; never shown as its accuracy.
ASSUMED: Final = Tally(truth=100, counted=99, matched=97)


@dataclass(frozen=True, slots=True)
class Part:
    """One line's share of what is counted, and its audits."""

    share: float
    tally: Tally


@dataclass(frozen=True, slots=True)
class Miscount:
    """How far a sum of lines' counts may be from the truth; made only where every line is audited."""

    parts: tuple[Part, ...]

    def truth_of(self, count: float) -> Interval:
        """Return (low, likely, high): how many people a count of `count` stands for, 95 %."""
        return truth_interval([(count * part.share, part.tally) for part in self.parts])


def pooled(tallies: Sequence[Tally]) -> Tally:
    """Return the sum of a line's audits, divided by their dispersion where they scatter more than chance would."""
    whole = Tally(
        sum(one.truth for one in tallies), sum(one.counted for one in tallies), sum(one.matched for one in tallies)
    )
    phi = _dispersion(tallies, whole)
    return Tally(whole.truth / phi, whole.counted / phi, whole.matched / phi)


def counted_per_person(tally: Tally) -> Interval:
    """Return (low, estimate, high) of r, the counts per person, 95 %.

    Raises:
        ValueError: nobody crossed.
    """
    if tally.truth <= 0:
        raise ValueError(f"expected people in the audits, got {tally}")
    miss_low, miss, miss_high = _share(tally.misses, tally.truth)
    double_low, double, double_high = _rate(tally.doubles, tally.truth)
    ratio = 1 - miss + double
    return (
        max(0.0, ratio - math.hypot(miss_high - miss, double - double_low)),
        ratio,
        ratio + math.hypot(miss - miss_low, double_high - double),
    )


def scatter(tally: Tally) -> float:
    """Return v: the variance of a count, per person, when r is known."""
    miss, double = tally.misses / tally.truth, tally.doubles / tally.truth
    return miss * (1 - miss) + double


def truth_interval(counts: Sequence[tuple[float, Tally]]) -> Interval:
    """Return (low, likely, high) of how many people crossed, given each independent line's count and audits."""
    likely = below = above = 0.0
    for count, tally in counts:
        ratio_low, ratio, ratio_high = counted_per_person(tally)
        centre = count / ratio
        low, high = _given_ratio(count, ratio, scatter(tally))
        below += (centre - count / ratio_high) ** 2 + (centre - low) ** 2
        above += (count / max(ratio_low, 1e-3) - centre) ** 2 + (high - centre) ** 2
        likely += centre
    return max(0.0, likely - math.sqrt(below)), likely, likely + math.sqrt(above)


def difference(more: Interval, fewer: Interval) -> Interval:
    """Return (low, likely, high) of one number of people less another, each counted and audited by itself (MOVER)."""
    likely = more[1] - fewer[1]
    return (
        likely - math.hypot(more[1] - more[0], fewer[2] - fewer[1]),
        likely,
        likely + math.hypot(more[2] - more[1], fewer[1] - fewer[0]),
    )


def merged(stores: Sequence[tuple[float | None, "Miscount | None"]]) -> Miscount | None:
    """Return the miscount of a sum of stores, by their counts; None where one that counted is not audited."""
    counted = [(count, miscount) for count, miscount in stores if count]
    total = sum(count for count, _ in counted)
    parts: list[Part] = []
    for count, miscount in counted:
        if miscount is None:
            return None
        parts += [Part(part.share * count / total, part.tally) for part in miscount.parts]
    return Miscount(tuple(parts)) if parts else None


def _given_ratio(count: float, ratio: float, variance: float) -> tuple[float, float]:
    spread = Z95 * Z95 * variance
    middle = 2 * ratio * count + spread
    half = math.sqrt(max(0.0, 4 * ratio * spread * count + spread * spread))
    return (middle - half) / (2 * ratio * ratio), (middle + half) / (2 * ratio * ratio)


def _share(events: float, trials: float) -> Interval:
    """Return the interval of a share; each end by itself leaves out what it should, also for few events (Cai 2005)."""
    share = events / trials
    centre = (events + _MIDDLE) / (trials + 2 * _MIDDLE)
    scatter_ = share * (1 - share)
    half = Z95 * math.sqrt(max(0.0, scatter_ / trials + (_SPREAD - (13 * Z95 * Z95 + 17) / 18 * scatter_) / trials**2))
    return max(0.0, min(share, centre - half)), share, min(1.0, max(share, centre + half))


def _rate(events: float, exposure: float) -> Interval:
    """Return the interval of a Poisson rate, made as `_share`'s."""
    half = Z95 * math.sqrt(events + _SPREAD)
    return max(0.0, events + _MIDDLE - half) / exposure, events / exposure, (events + _MIDDLE + half) / exposure


def _dispersion(tallies: Sequence[Tally], whole: Tally) -> float:
    """Return Pearson's χ² of misses less doubles over the audits, per degree of freedom; 1 while chance explains it."""
    seen = [tally for tally in tallies if tally.truth > 0]
    if len(seen) < _SCATTER_FROM:
        return 1.0
    miss, double = whole.misses / whole.truth, whole.doubles / whole.truth
    found = 0.0
    for tally in seen:
        expected = tally.truth * scatter(whole)
        off = (tally.misses - tally.doubles) - tally.truth * (miss - double)
        found += off * off / expected if expected > 0 else 0.0
    phi = found / (len(seen) - 1)
    return phi if phi > 1 + _SCATTER_SIGMAS * math.sqrt(2 / (len(seen) - 1)) else 1.0
