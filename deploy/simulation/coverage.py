"""Coverage: how often the intervals that are shown hold the truth, and how far figures lie from it."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from analytics.statistics.intervals import wilson
from deploy.simulation.cases import COUNTS, RATES, Case

#: A 95 % interval keeps its word when it covers the truth this often.
PROMISED: Final = (0.93, 0.97)
#: Sums of money are kept to the hundredth.
_CENT: Final = 0.005


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered:
    """One KPI over all store-days that were counted in full.

    Attributes:
        days: figures, one for each store-day and zone or hour; `partial` those left out because a camera was dark.
        truth, shown: their means over the days, by `Case.weight`.
        error: mean of |shown - truth| ÷ truth; None where the truth is 0 throughout.
        half_width: mean half-width of the interval ÷ mean shown; None where no interval is stated.
        covered: share of the figures whose interval holds the truth, [`low`, `high`] what chance leaves open about it.
            A store's days share its audits, its baskets and the rate behind them: as far as they differ they count.
        exact: where no interval is stated: whether every day shows the truth itself.
    """

    kpi: str
    days: int
    partial: int
    truth: float
    shown: float
    error: float | None
    half_width: float | None
    covered: float | None
    low: float | None
    high: float | None
    exact: bool | None

    @property
    def kept(self) -> bool:
        """Whether it keeps its word: exact, or covering as promised as far as chance allows to say."""
        if self.low is None or self.high is None:
            return bool(self.exact)
        return self.low <= PROMISED[1] and self.high >= PROMISED[0]


def coverage(cases: Iterable[Case]) -> list[Covered]:
    """Return the coverage of each KPI that has a store-day counted in full."""
    by_kpi: dict[str, list[Case]] = {kpi: [] for kpi in (*COUNTS, *RATES)}
    for case in cases:
        by_kpi[case.kpi].append(case)
    return [_covered(kpi, some) for kpi, some in by_kpi.items() if any(case.whole for case in some)]


def _covered(kpi: str, cases: Sequence[Case]) -> Covered:
    whole = [case for case in cases if case.whole]
    stated = [case for case in whole if case.inside is not None]
    inside, weight = sum(bool(case.inside) for case in stated), sum(case.weight for case in whole)
    low, high = _by_chance(stated)
    errors = [abs(case.shown - case.truth) / case.truth for case in whole if case.truth]
    return Covered(
        kpi=kpi,
        days=len(whole),
        partial=len(cases) - len(whole),
        truth=sum(case.truth * case.weight for case in whole) / weight,
        shown=sum(case.shown * case.weight for case in whole) / weight,
        error=sum(errors) / len(errors) if errors else None,
        half_width=_half_width(stated),
        covered=inside / len(stated) if stated else None,
        low=low,
        high=high,
        exact=None if stated else all(math.isclose(case.shown, case.truth, abs_tol=_CENT) for case in whole),
    )


def _by_chance(stated: Sequence[Case]) -> tuple[float, float] | tuple[None, None]:
    """Return what chance leaves open of the share covered, stores being what is independent of one another."""
    if not stated:
        return None, None
    share = sum(bool(case.inside) for case in stated) / len(stated)
    off: dict[str, float] = {}
    for case in stated:
        off[case.store] = off.get(case.store, 0.0) + bool(case.inside) - share
    alone = share * (1 - share) * len(stated)
    together = sum(one * one for one in off.values()) * len(off) / max(1, len(off) - 1)
    variance = max(1.0, together / alone) if alone else 1.0
    return wilson(share * len(stated) / variance, len(stated) / variance)


def _half_width(stated: Sequence[Case]) -> float | None:
    shown = sum(case.shown for case in stated)
    return sum(((case.high or 0) - (case.low or 0)) / 2 for case in stated) / shown if shown else None
