"""Perspective: how tall people are in a picture, by the row on which they stand.

On a level floor their heights are a straight line over that row. It is learnt from whoever is seen.
"""

from collections import deque
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_KEPT: Final = 600
#: Rows that are closer together than this share of a height say nothing about the slope.
_STEEP_LEAST: Final = 0.5
#: In so many different seconds somebody must have been seen.
_SECONDS: Final = 10
#: So much taller than anybody seen may the next one be.
_TALLER: Final = 1.2


class Perspective:
    """Learns heights, in pixels of the picture. Its state is bounded."""

    def __init__(self) -> None:
        self._feet: deque[tuple[float, float]] = deque(maxlen=_KEPT)
        self._seconds: set[int] = set()
        self.tallest = 0.0

    @property
    def known(self) -> bool:
        """Whether enough was seen."""
        return len(self._seconds) >= _SECONDS

    def learn(self, xyxy: Floats, time_s: float) -> bool:
        """Note people's boxes (N, 4); return whether anybody is taller than all before."""
        if not len(xyxy):
            return False
        heights = xyxy[:, 3] - xyxy[:, 1]
        if not self.known:
            self._seconds.add(int(time_s))
        self._feet.extend(zip(xyxy[:, 3].tolist(), heights.tolist(), strict=True))
        grown = float(heights.max()) > self.tallest
        self.tallest = max(self.tallest, float(heights.max()))
        return grown

    def tall(self, rows: Floats) -> Floats:
        """Return how tall the tallest are who stand on `rows` (N,), with some to spare, as (N,).

        Raises:
            ValueError: nobody was seen yet.
        """
        if not self._feet:
            raise ValueError("expected somebody to have been seen, got nobody")
        feet, heights = np.array(self._feet).T
        at, fitted = np.full(np.shape(rows), heights.max()), np.full(len(heights), heights.max())
        if np.ptp(feet) > _STEEP_LEAST * heights.mean():
            slope, start = np.polyfit(feet, heights, 1)
            if slope > 0:
                least = heights.mean() / 4
                at, fitted = np.maximum(slope * rows + start, least), np.maximum(slope * feet + start, least)
        return np.asarray(at * np.quantile(heights / fitted, 0.98) * _TALLER, np.float64)
