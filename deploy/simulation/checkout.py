"""The checkout: a queue served first come first served at a few tills, which some leave before their turn.

Written as the textbook's recursion, one customer after the other: a day has about a hundred. Little's law holds in it.
"""

import heapq
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deploy.simulation.traffic import Floats, Millis


@dataclass(frozen=True, slots=True)
class QueueStays:
    """Stays in the queue, by joining time; arrays of one length.

    `left_ms` is when the turn came or patience ended; `paid_ms` is when service was over, for those `served`.
    """

    group: NDArray[np.int64]
    joined_ms: Millis
    left_ms: Millis
    paid_ms: Millis
    served: NDArray[np.bool_]


def queue_up(
    group: NDArray[np.int64],
    joined_ms: Millis,
    service_s: Floats,
    patience_s: Floats,
    *,
    tills: int,
    last_turn_ms: int,
) -> QueueStays:
    """Return what becomes of customers who join at `joined_ms` (any order); none is served after `last_turn_ms`.

    All arrays have the same length: group number, joining time, time at the till and patience of each customer.
    """
    order = np.argsort(joined_ms, kind="stable")
    group, joined_ms = group[order], joined_ms[order]
    service_ms = (service_s[order] * 1000).astype(np.int64).tolist()
    gives_up_ms = np.minimum(joined_ms + (patience_s[order] * 1000).astype(np.int64), last_turn_ms).tolist()
    free = [0] * tills
    left, served = [], []
    for joined, service, gives_up in zip(joined_ms.tolist(), service_ms, gives_up_ms, strict=True):
        turn = max(joined, free[0])
        served.append(turn <= gives_up)
        left.append(min(turn, gives_up))
        if served[-1]:
            heapq.heapreplace(free, turn + service)
    left_ms = np.array(left, dtype=np.int64)
    paid_ms = left_ms + np.array(service_ms, dtype=np.int64)
    return QueueStays(group, joined_ms, left_ms, paid_ms, np.array(served, dtype=np.bool_))
