"""What a counter of another maker says, whoever made it: counts of an interval, or a total that only rises.

Nothing else has a place here: whatever a push holds beside it (tracks, ages, pictures) is never read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Interval:
    """So many crossed a counting element within [`from_at`, `until`).

    `names` are all that the maker calls the element by: number, name, key; empty: it has one only.
    """

    names: tuple[str, ...]
    from_at: datetime
    until: datetime
    ins: int
    outs: int


@dataclass(frozen=True, slots=True)
class Total:
    """So many crossed a counting element in its one direction up to `at`, since it was last reset."""

    names: tuple[str, ...]
    at: datetime
    total: int


Reading: TypeAlias = Interval | Total


@dataclass(frozen=True, slots=True)
class Said:
    """One push as understood; `serial` None: it does not say whose it is.

    `idle` is true for pushes that are known to hold no counts, such as a device's own state.
    """

    serial: str | None = None
    readings: Sequence[Reading] = ()
    idle: bool = False
