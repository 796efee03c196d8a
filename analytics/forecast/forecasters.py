"""Forecasters: the seam between a forecast and what asks for one. Each answers for any origin it may be asked about."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from analytics.forecast.baselines import WEEK, mean_of_weeks, seasonal_naive
from analytics.forecast.closed_form import ORIGIN_MIN, YEAR, ClosedForm
from analytics.forecast.conformal import scores
from analytics.forecast.panel import HORIZON, Floats, Panel
from analytics.forecast.residual import ResidualModel, Taken, train

NAIVE: Final = "seasonal_naive"
MEAN: Final = "mean_of_4_weeks"
CLOSED_FORM: Final = "closed_form"
LIGHTGBM: Final = "lightgbm"
#: The residual model is trained anew after this many days; in between it only sees the new counts.
RETRAIN_DAYS: Final = 26 * WEEK

#: An origin and what was forecast there.
Past = tuple[int, Floats]


class Forecaster(Protocol):
    """A way to forecast a panel."""

    def forecast(self, origin: int) -> Floats:
        """Return (S, `HORIZON`, 24) visitors from the day `origin` on; NaN where nothing can be said."""
        ...

    def past(self, origin: int) -> list[Past]:
        """Return what would have been forecast at origins of the year before; nothing from `origin` on is used."""
        ...


@dataclass(frozen=True, slots=True)
class SeasonalNaive:
    """Last week again."""

    panel: Panel

    def forecast(self, origin: int) -> Floats:
        """Return the forecast."""
        return seasonal_naive(self.panel, origin)

    def past(self, origin: int) -> list[Past]:
        """Return the forecasts of the year before."""
        return [(one, self.forecast(one)) for one in judged(origin)]


@dataclass(frozen=True, slots=True)
class MeanOfWeeks:
    """The mean of the last four weeks."""

    panel: Panel

    def forecast(self, origin: int) -> Floats:
        """Return the forecast."""
        return mean_of_weeks(self.panel, origin)

    def past(self, origin: int) -> list[Past]:
        """Return the forecasts of the year before."""
        return [(one, self.forecast(one)) for one in judged(origin)]


@dataclass(frozen=True, slots=True)
class ClosedFormForecaster:
    """The closed form."""

    closed: ClosedForm

    def forecast(self, origin: int) -> Floats:
        """Return the forecast."""
        return self.closed.forecast(origin)

    def past(self, origin: int) -> list[Past]:
        """Return the forecasts of the year before."""
        return [(one, self.forecast(one)) for one in judged(origin)]


class LightgbmForecaster:
    """The closed form and the residual model; where there is too little to learn from, the closed form alone."""

    def __init__(self, closed: ClosedForm, *, threads: int = 1) -> None:
        self._closed = closed
        self._plain = ClosedFormForecaster(closed)
        self._threads = threads
        self._model: ResidualModel | None = None
        self._tried: int | None = None
        self._shares: dict[int, Taken] = {}

    @property
    def trained_before(self) -> int | None:
        """The origin before which the model in use was trained; None while there is none."""
        return self._model.cutoff if self._model else None

    def forecast(self, origin: int) -> Floats:
        """Return the forecast; origins are asked for in rising order."""
        model = self._trained(origin)
        return model.forecast(origin, self._taken(model, origin)) if model else self._plain.forecast(origin)

    def past(self, origin: int) -> list[Past]:
        """Return the forecasts of the year before, of models that were trained without what came then.

        As much is taken of what the trees say as is now: these are the misses of the forecast that is given.
        """
        model = self._trained(origin)
        if model is None:
            return self._plain.past(origin)
        taken = self._taken(model, origin)
        return [(one, model.forecast(one, taken)) for one in judged(origin) if model.honest(one)]

    def _taken(self, model: ResidualModel, origin: int) -> Taken:
        """Return how much of the trees' say to take at the origin; nothing from it on is used."""
        if origin not in self._shares:
            told = [one for one in judged(origin) if model.honest(one) and self._closed.ordinary(one, origin)]
            self._shares[origin] = model.taken(told)
        return self._shares[origin]

    def _trained(self, origin: int) -> ResidualModel | None:
        # While there is no model, each new origin may be the first with enough behind it.
        stands = RETRAIN_DAYS if self._model else 1
        if self._tried is None or not self._tried <= origin < self._tried + stands:
            self._tried = origin
            self._model = train(self._closed, origin, threads=self._threads)
        return self._model


def judged(origin: int) -> Sequence[int]:
    """Return the origins of the year before `origin`, whose horizons have all come, newest first."""
    return [one for step in range(1, YEAR // HORIZON + 1) if (one := origin - HORIZON * step) >= ORIGIN_MIN]


def past_scores(panel: Panel, past: Sequence[Past]) -> list[Floats]:
    """Return the scores of forecasts whose horizons have come."""
    return [scores(panel.counts[:, origin : origin + HORIZON], forecast) for origin, forecast in past]
