"""A chaos run: cycle after cycle something goes wrong, is mended, and the box has to deliver again; then the reckoning.

Which faults come, how long each lasts and how long it is quiet between them is drawn from the seed alone; when exactly
they meet the programs is up to the machine.
"""

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from tests.chaos.faults import KINDS, Fault
from tests.chaos.stage import DOOR, Stage

#: How long the box may take, once all is mended, to be connected and to have everything up to then covered.
RECOVERY_S: Final = 60.0
#: So often a second fault joins the first, and so often the next cycle does not wait for the box to have recovered.
_PAIRED, _IMPATIENT = 0.35, 0.25
_QUIET_S: Final = (0.1, 1.0)
_LOOK_S: Final = 0.05


class ChaosError(AssertionError):
    """Something that must not happen under any fault."""


@dataclass(frozen=True, slots=True)
class Cycle:
    """What happened in one cycle; `recovered_s` is None where it was not waited for."""

    number: int
    faults: tuple[str, ...]
    lasted_s: float
    recovered_s: float | None
    last_seq: int
    waiting: int

    def __str__(self) -> str:
        came_back = "not waited for" if self.recovered_s is None else f"delivers again after {self.recovered_s:.1f} s"
        return (
            f"{' + '.join(self.faults)}, {self.lasted_s:.1f} s: {came_back}; "
            f"{self.last_seq} entries, {self.waiting} under way"
        )


@dataclass(slots=True)
class Chaos:
    """Cycles on `stage`, drawn from `dice`; `kinds` are those of `KINDS` to choose from."""

    stage: Stage
    dice: random.Random
    kinds: tuple[str, ...]
    cycles: list[Cycle] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    #: What goes wrong in the cycle that has not ended.
    doing: tuple[str, ...] = ()
    #: Kinds still to come before any comes again.
    deck: list[str] = field(default_factory=list)

    def run(self, cycles: int, *, until_s: float | None, tell: Callable[[Cycle], None]) -> None:
        """Make so many cycles, or as many as end before `until_s` on the monotonic clock.

        Raises:
            ChaosError: the box did not recover, or a server ended by itself.
        """
        for number in range(1, cycles + 1):
            if until_s is not None and time.monotonic() >= until_s:
                break
            cycle = self._cycle(number)
            self.cycles.append(cycle)
            self.doing = ()
            tell(cycle)
        self._recovered(cameras=True)

    def _cycle(self, number: int) -> Cycle:
        self._pass(self.dice.uniform(*_QUIET_S))
        faults = self._drawn()
        self.doing = what = tuple(fault.what for fault in faults)
        ends = [(self.dice.uniform(*fault.lasts_s), fault) for fault in faults]
        gaps = [0.0] + [self.dice.uniform(0.0, 0.8) for _ in faults[1:]]
        impatient = self.dice.random() < _IMPATIENT
        began_s = time.monotonic()
        for gap_s, fault in zip(gaps, faults, strict=True):
            self._pass(gap_s)
            fault.begin()
        for end_s, fault in sorted(ends, key=lambda end: end[0]):
            self._pass(began_s + end_s - time.monotonic())
            fault.heal()
        lasted_s = time.monotonic() - began_s
        recovered_s = None if impatient else self._recovered(cameras="stall stream" in what)
        state = self.stage.state() or {}
        return Cycle(number, what, lasted_s, recovered_s, state.get("last_seq", 0), state.get("waiting", 0))

    def _drawn(self) -> list[Fault]:
        many = 2 if len(self.kinds) > 1 and self.dice.random() < _PAIRED else 1
        if len(self.deck) < many:
            self.deck = self.dice.sample(self.kinds, len(self.kinds))
        chosen = [self.deck.pop() for _ in range(many)]
        self.counts.update(chosen)
        return [KINDS[kind](self.stage, self.dice) for kind in chosen]

    def _pass(self, seconds: float) -> None:
        """Let time pass, as a supervisor who starts again what has ended."""
        until_s = time.monotonic() + seconds
        while True:
            self.stage.look_after()
            left_s = until_s - time.monotonic()
            if left_s <= 0:
                return
            time.sleep(min(_LOOK_S, left_s))

    def _recovered(self, *, cameras: bool) -> float:
        """Wait until the box is connected and all that it had written by now is covered; return how long it took."""
        began_s = time.monotonic()
        mark: int | None = None
        state = None
        while time.monotonic() - began_s < RECOVERY_S:
            self._pass(_LOOK_S)
            state = self.stage.state()
            if state is None or not state["connected"] or state["in_memory"]:
                continue
            mark = state["last_seq"] if mark is None else mark
            if state["covered_to"] >= mark and (not cameras or DOOR in state["up"]):
                return time.monotonic() - began_s
        raise ChaosError(
            f"all was mended {RECOVERY_S:.0f} s ago, and the box does not deliver: expected it connected, everything "
            f"to seq {mark} covered{', the camera up' if cameras else ''}; it says {state}"
        )
