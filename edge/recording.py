"""Recording: from what the cameras saw to ledger entries in the outbox, with wall-clock time.

    LineCrossed ► crossing      ZoneLeft ► zone_visit      QueueLeft ► queue_exit
    every 15 s ► queue_sample   every 60 s ► occupancy, register, camera_uptime

Where the site file does not say where the till is, nobody can tell who was served: the stay is a `zone_visit`.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, assert_never

from contract.entries import (
    CameraUptime,
    Crossing,
    Entry,
    Loss,
    Occupancy,
    QueueExit,
    QueueSample,
    Register,
    ZoneVisit,
)
from edge.clock import Clock
from edge.config import CameraConfig
from edge.dating import Dating
from edge.errors import EntryError, OutboxError
from edge.events import Event, LineCrossed, Moved, QueueLeft, ZoneLeft
from edge.frames import Frame
from edge.publishing.outbox import LineTotal, Outbox
from edge.publishing.rollup import loss_of

logger = logging.getLogger(__name__)

PERIOD_S: Final = 60
QUEUE_PERIOD_S: Final = 15
#: Entries kept in memory while the disk refuses them; beyond that the oldest go, and a loss in the ledger says so.
BACKLOG_MAX: Final = 10_000
_DWELL_S_MAX: Final = 604_800.0
#: A box that slept longer than this books only the end of its sleep as "not watched".
_UPTIME_PERIODS_MAX: Final = 60


class Recorder:
    """Writes entries to the outbox; from any thread. A disk that refuses for a while loses nothing.

    What is dated before the box's clock was set is held until it is, if there is a `clock` to tell.
    `listen` overhears each call's entries: an audit compares them with what a person taps.
    """

    def __init__(
        self,
        outbox: Outbox,
        notify: Callable[[], None] = lambda: None,
        *,
        listen: Callable[[Sequence[Entry]], None] = lambda _entries: None,
        clock: Clock | None = None,
    ) -> None:
        self._outbox = outbox
        self._notify = notify
        self._listen = listen
        self._dating = None if clock is None else Dating(clock)
        self._backlog: list[Entry] = []
        self._loss: Loss | None = None
        self._lock = threading.Lock()

    def record(self, entries: Sequence[Entry]) -> None:
        """Store `entries`, and before them whatever the disk refused so far."""
        self._listen(entries)
        with self._lock:
            dated = entries if self._dating is None else self._dating.dated(entries)
            self._wait([*self._backlog, *dated])
            if not self._backlog:
                return
            try:
                self._outbox.append(self._backlog if self._loss is None else [self._loss, *self._backlog])
            except OutboxError:
                logger.exception("%d entries wait in memory", len(self._backlog), extra={"action": "outbox_refuses"})
                return
            except EntryError:
                logger.exception("%d entries dropped", len(self._backlog), extra={"action": "entries_refused"})
            self._backlog, self._loss = [], None
        self._notify()

    def _wait(self, entries: list[Entry]) -> None:
        """Keep `entries` until the disk takes them; of too many the oldest go, which the ledger will say."""
        over = len(entries) - BACKLOG_MAX
        if over > 0:
            lost = entries[:over] if self._loss is None else [self._loss, *entries[:over]]
            self._loss = loss_of(lost, over, "backlog")
            logger.error("%d entries lost: the outbox takes nothing", over, extra={"action": "entries_lost"})
        self._backlog = entries[-BACKLOG_MAX:]

    def totals(self) -> Mapping[str, LineTotal]:
        """Return each line's cumulative crossings in this epoch."""
        return self._outbox.totals()


def entries_of(events: Iterable[Event], newest: Frame) -> list[Entry]:
    """Return the entries of `events`, dated by the newest frame: its wall clock less the media time passed since."""
    return [entry for event in events if (entry := _entry_of(event, moment_of(event.at_s, newest))) is not None]


def moment_of(at_s: float, newest: Frame) -> datetime:
    """Return the wall clock of media time `at_s`, by the newest frame."""
    return newest.captured_at - timedelta(seconds=newest.time_s - at_s)


def _entry_of(event: Event, at: datetime) -> Entry | None:
    match event:
        case LineCrossed(line=line, direction=direction):
            return Crossing(at=at, line=line, direction=direction, staff=event.staff, group_size=event.group_size)
        case ZoneLeft(zone=zone, censored=censored):
            return ZoneVisit(at=at, zone=zone, dwell_s=_seconds(event.dwell_s), censored=censored, staff=event.staff)
        case QueueLeft(zone=zone, staff=True):
            # Who works at the till waits for nothing; the stay is kept, and says whose it is.
            return ZoneVisit(at=at, zone=zone, dwell_s=_seconds(event.wait_s), staff=True)
        case QueueLeft(zone=zone, outcome=outcome):
            return QueueExit(at=at, zone=zone, wait_s=_seconds(event.wait_s), outcome=outcome)
        case Moved():
            return None  # leaves in a sum only: edge/sums.py
        case _:
            assert_never(event)


def _seconds(duration_s: float) -> float:
    return round(min(max(duration_s, 0.0), _DWELL_S_MAX), 3)


def registers(camera: CameraConfig, totals: Mapping[str, LineTotal], at: datetime) -> list[Entry]:
    """Return the register of each line of `camera` at `at`, those that nobody has crossed included."""
    entries: list[Entry] = []
    for line in camera.lines:
        total = totals.get(line.name, LineTotal())
        entries.append(Register(at=at, line=line.name, in_total=total.in_total, out_total=total.out_total))
    return entries


def samples(camera: CameraConfig, people: Mapping[str, int], at: datetime, *, queues: bool) -> list[Entry]:
    """Return how many people are in each queue zone (`queues`), or in each other zone, of `camera` at `at`.

    A zone that `people` does not name is not watched now and gets no sample: unknown is not zero.
    """
    entries: list[Entry] = []
    for zone in camera.zones:
        if zone.name not in people or queues != (zone.role == "queue"):
            continue
        count = people[zone.name]
        entries.append(
            QueueSample(at=at, zone=zone.name, length=count) if queues
            else Occupancy(at=at, zone=zone.name, people=count)
        )  # fmt: skip
    return entries


def uptimes(camera: str, start: datetime, end: datetime, up_s: float) -> list[Entry]:
    """Return the uptime entries of `start`…`end`, one per wall-clock minute, `up_s` spread evenly over them."""
    length_s = (end - start).total_seconds()
    share = min(1.0, max(0.0, up_s) / length_s) if length_s > 0 else 0.0
    # Not all of them: a clock that is set from 1970 would make 30 million.
    start = max(start, end - timedelta(seconds=_UPTIME_PERIODS_MAX * PERIOD_S))
    periods = list(minutes(start, end))[-_UPTIME_PERIODS_MAX:]
    return [
        CameraUptime(at=at, camera=camera, period_s=round(period_s, 3), up_s=round(round(period_s, 3) * share, 3))
        for at, period_s in periods
        if round(period_s, 3) > 0
    ]


def minutes(start: datetime, end: datetime) -> Iterator[tuple[datetime, float]]:
    """Yield (begin, seconds) of each part of `start`…`end` between wall-clock minutes."""
    while start < end:
        stop = min(boundary_after(start, PERIOD_S), end)
        yield start, (stop - start).total_seconds()
        start = stop


def boundary_after(moment: datetime, period_s: int) -> datetime:
    """Return the first multiple of `period_s` (on the UTC clock) after `moment`, exclusive."""
    return datetime.fromtimestamp((int(moment.timestamp()) // period_s + 1) * period_s, UTC)
