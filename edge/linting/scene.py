"""The scene: how tall people are in the picture, and where their counted point can be seen.

foot: a box whose lower edge is           centre: a box of which a third is seen
anywhere a third of it is seen            reaches to within 0.18 heights of an edge

┌──────────────────────────┐              ┌──────────────────────────┐
│      head cut off        │              │ ┌──────────────────────┐ │
│ ┌──────────────────────┐ │              │ │        region        │ │
│ │        region        │ │              │ └──────────────────────┘ │
└─┴──────────────────────┴─┘              └──────────────────────────┘
"""

from dataclasses import dataclass
from typing import Final, Literal

from edge.config import Anchor
from edge.geometry import Place

Origin = Literal["assumed", "given", "observed"]

#: A person of whom less than this share is in the picture is not found.
_SEEN: Final = 0.35
#: A box is about 0.4 heights wide; half of it must be seen for its middle to be where the person is.
_HALF_BOX: Final = 0.1
#: What is assumed where nobody was measured: a person as tall as a quarter of the picture …
_ASSUMED: Final = 0.25
#: … and, where a rule must hold for anybody, not smaller than this share of it.
_SMALLEST: Final = 0.08
#: A unit vector with less than this along an axis never meets the edge there.
_ACROSS: Final = 1e-6


@dataclass(frozen=True, slots=True)
class People:
    """How tall a person's box is, in pixels, by where its counted point is: `base + slope · y`, within `least`, `most`.

    `smallest` is what nobody falls below: the same as the height where that is known.
    """

    base: float
    origin: Origin
    slope: float = 0.0
    least: float = 1.0
    most: float = 1e9
    smallest_share: float = 1.0

    def height(self, place: Place) -> float:
        """Return the height in pixels of a person who stands at `place`."""
        return min(self.most, max(self.least, self.base + self.slope * place[1]))

    def smallest(self, place: Place) -> float:
        """Return the least height in pixels that a person at `place` may have."""
        return self.height(place) * self.smallest_share

    def told(self, place: Place) -> str:
        """Return the height at `place` in words, with where it is from."""
        return f"a person of {self.height(place):.0f} px ({self.origin})"


def assumed_people(size: tuple[int, int]) -> People:
    """Return what is taken where nobody was measured in pictures of (width, height) pixels."""
    return People(_ASSUMED * size[1], "assumed", smallest_share=_SMALLEST / _ASSUMED)


def given_people(height_px: float) -> People:
    """Return people who are all `height_px` tall."""
    return People(height_px, "given")


@dataclass(frozen=True, slots=True)
class Region:
    """Where a counted point can be seen: a rectangle in pixels of the source; it may be empty."""

    left: float
    top: float
    right: float
    bottom: float

    def room(self, place: Place, direction: Place) -> float:
        """Return how far in pixels one can go from `place` along the unit vector `direction`; below 0 outside."""
        rooms = []
        for start, step, low, high in (
            (place[0], direction[0], self.left, self.right),
            (place[1], direction[1], self.top, self.bottom),
        ):
            if abs(step) > _ACROSS:
                rooms.append(((high if step > 0 else low) - start) / step)
            elif not low <= start <= high:
                rooms.append(min(start - low, high - start))
        return min(rooms)

    def holds(self, place: Place) -> bool:
        """Return whether `place` is in it."""
        return self.left <= place[0] <= self.right and self.top <= place[1] <= self.bottom


def region(size: tuple[int, int], anchor: Anchor, height: float) -> Region:
    """Return where the counted point of people `height` px tall can be seen in pictures of (width, height) pixels."""
    width, tall = size
    side = _HALF_BOX * height
    if anchor == "foot":
        return Region(side, _SEEN * height, width - side, tall)
    return Region(side, _SEEN / 2 * height, width - side, tall - _SEEN / 2 * height)
