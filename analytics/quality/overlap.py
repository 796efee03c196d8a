"""Two doors that may be one: people cross both lines at nearly the same moments, far more often than by chance.

Cameras that overlap count everybody twice, and without a floor plan only time gives it away. What chance would make of
it is measured, not assumed: the same crossings, moved against each other by half a minute and more, so that a busy hour
is as busy as it was.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

#: Crossings within so many seconds are at nearly the same moment: the walk from one line to the other.
WITHIN_S: Final = 4.0
#: Fewer crossings of either line say nothing.
CROSSINGS_MIN: Final = 20
#: From this share of the less busy line's crossings on, and so many standard deviations above chance, it is said.
SHARE_FROM: Final = 0.5
DEVIATIONS_FROM: Final = 5.0
_Times = NDArray[np.float64]
_SHIFTS_S: Final = tuple(sign * seconds for seconds in range(30, 330, 30) for sign in (1, -1))


@dataclass(frozen=True, slots=True)
class Overlap:
    """How often two lines were crossed at nearly the same moment.

    Attributes:
        first, second: the doors.
        near: pairs of crossings, one of each, no crossing in two pairs.
        by_chance: as many would be so without a link between them.
        share: `near` ÷ crossings of the less busy one.
    """

    first: str
    second: str
    near: int
    by_chance: float
    share: float

    @property
    def likely_one_door(self) -> bool:
        """Whether this is far above chance and most of what the less busy line counts."""
        beyond = self.near - self.by_chance
        return self.share >= SHARE_FROM and beyond >= DEVIATIONS_FROM * sqrt(self.by_chance + 1)


def overlaps(moments: Mapping[str, Sequence[float]]) -> tuple[Overlap, ...]:
    """Return each pair of doors that are likely one, from the seconds at which people came in through each.

    Doors with fewer than `CROSSINGS_MIN` crossings are left out. Times need no order.
    """
    known = {door: np.sort(np.asarray(at, np.float64)) for door, at in moments.items() if len(at) >= CROSSINGS_MIN}
    pairs = (overlap(one, known[one], other, known[other]) for one, other in combinations(sorted(known), 2))
    return tuple(pair for pair in pairs if pair.likely_one_door)


def overlap(first: str, first_s: _Times, second: str, second_s: _Times) -> Overlap:
    """Return how often two lines were crossed at nearly the same moment; times in seconds, ascending, none empty."""
    near = _pairs(first_s, second_s)
    chance = float(np.mean([_pairs(first_s + shift_s, second_s) for shift_s in _SHIFTS_S]))
    return Overlap(first, second, near, chance, near / min(len(first_s), len(second_s)))


def _pairs(first: _Times, second: _Times) -> int:
    """Return how many pairs within `WITHIN_S` there are, each crossing in one at most, earliest first."""
    found = here = there = 0
    one, other = first.tolist(), second.tolist()
    while here < len(one) and there < len(other):
        apart = one[here] - other[there]
        if abs(apart) <= WITHIN_S:
            found, here, there = found + 1, here + 1, there + 1
        elif apart < 0:
            here += 1
        else:
            there += 1
    return found
