"""How good a forecast was: WAPE, MASE and coverage, over cells that are known.

WAPE = Σ |forecast - actual| ÷ Σ actual, pooled over series and hours. MASE = mean |forecast - actual| ÷ mean
|y(t) - y(t - 1 week)| of the history before the cutoff (Hyndman & Koehler 2006), mean over series.
"""

from dataclasses import dataclass, field

import numpy as np

from analytics.forecast.baselines import WEEK
from analytics.forecast.conformal import Band
from analytics.forecast.numbers import mean_over
from analytics.forecast.panel import HOURS, Flags, Floats, Panel

#: The hours in which shops are open: 9:00 up to and including the hour from 20:00.
SHOP_HOURS = slice(9, 21)


@dataclass(slots=True)
class Errors:
    """Sums over cutoffs, per series: in shop hours and in all hours."""

    absolute: Floats
    actual: Floats
    absolute_all: Floats
    actual_all: Floats
    scaled: list[Floats] = field(default_factory=list)

    @classmethod
    def none(cls, series: int) -> "Errors":
        """Return sums over nothing."""
        return cls(np.zeros(series), np.zeros(series), np.zeros(series), np.zeros(series))

    def add(self, actual: Floats, forecast: Floats, use: Flags, scale: Floats) -> None:
        """Add the cells (S, days, 24) in `use`; `scale` (S,) is MASE's denominator."""
        missed = np.where(use, np.abs(forecast - actual), 0.0)
        came = np.where(use, actual, 0.0)
        self.absolute += missed[:, :, SHOP_HOURS].sum(axis=(1, 2))
        self.actual += came[:, :, SHOP_HOURS].sum(axis=(1, 2))
        self.absolute_all += missed.sum(axis=(1, 2))
        self.actual_all += came.sum(axis=(1, 2))
        self.scaled.append(mean_over(np.where(use, missed, np.nan), (1, 2)) / np.where(scale > 0, scale, np.nan))

    @property
    def wape(self) -> float | None:
        """WAPE in shop hours, pooled; None when nobody came."""
        return share(self.absolute.sum(), self.actual.sum())

    @property
    def wape_all(self) -> float | None:
        """WAPE over all hours, pooled."""
        return share(self.absolute_all.sum(), self.actual_all.sum())

    @property
    def mase(self) -> float | None:
        """MASE over all hours, mean over series and cutoffs."""
        values = np.concatenate(self.scaled) if self.scaled else np.array([])
        return float(np.nanmean(values)) if (~np.isnan(values)).any() else None

    def wape_of(self, row: int) -> float | None:
        """WAPE of one series in shop hours."""
        return share(self.absolute[row], self.actual[row])


@dataclass(slots=True)
class Covered:
    """Cells within an interval, of cells that have one."""

    inside: int = 0
    cells: int = 0

    def add(self, actual: Floats, band: Band, use: Flags) -> None:
        """Add the cells (S, days, 24) in `use`."""
        known = use & ~np.isnan(band.low)
        self.inside += int((known & (actual >= band.low) & (actual <= band.high)).sum())
        self.cells += int(known.sum())

    @property
    def coverage(self) -> float | None:
        """Share of the cells inside."""
        return share(self.inside, self.cells)


def share(part: float, whole: float) -> float | None:
    """Return part ÷ whole, None when the whole is 0."""
    return float(part / whole) if whole > 0 else None


def weekly_scale(panel: Panel, cutoff: int) -> Floats:
    """Return (S,) mean |y(t) - y(t - 1 week)| before the cutoff, MASE's denominator; NaN where unknown."""
    past = panel.counts[:, :cutoff].reshape(len(panel.series), -1)
    return mean_over(np.abs(past[:, WEEK * HOURS :] - past[:, : -WEEK * HOURS]), 1)
