"""The seam of tracking: detections in, people with a short-lived number out."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from edge.detections import Detections


@dataclass(frozen=True, slots=True)
class Tracks:
    """The N people seen in one frame, and the numbers that will not come back.

    Numbers live in memory only, as long as their track; they never leave the box.

    Attributes:
        ids: int64 (N,), unique among living tracks and never used again, not after a reset either.
        xyxy: float32 (N, 4): the filtered box in pixels of the source, right > left, bottom > top. It may reach a
            little beyond the picture.
        confirmed: bool (N,): seen often enough to be a person. Unconfirmed tracks never count.
        ended: ids that were in earlier frames, are not in this one and will not be again: their state elsewhere is to
            be dropped. Each is told exactly once, here or by a reset.
    """

    ids: NDArray[np.int64]
    xyxy: NDArray[np.float32]
    confirmed: NDArray[np.bool_]
    ended: tuple[int, ...] = ()

    def __len__(self) -> int:
        return len(self.ids)


class Tracker(Protocol):
    """Follows people over time. Its state is bounded: what is not seen for a while is evicted."""

    def update(self, detections: Detections, time_s: float) -> Tracks:
        """Return who is seen in the frame of `time_s` (media seconds, never falling), given its detections.

        Only who is detected in this very frame: never more tracks than detections. The order of the detections means
        nothing; they are not written to, and what is returned does not change later.
        """

    def trust(self, confidence: float) -> None:
        """From the next frame on a detection of at least `confidence` may start a track: another model finds them."""

    def reset(self) -> tuple[int, ...]:
        """Forget everyone: the next frame does not follow this one. Returns the ids that ended by it."""
