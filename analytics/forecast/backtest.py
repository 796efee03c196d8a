"""The back-test: forecasts as they would have been made at 26 cutoffs of a year, against what then came.

Cutoffs lie a horizon apart, so that every day of the year is forecast once. A model is only shown what lies before its
cutoff. All models are judged on the same cells: those that were measured and that all of them forecast.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from analytics.forecast.accuracy import Covered, Errors, share, weekly_scale
from analytics.forecast.conformal import COVERAGES, bands
from analytics.forecast.errors import TooShortError
from analytics.forecast.forecasters import CLOSED_FORM, LIGHTGBM, NAIVE, Forecaster, past_scores
from analytics.forecast.panel import HISTORY_MIN, HORIZON, Flags, Floats, Panel

CUTOFFS: Final = 26
_DIGITS: Final = 4


@dataclass(frozen=True, slots=True)
class Result:
    """What a back-test found.

    Attributes:
        panel: what was forecast.
        cutoffs: first days forecast, as columns of the panel.
        errors: by model.
        covered: by model, then by coverage in per cent; shop hours and all hours.
        forecasts: series-forecasts made per model.
        too_short: series without `HISTORY_MIN` days before the last cutoff.
        cpu_s: processor time by model, training included.
    """

    panel: Panel
    cutoffs: tuple[int, ...]
    errors: Mapping[str, Errors]
    covered: Mapping[str, Mapping[int, Covered]]
    forecasts: int
    too_short: tuple[str, ...]
    cpu_s: Mapping[str, float]

    @property
    def chosen(self) -> str:
        """The model that the product would use: LightGBM where it can be trained, else the closed form."""
        return LIGHTGBM if LIGHTGBM in self.errors else CLOSED_FORM

    def worse_than_naive(self, model: str) -> tuple[str, ...]:
        """Return the series that the model forecasts no better than last week again does."""
        mine, naive = self.errors[model].absolute, self.errors[NAIVE].absolute
        judged = self.errors[NAIVE].actual > 0
        return tuple(self.panel.series[row] for row in np.flatnonzero(judged & (mine >= naive)))


def cutoffs_of(panel: Panel, number: int = CUTOFFS) -> tuple[int, ...]:
    """Return the last `number` cutoffs, `HORIZON` days apart, that leave a whole horizon and `HISTORY_MIN` before.

    A last day that was not measured to its end does not count.

    Raises:
        TooShortError: there is none.
    """
    ended = ~np.isnan(panel.counts[:, :, -1]).all(axis=0)
    last = int(np.flatnonzero(ended)[-1]) + 1 if ended.any() else panel.days
    first = min(int(start) for start in panel.days - panel.history_days(panel.days))
    found = [last - HORIZON * step for step in range(1, number + 1)]
    fit = tuple(one for one in reversed(found) if one - first >= HISTORY_MIN)
    if not fit:
        longest = max(0, last - first)
        names = ", ".join(panel.series[:5]) + (" …" if len(panel.series) > 5 else "")  # noqa: PLR2004
        raise TooShortError(
            f"expected at least {HISTORY_MIN} days before a cutoff and {HORIZON} after it, the longest series has "
            f"{longest} days: {names}"
        )
    return fit


def backtest(
    panel: Panel,
    models: Mapping[str, Forecaster],
    *,
    cutoffs: Sequence[int],
    progress: Callable[[int], None] = lambda _: None,
) -> Result:
    """Return what each of `models` would have been worth; `progress` is told how many cutoffs are done.

    Raises:
        TooShortError: no series has `HISTORY_MIN` days before any cutoff.
    """
    series = len(panel.series)
    errors = {name: Errors.none(series) for name in models}
    covered = {name: {coverage: Covered() for coverage in COVERAGES} for name in models}
    cpu_s = dict.fromkeys(models, 0.0)
    forecasts, ever = 0, np.zeros(series, dtype=bool)
    for done, cutoff in enumerate(cutoffs, start=1):
        long_enough = panel.history_days(cutoff) >= HISTORY_MIN
        ever |= long_enough
        actual = _actual(panel, cutoff)
        made: dict[str, Floats] = {}
        for name, model in models.items():
            began = time.process_time()
            made[name] = model.forecast(cutoff)
            intervals = bands(made[name], past_scores(panel, model.past(cutoff)))
            cpu_s[name] += time.process_time() - began
            use = ~np.isnan(actual) & ~np.isnan(made[name]) & long_enough[:, None, None]
            for coverage, band in intervals.items():
                covered[name][coverage].add(actual, band, use)
        use = _known_to_all(actual, list(made.values()), long_enough)
        forecasts += int(use.any(axis=(1, 2)).sum())
        scale = weekly_scale(panel, cutoff)
        for name, forecast in made.items():
            errors[name].add(actual, forecast, use, scale)
        progress(done)
    _refuse_if_none(panel, ever)
    too_short = tuple(panel.series[row] for row in np.flatnonzero(~ever))
    return Result(panel, tuple(cutoffs), errors, covered, forecasts, too_short, cpu_s)


def as_dict(result: Result) -> dict[str, Any]:
    """Return the result as JSON has it; ratios with four digits, None where nothing was measured."""
    errors, chosen = result.errors, result.chosen
    naive = errors[NAIVE].wape
    below = {
        name: None if not naive or one.wape is None else 1 - one.wape / naive
        for name, one in errors.items()
        if name != NAIVE
    }
    found = {
        "series": len(result.panel.series) - len(result.too_short),
        "cutoffs": len(result.cutoffs),
        "first_cutoff": result.panel.day(result.cutoffs[0]).isoformat(),
        "last_cutoff": result.panel.day(result.cutoffs[-1]).isoformat(),
        "horizon_h": HORIZON * 24,
        "chosen": chosen,
        "wape": {name: one.wape for name, one in errors.items()},
        "wape_all": {name: one.wape_all for name, one in errors.items()},
        "mase": {name: one.mase for name, one in errors.items()},
        "coverage": _coverages(result, chosen),
        "coverage_of": {name: _coverages(result, name) for name in errors},
        "below_naive": below,
        "worse_than_naive": {name: list(result.worse_than_naive(name)) for name in errors if name != NAIVE},
        "wape_of": {
            series: {name: one.wape_of(row) for name, one in errors.items()}
            for row, series in enumerate(result.panel.series)
            if series not in result.too_short
        },
        "too_short": list(result.too_short),
        "series_forecasts": result.forecasts,
        "cpu_s_per_100": {name: share(100 * cpu, result.forecasts) for name, cpu in result.cpu_s.items()},
    }
    return {key: _rounded(value) for key, value in found.items()}


def _coverages(result: Result, model: str) -> dict[str, float | None]:
    return {str(coverage): one.coverage for coverage, one in result.covered[model].items()}


def _actual(panel: Panel, cutoff: int) -> Floats:
    came = panel.counts[:, cutoff : cutoff + HORIZON]
    return np.pad(came, ((0, 0), (0, HORIZON - came.shape[1]), (0, 0)), constant_values=np.nan)


def _known_to_all(actual: Floats, forecasts: Sequence[Floats], long_enough: Flags) -> Flags:
    known = ~np.isnan(actual) & long_enough[:, None, None]
    for forecast in forecasts:
        known &= ~np.isnan(forecast)
    return known


def _refuse_if_none(panel: Panel, ever: Flags) -> None:
    if not ever.any():
        raise TooShortError(
            f"expected a series with at least {HISTORY_MIN} days before a cutoff; all are too short: "
            f"{', '.join(panel.series)}"
        )


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(one) for key, one in value.items()}
    return round(value, _DIGITS) if isinstance(value, float) else value
