"""Holding counted crossings against true ones: one to one, in time and direction, and what each that is left over is.

true       │    │         │    │
counted    │    │ │       ╎         │
        matched   double  wrong way  invented    (the fourth true one is missed)
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import numpy as np

from contract.types import Direction
from edge.tracking.association import assign

Kind = Literal["missed", "double", "wrong_direction", "invented"]

#: Counted again within so many seconds of a crossing already found, in the same direction: one person twice.
DOUBLE_S: Final = 1.5


@dataclass(frozen=True, slots=True)
class Crossing:
    """A crossing at a frame; `tolerance` in frames either way, of a true one."""

    frame: float
    direction: Direction
    tolerance: float = 0.0


_Fit: TypeAlias = Callable[[Crossing, Crossing], bool]


@dataclass(frozen=True, slots=True)
class Fault:
    """A crossing that is not as it should be. `direction` is the true one where there is one, else the counted one."""

    kind: Kind
    frame: float
    direction: Direction


@dataclass(frozen=True, slots=True)
class Match:
    """How counted crossings of one line fit the true ones. `pairs` are (index of the true one, of the counted one)."""

    pairs: tuple[tuple[int, int], ...]
    faults: tuple[Fault, ...]

    def of(self, kind: Kind, direction: Direction | None = None) -> int:
        """Return how many faults are of `kind`, in `direction` or in both."""
        return sum(fault.kind == kind and direction in (None, fault.direction) for fault in self.faults)


def match(true: Sequence[Crossing], counted: Sequence[Crossing], *, fps: float) -> Match:
    """Return the assignment with the most pairs and, among those, the least time between them.

    A pair goes the same way and lies within the true one's tolerance. Of the rest, a counted one near an unmatched
    true one of the other direction is `wrong_direction`; one near a crossing already found and of its direction is
    `double`; any other is `invented`. What is true and still unmatched is `missed`.
    """
    pairs = _assigned(true, counted, lambda fact, guess: fact.direction == guess.direction)
    facts = [number for number in range(len(true)) if number not in {fact for fact, _ in pairs}]
    guesses = [number for number in range(len(counted)) if number not in {guess for _, guess in pairs}]
    turned = _assigned(
        [true[number] for number in facts],
        [counted[number] for number in guesses],
        lambda fact, guess: fact.direction != guess.direction,
    )
    faults = [Fault("wrong_direction", true[facts[fact]].frame, true[facts[fact]].direction) for fact, _ in turned]
    found = [true[fact] for fact, _ in pairs]
    turned_facts, turned_guesses = {facts[fact] for fact, _ in turned}, {guesses[guess] for _, guess in turned}
    faults += [_fault("missed", true[number]) for number in facts if number not in turned_facts]
    for number in (number for number in guesses if number not in turned_guesses):
        extra = counted[number]
        again = any(
            fact.direction == extra.direction and abs(fact.frame - extra.frame) <= fact.tolerance + DOUBLE_S * fps
            for fact in found
        )
        faults.append(_fault("double" if again else "invented", extra))
    return Match(tuple(pairs), tuple(sorted(faults, key=lambda fault: fault.frame)))


def match_totals(true: dict[Direction, int], counted: Sequence[Crossing]) -> tuple[int, int]:
    """Return (matched, missed) where only totals are known: as many as both say, direction by direction."""
    seen = {way: sum(each.direction == way for each in counted) for way in true}
    matched = sum(min(true[way], seen[way]) for way in true)
    return matched, sum(true.values()) - matched


def _fault(kind: Kind, crossing: Crossing) -> Fault:
    return Fault(kind, crossing.frame, crossing.direction)


def _assigned(true: Sequence[Crossing], counted: Sequence[Crossing], fit: _Fit) -> list[tuple[int, int]]:
    if not true or not counted:
        return []
    # All gaps together cost less than one pair that is not made: so the most pairs come first, the least time second.
    scale = len(true) * (1 + max(fact.tolerance for fact in true))
    likeness = np.zeros((len(true), len(counted)))
    for row, fact in enumerate(true):
        for column, guess in enumerate(counted):
            gap = abs(fact.frame - guess.frame)
            if gap <= fact.tolerance and fit(fact, guess):
                likeness[row, column] = 1 - gap / scale
    rows, columns = assign(likeness, 0.0)
    return list(zip(rows.tolist(), columns.tolist(), strict=True))
