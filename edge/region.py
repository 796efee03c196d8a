"""The region: which part of a picture the lines of a camera need, once it is known how tall people are there.

    ┌─ picture ───────────────────────────┐      Someone is followed from one and a quarter body heights before a line
    │        ┌─ region ───────┐           │      to as much behind, which takes a walker three seconds: time for a track
    │        │       │        │           │      to be confirmed before, and a crossing to be sure after. Bodies lie
    │        │ 1¼ h  │ 1¼ h   │           │      wholly within the region wherever the counted point is that near.
    │        └───────┼────────┘           │
    └─────────────────────────────────────┘

Heights are learnt from whole pictures (`edge/perspective.py`). Until enough was seen, and where the region would be
nearly all of the picture, there is none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.config import Anchor
from edge.counting.protocol import anchor_points
from edge.detections import Detections
from edge.frames import Region
from edge.geometry import Segment
from edge.perspective import Perspective

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RegionRules:
    """When there is a region, and how large.

    Attributes:
        across: how far either side of a line people are followed, in body heights.
        along: how far beyond a line's ends, in body heights.
        half_width: of a body, in heights: arms, a bag, a pushchair.
        most: a region of a greater share of the picture saves nothing worth having.
    """

    across: float = 1.25
    along: float = 1.0
    half_width: float = 0.4
    most: float = 0.9


DEFAULT_RULES: Final = RegionRules()


class RegionFinder:
    """Learns how tall people are near the lines of one camera, and says what part of its picture they need."""

    def __init__(
        self,
        lines: Sequence[tuple[Segment, Anchor]],
        frame_size: tuple[int, int],
        rules: RegionRules = DEFAULT_RULES,
    ) -> None:
        self._lines = tuple(lines)
        self._frame_size = frame_size
        self._rules = rules
        self._perspective = Perspective()
        self._found: Region | None = None
        self._looked_for = False

    def learn(self, people: Detections, confidence: float, time_s: float) -> None:
        """Note the heights of those in `people` who are surely people and near a line."""
        xyxy = people.xyxy[people.score >= confidence].astype(np.float64)
        grown = self._perspective.learn(xyxy[self.near(xyxy, self._rules.across)], time_s)
        if self._perspective.known and (grown or not self._looked_for):
            self._found, self._looked_for = self._around(), True

    @property
    def found(self) -> Region | None:
        """What the lines need; None: all of the picture, for all that is known."""
        return self._found

    def near(self, xyxy: NDArray[np.float64], heights: float) -> NDArray[np.bool_]:
        """Return which of the boxes (N, 4) are within `heights` of their own heights from a line, as (N,)."""
        near = np.zeros(len(xyxy), np.bool_)
        for segment, anchor in self._lines:
            points = anchor_points(xyxy.astype(np.float32), anchor).tolist()
            tall = (xyxy[:, 3] - xyxy[:, 1]).tolist()
            near |= np.array(
                [segment.distance((x, y)) <= heights * height for (x, y), height in zip(points, tall, strict=True)],
                np.bool_,
            )
        return near

    def _around(self) -> Region | None:
        boxes = [box for segment, anchor in self._lines for box in self._bodies(segment, anchor)]
        low, high = np.min(boxes, axis=0)[:2], np.max(boxes, axis=0)[2:]
        region = Region.within((low[0], low[1], high[0], high[1]), self._frame_size)
        share = np.prod(region.size) / np.prod(self._frame_size)
        return region if share <= self._rules.most else None

    def _bodies(self, segment: Segment, anchor: Anchor) -> list[Floats]:
        """Return the boxes of people at the corners of what is followed around one line."""
        ends = np.array([segment.a, segment.b], np.float64)
        way = (ends[1] - ends[0]) / max(float(np.linalg.norm(ends[1] - ends[0])), 1e-9)
        beside = np.array([-way[1], way[0]])
        boxes = []
        for end, sign in zip(ends, (-1, 1), strict=True):
            reach = self._height_at(end[1])
            for side in (-1, 1):
                point = end + sign * self._rules.along * reach * way + side * self._rules.across * reach * beside
                height = max(reach, self._height_at(point[1]))
                half, above = self._rules.half_width * height, height if anchor == "foot" else height / 2
                boxes.append(np.array([point[0] - half, point[1] - above, point[0] + half, point[1] + height - above]))
        return boxes

    def _height_at(self, row: float) -> float:
        """Return how tall people are who stand on `row`; nobody is seen to stand beyond the picture."""
        return float(self._perspective.tall(np.clip(row, 0, self._frame_size[1])))
