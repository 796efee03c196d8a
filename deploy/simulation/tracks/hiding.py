"""Who hides whom: how much of each box lies behind nearer people and pillars, and from where downwards."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from deploy.simulation.tracks.scenes import Pillar
from deploy.simulation.tracks.view import Floats, View

#: A box is not filled by its person: this much of the width in the middle hides what is behind.
_SOLID: Final = 0.7
#: Legs are hidden by what covers at least so much of the box's width.
_COVERS: Final = 0.5


@dataclass(frozen=True, slots=True)
class Hidden:
    """Of N boxes.

    Attributes:
        share: float64 (N,): of the area, 0 … 1.
        below: float64 (N,): of the height, from the foot upwards, 0 … 1.
    """

    share: Floats
    below: Floats


def hidden(view: View, boxes: Floats, depth: Floats, frame: NDArray[np.int64], pillars: Sequence[Pillar]) -> Hidden:
    """Return how hidden each of `boxes` (N, 4) is; `frame` (N,) is sorted, `depth` (N,) metres from the camera."""
    visible, below = np.ones(len(boxes)), np.zeros(len(boxes))
    back, front = _pairs(frame)
    nearer = depth[front] < depth[back]
    back, front = back[nearer], front[nearer]
    _cover(visible, below, boxes, back, boxes[front])
    for pillar in pillars:
        x, _ = view.spot(pillar.spot)
        half = view.focal_px * pillar.width_m / pillar.spot[1] / 2
        behind = np.flatnonzero(depth > pillar.spot[1])
        post = np.array([[x - half / _SOLID, 0.0, x + half / _SOLID, float(view.size[1])]])
        _cover(visible, below, boxes, behind, np.repeat(post, len(behind), axis=0))
    return Hidden(1 - visible, below)


def _cover(visible: Floats, below: Floats, boxes: Floats, back: NDArray[np.intp], front: Floats) -> None:
    """Take from `visible`, and add to `below`, what the boxes `front` (M, 4) hide of the boxes of rows `back` (M,)."""
    behind = boxes[back]
    inset = (1 - _SOLID) / 2 * (front[:, 2] - front[:, 0])
    wide = np.minimum(behind[:, 2], front[:, 2] - inset) - np.maximum(behind[:, 0], front[:, 0] + inset)
    tall = np.minimum(behind[:, 3], front[:, 3]) - np.maximum(behind[:, 1], front[:, 1])
    size = behind[:, 2:] - behind[:, :2]
    wide, tall = np.clip(wide, 0, None) / size[:, 0], np.clip(tall, 0, None) / size[:, 1]
    # As if what hides one lay at random over one another: exact for one, near enough for several.
    np.multiply.at(visible, back, 1 - wide * tall)
    reaches_feet = (front[:, 3] >= behind[:, 3]) & (wide >= _COVERS)
    np.maximum.at(below, back, np.where(reaches_feet, tall, 0.0))


def _pairs(frame: NDArray[np.int64]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return all ordered pairs of rows of one frame, themselves included."""
    _, first, count = np.unique(frame, return_index=True, return_counts=True)
    mates = np.repeat(count, count)
    starts = np.repeat(first, count)
    left = np.repeat(np.arange(len(frame)), mates)
    offset = np.arange(mates.sum()) - np.repeat(np.cumsum(mates) - mates, mates)
    return left, np.repeat(starts, mates) + offset
