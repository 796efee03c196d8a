"""The judge: which of the people in view are staff, and by which rule. Each verdict ends with its track.

    staff-only zone ┐
    stay time       ├─► judge ─► staff(number): True, False, or None where no rule is set
    colour, badge   ┘

A rule knows what all staff share (where they may go, how long they stay, what they wear), never who somebody is: no
face, no embedding, nothing that would tell two members of staff apart or find one again. Whoever was once found to be
staff is staff for as long as the track lives.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, Protocol

from contract.types import Direction
from edge.events import Event, LineCrossed, Moved
from edge.frames import Frame
from edge.tracking.protocol import Tracks

StaffRuleName = Literal["zone", "stay", "colour", "marker"]

#: Counters may speak of a track for a while after its end: a stay that was lost waits for its person, a passer-by for
#: the door, a crossing for its group.
_LINGER_S: Final = 40.0


@dataclass(frozen=True, slots=True)
class StaffCounted:
    """Staff was counted at a line, in a direction, or in a zone (`direction` None), and `rule` told so."""

    place: str
    direction: Direction | None
    rule: StaffRuleName


class StaffRule(Protocol):
    """One way to tell staff. Its state is one record per living track, dropped with it."""

    @property
    def name(self) -> StaffRuleName:
        """What the split calls it."""

    def found(self, frame: Frame, tracks: Tracks, known: frozenset[int]) -> list[int]:
        """Return the confirmed tracks that `frame` shows to be staff; `known` are already, no need to look.

        Drops the state of ended tracks.
        """

    def cut(self) -> None:
        """Forget everyone: the next frame does not follow this one."""


class StaffJudge:
    """Remembers which living tracks are staff. Without a rule it has no opinion."""

    def __init__(self, rules: Sequence[StaffRule] = ()) -> None:
        self._rules = tuple(rules)
        self._found: dict[int, StaffRuleName] = {}
        self._ended: dict[int, float] = {}
        self._split: Counter[StaffCounted] = Counter()

    @property
    def split(self) -> Mapping[StaffCounted, int] | None:
        """How often staff was counted where, by the rule that told so, steps between zones left out; None: no rule."""
        return self._split if self._rules else None

    def look(self, frame: Frame, tracks: Tracks) -> None:
        """Take in one frame and the people seen in it. Call it before the counters of the same frame."""
        self._forget(tracks.ended, frame.time_s)
        for rule in self._rules:
            for number in rule.found(frame, tracks, frozenset(self._found)):
                self._found.setdefault(number, rule.name)

    def staff(self, number: int) -> bool | None:
        """Return whether track `number` is staff as far as it was seen; None: not assessed."""
        return number in self._found if self._rules else None

    def flagged(self, event: Event, number: int) -> Event:
        """Return `event`, which is of track `number`, with its staff flag, and note it for the split."""
        if not self._rules:
            return event
        rule = self._found.get(number)
        if rule is not None and not isinstance(event, Moved):
            place, direction = (event.line, event.direction) if isinstance(event, LineCrossed) else (event.zone, None)
            self._split[StaffCounted(place, direction, rule)] += 1
        return replace(event, staff=rule is not None)

    def cut(self) -> None:
        """Forget everyone. Call it after the counters of the same cut have said what is left."""
        self._found.clear()
        self._ended.clear()
        for rule in self._rules:
            rule.cut()

    def _forget(self, ended: tuple[int, ...], time_s: float) -> None:
        self._ended.update((number, time_s) for number in ended if number in self._found)
        for number in [number for number, at_s in self._ended.items() if time_s - at_s > _LINGER_S]:
            del self._ended[number]
            del self._found[number]
