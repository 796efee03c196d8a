"""A box's ledger of one store-day: what its cameras counted of what happened, in the order in which it was written.

The list of a day is always the same for the same seed, so the number of entries that an outbox holds says exactly how
far into the day a device has come.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, repeat
from typing import TYPE_CHECKING

import numpy as np

from contract.entries import Audit, CameraUptime, Crossing, Entry, QueueExit, Register, ZoneVisit
from deploy.simulation.crossings import LineCrossings, line_crossings
from deploy.simulation.days import to_ms
from deploy.simulation.fleet import CHECKOUT, ENGAGEMENT_ZONES, STREET, Box
from deploy.simulation.outages import Outage
from deploy.simulation.samples import sampled
from deploy.simulation.traffic import Millis
from deploy.simulation.visits import StoreDay
from deploy.simulation.watch import Watch, Written, instants, periods

if TYPE_CHECKING:
    from contract.types import Direction


@dataclass(frozen=True, slots=True)
class DayLedger:
    """Entries in the order in which they are written; `at_ms` says when, ascending."""

    at_ms: Millis
    entries: list[Entry]

    @classmethod
    def empty(cls) -> "DayLedger":
        """Return the ledger of a day on which the store is closed."""
        return cls(np.empty(0, np.int64), [])

    def due(self, now_ms: int) -> int:
        """Return how many entries are written by `now_ms`, inclusive."""
        return int(np.searchsorted(self.at_ms, now_ms, side="right"))


def day_ledger(store_day: StoreDay, box: Box, watch: Watch) -> DayLedger:
    """Return everything that `box` writes down on that day."""
    crossings = [
        watch.sights[info.line].counted(watch.outages[info.camera])
        if info.line in watch.sights
        else line_crossings(store_day, info.line, watch.outages[info.camera])
        for info in box.lines
    ]
    parts = list(
        chain(
            (_crossing_entries(line) for line in crossings),
            _zone_parts(store_day, box, watch),
            (_registers(store_day, line, watch) for line in crossings),
            (_uptime(store_day, camera, watch) for camera in box.cameras),
            (_audited(found) for found in watch.audits),
        )
    )
    at_ms = np.concatenate([part.at_ms for part in parts])
    entries = list(chain.from_iterable(part.entries for part in parts))
    order = np.argsort(at_ms, kind="stable")
    return DayLedger(at_ms[order], [entries[index] for index in order.tolist()])


def _crossing_entries(line: LineCrossings) -> Written:
    street = line.line == STREET
    directions: list[Direction] = ["in" if inward else "out" for inward in line.inward.tolist()]
    # A street camera assesses neither staff nor groups.
    staff: Iterable[bool | None] = repeat(None, len(directions)) if street else line.staff.tolist()
    columns = zip(instants(line.at_ms), directions, staff, line.group_size.tolist(), strict=True)
    entries: list[Entry] = [
        Crossing(at=at, line=line.line, direction=direction, staff=is_staff, group_size=size or None)
        for at, direction, is_staff, size in columns
    ]
    return Written(line.at_ms, entries)


def _zone_parts(store_day: StoreDay, box: Box, watch: Watch) -> Iterator[Written]:
    camera_of = {info.zone: info.camera for info in box.zones}
    if not camera_of:
        return
    for zone, stays in zip(ENGAGEMENT_ZONES, store_day.zones, strict=True):
        yield _zone_visits(zone, stays.start_ms, stays.end_ms, watch.outages[camera_of[zone]])
    yield _queue_exits(store_day, watch.outages[camera_of[CHECKOUT]])
    yield from sampled(store_day, box, watch)


def _zone_visits(zone: str, start_ms: Millis, end_ms: Millis, outage: Outage) -> Written:
    """Who stood there when the light went out leaves a censored stay; who came in the dark leaves none."""
    seen = ~outage.dark(start_ms)
    start_ms, end_ms = start_ms[seen], end_ms[seen]
    cut = (start_ms < outage.start_ms) & (end_ms >= outage.start_ms)
    end_ms = np.where(cut, outage.start_ms, end_ms)
    columns = zip(instants(end_ms), ((end_ms - start_ms) / 1000).tolist(), cut.tolist(), strict=True)
    entries: list[Entry] = [
        ZoneVisit(at=at, zone=zone, dwell_s=dwell, censored=censored, staff=False) for at, dwell, censored in columns
    ]
    return Written(end_ms, entries)


def _queue_exits(store_day: StoreDay, outage: Outage) -> Written:
    queue = store_day.queue
    # A wait that an outage interrupts is not known.
    seen = np.flatnonzero((queue.left_ms < outage.start_ms) | (queue.joined_ms >= outage.end_ms))
    left_ms = queue.left_ms[seen]
    waits = ((left_ms - queue.joined_ms[seen]) / 1000).tolist()
    columns = zip(instants(left_ms), waits, queue.served[seen].tolist(), strict=True)
    entries: list[Entry] = [
        QueueExit(at=at, zone=CHECKOUT, wait_s=wait, outcome="served" if served else "abandoned")
        for at, wait, served in columns
    ]
    return Written(left_ms, entries)


def _registers(store_day: StoreDay, line: LineCrossings, watch: Watch) -> Written:
    ends_ms = periods(store_day, watch.period_ms) + watch.period_ms
    before = watch.totals.get(line.line, (0, 0))
    # A crossing in the same millisecond is written first: the register counts it.
    ins = np.searchsorted(line.at_ms[line.inward], ends_ms, side="right") + before[0]
    outs = np.searchsorted(line.at_ms[~line.inward], ends_ms, side="right") + before[1]
    entries: list[Entry] = [
        Register(at=at, line=line.line, in_total=in_total, out_total=out_total)
        for at, in_total, out_total in zip(instants(ends_ms), ins.tolist(), outs.tolist(), strict=True)
    ]
    return Written(ends_ms, entries)


def _uptime(store_day: StoreDay, camera: str, watch: Watch) -> Written:
    starts_ms = periods(store_day, watch.period_ms)
    up_s = watch.outages[camera].up_ms(starts_ms, watch.period_ms) / 1000
    entries: list[Entry] = [
        CameraUptime(at=at, camera=camera, period_s=watch.period_ms / 1000, up_s=up)
        for at, up in zip(instants(starts_ms), up_s.tolist(), strict=True)
    ]
    return Written(starts_ms + watch.period_ms, entries)


def _audited(found: Audit) -> Written:
    """Return an audit as a person enters it: when it is over."""
    return Written(np.array([to_ms(found.at) + round(found.duration_s * 1000)], np.int64), [found])
