"""What a result means: accuracy of one direction with its interval, and whether enough people crossed."""

import math
from dataclasses import dataclass
from typing import Final

from contract.entries import AuditTally

_Z95: Final = 1.959963984540054
#: From so many crossings on the intervals of 95 % and of 99 % no longer meet.
ENOUGH: Final = 300


@dataclass(frozen=True, slots=True)
class Verdict:
    """Shares from 0 to 1; None where nobody crossed. `low` and `high` are the 95 % interval of `accuracy`."""

    truth: int
    counted: int
    matched: int
    misses: int
    doubles: int
    accuracy: float | None
    low: float | None
    high: float | None


def verdict(tally: AuditTally) -> Verdict:
    """Return accuracy = matched ÷ (matched + misses + doubles) with its Wilson interval: no error offsets another."""
    misses, doubles = tally.truth - tally.matched, tally.counted - tally.matched
    trials = tally.matched + misses + doubles
    if not trials:
        return Verdict(tally.truth, tally.counted, tally.matched, misses, doubles, None, None, None)
    low, high = wilson(tally.matched, trials)
    share = tally.matched / trials
    return Verdict(tally.truth, tally.counted, tally.matched, misses, doubles, share, low, high)


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """Return the 95 % Wilson score interval of a share (as analytics has it, too, which a box does not have)."""
    z, share = _Z95, successes / trials
    scale = 1 + z * z / trials
    centre = (share + z * z / (2 * trials)) / scale
    half = z * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials)) / scale
    return (
        0.0 if successes == 0 else min(share, max(0.0, centre - half)),
        1.0 if successes == trials else max(share, min(1.0, centre + half)),
    )
