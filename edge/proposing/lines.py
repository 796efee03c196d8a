"""Lines: one across each door, just inside, with `in` leading away from it.

Just inside is where most of those who came or left are seen firmly on both sides, whole, and the linter is content:
about a third of a body height further in than where people appear.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from edge.config import CameraConfig, LineConfig
from edge.counting.lines import DEFAULT_RULES
from edge.geometry import Place, Segment
from edge.linting.problems import Problem
from edge.linting.site import lint_camera
from edge.proposing.doors import Door, Floats, find_doors
from edge.proposing.observing import Observed

#: Distances of a line from where people appear that are tried, in body heights, and the one that is liked best.
_TRIED: Final = tuple(number / 20 for number in range(1, 31))
_LIKED: Final = 0.35
#: A line that at least this share of the most passes is as good as that one.
_AS_GOOD: Final = 0.9
#: Fewer who were seen to pass a line make no door.
_PASSED_MIN: Final = 3
#: Beyond the outermost walker a line reaches so far, in body heights.
_MARGIN: Final = 0.4
_SHORTEST: Final = 0.8


@dataclass(frozen=True, slots=True)
class Proposal:
    """A line to consider.

    Attributes:
        line: the line, as in a site file.
        came_in, went_out: people who were seen to pass it so during the watch.
        height: of a person there, in pixels.
        at_edge: people come over an edge of the picture there; else they appear in its middle, where a door may be, or
            something that hides them.
        problems: what the linter says about it.
    """

    line: LineConfig
    came_in: int
    went_out: int
    height: float
    at_edge: bool
    problems: tuple[Problem, ...]


def propose(observed: Observed) -> list[Proposal]:
    """Return a line for each door that the trips show, the busiest first; none where no door shows."""
    proposals: list[Proposal] = []
    for door in find_doors(observed):
        proposal = _proposal(f"door-{len(proposals) + 1}", door, observed)
        if proposal.came_in + proposal.went_out >= _PASSED_MIN:
            proposals.append(proposal)
    return proposals


def _proposal(name: str, door: Door, observed: Observed) -> Proposal:
    """Return the line that most were seen to pass and the linter is content with, just inside rather than far."""
    tried = []
    for inside in _TRIED:
        line = _line(name, door, inside * door.height, observed.size)
        camera = CameraConfig(name="proposed", source="watched", lines=(line,))
        problems = lint_camera(camera, observed.size, people=observed.people, walked=observed.walked)
        came_in, went_out = _passed(door, line, observed)
        tried.append((inside, Proposal(line, came_in, went_out, door.height, door.at_edge, tuple(problems))))
    enough = _AS_GOOD * max(one.came_in + one.went_out for _, one in tried)
    good = [(inside, one) for inside, one in tried if one.came_in + one.went_out >= enough]
    return min(good, key=lambda pair: (len(pair[1].problems), abs(pair[0] - _LIKED)))[1]


def _line(name: str, door: Door, inside: float, size: tuple[int, int]) -> LineConfig:
    """Return the line `inside` pixels further in than nine in ten ends, over the width of the walk there."""
    (x, y) = door.direction
    into, along = np.array([x, y]), np.array([y, -x])
    depth = door.places @ into
    at = float(np.quantile(depth, 0.9)) + inside
    walk = door.inner - door.places
    speed = walk @ into
    # Who walks along the door says nothing of its width further in.
    useful = speed > np.hypot(walk[:, 0], walk[:, 1]) / 2
    reached = door.places + walk * ((at - depth) / np.where(useful, speed, 1.0))[:, None]
    places = reached[useful] if useful.any() else door.places
    across = places @ along
    low, high = float(across.min()) - _MARGIN * door.height, float(across.max()) + _MARGIN * door.height
    lacking = max(0.0, _SHORTEST * door.height - (high - low)) / 2
    ends = [into * at + along * value for value in (low - lacking, high + lacking)]
    a, b = _clipped(ends[0], ends[1], size)
    return LineConfig(name=name, points=(a, b), anchor="centre" if door.anchor == "centre" else None)


def _clipped(a: Floats, b: Floats, size: tuple[int, int]) -> tuple[Place, Place]:
    """Return the part of the line from `a` to `b` within the picture, in whole pixels."""
    low, high = 0.0, 1.0
    step = b - a
    for axis in (0, 1):
        if abs(step[axis]) < 1e-9:  # noqa: PLR2004 - along this axis it never leaves the picture
            continue
        shares = sorted(((0 - a[axis]) / step[axis], (size[axis] - a[axis]) / step[axis]))
        low, high = max(low, shares[0]), min(high, shares[1])
    if low >= high:
        low, high = 0.0, 1.0
    first, last = (np.clip(a + step * share, 0, size) for share in (low, high))
    return (float(round(first[0])), float(round(first[1]))), (float(round(last[0])), float(round(last[1])))


def _passed(door: Door, line: LineConfig, observed: Observed) -> tuple[int, int]:
    """Return how many who appeared at the door were firmly beyond the line later, and who disappeared there, before."""
    segment, band = Segment(*line.points), DEFAULT_RULES.band * door.height
    passed = [0, 0]
    for row, number in enumerate(door.trips.tolist()):
        trip = observed.trips[number]
        other = (trip.stop if door.starts[row] else trip.start).step(door.anchor)
        x, y = door.inner[row]
        within = max(segment.side((float(x), float(y))), segment.side(other.place))
        x, y = door.places[row]
        if within > band and segment.side((float(x), float(y))) < -band / 2:
            passed[0 if door.starts[row] else 1] += 1
    return passed[0], passed[1]
