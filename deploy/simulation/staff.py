"""Staff of one store-day: who works when, a break in the middle, and what of it crosses the front door.

Of a pool somewhat larger than a day needs, each has a turn: one is there all day, the others in the first or the last
part of it, so that there are most of them around midday, whenever the visitors come.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from deploy.simulation.days import BusinessDay
from deploy.simulation.fleet import StoreProfile
from deploy.simulation.model import Model
from deploy.simulation.traffic import Millis

#: Who is off on a day: so many more belong to the store.
_OFF: Final = 2
#: The early shift ends, and the late one begins, after these shares of the day.
_EARLY_ENDS: Final = 0.62
_LATE_BEGINS: Final = 0.38
_JITTER_MS: Final = 600_000
_BREAK_MIN: Final = (25, 40)


@dataclass(frozen=True, slots=True)
class Shift:
    """Hours of one member of staff, in milliseconds; the break is unpaid, of whole minutes."""

    staff: str
    start_ms: int
    end_ms: int
    break_out_ms: int
    break_in_ms: int

    @property
    def break_min(self) -> int:
        """Return the minutes of the break."""
        return (self.break_in_ms - self.break_out_ms) // 60_000

    @property
    def worked_s(self) -> int:
        """Return the seconds worked, the break left out."""
        return (self.end_ms - self.start_ms) // 1000 - 60 * self.break_min

    def serves(self, at_ms: int) -> bool:
        """Return whether this one is on the floor at a moment."""
        return self.start_ms <= at_ms < self.end_ms and not self.break_out_ms <= at_ms < self.break_in_ms


@dataclass(frozen=True, slots=True)
class Clocked:
    """Somebody clocked in, or out."""

    at_ms: int
    shift: Shift
    out: bool


def clocked(shifts: Iterable[Shift]) -> list[Clocked]:
    """Return what a time clock hears of the shifts, in order."""
    heard = [Clocked(at, one, out) for one in shifts for at, out in ((one.start_ms, False), (one.end_ms, True))]
    return sorted(heard, key=lambda one: (one.at_ms, one.shift.staff))


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffDay:
    """Shifts of a day, and crossings of the front door by those who work them."""

    shifts: tuple[Shift, ...]
    at_ms: Millis
    inward: NDArray[np.bool_]


def staff_day(store: StoreProfile, model: Model, day: BusinessDay, rng: np.random.Generator) -> StaffDay:
    """Return who works on a day: `store.staff` people."""
    turn = day.business_date.toordinal()
    pool = store.staff + _OFF
    shifts = tuple(
        _shift(f"staff-{1 + (turn + place) % pool:02d}", place, model, day, rng) for place in range(store.staff)
    )
    at_ms = np.array([at for one in shifts for at in (one.start_ms, one.break_in_ms, one.break_out_ms, one.end_ms)])
    order = np.argsort(at_ms, kind="stable")
    return StaffDay(shifts=shifts, at_ms=at_ms[order], inward=np.tile([True, True, False, False], len(shifts))[order])


def _shift(staff: str, place: int, model: Model, day: BusinessDay, rng: np.random.Generator) -> Shift:
    early_ms, long_ms = int(model.staff_early_s * 1000), day.closes_ms - day.opens_ms
    before, after = int(rng.integers(300_000, early_ms)), int(rng.integers(120_000, early_ms))
    jitter = int(rng.integers(-_JITTER_MS, _JITTER_MS))
    early, late = place % 2 == 1, place % 2 == 0 and place > 0
    start = day.opens_ms + int(_LATE_BEGINS * long_ms) + jitter if late else day.opens_ms - before
    end = day.opens_ms + int(_EARLY_ENDS * long_ms) + jitter if early else day.closes_ms + after
    start, end = start // 1000 * 1000, end // 1000 * 1000
    minutes = int(rng.integers(*_BREAK_MIN))
    middle = int((start + end) / 2 + rng.uniform(-0.15, 0.15) * (end - start)) // 1000 * 1000
    return Shift(staff, start, end, middle, middle + minutes * 60_000)
