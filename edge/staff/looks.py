"""Looks: when a person's clothes are looked at, and how many looks make a verdict.

A cue is looked for in its part of the box, a few times a second at first and ever less often, and never where somebody
stands in front. One look may err; staff is who showed the cue in at least `least` looks and in at least half of all.
What is kept of a look is whether the cue was there: a number of looks and a number of hits, as long as the track lives.
"""

from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from edge.frames import Frame
from edge.staff.judge import StaffRuleName
from edge.tracking.protocol import Tracks

#: A part of a person's box: left, top, right, bottom, as shares of its width and height.
Part: TypeAlias = tuple[float, float, float, float]


class Cue(Protocol):
    """Something that all staff wear."""

    @property
    def part(self) -> Part:
        """Where it is worn."""

    @property
    def name(self) -> StaffRuleName:
        """What the split calls it."""

    def worn(self, crop: NDArray[np.uint8]) -> bool:
        """Return whether `crop` (H, W, 3), BGR, that part of a person, shows it."""


@dataclass(frozen=True, slots=True)
class LookRules:
    """How often to look.

    Attributes:
        every_s: the least time between two looks at one person, for the first `eager` looks …
        lazy_s: … and after them.
        least: so many looks must show the cue, …
        share: … and this share of all looks.
        hidden: no look where another, nearer person covers more of the part than this.
        small_px: no look at a part less wide or high than this: too few pixels to tell.
    """

    every_s: float = 0.25
    eager: int = 12
    lazy_s: float = 2.0
    least: int = 4
    share: float = 0.5
    hidden: float = 0.2
    small_px: int = 6


DEFAULT_RULES: Final = LookRules()


@dataclass(slots=True)
class _Looked:
    """What the looks at one track said."""

    at_s: float
    looks: int = 0
    hits: int = 0


class WornCue:
    """Staff by what they wear."""

    def __init__(self, cue: Cue, rules: LookRules = DEFAULT_RULES) -> None:
        self._cue = cue
        self._rules = rules
        self._looked: dict[int, _Looked] = {}

    @property
    def name(self) -> StaffRuleName:
        """What the split calls it."""
        return self._cue.name

    def found(self, frame: Frame, tracks: Tracks, known: frozenset[int]) -> list[int]:
        """Return who now showed the cue often enough."""
        for number in tracks.ended:
            self._looked.pop(number, None)
        due = [place for place, number in enumerate(tracks.ids.tolist()) if self._due(number, frame.time_s, known)]
        if not due:
            return []
        parts = _parts(tracks.xyxy, self._cue.part)
        hidden = _hidden(parts, tracks.xyxy)
        found: list[int] = []
        for place in due:
            if hidden[place] > self._rules.hidden:
                continue
            number = int(tracks.ids[place])
            if self._look(number, frame, parts[place]) and bool(tracks.confirmed[place]):
                found.append(number)
        return found

    def cut(self) -> None:
        """Forget everyone."""
        self._looked.clear()

    def _due(self, number: int, time_s: float, known: frozenset[int]) -> bool:
        looked = self._looked.get(number)
        if number in known or looked is None:
            return number not in known
        # A hair of tolerance: frames at 4 per second are 0.25 s apart, give or take rounding.
        pause_s = self._rules.every_s if looked.looks < self._rules.eager else self._rules.lazy_s
        return time_s - looked.at_s >= pause_s - 1e-3

    def _look(self, number: int, frame: Frame, part: NDArray[np.float32]) -> bool:
        """Look once; return whether the looks so far say staff."""
        crop = frame.crop((float(part[0]), float(part[1]), float(part[2]), float(part[3])))
        if min(crop.shape[:2]) < self._rules.small_px:
            return False
        looked = self._looked.setdefault(number, _Looked(frame.time_s))
        looked.at_s = frame.time_s
        looked.looks += 1
        looked.hits += self._cue.worn(crop)
        return looked.hits >= self._rules.least and looked.hits >= self._rules.share * looked.looks


def _parts(xyxy: NDArray[np.float32], part: Part) -> NDArray[np.float32]:
    """Return that part (N, 4) of boxes (N, 4)."""
    size = np.tile(xyxy[:, 2:] - xyxy[:, :2], 2)
    return np.asarray(np.tile(xyxy[:, :2], 2) + np.array(part, np.float32) * size, np.float32)


def _hidden(parts: NDArray[np.float32], xyxy: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the largest share (N,) of each part that a box of somebody nearer, or as near, covers: it ends lower."""
    low = np.maximum(parts[:, None, :2], xyxy[None, :, :2])
    high = np.minimum(parts[:, None, 2:], xyxy[None, :, 2:])
    covered = np.prod(np.clip(high - low, 0, None), axis=2)
    nearer = (xyxy[None, :, 3] >= xyxy[:, None, 3]) & ~np.eye(len(xyxy), dtype=bool)
    area = np.prod(parts[:, 2:] - parts[:, :2], axis=1)
    return np.asarray(np.max(covered * nearer, axis=1) / np.maximum(area, 1e-6), np.float32)
