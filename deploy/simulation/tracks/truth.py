"""The truth: what a careful human auditor counts, who sees each foot at every moment. Independent of our counters.

On the floor and in metres, not in the picture:

- A person is *clearly* on a side who was at least `clear` body heights away from the line there (0.3: half a metre, one
  step). A crossing is a change of the clear side, through the segment. Its moment is when the foot last met the line
  on the way; dithering on the line while crossing is part of the one crossing.
- Who went past the line by less than `still` body heights (0.1: the body never left the line) has not been there.
- Between the two, two auditors would differ (a step over the line and back). Such a crossing is *open*: a counter is
  right with it and right without. So is one of somebody first (or last) seen on the line, as at an opening door: the
  side shows only in how the body stands. So is one within `jamb_m` of the segment's end: nobody walks through the
  door post.
- Only what is in the picture can be counted: where the foot is out of it, nobody stands anywhere.
"""

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from deploy.simulation.tracks.scenes import Scene
from deploy.simulation.tracks.view import Floats, Spot, View
from deploy.simulation.tracks.walks import STEP_S, Line, Walk

CLEAR: Final = 0.3
STILL: Final = 0.1
JAMB_M: Final = 0.25

Direction = Literal["in", "out"]


@dataclass(frozen=True, slots=True)
class TrueCrossing:
    """One crossing.

    Attributes:
        at_s: the moment at which the foot last met the line.
        since_s: when it first met the line since the person was clearly on the side it came from.
        direction: `in` or `out`.
        walk: index of who, in the scene's walks.
        group: number of the party.
        sure: False: open, see above.
    """

    at_s: float
    since_s: float
    direction: Direction
    walk: int
    group: int
    sure: bool


@dataclass(frozen=True, slots=True)
class TrueStay:
    """One person inside an area from `enter_s` to `exit_s`, foot in the picture; every touch, however short."""

    enter_s: float
    exit_s: float
    walk: int


@dataclass(frozen=True, slots=True)
class _Meeting:
    at_s: float
    #: Through the segment: yes, no, or too near to its end to tell.
    through: bool | None


@dataclass(frozen=True, slots=True)
class _Run:
    """A stretch of a walk on one side of the line, and how far it led there, in body heights."""

    side: int
    reach: float


def crossings(scene: Scene) -> list[TrueCrossing]:
    """Return the scene's crossings of its line, sure and open, in order of time."""
    model = scene.model
    found = [
        crossing
        for number, walk in enumerate(scene.walks)
        for crossing in crossings_of(walk, model.line, model.view, number)
    ]
    return sorted(found, key=lambda crossing: crossing.at_s)


def crossings_of(walk: Walk, line: Line, view: View, number: int = 0) -> list[TrueCrossing]:
    """Return the crossings of one walk, in order of time."""
    runs, meetings = _runs(walk, line, view)
    ends = (0, len(runs) - 1)
    been = [index for index, run in enumerate(runs) if run.reach >= STILL or index in ends]
    clear = [index for index in been if runs[index].reach >= CLEAR]
    found: list[TrueCrossing] = []
    for start, end in pairwise([0, *clear, ends[1]]):
        changes = [
            (meetings[before:after], runs[after].side)
            for before, after in pairwise(index for index in been if start <= index <= end)
            if runs[before].side != runs[after].side
        ]
        # When in all that dithering an open one was, auditors would not agree on either.
        whole = meetings[start:end]
        if start in clear and end in clear and runs[start].side != runs[end].side:
            # Whatever lies between, one crossing is sure.
            _, side = changes.pop()
            found += _crossing(whole, whole, side, walk, number)
        for between, side in changes:
            found += [replace(one, sure=False) for one in _crossing(between, whole, side, walk, number)]
    return sorted(found, key=lambda crossing: crossing.at_s)


def _crossing(between: list[_Meeting], whole: list[_Meeting], side: int, walk: Walk, number: int) -> list[TrueCrossing]:
    """Return the crossing that met the line `between`, some time in `whole`; none if it was never in the segment."""
    through = {met.through for met in between}
    if through == {False}:
        return []
    since_s, at_s = whole[0].at_s, whole[-1].at_s
    return [TrueCrossing(at_s, since_s, _direction(side), number, walk.group, sure=through == {True})]


def _direction(side: int) -> Direction:
    return "in" if side > 0 else "out"


def _runs(walk: Walk, line: Line, view: View) -> tuple[list[_Run], list[_Meeting]]:
    """Return the stretches of `walk` on either side, and the meetings between them (one fewer)."""
    places = line.place(walk.floor)
    across = np.where(places[:, 1] == 0, 1e-9, places[:, 1])
    seen = view.sees_foot(walk.floor)
    turns = np.flatnonzero(np.sign(across[1:]) != np.sign(across[:-1]))
    meetings = []
    for index in turns.tolist():
        share = float(across[index] / (across[index] - across[index + 1]))
        along = float(places[index, 0] + share * (places[index + 1, 0] - places[index, 0]))
        inside_by = min(along, line.length - along)
        through = None if abs(inside_by) < JAMB_M else bool(inside_by > 0)
        in_picture = bool(seen[index] and seen[index + 1])
        meetings.append(_Meeting(walk.start_s + (index + share) * STEP_S, through if in_picture else False))
    edges = [0, *(turns + 1).tolist(), len(across)]
    away = np.where(seen, np.abs(across), 0.0) / walk.height_m
    runs = [_Run(int(np.sign(across[a])), float(away[a:b].max())) for a, b in pairwise(edges)]
    return runs, meetings


def stays(scene: Scene) -> list[TrueStay]:
    """Return every person's time inside the scene's zone, in order of entering."""
    found: list[TrueStay] = []
    for number, walk in enumerate(scene.walks):
        found += stays_of(walk, scene.model.zone, number)
    return sorted(found, key=lambda stay: stay.enter_s)


def stays_of(walk: Walk, zone: tuple[Spot, ...], number: int = 0) -> list[TrueStay]:
    """Return one walk's times inside the polygon `zone`, exact to where its straight pieces meet the border."""
    cuts = np.unique(np.concatenate([[0.0, len(walk.floor) - 1.0], _border(walk.floor, zone)]))
    middle = walk.start_s + STEP_S * (cuts[:-1] + cuts[1:]) / 2
    inside = _inside(walk.at(middle), zone)
    found: list[TrueStay] = []
    for (start, end), within in zip(pairwise((walk.start_s + STEP_S * cuts).tolist()), inside.tolist(), strict=True):
        if not within:
            continue
        if found and found[-1].exit_s == start:
            found[-1] = TrueStay(found[-1].enter_s, end, number)
        else:
            found.append(TrueStay(start, end, number))
    return found


def _border(floor: Floats, zone: tuple[Spot, ...]) -> Floats:
    """Return, in steps since the walk's start, where the polyline meets the polygon's edges."""
    step = np.diff(floor, axis=0)
    found = []
    for a, b in zip(zone, (*zone[1:], zone[0]), strict=True):
        edge = np.array(b) - np.array(a)
        crossed = step[:, 0] * edge[1] - step[:, 1] * edge[0]
        safe = np.where(crossed == 0, np.nan, crossed)
        gap = np.array(a) - floor[:-1]
        along_step = (gap[:, 0] * edge[1] - gap[:, 1] * edge[0]) / safe
        along_edge = (gap[:, 0] * step[:, 1] - gap[:, 1] * step[:, 0]) / safe
        hit = (along_step >= 0) & (along_step < 1) & (along_edge >= 0) & (along_edge <= 1)
        found.append(np.flatnonzero(hit) + along_step[hit])
    return np.concatenate(found)


def _inside(places: Floats, zone: tuple[Spot, ...]) -> NDArray[np.bool_]:
    within = np.zeros(len(places), np.bool_)
    x, z = places[:, 0], places[:, 1]
    for (x0, z0), (x1, z1) in zip(zone, (*zone[1:], zone[0]), strict=True):
        if z0 != z1:
            within ^= ((z0 > z) != (z1 > z)) & (x < x0 + (z - z0) * (x1 - x0) / (z1 - z0))
    return within
