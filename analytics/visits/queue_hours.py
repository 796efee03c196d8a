"""Queues over past days: how long people waited, how many stood there and gave up, in all and by the hour of the day.

Waits are single rows, kept 90 days: days before that are left out and said to be. An hour of few people is withheld
with a neighbour, as everywhere.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from analytics.days import BUCKET, Slice
from analytics.figure import Figure, figure, suppressed_where
from analytics.queries import Connection, rows
from analytics.statistics.time_cells import withheld_in_time
from analytics.stores import Store
from analytics.visits.kpis import ratio
from analytics.visits.queueing import QueueExit, abandonment, wait_figure

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PastQueue:
    """A queue's figures over some time: people who left it, waits in seconds, mean length, share who gave up."""

    joins: Figure
    wait_p50: Figure
    wait_p90: Figure
    mean: Figure
    abandonment: Figure


@dataclass(frozen=True, slots=True)
class QueueHour:
    """One hour of the day over all days together; `withheld`: fewer than k people, or next to such an hour."""

    hour: int
    queue: PastQueue
    withheld: bool


@dataclass(frozen=True, slots=True)
class QueuePast:
    """The queues of a store over a period; `since` is the first day whose waits are still kept."""

    since: date
    total: PastQueue
    hours: tuple[QueueHour, ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """Sums of a quarter-hour's samples: people seen in all of them, and how many samples there were."""

    at: datetime
    length_sum: float
    samples: int


def queue_past(
    exits: Mapping[int, Sequence[QueueExit]],
    samples: Mapping[int, Sequence[Sample]],
    counted: Mapping[int, float | None],
    *,
    since: date,
    as_of: datetime,
    completeness: float | None,
    k: int,
) -> QueuePast:
    """Return the queues' figures of exits and samples by the hour of the wall clock, 24 and more after midnight.

    `counted` names the hours of the day, and the share of each that was counted.
    """
    hours = sorted(counted)
    hidden = withheld_in_time([len(exits.get(hour, ())) for hour in hours], k=k)
    told = [
        QueueHour(
            hour,
            _queue(exits.get(hour, ()), samples.get(hour, ()), as_of=as_of, completeness=counted[hour], few=few),
            few,
        )
        for hour, few in zip(hours, hidden, strict=True)
    ]
    everybody = [one for some in exits.values() for one in some]
    seen = [one for some in samples.values() for one in some]
    few = 0 < len(everybody) < k
    return QueuePast(since, _queue(everybody, seen, as_of=as_of, completeness=completeness, few=few), tuple(told))


def _queue(
    exits: Sequence[QueueExit], samples: Sequence[Sample], *, as_of: datetime, completeness: float | None, few: bool
) -> PastQueue:
    shown = suppressed_where(few)

    def stated(definition_id: str, value: float | None) -> Figure:
        return shown(figure(definition_id, value, as_of=as_of, completeness=completeness))

    watched = bool(exits) or (completeness or 0.0) > 0
    mean = ratio(sum(one.length_sum for one in samples), float(sum(one.samples for one in samples)))
    return PastQueue(
        joins=stated("queue_joins", float(len(exits)) if watched else None),
        wait_p50=shown(wait_figure("wait_p50", exits, 0.5, as_of=as_of, completeness=completeness)),
        wait_p90=shown(wait_figure("wait_p90", exits, 0.9, as_of=as_of, completeness=completeness)),
        mean=stated("queue_mean", mean),
        abandonment=shown(abandonment(exits, as_of=as_of, completeness=completeness)),
    )


def read_queue_past(
    connection: Connection,
    store: Store,
    slices: Sequence[Slice],
    counted: Mapping[int, float | None],
    *,
    as_of: datetime,
    completeness: float | None,
    k: int,
) -> QueuePast | None:
    """Return the queues over the slices whose waits are kept; None where the store has no queue, or none is.

    Raises:
        DatabaseError: the database could not be asked.
    """
    if not slices or all(role != "queue" for _, role, _ in rows(connection, "zones", store_id=store.store_id)):
        return None
    first, last = slices[0], slices[-1]
    found = rows(connection, "queue_exits", store_id=store.store_id, from_at=first.from_at, until=last.until)
    exits = _by_hour(store, slices, ((one.at, one) for one in (QueueExit(*row) for row in found)))
    spans = {"from_at": [one.from_at for one in slices], "until": [one.until for one in slices]}
    sums = (Sample(*row) for row in rows(connection, "queue_lengths", of_store=store.store_id, **spans))
    # The quarter-hour in which the shop opened may have begun before it.
    samples = _by_hour(store, slices, ((one.at + BUCKET / 2, one) for one in sums))
    return queue_past(
        exits, samples, counted, since=first.business_date, as_of=as_of, completeness=completeness, k=k
    )  # fmt: skip


def _by_hour(store: Store, slices: Sequence[Slice], moments: Iterable[tuple[datetime, T]]) -> dict[int, list[T]]:
    """Return what lies within a slice by the hour of its business day's wall clock."""
    starts = [one.from_at for one in slices]
    found: dict[int, list[T]] = {}
    for at, what in moments:
        place = bisect_right(starts, at) - 1
        if place >= 0 and at < slices[place].until:
            local = at.astimezone(store.zone)
            hour = local.hour + 24 * (local.date() - slices[place].business_date).days
            found.setdefault(hour, []).append(what)
    return found
