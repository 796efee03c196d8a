"""Scoring: what was counted against the truth, crossing by crossing, by moment, place and direction."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from deploy.simulation.tracks.scenes import Scene
from deploy.simulation.tracks.truth import Direction, TrueCrossing
from deploy.simulation.tracks.view import Floats, Spot
from edge.tracking.association import assign

#: A counted crossing is a true one's if it lies within so many seconds of it …
_NEAR_S: Final = 1.0
#: … and so many body heights from where that person then was in the picture.
_NEAR: Final = 1.0


@dataclass(frozen=True, slots=True)
class CountedCrossing:
    """One crossing that a counter reports: when, which way, where in the picture."""

    at_s: float
    direction: Direction
    point: Spot


@dataclass(frozen=True, slots=True)
class Errors:
    """What a counter did with `true` crossings. Open crossings are neither missed nor extra.

    Attributes:
        true: crossings that every auditor counts.
        missed: those for which nothing was counted.
        extra: what was counted beyond: doubles and inventions.
        wrong_way: those that were counted in the other direction; not in `missed` and `extra`.
    """

    true: int
    missed: int
    extra: int
    wrong_way: int

    @property
    def total(self) -> int:
        """Errors of all three kinds."""
        return self.missed + self.extra + self.wrong_way

    def __add__(self, other: "Errors") -> "Errors":
        return Errors(
            self.true + other.true,
            self.missed + other.missed,
            self.extra + other.extra,
            self.wrong_way + other.wrong_way,
        )


def score(scene: Scene, truth: Sequence[TrueCrossing], counted: Sequence[CountedCrossing]) -> Errors:
    """Return the errors of `counted` against the `truth` of `scene`.

    Pairs are one to one and as many as can be: first with the same direction, a sure crossing before an open one; then
    what is left of the sure ones with the other direction.
    """
    left_true, left = _unpaired(scene, list(truth), list(counted), same=True)
    left_true = [crossing for crossing in left_true if crossing.sure]
    missed, extra = _unpaired(scene, left_true, left, same=False)
    sure = sum(1 for crossing in truth if crossing.sure)
    return Errors(sure, len(missed), len(extra), len(left_true) - len(missed))


def _unpaired(
    scene: Scene, truth: list[TrueCrossing], counted: list[CountedCrossing], *, same: bool
) -> tuple[list[TrueCrossing], list[CountedCrossing]]:
    """Return what is left of both once as many as possible are paired."""
    if not truth or not counted:
        return truth, counted
    likeness = _likeness(scene, truth, counted, same=same)
    rows, columns = assign(likeness, 0.0)
    taken_rows, taken_columns = set(rows.tolist()), set(columns.tolist())
    return (
        [crossing for index, crossing in enumerate(truth) if index not in taken_rows],
        [crossing for index, crossing in enumerate(counted) if index not in taken_columns],
    )


def _likeness(scene: Scene, truth: list[TrueCrossing], counted: list[CountedCrossing], *, same: bool) -> Floats:
    """Return how well crossings fit, as (N, M): 0 not at all; else ½ … 1, so that two pairs beat one.

    A pair with a sure crossing (¾ … 1) beats any with an open one (½ … ¾).
    """
    since, until = (np.array([getattr(crossing, name) for crossing in truth]) for name in ("since_s", "at_s"))
    moments = np.array([crossing.at_s for crossing in counted])
    late_s = np.maximum(np.maximum(since[:, None] - moments, moments - until[:, None]), 0)
    likeness: Floats = np.zeros(late_s.shape)
    view = scene.model.view
    for row, column in np.argwhere(late_s <= _NEAR_S).tolist():
        if (truth[row].direction == counted[column].direction) != same:
            continue
        walk = scene.walks[truth[row].walk]
        floor = walk.at(moments[column : column + 1])
        tall = view.focal_px * walk.height_m / floor[0, 1]
        apart = float(np.linalg.norm(view.foot(floor)[0] - np.array(counted[column].point))) / tall
        if apart <= _NEAR:
            off = (late_s[row, column] / _NEAR_S + apart / _NEAR) / 2
            likeness[row, column] = (1.0 if truth[row].sure else 0.75) - 0.24 * off
    return likeness
