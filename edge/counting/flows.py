"""Flows: where people go next, from coming in through zone after zone to going out.

    in through a line ──► zone ──► zone ──► … ──► out through a line        (outside the shop: None)

Each step is of one track alone, and takes at most `WITHIN_S`. Of zones that are entered at one moment, lying over one
another, the first is the place. Who is lost on the way, or goes on in another camera's
picture, leaves the step uncounted: flows are lower bounds. A step is nobody's once it is counted; it leaves the device
in a sum over 15 minutes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from edge.counting.protocol import Counted
from edge.counting.zones import Entered
from edge.events import LineCrossed, Moved, QueueLeft, ZoneLeft
from edge.geometry import Place
from edge.tracking.protocol import Tracks

#: Whoever takes longer from one place to the next was busy elsewhere meanwhile.
WITHIN_S: Final = 120.0


class Area(Protocol):
    """A zone that says who entered."""

    name: str

    @property
    def entered(self) -> list[Entered]:
        """Whose stay is one since the newest frame."""


@dataclass(frozen=True, slots=True)
class _Step:
    """Somebody reached (`leaves` False) or left a place at `at_s`; None is outside the shop."""

    number: int
    at_s: float
    place: str | None
    leaves: bool
    point: Place
    height: float
    found: bool = False


@dataclass(frozen=True, slots=True)
class _Last:
    """Where a track was last; `until_s` None: it is there still.

    `first` is where it was first, while nothing is known of where it came from; `since_s` is when it came there.
    """

    place: str | None
    until_s: float | None
    first: str | None = None
    since_s: float | None = None


class FlowCounter:
    """Counts steps between places. Its state is one record per living track, dropped with it."""

    def __init__(self, entrances: Iterable[str], areas: Sequence[Area]) -> None:
        """Take `entrances`, names of lines, as the way in and out, and `areas` as places."""
        self._entrances = frozenset(entrances)
        self._areas = tuple(areas)
        self._names = frozenset(area.name for area in areas)
        self._last: dict[int, _Last | None] = {}

    def update(self, tracks: Tracks, counted: Iterable[Counted]) -> list[Counted]:
        """Return the steps that the newest frame completes, given what the lines and zones said about it."""
        for number in tracks.ids.tolist():
            self._last.setdefault(number, None)
        moves = self._taken(counted)
        for number in tracks.ended:
            self._last.pop(number, None)
        return moves

    def cut(self, counted: Iterable[Counted]) -> list[Counted]:
        """Return the steps that `counted` completes, and forget everyone: nobody after a cut is anybody before it."""
        moves = self._taken(counted)
        self._last.clear()
        return moves

    def _taken(self, counted: Iterable[Counted]) -> list[Counted]:
        steps = [step for one in counted if (step := self._step(one)) is not None]
        steps += [
            _Step(one.number, one.at_s, area.name, leaves=False, point=one.point, height=one.height, found=one.found)
            for area in self._areas
            for one in area.entered
        ]
        ordered = sorted(steps, key=lambda one: one.at_s)
        return [move for step in ordered if step.number in self._last for move in self._take(step)]

    def _step(self, counted: Counted) -> _Step | None:
        event = counted.event
        if isinstance(event, LineCrossed) and event.line in self._entrances:
            # Out of the shop is to reach the outside, into it is to leave it.
            place, leaves = None, event.direction == "in"
        elif isinstance(event, ZoneLeft | QueueLeft) and event.zone in self._names:
            place, leaves = event.zone, True
        else:
            return None
        return _Step(counted.number, event.at_s, place, leaves, counted.point, counted.height)

    def _take(self, step: _Step) -> list[Counted]:
        """Note one step of a living track, and return what it completes."""
        last = self._last[step.number]
        if step.leaves:
            return self._left(step, last)
        if step.place is not None and last is not None and last.until_s is None and last.since_s == step.at_s:
            # Two zones hold one place: who enters both at once went from neither to the other.
            return []
        first = step.place if last is None else last.first
        self._last[step.number] = _Last(step.place, None, first, step.at_s) if step.place is not None else None
        if last is None or step.found or (last.place == step.place and step.place is not None):
            return []
        if last.until_s is not None and step.at_s - last.until_s > WITHIN_S:
            return []
        return [_moved(last.place, step)]

    def _left(self, step: _Step, last: _Last | None) -> list[Counted]:
        if step.place is None and last is not None and last.until_s is None:
            # The door lies within the zone, or opens into it: that is where the person went from outside.
            self._last[step.number] = replace(last, first=None)
            return [_moved(None, replace(step, place=last.first))] if last.first is not None else []
        # A stay is over only some time after its end: by then the next one may have begun.
        if step.place is None or last is None or (last.place, last.until_s) == (step.place, None):
            self._last[step.number] = _Last(step.place, step.at_s)
        return []


def _moved(came_from: str | None, step: _Step) -> Counted:
    return Counted(Moved(came_from, step.place, step.at_s), step.number, step.point, step.height)
