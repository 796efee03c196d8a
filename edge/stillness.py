"""Stillness: which of the people followed stay where they are, and around whom movement tells nothing new.

┌┄┄┄┄┄┄┄┄┄┄┐     Whoever stayed within `within` heights of one place for `after_s` is settled. Swaying, gestures, a
┆ ┌──────┐ ┆     turn of the head stay inside the box with its margin; whoever sets off leaves it with the first
┆ │  ☺   │ ┆     step, and that is seen at once. Everybody else is restless: those who walk, who were seen too short
┆ └──────┘ ┆     to be a person yet, and who are known but were not seen in the last look.
└┄┄┄┄┄┄┄┄┄┄┘
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.tracking.protocol import Tracks

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class StillnessRules:
    """When somebody is settled. Lengths are in body heights.

    Attributes:
        within: how far from one place each edge of the box may be: three times what a detector's edges are off.
        after_s: for how long: at 0.8 heights a second a walker is there for less than 0.4 s.
        margin: how far beyond the box movement is still theirs: an elbow; less than a step (0.4).
    """

    within: float = 0.15
    after_s: float = 0.8
    margin: float = 0.1


DEFAULT_RULES: Final = StillnessRules()


@dataclass(slots=True)
class _Known:
    """Where one track has been since when."""

    edges: Floats
    since_s: float
    settled: bool = False
    seen: bool = True


class Stillness:
    """Remembers where each living track was, and since when it stays there. Dropped with the track."""

    def __init__(self, rules: StillnessRules = DEFAULT_RULES) -> None:
        self._rules = rules
        self._known: dict[int, _Known] = {}
        self._boxes = np.empty((0, 4))

    @property
    def anybody(self) -> bool:
        """Whether anyone is followed."""
        return bool(self._known)

    @property
    def restless(self) -> frozenset[int]:
        """Who of those followed is not settled."""
        return frozenset(number for number, known in self._known.items() if not (known.settled and known.seen))

    @property
    def boxes(self) -> Floats:
        """The boxes (N, 4) of the settled, with their margin, in pixels of the source."""
        return self._boxes

    def learn(self, tracks: Tracks, time_s: float) -> None:
        """Take in who is seen in a look at media time `time_s`."""
        for number in tracks.ended:
            self._known.pop(number, None)
        for known in self._known.values():
            known.seen = False
        boxes = tracks.xyxy.astype(np.float64)
        for number, confirmed, box in zip(tracks.ids.tolist(), tracks.confirmed.tolist(), boxes, strict=True):
            known = self._known.setdefault(number, _Known(box, time_s))
            known.seen = True
            if np.abs(box - known.edges).max() > self._rules.within * (box[3] - box[1]):
                known.edges, known.since_s = box, time_s
            # A hair of tolerance: rounding must not decide.
            known.settled = confirmed and time_s - known.since_s >= self._rules.after_s - 1e-3
        settled = [self._known[number].settled for number in tracks.ids.tolist()]
        calm = boxes[np.array(settled, np.bool_)]
        margin = self._rules.margin * (calm[:, 3:4] - calm[:, 1:2])
        self._boxes = np.concatenate([calm[:, :2] - margin, calm[:, 2:] + margin], axis=1)

    def reset(self) -> None:
        """Forget everyone."""
        self._known.clear()
        self._boxes = np.empty((0, 4))
