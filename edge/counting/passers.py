"""Passers-by: who crosses a pass-by line and does not come in.

A pass-by crossing waits until its track ends, at most `WAIT_S`. Whoever crosses an entrance line of the same camera
meanwhile, or did before, is a visitor and no passer-by. Who goes to and fro in one picture, or crosses two pass-by
lines of it, is one passer-by.

Between cameras nobody is followed. A pass-by line in another picture than the door's must lie where those who come in
do not walk.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from edge.counting.protocol import Counted
from edge.events import LineCrossed

#: So long may somebody stand before the shop and still come in.
WAIT_S: Final = 30.0


@dataclass(slots=True)
class _Walk:
    """What is known of one track: a crossing that waits, or that nothing more is to come of it."""

    waiting: Counted | None = None
    since_s: float = 0.0


class PassersBy:
    """Holds back pass-by crossings until it is known what they are. Its state is one record per living track."""

    def __init__(self, pass_by: Iterable[str], entrances: Iterable[str]) -> None:
        self._pass_by = frozenset(pass_by)
        self._entrances = frozenset(entrances)
        #: Without a door in view there is nothing to wait for.
        self._wait_s = WAIT_S if self._entrances else 0.0
        self._walks: dict[int, _Walk] = {}

    def settle(self, counted: list[Counted], ended: Iterable[int], time_s: float) -> list[Counted]:
        """Return what is settled at `time_s`: `counted` without pass-by crossings, and those that waited enough."""
        if not self._pass_by:
            return counted
        settled = [one for one in counted if not self._held(one, time_s)]
        for walk in self._walks.values():
            if walk.waiting is not None and time_s - walk.since_s >= self._wait_s:
                settled.append(walk.waiting)
                walk.waiting = None
        for number in ended:
            walk = self._walks.pop(number, _Walk())
            settled += [walk.waiting] if walk.waiting is not None else []
        return settled

    def cut(self, counted: list[Counted], time_s: float) -> list[Counted]:
        """Return `counted` and all that waits: nobody is followed beyond a cut."""
        settled = self.settle(counted, (), time_s)
        settled += [walk.waiting for walk in self._walks.values() if walk.waiting is not None]
        self._walks.clear()
        return settled

    def _held(self, counted: Counted, time_s: float) -> bool:
        """Return whether `counted` is a pass-by crossing; note what it says about its track."""
        event = counted.event
        if not isinstance(event, LineCrossed):
            return False
        if event.line in self._entrances:
            self._walks[counted.number] = _Walk()
            return False
        if event.line not in self._pass_by:
            return False
        self._walks.setdefault(counted.number, _Walk(counted, time_s))
        return True
