"""Bounce: which share of the entries are people who turned round at once, from moments alone.

Nobody is followed. Who is out again within `WITHIN_S` leaves soon after an entry, so exits are more frequent after
entries than chance has it: the reckoning of `reentry`, the two directions changed. What chance makes is other days'
exits after this day's entries, scaled to this day's number; no line is taken off, for who stays a minute is meant.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

import numpy as np

from analytics.figure import Figure, figure
from analytics.visits.reentry import EDGES, HALF_WIDTH_MAX, DoorDay, Reentry, by_day, share_of

#: Who stays less than this has not looked round.
WITHIN_S: Final = 120.0


def bounce(days: Sequence[DoorDay]) -> Reentry | None:
    """Return the share of entries whose stay is shorter than `WITHIN_S`; None where the interval says nothing."""
    weights = (EDGES[:-1] < WITHIN_S).astype(np.float64)
    found = share_of(by_day([_turned(day) for day in days], weights))
    if found is None or found.high - found.low > 2 * HALF_WIDTH_MAX:
        return None
    share, low, high = (min(1.0, max(0.0, value)) for value in (found.share, found.low, found.high))
    return replace(found, share=share, low=low, high=high)


def bounce_figure(days: Sequence[DoorDay], *, counted: float | None, as_of: datetime) -> Figure:
    """Return the bounce rate over days that were counted in full, which are the share `counted` of all days."""
    found = bounce(days)
    if found is None:
        return figure("bounce_rate", None, as_of=as_of, completeness=None)
    return figure("bounce_rate", found.share, as_of=as_of, completeness=counted, interval=(found.low, found.high))


def _turned(day: DoorDay) -> DoorDay:
    sizes = np.ones_like(day.ins) if day.in_sizes is None else day.in_sizes
    return replace(day, ins=np.sort(day.outs), outs=day.ins, sizes=sizes)
