"""Lines: one across each door, just inside, with `in` leading away from it.

Just inside is where most of those who came or left are seen firmly on both sides, whole, and the linter is content:
about a third of a body height further in than where people appear.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from edge.config import CameraConfig, LineConfig
from edge.counting.lines import DEFAULT_RULES
from edge.geometry import Place, Segment
from edge.linting.lines import lint_two_lines
from edge.linting.problems import Problem
from edge.linting.scene import People
from edge.linting.site import lint_camera
from edge.proposing.doors import Door, Floats, find_doors, united
from edge.proposing.observing import Observed

#: Distances of a line from where people appear that are tried, in body heights, and the one that is liked best. The
#: steps are fine enough to find the narrow strip in which everybody is seen and the linter is content.
_TRIED: Final = tuple(number / 100 for number in range(5, 151))
_LIKED: Final = 0.35
#: A line that at least this share of the most passes is as good as that one.
_AS_GOOD: Final = 0.9
#: Fewer who were seen to pass a line make no door.
_PASSED_MIN: Final = 3
#: People of another day, or measured otherwise, are up to this much taller.
_UNCERTAIN: Final = 1.1
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

    @property
    def passed(self) -> int:
        """How many were seen to pass it, both ways."""
        return self.came_in + self.went_out


def propose(observed: Observed) -> list[Proposal]:
    """Return a line for each door that the trips show, the busiest first; none where no door shows.

    No two of them count one walker: doors at which people walk the same way and whose lines would are taken as one,
    each line is put where it keeps clear of the busier ones, and one that cannot is left out.
    """
    found: list[tuple[Door, Proposal]] = []
    for door in find_doors(observed):
        _add(found, door, observed)
    proposals: list[Proposal] = []
    for door, _ in sorted(found, key=lambda pair: -pair[1].passed):
        proposal = _proposal(f"door-{len(proposals) + 1}", door, observed, [one.line for one in proposals])
        if not any(each.code == "lines_overlap" for each in proposal.problems):
            proposals.append(proposal)
    return proposals


def _add(found: list[tuple[Door, Proposal]], door: Door, observed: Observed) -> None:
    """Add a door to those found; where it and one of them are the same, both as one, or the busier of the two."""
    proposal = _proposal("new", door, observed)
    if proposal.passed < _PASSED_MIN:
        return
    for number, (other, known) in enumerate(found):
        both = united(other, door, observed)
        if both is None or not _overlap(known.line, proposal.line, observed):
            continue
        taken = _proposal("both", both, observed)
        alone = max((other, known), (door, proposal), key=lambda pair: pair[1].passed)
        del found[number]
        if taken.passed >= alone[1].passed:
            # It may lie elsewhere than either did, near a third one.
            _add(found, both, observed)
        else:
            found.append(alone)
        return
    found.append((door, proposal))


def _overlap(one: LineConfig, other: LineConfig, observed: Observed) -> bool:
    """Return whether whoever passes one line is counted by the other as well."""
    camera = CameraConfig(name="proposed", source="watched")
    problems = lint_two_lines(camera, one, other, observed.people)
    return any(each.code == "lines_overlap" for each in problems)


def _proposal(name: str, door: Door, observed: Observed, beside: Sequence[LineConfig] = ()) -> Proposal:
    """Return the line that most were seen to pass and the linter is content with, just inside rather than far.

    `beside` are the other lines of the camera, which it should keep clear of.
    """
    tried = []
    for inside in _TRIED:
        line = _line(name, door, inside * door.height, observed.size)
        tried.append((inside, line, _passed(door, line, observed)))
    enough = _AS_GOOD * max(sum(passed) for _, _, passed in tried)
    taller = _taller(observed.people)
    _, line, (came_in, went_out) = min(
        (each for each in tried if sum(each[2]) >= enough),
        key=lambda each: (_badness(_problems(each[1], beside, observed, taller)), abs(each[0] - _LIKED)),
    )
    problems = _problems(line, beside, observed, observed.people)
    return Proposal(line, came_in, went_out, door.height, door.at_edge, tuple(problems))


def _taller(people: People) -> People:
    """Return people as much taller as their height is uncertain: the linter is to be content on the next day, too."""
    factors = {name: getattr(people, name) * _UNCERTAIN for name in ("base", "slope", "least", "most")}
    return replace(people, **factors)


def _badness(problems: Sequence[Problem]) -> tuple[int, int]:
    """Return how many errors and how many problems there are."""
    return sum(each.severity == "error" for each in problems), len(problems)


def _problems(line: LineConfig, beside: Sequence[LineConfig], observed: Observed, people: People) -> list[Problem]:
    """Return what the linter says about `line`, and about it and those beside it."""
    camera = CameraConfig(name="proposed", source="watched", lines=(line, *beside))
    problems = lint_camera(camera, observed.size, people=people, walked=observed.walked)
    # Of two lines the linter names the first.
    return [each for each in problems if each.where == line.name]


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
        # He was seen to walk on from there, so half of the band is enough on either side.
        if within > band / 2 and segment.side((float(x), float(y))) < -band / 2:
            passed[0 if door.starts[row] else 1] += 1
    return passed[0], passed[1]
