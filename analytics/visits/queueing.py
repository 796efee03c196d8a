"""Queues: how many stand, how long they wait, how many give up, and whether that can all be true at once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import numpy as np

from analytics.figure import Figure, figure, suppressed_where
from analytics.queries import Connection, rows
from analytics.statistics.quantiles import clustering, quantile_interval
from analytics.statistics.suppression import K_INSIDE
from analytics.visits.kpis import ratio, share_figure

#: "Waiting now" looks back this far.
RECENT: Final = timedelta(minutes=30)
#: A sample or live value older than this says nothing about now.
NOW_WITHIN: Final = timedelta(minutes=2)
#: Least waits and samples for a check by Little's law, and how far the two sides may lie apart.
LITTLE_WAITS_MIN: Final = 20
LITTLE_SAMPLES_MIN: Final = 30
LITTLE_FACTOR: Final = 2.0


@dataclass(frozen=True, slots=True)
class QueueExit:
    """One person left a queue at `at` after `wait_s`; `served` is None where the device does not assess it."""

    zone: str
    at: datetime
    wait_s: float
    served: bool | None


@dataclass(frozen=True, slots=True)
class Queue:
    """The store's queues together; `withheld` names the figures behind which stand fewer than `K_INSIDE` people."""

    length: Figure
    joins: Figure
    wait_p50: Figure
    wait_p90: Figure
    abandonment: Figure
    consistent: bool
    withheld: frozenset[str] = frozenset()


def queue(
    exits: Sequence[QueueExit],
    lengths: Sequence[int | None],
    *,
    mean_length: float | None,
    elapsed_s: float,
    as_of: datetime,
    completeness: float | None,
) -> Queue:
    """Return the queue's figures: waits over the last `RECENT`, joins and abandonment over all `exits`.

    `lengths` holds each queue zone's people now, None where no recent word is known; `mean_length` is the mean of the
    samples over `elapsed_s`, used only to check the waits.
    """
    recent = [one for one in exits if one.at > as_of - RECENT]
    known = [length for length in lengths if length is not None]
    p50, p90 = (
        wait_figure(name, recent, p, as_of=as_of, completeness=completeness)
        for name, p in (("queue_wait_p50", 0.5), ("queue_wait_p90", 0.9))
    )

    stated = partial(figure, as_of=as_of, completeness=completeness)
    watched = bool(lengths) and (bool(exits) or (completeness or 0.0) > 0)
    return Queue(
        length=stated("queue_length", float(sum(known)) if known else None),
        joins=stated("queue_joins", float(len(exits)) if watched else None),
        wait_p50=p50,
        wait_p90=p90,
        abandonment=abandonment(exits, as_of=as_of, completeness=completeness),
        consistent=little_consistent([one.wait_s for one in exits], mean_length, elapsed_s),
        withheld=_of_few(waits=len(_waited(recent)), ends=sum(one.served is not None for one in exits)),
    )


def _of_few(*, waits: int, ends: int) -> frozenset[str]:
    people = {"queue_wait_p50": waits, "queue_wait_p90": waits, "abandonment": ends}
    return frozenset(name for name, count in people.items() if 0 < count < K_INSIDE)


def wait_quantile(exits: Sequence[QueueExit], p: float) -> float | None:
    """Return what a share `p` of those who were served waited at most, in seconds; None without any."""
    waits = _waited(exits)
    return float(np.quantile(waits, p)) if waits else None


def wait_figure(
    definition_id: str, exits: Sequence[QueueExit], p: float, *, as_of: datetime, completeness: float | None
) -> Figure:
    """Return `wait_quantile` of exits in their order, with its interval: who stands behind one who waits waits, too."""
    value, waits = wait_quantile(exits, p), _waited(exits)
    interval = None
    if value is not None:
        # Of the waits themselves: a rush shows in all of them before it shows in the few longest.
        interval = quantile_interval(waits, [False] * len(waits), p, variance=clustering(waits))
    return figure(definition_id, value, as_of=as_of, completeness=completeness, interval=interval)


def abandonment(exits: Sequence[QueueExit], *, as_of: datetime, completeness: float | None) -> Figure:
    """Return the share that gave up, of those whose end is known; who gives up seldom gives up alone."""
    gave_up = [one.served is False for one in exits if one.served is not None]
    return share_figure("abandonment", gave_up, as_of=as_of, completeness=completeness)


def little_consistent(waits_s: Sequence[float], mean_length: float | None, elapsed_s: float) -> bool:
    """Return whether the mean length agrees with arrivals × mean wait within `LITTLE_FACTOR` (Little's law).

    True where too little is known to say otherwise.
    """
    if mean_length is None or elapsed_s <= 0 or len(waits_s) < LITTLE_WAITS_MIN:
        return True
    expected = sum(waits_s) / elapsed_s
    if expected <= 0 or mean_length <= 0:
        return expected == mean_length
    return 1 / LITTLE_FACTOR <= mean_length / expected <= LITTLE_FACTOR


def _waited(exits: Sequence[QueueExit]) -> list[float]:
    return [one.wait_s for one in exits if one.served is not False]


def read_queue(
    connection: Connection, store_id: int, *, from_at: datetime, now: datetime, completeness: float | None
) -> Queue:
    """Return the queue's figures from `from_at` to `now`, those `withheld` without their numbers.

    The wait of one is how long one person stood there; the length is what everybody on the floor sees.

    Raises:
        DatabaseError: the database could not be asked.
    """
    span = {"store_id": store_id, "from_at": from_at, "until": now}
    exits = [QueueExit(*row) for row in rows(connection, "queue_exits", **span)]
    lengths = [length for _, length, _ in rows(connection, "queue_now", store_id=store_id, since=now - NOW_WITHIN)]
    ((total, samples),) = rows(connection, "queue_length", **span)
    seen = queue(
        exits,
        lengths,
        mean_length=ratio(total, float(samples)) if samples >= LITTLE_SAMPLES_MIN else None,
        elapsed_s=(now - from_at).total_seconds(),
        as_of=now,
        completeness=completeness,
    )
    p50, p90, gave_up = (
        suppressed_where(one.definition_id in seen.withheld)(one)
        for one in (seen.wait_p50, seen.wait_p90, seen.abandonment)
    )
    return replace(seen, wait_p50=p50, wait_p90=p90, abandonment=gave_up)
