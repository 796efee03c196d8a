"""Who is who: likeness of tracks and detections, and the best assignment between them."""

from typing import Final, TypeAlias

import lap
import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
#: Boxes of one person, of whom half may be hidden, are within this factor of each other in height.
_ALIKE: Final = 2.0
#: Heads closer than this, aside and up, in heights of the smaller box, are at one place: shoulders are 0.25 apart.
_HEAD: Final = (0.15, 0.12)
#: … and closer than this they are one head: nobody stands so exactly behind another and is still found.
_ONE_HEAD: Final = (0.08, 0.06)
Pairs: TypeAlias = tuple[NDArray[np.intp], NDArray[np.intp]]


def iou(tracks: Floats, detections: Floats) -> Floats:
    """Return the intersection over union of boxes (N, 4) and (M, 4), as (N, M)."""
    low = np.maximum(tracks[:, None, :2], detections[None, :, :2])
    high = np.minimum(tracks[:, None, 2:], detections[None, :, 2:])
    shared = np.prod(np.clip(high - low, 0, None), axis=2)
    areas = np.prod(tracks[:, 2:] - tracks[:, :2], axis=1)[:, None]
    areas = areas + np.prod(detections[:, 2:] - detections[:, :2], axis=1)[None, :]
    return np.asarray(shared / np.maximum(areas - shared, 1e-9), np.float64)


def nearness(tracks: Floats, detections: Floats, reach: Floats) -> Floats:
    """Return 1 for heads at one place down to 0 for those `reach` (N,) track heights apart, as (N, M).

    Boxes are centre x, top, width, height, (N, 4) and (M, 4). Of one person, half may be hidden, no more.
    """
    height = np.maximum(tracks[:, 3], 1.0)
    gap = np.linalg.norm(tracks[:, None, :2] - detections[None, :, :2], axis=2) / height[:, None]
    ratio = detections[None, :, 3] / height[:, None]
    alike = (ratio > 1 / _ALIKE) & (ratio < _ALIKE)
    return np.asarray(np.where(alike, np.clip(1 - gap / np.maximum(reach, 1e-9)[:, None], 0, 1), 0.0), np.float64)


def single(states: Floats, score: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return (N,) which boxes to keep so that each head has one: of a person found twice, the surer box.

    Overlap alone does not tell (a whole person and his upper half overlap by 0.5, like two people in a crowd); heads
    do. Boxes are centre x, top, width, height, (N, 4).
    """
    rank = np.argsort(np.argsort(-score, kind="stable"))
    surer = rank[None, :] < rank[:, None]
    return np.asarray(~(_heads_meet(states, states, _ONE_HEAD) & surer).any(axis=1), np.bool_)


def heads_meet(tracks: Floats, detections: Floats) -> NDArray[np.bool_]:
    """Return (N, M) whether heads are at one place, whatever is seen of the bodies: centre x, top, width, height."""
    return _heads_meet(tracks, detections, _HEAD)


def _heads_meet(one: Floats, other: Floats, limit: tuple[float, float]) -> NDArray[np.bool_]:
    height = np.minimum(one[:, None, 3], other[None, :, 3])
    aside = np.abs(one[:, None, 0] - other[None, :, 0]) < limit[0] * height
    return np.asarray(aside & (np.abs(one[:, None, 1] - other[None, :, 1]) < limit[1] * height), np.bool_)


def only_choice(likeness: Floats, rows: NDArray[np.bool_], columns: NDArray[np.bool_]) -> Pairs:
    """Return the pairs of free `rows` (N,) and `columns` (M,) where neither has anybody else near, free or not."""
    near = likeness > 0
    alone = near & (near.sum(axis=1) == 1)[:, None] & (near.sum(axis=0) == 1)[None, :]
    found = np.nonzero(alone & rows[:, None] & columns[None, :])
    return found[0], found[1]


def assign(likeness: Floats, least: float) -> Pairs:
    """Return rows and columns of the one-to-one assignment with the greatest likeness, each pair above `least`."""
    if not likeness.size:
        return np.empty(0, np.intp), np.empty(0, np.intp)
    _, columns, _ = lap.lapjv(1.0 - likeness, extend_cost=True, cost_limit=1.0 - least)
    rows = np.flatnonzero(columns >= 0)
    # A pair that lies on the limit may be chosen or not: it must not.
    rows = rows[likeness[rows, columns[rows]] > least]
    return rows, columns[rows].astype(np.intp)
