"""Samples and sums: queue lengths, people in zones, flows between zones, and where people stood."""

import zlib
from collections.abc import Iterator

import numpy as np

from contract.entries import Entry, Flow, Heat, Occupancy, QueueSample
from deploy.simulation.fleet import CHECKOUT, ENGAGEMENT_ZONES, FLOOR_CAMERA, Box, StoreProfile
from deploy.simulation.model import Model
from deploy.simulation.outages import Outage
from deploy.simulation.traffic import SLOT_MS, Floats, Millis
from deploy.simulation.visits import Ints, StoreDay, ZoneStays
from deploy.simulation.watch import Watch, Written, instants


def sampled(store_day: StoreDay, box: Box, watch: Watch) -> Iterator[Written]:
    """Yield the samples and sums that a box with zones writes down, kind by kind."""
    camera_of = {info.zone: info.camera for info in box.zones}
    checkout, floor = watch.outages[camera_of[CHECKOUT]], watch.outages[FLOOR_CAMERA]
    yield _queue_samples(store_day, watch, checkout)
    for zone, stays in zip(ENGAGEMENT_ZONES, store_day.zones, strict=True):
        yield _occupancy(zone, stays, _open_moments(store_day, watch.period_ms, floor))
    yield from _flows(store_day, floor, checkout)
    yield _heat(store_day, watch, floor)


def people_between(start_ms: Millis, end_ms: Millis, at_ms: Millis) -> Ints:
    """Return how many stays [start, end) hold each moment of `at_ms`: shape of `at_ms`."""
    started = np.searchsorted(np.sort(start_ms), at_ms, side="right")
    ended = np.searchsorted(np.sort(end_ms), at_ms, side="right")
    return np.asarray(started - ended, dtype=np.int64)


def floor_density(store: StoreProfile, model: Model) -> Floats:
    """Return where people stand on a store's floor: two warm spots on an even ground, shape (rows × columns,)."""
    rng = np.random.default_rng(zlib.crc32(store.code.encode()))
    row, column = np.mgrid[0 : model.heat_rows, 0 : model.heat_columns]
    density = np.full(row.shape, 0.3)
    for weight in (1.0, 0.7):
        centre = rng.uniform((1, 1), (model.heat_rows - 1, model.heat_columns - 1))
        density += weight * np.exp(-((row - centre[0]) ** 2 + (column - centre[1]) ** 2) / 4)
    return np.asarray(density.ravel() / density.sum(), dtype=np.float64)


def _open_moments(store_day: StoreDay, period_ms: int, outage: Outage) -> Millis:
    at_ms = np.arange(store_day.day.opens_ms, store_day.day.closes_ms, period_ms, dtype=np.int64)
    return at_ms[~outage.dark(at_ms)]


def _queue_samples(store_day: StoreDay, watch: Watch, checkout: Outage) -> Written:
    at_ms = _open_moments(store_day, watch.queue_ms, checkout)
    lengths = people_between(store_day.queue.joined_ms, store_day.queue.left_ms, at_ms).tolist()
    entries: list[Entry] = [
        QueueSample(at=at, zone=CHECKOUT, length=length)
        for at, length in zip(instants(at_ms), lengths, strict=True)
    ]  # fmt: skip
    return Written(at_ms, entries)


def _occupancy(zone: str, stays: ZoneStays, at_ms: Millis) -> Written:
    counts = people_between(stays.start_ms, stays.end_ms, at_ms).tolist()
    entries: list[Entry] = [
        Occupancy(at=at, zone=zone, people=people) for at, people in zip(instants(at_ms), counts, strict=True)
    ]
    return Written(at_ms, entries)


def _flows(store_day: StoreDay, floor: Outage, checkout: Outage) -> Iterator[Written]:
    """Yield the steps of everybody from coming in to going out; the second zone lies behind the first."""
    first, second = store_day.zones
    # The member of a group who queues is its first; the zone they came from is the last one they stopped in.
    queueing = np.searchsorted(store_day.group, store_day.queue.group)
    in_second, in_first = np.isin(queueing, second.person), np.isin(queueing, first.person)
    both, _, index = np.intersect1d(first.person, second.person, return_indices=True)
    only_second = ~np.isin(second.person, both)
    joined_ms, left_ms = store_day.queue.joined_ms, store_day.queue.left_ms
    shelf, other = ENGAGEMENT_ZONES
    yield _flow(store_day, (None, shelf), first.start_ms, floor, floor)
    yield _flow(store_day, (None, other), second.start_ms[only_second], floor, floor)
    yield _flow(store_day, (shelf, other), second.start_ms[index], floor, floor)
    yield _flow(store_day, (shelf, CHECKOUT), joined_ms[in_first & ~in_second], floor, checkout)
    yield _flow(store_day, (other, CHECKOUT), joined_ms[in_second], floor, checkout)
    yield _flow(store_day, (None, CHECKOUT), joined_ms[~in_first & ~in_second], floor, checkout)
    done = ~np.isin(second.person, queueing)
    yield _flow(store_day, (other, None), store_day.out_ms[second.person[done]], floor, floor)
    done = ~np.isin(first.person, queueing) & ~np.isin(first.person, both)
    yield _flow(store_day, (shelf, None), store_day.out_ms[first.person[done]], floor, floor)
    yield _flow(store_day, (CHECKOUT, None), np.maximum(left_ms, store_day.out_ms[queueing]), checkout, checkout)


def _flow(
    store_day: StoreDay, zones: tuple[str | None, str | None], moved_ms: Millis, came_from: Outage, went_to: Outage
) -> Written:
    moved_ms = moved_ms[~came_from.dark(moved_ms) & ~went_to.dark(moved_ms)]
    # People hide one another: every fifth step is not seen as one.
    moved_ms = moved_ms[moved_ms % 5 > 0]
    slots, people = np.unique((moved_ms - store_day.day.opens_ms) // SLOT_MS, return_counts=True)
    starts_ms = store_day.day.opens_ms + slots * SLOT_MS
    entries: list[Entry] = [
        Flow(at=at, from_zone=zones[0], to_zone=zones[1], people=count)
        for at, count in zip(instants(starts_ms), people.tolist(), strict=True)
    ]
    return Written(starts_ms + SLOT_MS, entries)


def _heat(store_day: StoreDay, watch: Watch, floor: Outage) -> Written:
    edges_ms = np.arange(store_day.day.opens_ms, store_day.day.closes_ms + SLOT_MS, SLOT_MS, dtype=np.int64)
    stay_ms = store_day.out_ms - store_day.in_ms
    so_far_ms = np.clip(edges_ms[:, None] - store_day.in_ms, 0, stay_ms).sum(axis=1)
    starts_ms = edges_ms[:-1]
    seen = floor.up_ms(starts_ms, SLOT_MS) / SLOT_MS
    person_s = np.diff(so_far_ms) / 1000 * seen
    cells = np.rint(person_s[:, None] * watch.density).astype(np.int64)
    warm = np.flatnonzero(cells.any(axis=1))
    entries: list[Entry] = [
        Heat(at=at, camera=FLOOR_CAMERA, columns=watch.model.heat_columns, rows=watch.model.heat_rows, person_s=row)
        for at, row in zip(instants(starts_ms[warm]), cells[warm].tolist(), strict=True)
    ]
    return Written(starts_ms[warm] + SLOT_MS, entries)
