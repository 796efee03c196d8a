"""Groups: people who come through a door together are one buying unit; each of them is still counted.

    crossings of one line, one way      a   b      c                       d
                                     ───●───●──────●───────────────────────●──────► time
                                        └─ near, and walking together ─┘ > gap_s
                                        one group of 3: size 3 on each entry       1

Two people belong together who cross one soon after the other, side by side or in file, and took the same time for the
same last stretch before the line: strangers differ in pace. Who belongs to somebody of a group belongs to the group, so
a family in single file is one. Crossings wait until nobody can join any more, never longer than `hold_s`; their moment
stays their own. Staff belong to no group.

Strangers who walk in right behind each other at one pace are taken for a group; `docs/counting.md` says how often.
"""

import math
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import dropwhile, takewhile
from typing import Final

from edge.counting.protocol import Counted, anchor_points
from edge.events import LineCrossed
from edge.geometry import Place, Segment
from edge.tracking.protocol import Tracks

#: Largest size that the contract takes.
SIZE_MAX: Final = 50


@dataclass(frozen=True, slots=True)
class GroupRules:
    """When people are together. Lengths are in body heights: 1 is about 1.7 m.

    People who belong together walk 0.7 to 1 m apart at one pace (Zanlungo et al. 2017, PLoS ONE 12(11)); strangers keep
    more than 1.2 m where there is room (Hall 1966), and their paces spread by 0.2 m/s around 1.2.

    Attributes:
        gap_s: who crosses later than this after the last one is not with him: 1.2 s are 1.4 m at a walk.
        near: how far apart on the line, and on the way to it.
        pace: by which share the times for the same last stretch may differ.
        watch_s: that stretch is what both walked in at most so long before the line …
        least_s: … and says nothing if it took less than this; then only `gap_unseen_s` counts.
        gap_unseen_s: the gap for two of whom too little was seen.
        settle_s: how long after its moment a crossing may be decided (LineRules.settle_s, and a frame).
        hold_s: the longest that a crossing waits, counted from its moment.
    """

    gap_s: float = 1.2
    near: float = 0.8
    pace: float = 0.15
    watch_s: float = 2.0
    least_s: float = 0.4
    gap_unseen_s: float = 0.6
    settle_s: float = 0.4
    hold_s: float = 3.0


DEFAULT_RULES: Final = GroupRules()
#: Where people are is noted so often at most.
_SAMPLE_S: Final = 0.09


@dataclass(frozen=True, slots=True)
class _Held:
    """A crossing that waits for its group."""

    counted: Counted
    crossed: LineCrossed


@dataclass(frozen=True, slots=True)
class _Step:
    """A place on the way to the line: seconds before the crossing, pixels before the line, pixels along it."""

    took_s: float
    before: float
    along: float


class BuyingUnits:
    """Holds crossings back until their group is whole, and says how many it was."""

    def __init__(
        self,
        lines: Mapping[str, Segment],
        staff: Callable[[int], bool | None] = lambda _: None,
        rules: GroupRules = DEFAULT_RULES,
    ) -> None:
        """Group the crossings of `lines`, by name; those of others pass at once. `staff` judges a track's number."""
        self._lines = dict(lines)
        self._staff = staff
        self._rules = rules
        self._held: list[_Held] = []
        self._seen: deque[tuple[float, dict[int, Place]]] = deque()

    def update(self, counted: list[Counted], tracks: Tracks, time_s: float) -> list[Counted]:
        """Take what the counters say at `time_s` and return what need not wait, in order of its moment."""
        self._look(tracks, time_s)
        return self._take(counted) + self._whole(time_s)

    def cut(self, counted: list[Counted]) -> list[Counted]:
        """Return `counted` and everything that waited: nobody can join any more."""
        passed = self._take(counted)
        released = passed + self._whole(math.inf)
        self._seen.clear()
        return released

    def waiting(self) -> Mapping[str, tuple[int, int]]:
        """Return how many crossings of each line, (in, out), wait for their group."""
        found = dict.fromkeys(self._lines, (0, 0))
        for held in self._held:
            ins, outs = found[held.crossed.line]
            found[held.crossed.line] = (ins + 1, outs) if held.crossed.direction == "in" else (ins, outs + 1)
        return found

    def _take(self, counted: list[Counted]) -> list[Counted]:
        """Keep the crossings that wait, return the rest."""
        passed: list[Counted] = []
        for one in counted:
            event = one.event
            if isinstance(event, LineCrossed) and event.line in self._lines:
                self._held.append(_Held(one, event))
            else:
                passed.append(one)
        return passed

    def _look(self, tracks: Tracks, time_s: float) -> None:
        """Note where everybody stands, and forget what lies too far back."""
        if not self._lines or (self._seen and time_s - self._seen[-1][0] < _SAMPLE_S):
            return
        feet = ((x, y) for x, y in anchor_points(tracks.xyxy, "foot").tolist())
        self._seen.append((time_s, dict(zip(tracks.ids.tolist(), feet, strict=True))))
        while time_s - self._seen[0][0] > self._rules.watch_s + self._rules.hold_s:
            self._seen.popleft()

    def _whole(self, time_s: float) -> list[Counted]:
        """Return the members of every group that nobody can join any more at `time_s`, with its size."""
        released: list[_Held] = []
        wait_s = self._rules.gap_s + self._rules.settle_s
        if not any(time_s > held.crossed.at_s + wait_s for held in self._held):
            return []
        for group in self._groups():
            moments = [held.crossed.at_s for held in group]
            if time_s > max(moments) + wait_s or time_s >= min(moments) + self._rules.hold_s:
                released += self._sized(group)
                self._held = [held for held in self._held if held not in group]
        return [held.counted for held in sorted(released, key=lambda held: held.crossed.at_s)]

    def _sized(self, group: list[_Held]) -> Iterator[_Held]:
        size = None if self._staff(group[0].counted.number) else min(len(group), SIZE_MAX)
        for held in group:
            crossed = replace(held.crossed, group_size=size)
            yield _Held(replace(held.counted, event=crossed), crossed)

    def _groups(self) -> list[list[_Held]]:
        """Return those who wait, in their groups: each staff member alone."""
        groups: list[list[_Held]] = []
        for held in self._held:
            mates = [group for group in groups if any(self._together(held, other) for other in group)]
            groups = [group for group in groups if group not in mates]
            groups.append([*(other for group in mates for other in group), held])
        return groups

    def _together(self, one: _Held, other: _Held) -> bool:
        rules, first, second = self._rules, one.crossed, other.crossed
        gap_s = abs(first.at_s - second.at_s)
        if (first.line, first.direction) != (second.line, second.direction) or gap_s > rules.gap_s:
            return False
        if self._staff(one.counted.number) or self._staff(other.counted.number):
            return False
        line, near = self._lines[first.line], rules.near * (one.counted.height + other.counted.height) / 2
        if abs(_along(line, one.counted.point) - _along(line, other.counted.point)) > near:
            return False
        ways = self._way(one, line), self._way(other, line)
        start = min((way[0].before for way in ways if way), default=0.0)
        stretches = [stretch for way in ways if (stretch := _stretch(way, start)) is not None]
        if len(stretches) < len(ways) or min(stretch.took_s for stretch in stretches) < rules.least_s:
            return gap_s <= rules.gap_unseen_s
        (a, b), took_s = stretches, sum(stretch.took_s for stretch in stretches) / len(stretches)
        return abs(a.along - b.along) <= near and abs(a.took_s - b.took_s) <= rules.pace * took_s

    def _way(self, held: _Held, line: Segment) -> list[_Step]:
        """Return the person's last steps before the crossing, on the side that he came from."""
        crossed, number = held.crossed, held.counted.number
        sign = -1 if crossed.direction == "in" else 1
        steps = [
            _Step(crossed.at_s - at_s, sign * line.side(here[number]), _along(line, here[number]))
            for at_s, here in self._seen
            if 0 <= crossed.at_s - at_s <= self._rules.watch_s and number in here
        ]
        before = list(dropwhile(lambda step: step.before <= 0, reversed(steps)))
        return list(takewhile(lambda step: step.before > 0, before))[::-1]


def _along(line: Segment, point: Place) -> float:
    """Return the place of `point` along the line, in pixels from its first point."""
    return line.along(point) * math.dist(line.a, line.b)


def _stretch(way: list[_Step], start: float) -> _Step | None:
    """Return the moment at which a person was last `start` pixels before the line, interpolated."""
    for early, late in zip(reversed(way[:-1]), reversed(way[1:]), strict=True):
        if early.before >= start > late.before:
            share = (early.before - start) / (early.before - late.before)
            return _Step(
                early.took_s + share * (late.took_s - early.took_s),
                start,
                early.along + share * (late.along - early.along),
            )
    return None
