"""Comparing two models by what they counted over the same frames, per line and direction. In memory only.

  begin                                       end
────┼──────●──────────────────────●────────────┼────   old
────┼───────●─────────────────────────────●────┼────   new
    └ at the ends a crossing may lie outside for one and inside for the other
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from contract.releases import ShadowLine
from contract.types import Direction
from edge.audit.matching import DIRECTIONS, pairs
from edge.events import Event, LineCrossed

#: Two models see one person cross at one moment, give or take so much: boxes differ by a part of a stride.
TOLERANCE_S: Final = 1.0


@dataclass(slots=True)
class Tally:
    """Crossings of one line in one direction: of the old model, of the new one, and of both at one moment."""

    old: int = 0
    new: int = 0
    matched: int = 0


@dataclass(slots=True)
class Comparison:
    """The sum of what was compared so far: seconds of film, and a tally for each line and direction."""

    lines: tuple[str, ...]
    watched_s: float = 0.0
    _tallies: dict[tuple[str, Direction], Tally] = field(default_factory=dict)

    def add(self, old: Iterable[Event], new: Iterable[Event], begin_s: float, end_s: float) -> None:
        """Add what both saw from `begin_s` to `end_s` of the film."""
        self.watched_s += end_s - begin_s
        crossed = [[event for event in events if isinstance(event, LineCrossed)] for events in (old, new)]
        for line in self.lines:
            for way in DIRECTIONS:
                of_old, of_new = (
                    sorted(event.at_s for event in events if (event.line, event.direction) == (line, way))
                    for events in crossed
                )
                self._count(self._tallies.setdefault((line, way), Tally()), of_old, of_new, (begin_s, end_s))

    @property
    def crossings(self) -> int:
        """How many the old model counted."""
        return sum(tally.old for tally in self._tallies.values())

    @property
    def difference(self) -> float:
        """Differences of the counts of each line and direction, by what the old model counted (at least 1)."""
        apart = sum(abs(tally.new - tally.old) for tally in self._tallies.values())
        return apart / max(self.crossings, 1)

    def report(self) -> list[ShadowLine]:
        """Return the tallies by line."""
        found = []
        for line in self.lines:
            ins, outs = (self._tallies.get((line, way), Tally()) for way in DIRECTIONS)
            found.append(
                ShadowLine(
                    line=line, old_in=ins.old, new_in=ins.new, matched_in=ins.matched,
                    old_out=outs.old, new_out=outs.new, matched_out=outs.matched,
                )
            )  # fmt: skip
        return found

    @staticmethod
    def _count(tally: Tally, old: Sequence[float], new: Sequence[float], period: tuple[float, float]) -> None:
        begin_s, end_s = period
        found = pairs(old, new, TOLERANCE_S)
        inside = [(left, right) for left, right in found if begin_s <= old[left] <= end_s]
        both_old, both_new = {left for left, _ in found}, {right for _, right in found}
        # Alone near an end is no difference: its partner may lie beyond.
        alone = (begin_s + TOLERANCE_S, end_s - TOLERANCE_S)
        tally.matched += len(inside)
        tally.old += len(inside) + sum(
            alone[0] <= at <= alone[1] for number, at in enumerate(old) if number not in both_old
        )
        tally.new += len(inside) + sum(
            alone[0] <= at <= alone[1] for number, at in enumerate(new) if number not in both_new
        )
