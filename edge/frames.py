"""Frames: one picture with its place in the source and its two times."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture of one camera.

    Attributes:
        image: uint8 (H, W, 3), BGR, origin top left, x to the right, y down.
        index: 0-based number in the source; it keeps growing over loops and reconnects.
        time_s: media time in seconds from the source's start, never falling.
        captured_at: wall clock of the frame, UTC.
        discontinuity: the first frame after a loop or a reconnect. Tracks must not span it.
    """

    image: NDArray[np.uint8]
    index: int
    time_s: float
    captured_at: datetime
    discontinuity: bool = False

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        height, width = self.image.shape[:2]
        return int(width), int(height)
