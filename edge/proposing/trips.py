"""Trips: where each person who was followed appeared and disappeared, and which way he walked there. No number is kept.

    start ●──► 1.5 s …… way between, not kept …… 1.5 s ──► ● stop

A person is lost and found again behind a shelf: the stop and the start that fit are one trip (`joined`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import hypot
from typing import Final

from edge.config import Anchor
from edge.geometry import Place

#: Found again so soon and within so many heights, not walking back: the same person.
_LOST_S: Final = 4.0
_LOST_HEIGHTS: Final = 0.5
_LOST_HEIGHTS_PER_S: Final = 0.4
_LOST_HEIGHTS_MAX: Final = 1.0


@dataclass(frozen=True, slots=True)
class Step:
    """The outermost place of a trip and the one 1.5 s nearer to its middle, in pixels of the source."""

    place: Place
    inner: Place

    @property
    def inward(self) -> Place:
        """The vector from the outermost place to the inner one, in pixels."""
        return self.inner[0] - self.place[0], self.inner[1] - self.place[1]


@dataclass(frozen=True, slots=True)
class End:
    """One end of a trip.

    Attributes:
        foot, centre: the step there of either counted point.
        feet_cut: the picture's lower edge cuts the person off: the foot is not where he stands.
        at_edge: he was cut off by some edge: that is where he came from or went to, he was not lost.
        at_s: media time.
    """

    foot: Step
    centre: Step
    feet_cut: bool
    at_edge: bool
    at_s: float

    def step(self, anchor: Anchor) -> Step:
        """Return the step of the counted point `anchor`."""
        return self.foot if anchor == "foot" else self.centre


@dataclass(frozen=True, slots=True)
class Trip:
    """One person's way through the picture.

    Attributes:
        start, stop: its ends. `began` and `ended` are False where the watch began or ended in the middle of it.
    """

    start: End
    stop: End
    began: bool = True
    ended: bool = True


def joined(trips: Sequence[Trip], height: float) -> list[Trip]:
    """Return the trips with those put together whose person was lost for a moment, for people `height` px tall."""
    done: list[Trip] = []
    for trip in sorted(trips, key=lambda each: each.start.at_s):
        gaps = [(gap, number) for number, one in enumerate(done) if (gap := _gap(one, trip, height)) is not None]
        if gaps:
            _, number = min(gaps)
            done[number] = replace(done[number], stop=trip.stop, ended=trip.ended)
        else:
            done.append(trip)
    return done


def _gap(before: Trip, after: Trip, height: float) -> float | None:
    """Return how far apart in heights a stop and a start are that may be one person's; None: they are not."""
    stop, start = before.stop, after.start
    passed_s = start.at_s - stop.at_s
    if not (before.ended and after.began and 0 < passed_s <= _LOST_S) or stop.at_edge or start.at_edge:
        return None
    (x0, y0), (x1, y1) = stop.foot.place, start.foot.place
    (u0, v0), (u1, v1) = stop.foot.inward, start.foot.inward
    gap = hypot(x1 - x0, y1 - y0) / height
    reach = min(_LOST_HEIGHTS_MAX, _LOST_HEIGHTS + _LOST_HEIGHTS_PER_S * passed_s)
    # Walking on, a stop's inner place lies behind him and a start's before him.
    return gap if gap <= reach and u0 * u1 + v0 * v1 < 0 else None
