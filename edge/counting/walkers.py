"""What a line knows of each track, and who takes up a lost one: a side outlives the number it was seen under.

    out │ in
     1 1│  2 2 2    Number 1 is lost at the line and 2 appears right behind it: one person, as long as 1 stays lost.
        │           2 inherits 1's side, so the crossing counts, once, when 1 has ended. If 1 comes back it was not
        │           2, and 2 is somebody who appeared there.
     1 1│1 2 2      Who is lost firmly beyond the line counts by himself and leaves nothing to an heir.

Trackers that err should err by breaking a track rather than by gluing two people together: a break is mended here.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from math import exp, hypot
from typing import Final, Literal

from edge.geometry import Place

Side = Literal[-1, 0, 1]
#: Over so many seconds a pace is averaged: less than a turn, more than a box trembles.
_PACE_S: Final = 0.5


@dataclass(frozen=True, slots=True)
class HeirRules:
    """Who appears is taken for somebody who was lost. Lengths are in box heights of the lost.

    Attributes:
        within_s: at most so long ago: no tracker keeps a lost track for longer.
        reach: this near to where the lost one would be by now at his pace …
        reach_per_s: … and farther for each second since.
        alike: the boxes are within this factor of each other in height.
    """

    within_s: float = 2.0
    reach: float = 0.3
    reach_per_s: float = 0.4
    alike: float = 1.5


HEIRS: Final = HeirRules()


@dataclass(frozen=True, slots=True)
class Meeting:
    """Where a path met the endless line."""

    frame: int
    at_s: float
    point: Place
    within: bool


@dataclass(slots=True)
class Walker:
    """What a line knows of one track.

    Attributes:
        number: the track's.
        side: where the person was firmly last.
        point, height, distance, frame, time_s: of the newest sight.
        pace: pixels a second, averaged.
        met: the newest meeting with the line since `side` was taken.
        beyond_since_s: since when firmly on the other side.
        confirmed: whether the track is a person.
        near: whether the line is worth watching for this one.
        heir: the number that took up this lost track.
        heir_of: the number of the lost track that this one took up.
    """

    number: int
    side: Side
    point: Place
    height: float
    distance: float
    frame: int
    time_s: float
    pace: Place = (0.0, 0.0)
    met: Meeting | None = None
    beyond_since_s: float | None = None
    confirmed: bool = False
    near: bool = False
    heir: int | None = None
    heir_of: int | None = None

    def move(self, point: Place, height: float, distance: float, frame: int, time_s: float) -> None:
        """Take in a new sight."""
        passed_s = time_s - self.time_s
        if passed_s > 0:
            share = (1 - exp(-passed_s / _PACE_S)) / passed_s
            keep = 1 - share * passed_s
            (x, y), (was_x, was_y) = point, self.point
            self.pace = (keep * self.pace[0] + share * (x - was_x), keep * self.pace[1] + share * (y - was_y))
        self.point, self.height, self.distance = point, height, distance
        self.frame, self.time_s = frame, time_s


def firm(distance: float, band: float) -> Side:
    """Return the side on which a point is that is `distance` from the line; 0 within the `band`."""
    if distance > band:
        return 1
    return -1 if distance < -band else 0


def heirs(
    born: Collection[Walker], walkers: Iterable[Walker], rules: HeirRules, time_s: float
) -> list[tuple[Walker, Walker]]:
    """Return pairs (lost, heir): who of those first seen at `time_s` takes up whom, nearest first, one to one."""
    if not born:
        return []
    lost = [one for one in walkers if _leaves_something(one, time_s - one.time_s, rules)]
    fits = [
        (fit, one, new)
        for one in lost
        for new in born
        if one.side != new.side and (fit := _misfit(one, new, rules, time_s)) < 1
    ]
    # Where two fit equally well the place decides, never the number.
    fits.sort(key=lambda pair: (pair[0], pair[1].point, pair[2].point))
    pairs: list[tuple[Walker, Walker]] = []
    taken: set[int] = set()
    for _, one, new in fits:
        if taken.isdisjoint((one.number, new.number)):
            taken.update((one.number, new.number))
            pairs.append((one, new))
    return pairs


def _leaves_something(one: Walker, unseen_s: float, rules: HeirRules) -> bool:
    """Whether `one` is a person who is lost, has a side, and was not seen to leave it."""
    lost = one.confirmed and one.heir is None and 0 < unseen_s <= rules.within_s
    return lost and one.side != 0 and one.beyond_since_s is None


def _misfit(lost: Walker, new: Walker, rules: HeirRules, time_s: float) -> float:
    """Return how far `new` is from where `lost` would be by now, as a share of the reach."""
    if not 1 / rules.alike < new.height / max(lost.height, 1.0) < rules.alike:
        return float("inf")
    unseen_s = time_s - lost.time_s
    x, y = (place + pace * unseen_s for place, pace in zip(lost.point, lost.pace, strict=True))
    gap = hypot(new.point[0] - x, new.point[1] - y) / max(lost.height, 1.0)
    return gap / (rules.reach + rules.reach_per_s * unseen_s)
