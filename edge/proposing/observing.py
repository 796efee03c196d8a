"""Observing: tracks in, bounded sums out: where trips begin and end, how the floor is walked, how tall people are.

Nothing of a person is left once his track ends but the two ends of his trip. All of it lives in memory only.
"""

from collections import deque
from dataclasses import dataclass
from math import hypot
from typing import Final

import numpy as np

from edge.counting.protocol import anchor_points
from edge.geometry import Place, between
from edge.linting.scene import People, assumed_people
from edge.linting.walked import Walked
from edge.proposing.trips import End, Step, Trip, joined
from edge.tracking.protocol import Tracks

#: Grid of the floor: cells across; as many down as keep them square.
_COLUMNS: Final = 64
#: Newest trips that are kept.
_TRIPS_MAX: Final = 5_000
#: Who never was further than so many heights from where he appeared did not walk: a chair, a poster.
_WALKED: Final = 0.75
#: Between the outermost place of a trip and the inner one.
_STEP_S: Final = 1.5
#: Who was not seen for so long when the watch ends had gone.
_GONE_S: Final = 0.5
#: A step shorter than so many heights is a box that trembles.
_STRIDE: Final = 0.1
#: A box this near to an edge, in picture sizes, is cut off: its height says nothing.
_CUT: Final = 0.015
#: Fewer whole boxes than this say nothing of people's heights.
_BOXES_MIN: Final = 30


@dataclass(frozen=True, slots=True)
class _Sighting:
    """One look at one person."""

    at_s: float
    foot: Place
    centre: Place
    feet_cut: bool
    at_edge: bool


@dataclass(slots=True)
class _Walker:
    """What is known of one living track; `trail` reaches back 1.5 s."""

    first: _Sighting
    trail: deque[_Sighting]
    height: float
    began: bool
    start: End | None = None
    furthest: float = 0.0
    confirmed: bool = False
    last_cell: tuple[int, int] | None = None
    last_step: Place | None = None


@dataclass(frozen=True, slots=True)
class Observed:
    """What a watch came to.

    Attributes:
        size: (width, height) of the pictures, in pixels of the source.
        seconds: how long was watched, in media time.
        trips: of people who walked, lost ones put together.
        people: how tall they are in the picture.
        walked: how the floor was walked.
    """

    size: tuple[int, int]
    seconds: float
    trips: tuple[Trip, ...]
    people: People
    walked: Walked


class Observer:
    """Adds up what tracks show. Feed it every frame's tracks in order, then take `observed`."""

    def __init__(self, size: tuple[int, int]) -> None:
        rows = max(1, round(_COLUMNS * size[1] / size[0]))
        self._size = size
        self._walkers: dict[int, _Walker] = {}
        self._trips: deque[Trip] = deque(maxlen=_TRIPS_MAX)
        self._paths = np.zeros((rows, _COLUMNS))
        self._steps = np.zeros((rows, _COLUMNS))
        self._axis = np.zeros((rows, _COLUMNS), np.complex128)
        #: n, Σy, Σh, Σyy, Σyh and least and greatest y of whole boxes.
        self._heights = np.zeros(5)
        self._reach = [float("inf"), -float("inf")]
        self._first_s: float | None = None
        self._last_s = 0.0
        self.people = 0

    def update(self, tracks: Tracks, time_s: float) -> None:
        """Add the tracks seen at media time `time_s`."""
        fresh = self._first_s is None
        self._first_s = time_s if self._first_s is None else self._first_s
        self._last_s = time_s
        for number in tracks.ended:
            self._end(number, ended=True)
        feet, centres = (anchor_points(tracks.xyxy, anchor).tolist() for anchor in ("foot", "centre"))
        for row, number in enumerate(tracks.ids.tolist()):
            box = tracks.xyxy[row].tolist()
            feet_cut, at_edge = self._cut_off(box)
            seen = _Sighting(time_s, tuple(feet[row]), tuple(centres[row]), feet_cut, at_edge)
            walker = self._walkers.get(number)
            if walker is None:
                walker = _Walker(seen, deque([seen]), box[3] - box[1], not fresh)
                self._walkers[number] = walker
            confirmed = bool(tracks.confirmed[row])
            self.people += confirmed and not walker.confirmed
            walker.confirmed |= confirmed
            self._see(walker, seen, box[3] - box[1])

    def cut(self) -> None:
        """End every trip: the next frame does not follow. Who is in the picture still is in the middle of his."""
        for number, walker in tuple(self._walkers.items()):
            self._end(number, ended=self._last_s - walker.trail[-1].at_s > _GONE_S)

    def observed(self) -> Observed:
        """Return what was seen so far; trips that are under way end where they are."""
        self.cut()
        people = self._people()
        height = people.height((0, self._size[1] / 2))
        walked = Walked(self._size, self._paths.copy(), self._axis.copy(), self._steps.copy(), self.people)
        seconds = self._last_s - (self._first_s or 0.0)
        return Observed(self._size, seconds, tuple(joined(self._trips, height)), people, walked)

    def _cut_off(self, box: list[float]) -> tuple[bool, bool]:
        """Return whether the lower edge cuts a person's feet off, and whether any edge cuts the person off."""
        width, height = self._size
        margin = _CUT * height
        feet_cut = box[3] >= height - margin
        return feet_cut, feet_cut or box[0] <= margin or box[1] <= margin or box[2] >= width - margin

    def _see(self, walker: _Walker, seen: _Sighting, height: float) -> None:
        if not seen.at_edge:
            walker.height = height
            if walker.confirmed:
                y = seen.foot[1]
                self._heights += (1, y, height, y * y, y * height)
                self._reach = [min(self._reach[0], y), max(self._reach[1], y)]
        walker.trail.append(seen)
        while walker.trail[0].at_s < seen.at_s - _STEP_S:
            walker.trail.popleft()
        away = hypot(seen.foot[0] - walker.first.foot[0], seen.foot[1] - walker.first.foot[1])
        walker.furthest = max(walker.furthest, away / walker.height)
        if walker.start is None and seen.at_s - walker.first.at_s >= _STEP_S:
            walker.start = _end(walker.first, seen)
        self._walk(walker, seen.foot)

    def _walk(self, walker: _Walker, place: Place) -> None:
        """Add a step to the floor's sums once it is longer than a box trembles."""
        last = walker.last_step or walker.first.foot
        step = complex(place[0] - last[0], place[1] - last[1])
        heights = abs(step) / walker.height
        if heights < _STRIDE:
            return
        walker.last_step = place
        rows, columns = self._paths.shape
        pieces = max(1, round(abs(step) / self._size[0] * columns))
        for piece in range(1, pieces + 1):
            x, y = between(last, place, piece / pieces)
            row = min(rows - 1, max(0, int(y / self._size[1] * rows)))
            column = min(columns - 1, max(0, int(x / self._size[0] * columns)))
            if (row, column) != walker.last_cell:
                self._paths[row, column] += 1
                walker.last_cell = (row, column)
            self._steps[row, column] += heights / pieces
            self._axis[row, column] += heights / pieces * (step / abs(step)) ** 2

    def _end(self, number: int, *, ended: bool) -> None:
        walker = self._walkers.pop(number, None)
        if walker is None or not walker.confirmed or walker.furthest < _WALKED:
            return
        start = walker.start or _end(walker.first, walker.trail[-1])
        self._trips.append(Trip(start, _end(walker.trail[-1], walker.trail[0]), walker.began, ended))

    def _people(self) -> People:
        """Return the line through whole boxes' heights over y (least squares), flat where all stood at one depth."""
        count, y, h, yy, yh = self._heights
        if count < _BOXES_MIN:
            return assumed_people(self._size)
        mean_y, mean_h = y / count, h / count
        variance = yy / count - mean_y**2
        least, most = self._reach
        slope = 0.0
        if most - least > self._size[1] / 10 and variance > 0:
            slope = (yh / count - mean_y * mean_h) / variance
        base = mean_h - slope * mean_y
        ends = sorted((max(8.0, base + slope * least), max(8.0, base + slope * most)))
        return People(float(base), "observed", float(slope), float(ends[0]), float(ends[1]))


def _end(outer: _Sighting, inner: _Sighting) -> End:
    foot, centre = Step(outer.foot, inner.foot), Step(outer.centre, inner.centre)
    return End(foot, centre, outer.feet_cut, outer.at_edge, outer.at_s)
