"""The residual model: gradient-boosted trees (LightGBM) on what the closed form misses, one model for all series.

Three models each leave out a third of the origins, in blocks of time; the forecast is their mean, and what a model
misses on origins that it never saw is what the intervals are made of (cross-conformal, Vovk 2015). Needs the extra
`forecast`. Disrupted times are not learned from.

What trees say is in part the same for all series of a day, and in part each one's own. The past tells how far to follow
each: there are hundreds of thousands of hours to learn the own part from, but only a few dozen fortnights of one city.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from analytics.forecast.closed_form import ORIGIN_MIN, YEAR, ClosedForm
from analytics.forecast.conformal import denominators, scores
from analytics.forecast.errors import MissingExtraError
from analytics.forecast.features import Matrix, features
from analytics.forecast.numbers import best_factor, mean_over, median_over, or_else, ratio_of_sums
from analytics.forecast.panel import HORIZON, Floats

FOLDS: Final = 3
#: Days between two origins that are learned from.
STEP: Final = 14
ORIGINS_MAX: Final = 78
#: With less to learn from than this many origins the closed form is not improved on.
ORIGINS_LEAST: Final = 20
#: Rows per model, whatever the number of stores: they are drawn at random above it.
ROWS_MAX: Final = 50_000
ROWS_LEAST: Final = 2_000
ROUNDS: Final = 100
#: How much of what the trees say is taken before any of it was judged, how many judged origins that is worth, and the
#: most: the year to come is never quite like those learned from, in some cities less than in others.
TAKEN: Final = 0.6
_TAKEN_STRENGTH: Final = 13.0
_TAKEN_MOST: Final = 1.3
_TAKEN_ROUNDS: Final = 3
_MISS: Final = (-1.0, 3.0)
_PARAMETERS: Final[dict[str, Any]] = {
    "objective": "l1",
    "num_leaves": 15,
    "learning_rate": 0.06,
    "min_data_in_leaf": 200,
    "feature_fraction": 0.6,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "max_bin": 127,
    "verbose": -1,
    "seed": 1,
    "deterministic": True,
    "force_row_wise": True,
}


class Taken(NamedTuple):
    """How much of what the trees say is taken: of what all series share in a day, and of what is a series' own."""

    shared: float = TAKEN
    own: float = TAKEN


@dataclass(frozen=True, slots=True)
class Fold:
    """One model and the origins it must not be asked about in order to judge it."""

    booster: Any
    held_out: frozenset[int]


@dataclass(slots=True)
class ResidualModel:
    """A trained model; `cutoff` is the origin that it was trained before."""

    closed: ClosedForm
    cutoff: int
    folds: tuple[Fold, ...]
    threads: int
    _changes: dict[int, tuple[Floats, Floats]] = field(default_factory=dict)

    def forecast(self, origin: int, taken: Taken) -> Floats:
        """Return (S, `HORIZON`, 24): the closed form and a share of what the models that never saw it say it misses."""
        shared, own = self._change(origin)
        return np.maximum(0.0, self.closed.forecast(origin) + taken.shared * shared + taken.own * own)

    def taken(self, origins: Sequence[int]) -> Taken:
        """Return how much of what the trees say would have been best at the origins, whose horizons have come."""
        if not origins:
            return Taken()
        counts = self.closed.panel.counts
        missed = np.stack([counts[:, one : one + HORIZON] - self.closed.forecast(one) for one in origins])
        shared, own = (np.stack(part) for part in zip(*map(self._change, origins), strict=True))
        best = Taken()
        for _ in range(_TAKEN_ROUNDS):
            best = best._replace(shared=_best(missed - best.own * own, shared))
            best = best._replace(own=_best(missed - best.shared * shared, own))
        number = len(origins)
        return Taken(*((number * one + _TAKEN_STRENGTH * TAKEN) / (number + _TAKEN_STRENGTH) for one in best))

    def _change(self, origin: int) -> tuple[Floats, Floats]:
        """Return what the trees say that is missed, (S, `HORIZON`, 24) each: shared by the series of a day, and own."""
        if origin not in self._changes:
            asked = [fold for fold in self.folds if origin in fold.held_out] or list(self.folds)
            cells = features(self.closed, origin)
            said = [fold.booster.predict(_rows(cells), num_threads=self.threads) for fold in asked]
            below = denominators(self.closed.forecast(origin))
            change = np.mean(said, axis=0).reshape(below.shape) * below
            shared = or_else(median_over(ratio_of_sums(change, below, 2), 0), 0.0)[None, :, None] * below
            self._changes[origin] = shared, change - shared
        return self._changes[origin]

    def honest(self, origin: int) -> bool:
        """Return whether some model was trained without what came at this origin."""
        return origin >= self.cutoff or any(origin in fold.held_out for fold in self.folds)


def train(closed: ClosedForm, cutoff: int, *, threads: int = 1) -> ResidualModel | None:
    """Return the model trained on what lies before `cutoff`; None when there is too little of it.

    Raises:
        MissingExtraError: LightGBM is not installed.
    """
    lightgbm = _lightgbm()
    begun = closed.panel.days - closed.panel.history_days(closed.panel.days).max() + ORIGIN_MIN
    past = [one for step in range(1, ORIGINS_MAX + 1) if (one := cutoff - STEP * step) >= begun]
    origins = [one for one in past if closed.ordinary(one, cutoff)]
    disrupted = frozenset(past) - frozenset(origins)
    if len(origins) < ORIGINS_LEAST:
        return None
    # The origins of the last year are judged, in blocks of time; all older ones every model may learn from.
    blocks = np.array_split(np.array(origins[: YEAR // STEP]), FOLDS)
    random = np.random.default_rng(1)
    folds = []
    for block in blocks:
        held_out = disrupted | {int(one) for one in block}
        taught = [one for one in origins if one not in held_out]
        rows, missed, weights = _taught(closed, taught, random)
        if len(missed) < ROWS_LEAST:
            return None
        data = lightgbm.Dataset(rows, label=missed, weight=weights)
        folds.append(Fold(lightgbm.train({**_PARAMETERS, "num_threads": threads}, data, ROUNDS), held_out))
    return ResidualModel(closed, cutoff, tuple(folds), threads)


def _taught(
    closed: ClosedForm, origins: Sequence[int], random: np.random.Generator
) -> tuple[Matrix, npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    cells = len(closed.panel.series) * HORIZON * 24 * len(origins)
    keep = min(1.0, ROWS_MAX / cells)
    parts = [_of_origin(closed, origin, keep, random) for origin in origins]
    rows, missed, weights = (np.concatenate(part) for part in zip(*parts, strict=True))
    return rows, missed, weights


def _of_origin(
    closed: ClosedForm, origin: int, keep: float, random: np.random.Generator
) -> tuple[Matrix, Floats, Floats]:
    """Return rows, misses as shares, and weights: a miss counts in visitors, but a big store not for all small ones."""
    base = closed.forecast(origin)
    missed = scores(closed.panel.counts[:, origin : origin + HORIZON], base)
    use = ~np.isnan(missed) & (random.random(missed.shape) < keep)
    level = np.broadcast_to(mean_over(base, (1, 2))[:, None, None], base.shape)
    return (
        features(closed, origin)[use],
        np.clip(missed[use], *_MISS),
        denominators(base)[use] / np.sqrt(level[use]),
    )


def _best(missed: Floats, said: Floats) -> float:
    best = best_factor(missed, said)
    return TAKEN if np.isnan(best) else float(np.clip(best, 0.0, _TAKEN_MOST))


def _rows(cells: Matrix) -> Matrix:
    return cells.reshape(-1, cells.shape[-1])


def _lightgbm() -> Any:
    try:
        import lightgbm  # noqa: PLC0415 - only in the extra
    except ImportError as error:
        raise MissingExtraError(
            "the LightGBM forecast needs the extra: pip install '.[forecast]' in Footfall's checkout "
            "(without it, the closed form is used)"
        ) from error
    return lightgbm
