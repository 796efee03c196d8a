"""The seam of counting: tracks in, events out."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from edge.config import Anchor
from edge.events import Event
from edge.geometry import Place
from edge.tracking.protocol import Tracks


@dataclass(frozen=True, slots=True)
class Counted:
    """An event and whose it is, for those who complete it (staff, groups) before it leaves the pipeline bare.

    Attributes:
        event: what is counted.
        number: the track's number; it ends in the pipeline.
        point: where it happened: the counted point, in pixels of the source.
        height: the person's box there, in pixels.
    """

    event: Event
    number: int
    point: Place
    height: float


class Counter(Protocol):
    """Counts one thing about people. Its state is one record per living track, dropped with it.

    Which numbers tracks have and how they are ordered means nothing, and nothing is written to them.
    """

    @property
    def attending(self) -> bool:
        """Whether someone is where the next frame may change the count: the detector must look. False after a cut."""

    def update(self, tracks: Tracks, frame: int, time_s: float) -> list[Counted]:
        """Return what the tracks seen in `frame`, at media time `time_s`, decide. Drops the state of ended tracks.

        Events lie in the past, and are of confirmed tracks alone.
        """

    def cut(self, time_s: float) -> list[Counted]:
        """Return what is decided when the picture breaks off at `time_s`: nobody after it is anybody before it.

        From then on the counter does as a new one would, even if a number comes again.
        """


def anchor_points(xyxy: NDArray[np.float32], anchor: Anchor) -> NDArray[np.float64]:
    """Return the counted point (N, 2) of boxes (N, 4): the middle of the lower edge, or of the box."""
    x = (xyxy[:, 0] + xyxy[:, 2]) / 2
    y = xyxy[:, 3] if anchor == "foot" else (xyxy[:, 1] + xyxy[:, 3]) / 2
    return np.stack([x, y], axis=1).astype(np.float64)
