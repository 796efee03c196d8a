"""Matching: taps of a person and crossings of the device, one to one, per direction.

    person crosses ── device's moment (interpolated) ────────────── lag ───────► tap
                                                        |◄─ tolerance ─►|◄────►|

A person taps a moment after the foot is over the line, and the two clocks may differ by a moment: one constant lag for
the whole audit, estimated and taken out. What then remains is the hand's unsteadiness (reaction times spread by 0.2 to
0.3 s), the place where the eye takes the line to be (half a metre is 0.4 s of walking), and people who come abreast and
are tapped one after another (three taps are a second). `TOLERANCE_S` holds that with room to spare; more would begin to
pair a missed person with another's double. See docs/audit.md for how often that happens.
"""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np

from contract.entries import AuditTally
from contract.types import Direction

#: A tap and a crossing further apart than this, the lag taken out, are not the same person.
TOLERANCE_S: Final = 2.5
#: Where the lag is looked for, in which steps, and within how much of it taps count for it.
LAG_MIN_S, LAG_MAX_S, _LAG_STEP_S, _LAG_WIDTH_S = -2.0, 5.0, 0.25, 0.75
#: A usual person's lag: taken where the taps do not say.
LAG_USUAL_S: Final = 0.5

#: Seconds from the audit's begin, ascending, by direction.
Moments: TypeAlias = Mapping[Direction, Sequence[float]]
#: Stretches of tapping, in seconds from the audit's begin; between them lie pauses.
Windows: TypeAlias = Sequence[tuple[float, float]]
DIRECTIONS: Final[tuple[Direction, Direction]] = ("in", "out")


@dataclass(frozen=True, slots=True)
class Compared:
    """What an audit found, and the lag that was taken out."""

    ins: AuditTally
    outs: AuditTally
    lag_s: float


def compare(taps: Moments, crossings: Moments, windows: Windows) -> Compared:
    """Return how many taps and crossings of each direction belong together, and how many found no partner.

    What finds no partner within `TOLERANCE_S` of the begin or end of a window is left out: its partner may lie beyond,
    where nobody tapped or the device's crossing was not yet overheard.
    """
    lag_s = estimated_lag(taps, crossings)
    tallies = {way: _tally(taps[way], [at + lag_s for at in crossings[way]], windows) for way in DIRECTIONS}
    return Compared(tallies["in"], tallies["out"], lag_s)


def mirrored(crossings: Moments) -> Moments:
    """Return the crossings with `in` and `out` exchanged."""
    return {"in": crossings["out"], "out": crossings["in"]}


def estimated_lag(taps: Moments, crossings: Moments) -> float:
    """Return by how many seconds the taps lie after the crossings.

    The lag under which most taps lie close to a crossing of their direction (of several, the nearest to what is usual),
    then the median of what remains between those pairs.
    """
    steps = np.arange(LAG_MIN_S, LAG_MAX_S + _LAG_STEP_S / 2, _LAG_STEP_S).tolist()

    def paired(lag_s: float) -> list[float]:
        return [
            taps[way][tap] - crossings[way][crossing]
            for way in DIRECTIONS
            for tap, crossing in pairs(taps[way], [at + lag_s for at in crossings[way]], _LAG_WIDTH_S)
        ]

    best = max(steps, key=lambda lag_s: (len(paired(lag_s)), -abs(lag_s - LAG_USUAL_S)))
    lags = paired(best)
    return round(min(max(statistics.median(lags), LAG_MIN_S), LAG_MAX_S), 3) if lags else LAG_USUAL_S


def pairs(left: Sequence[float], right: Sequence[float], tolerance_s: float) -> list[tuple[int, int]]:
    """Return the indices of as many pairs as there can be, none further apart than `tolerance_s`, each used once.

    Both sequences ascend. Earliest with earliest is optimal: all tolerances are alike, so pairs need never cross.
    """
    found = []
    i = j = 0
    while i < len(left) and j < len(right):
        apart = left[i] - right[j]
        if abs(apart) <= tolerance_s:
            found.append((i, j))
            i, j = i + 1, j + 1
        elif apart > 0:
            j += 1
        else:
            i += 1
    return found


def _tally(taps: Sequence[float], expected: Sequence[float], windows: Windows) -> AuditTally:
    found = pairs(taps, expected, TOLERANCE_S)
    alone_taps = set(range(len(taps))) - {tap for tap, _ in found}
    alone = set(range(len(expected))) - {crossing for _, crossing in found}
    misses = sum(_well_inside(taps[index], windows) for index in alone_taps)
    doubles = sum(_well_inside(expected[index], windows) for index in alone)
    return AuditTally(truth=len(found) + misses, counted=len(found) + doubles, matched=len(found))


def _well_inside(at: float, windows: Windows) -> bool:
    return any(start + TOLERANCE_S <= at <= end - TOLERANCE_S for start, end in windows)
