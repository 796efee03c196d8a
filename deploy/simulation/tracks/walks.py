"""Walks: who was where on the floor at which moment, and the ways of walking that people at a line show.

Ways are drawn in the line's own coordinates: `s` metres along it from its first point, `d` metres beyond it, positive
on the `in` side. So a way is the same at a door that lies across the picture and at a crossroads seen from the side.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from deploy.simulation.tracks.view import Floats, Spot

#: A walk is a polyline in time with a corner every so many seconds; between them it is straight.
STEP_S: Final = 0.05
#: People do not turn on the spot: corners are rounded over so long.
_ROUND_S: Final = 0.4


@dataclass(frozen=True, slots=True, eq=False)
class Walk:
    """One person from appearing to leaving.

    Attributes:
        start_s: the moment of the first place.
        floor: float64 (K, 2), a place every `STEP_S`: x and z in metres.
        height_m: how tall.
        width: how wide, in body heights.
        group: number of the party that walks together.
    """

    start_s: float
    floor: Floats
    height_m: float
    width: float
    group: int

    @property
    def end_s(self) -> float:
        """The moment of the last place."""
        return self.start_s + (len(self.floor) - 1) * STEP_S

    def at(self, time_s: Floats) -> Floats:
        """Return the places (N, 2) at moments (N,), before the first and after the last as there."""
        own = self.start_s + STEP_S * np.arange(len(self.floor))
        return np.stack([np.interp(time_s, own, self.floor[:, side]) for side in (0, 1)], axis=1)


@dataclass(frozen=True, slots=True)
class Line:
    """A line on the floor, from `a` to `b`; `in` is the right-hand side of who walks from a to b, as in the picture."""

    a: Spot
    b: Spot

    @property
    def length(self) -> float:
        """Metres from a to b."""
        return float(np.hypot(self.b[0] - self.a[0], self.b[1] - self.a[1]))

    def floor(self, line_place: Floats) -> Floats:
        """Return floor places (N, 2) of places (s, d) (N, 2)."""
        along, across = self._axes()
        return np.array(self.a) + line_place[:, :1] * along + line_place[:, 1:] * across

    def place(self, floor: Floats) -> Floats:
        """Return places (s, d) (N, 2) of floor places (N, 2)."""
        along, across = self._axes()
        relative = floor - np.array(self.a)
        return np.stack([relative @ along, relative @ across], axis=1)

    def _axes(self) -> tuple[Floats, Floats]:
        along = (np.array(self.b) - np.array(self.a)) / self.length
        # z points away from the camera: seen in the picture, where y points towards it, this is to the right.
        return along, np.array([along[1], -along[0]])


@dataclass(frozen=True, slots=True)
class Stop:
    """A corner of a way: a place (s, d), the pace towards it, and how long to stay."""

    s: float
    d: float
    stay_s: float = 0.0
    pace: float = 1.0


def way(stops: Sequence[Stop], speed_mps: float) -> Floats:
    """Return places (s, d) (K, 2) every `STEP_S` on the way from stop to stop, corners rounded."""
    moments, places = [0.0], [(stops[0].s, stops[0].d)]
    for before, stop in pairwise(stops):
        distance = float(np.hypot(stop.s - before.s, stop.d - before.d))
        moments.append(moments[-1] + max(distance / (speed_mps * stop.pace), STEP_S))
        places.append((stop.s, stop.d))
        if stop.stay_s:
            moments.append(moments[-1] + stop.stay_s)
            places.append((stop.s, stop.d))
    own = np.arange(0.0, moments[-1] + STEP_S, STEP_S)
    straight = np.stack([np.interp(own, moments, side) for side in np.array(places).T], axis=1)
    return _rounded(straight)


def _rounded(places: Floats) -> Floats:
    half = round(_ROUND_S / STEP_S / 2)
    kernel = np.full(2 * half + 1, 1 / (2 * half + 1))
    padded = np.pad(places, ((half, half), (0, 0)), mode="edge")
    return np.stack([np.convolve(side, kernel, mode="valid") for side in padded.T], axis=1)
