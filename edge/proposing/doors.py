"""Doors: places where people appear walking one way and disappear walking the other.

Where people are lost in the middle of the floor (a pillar, a shelf) they also disappear and appear, but walk on the
same way: there the directions into the picture cancel each other, at a door they agree.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.config import Anchor
from edge.geometry import Place
from edge.proposing.observing import Observed
from edge.proposing.trips import End

#: Ends within so many heights, direction included, are at one door.
_LINKED: Final = 0.8
#: How many heights opposite directions count as apart.
_OPPOSITE: Final = 1.2
#: Fewer ends are chance.
_ENDS_MIN: Final = 3
_SHARE_MIN: Final = 0.05
#: How well the directions into the picture agree: length of their mean, 0 to 1.
_AGREED: Final = 0.6
#: In the middle of the floor people are also lost and found: there it takes more.
_INSIDE_MIN: Final = 5
_INSIDE_AGREED: Final = 0.75
#: Where most feet are within so many heights of an edge, the door is that edge, if it lies across the walk (cosine).
_AT_EDGE: Final = 0.35
_MOST: Final = 0.6
_ACROSS: Final = 0.6
#: Who moved by less than so many heights in 1.5 s next to his end walked neither in nor out.
_MOVED: Final = 0.15
#: Two doors whose directions agree less (cosine) are not one.
_ALIKE: Final = 0.5

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Door:
    """A place where people come into the picture and leave it.

    Attributes:
        anchor: the point of a person that is seen there: the feet, unless the lower edge of the picture hides them.
        places: float64 (N, 2): where, in pixels of the source.
        inner: float64 (N, 2): where these were 1.5 s further into the picture.
        feet: float64 (N, 2): the middle of the box's lower edge at `places`.
        starts: bool (N,): came here; else left here.
        trips: int64 (N,): whose end it is, by number in `Observed.trips`.
        direction: the unit vector of the mean walk into the picture.
        at_edge: whether it is an edge of the picture; else people appear in its middle.
        height: of people here, in pixels.
    """

    anchor: Anchor
    places: Floats
    inner: Floats
    feet: Floats
    starts: NDArray[np.bool_]
    trips: NDArray[np.int64]
    direction: Place
    height: float
    at_edge: bool = False


def find_doors(observed: Observed) -> list[Door]:
    """Return the doors that the observed trips show, the busiest first."""
    doors = [door for anchor in ("foot", "centre") for door in _doors_by(observed, anchor)]
    return sorted(doors, key=lambda door: -len(door.places))


def _doors_by(observed: Observed, anchor: Anchor) -> list[Door]:
    """Return the doors at which the point `anchor` is the one that is seen."""
    ends = [
        (number, end, began)
        for number, trip in enumerate(observed.trips)
        for end, began, seen in ((trip.start, True, trip.began), (trip.stop, False, trip.ended))
        if seen and end.feet_cut == (anchor == "centre")
    ]
    if not ends:
        return []
    places, inner, feet, starts, trips = _columns(ends, anchor)
    heights = _heights(feet, observed)
    walk = inner - places
    far = np.hypot(walk[:, 0], walk[:, 1])
    inward = walk / np.maximum(far, 1e-9)[:, None]
    labels = _linked(places, inward, heights)
    labels[far < _MOVED * heights] = -1
    least = max(_ENDS_MIN, _SHARE_MIN * len(observed.trips))
    doors = []
    for label in range(int(labels.max()) + 1):
        at = labels == label
        if at.sum() < least:
            continue
        mean = inward[at].mean(axis=0)
        agreed = float(np.hypot(mean[0], mean[1]))
        direction = (float(mean[0] / max(agreed, 1e-9)), float(mean[1] / max(agreed, 1e-9)))
        height = float(np.median(heights[at]))
        door = Door(anchor, places[at], inner[at], feet[at], starts[at], trips[at], direction, height)
        door = _squared(door, observed.size)
        enough, alike = (least, _AGREED) if door.at_edge else (max(least, _INSIDE_MIN), _INSIDE_AGREED)
        if len(door.places) >= enough and agreed >= alike:
            doors.append(door)
    return doors


def united(one: Door, other: Door, observed: Observed) -> Door | None:
    """Return two doors as the one they are if people walk the same way there; None: they walk different ways.

    Where the lower edge hides the feet of some, the middle of the body is what is seen of all.
    """
    (x, y), (u, v) = one.direction, other.direction
    if x * u + y * v < _ALIKE:
        return None
    anchor: Anchor = one.anchor if one.anchor == other.anchor else "centre"
    numbers = [pair for door in (one, other) for pair in zip(door.trips.tolist(), door.starts.tolist(), strict=True)]
    trips = observed.trips
    ends = [(number, trips[number].start if began else trips[number].stop, began) for number, began in numbers]
    columns = _columns(ends, anchor)
    mean = np.array([x, y]) * len(one.places) + np.array([u, v]) * len(other.places)
    mean /= np.hypot(mean[0], mean[1])
    height = float(np.median(_heights(columns[2], observed)))
    at_edge = one.at_edge and other.at_edge
    return Door(anchor, *columns, (float(mean[0]), float(mean[1])), height, at_edge)


def _columns(
    ends: list[tuple[int, End, bool]], anchor: Anchor
) -> tuple[Floats, Floats, Floats, NDArray[np.bool_], NDArray[np.int64]]:
    """Return places, inner places, feet, whether each is a start, and whose it is, as a door holds them."""
    return (
        np.array([end.step(anchor).place for _, end, _ in ends], np.float64),
        np.array([end.step(anchor).inner for _, end, _ in ends], np.float64),
        np.array([end.foot.place for _, end, _ in ends], np.float64),
        np.array([began for _, _, began in ends], np.bool_),
        np.array([number for number, _, _ in ends], np.int64),
    )


def _heights(feet: Floats, observed: Observed) -> Floats:
    return np.array([observed.people.height((x, y)) for x, y in feet])


def _squared(door: Door, size: tuple[int, int]) -> Door:
    """Return the door; where it is an edge of the picture, across that and with those at it alone.

    A person cut off by the edge is seen to walk along it at first.
    """
    width, height = size
    x, y = door.feet[:, 0], door.feet[:, 1]
    for direction, distance in (
        ((1.0, 0.0), x), ((-1.0, 0.0), width - x), ((0.0, 1.0), y - door.height), ((0.0, -1.0), height - y),
    ):  # fmt: skip
        at = distance <= _AT_EDGE * door.height
        if at.mean() >= _MOST and direction[0] * door.direction[0] + direction[1] * door.direction[1] >= _ACROSS:
            parts = {name: getattr(door, name)[at] for name in ("places", "inner", "feet", "starts", "trips")}
            return replace(door, direction=direction, at_edge=True, **parts)
    return door


def _linked(places: Floats, inward: Floats, heights: Floats) -> NDArray[np.int64]:
    """Return the cluster (0, 1, …) of each end: those within `_LINKED` of one another, directly or through others."""
    labels = np.full(len(places), -1, np.int64)
    label = 0
    for seed in range(len(places)):
        if labels[seed] >= 0:
            continue
        labels[seed] = label
        border = [seed]
        while border:
            index = border.pop()
            scale = (heights + heights[index])[:, None] / 2
            apart = np.hstack([(places - places[index]) / scale, (inward - inward[index]) * _OPPOSITE / 2])
            near = np.flatnonzero(((apart**2).sum(axis=1) <= _LINKED**2) & (labels < 0))
            labels[near] = label
            border += near.tolist()
        label += 1
    return labels
