"""Visits: everything that really happens in one store on one business day, as arrays.

    enter ─► stay in zones ─► join the queue ─► turn ─► pay ─► leave
             └────────────── browsing ───────┘

A visit keeps that order, and nobody is inside at closing time.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from deploy.simulation.checkout import QueueStays, queue_up
from deploy.simulation.days import BusinessDay, business_day, generator
from deploy.simulation.fleet import StoreProfile
from deploy.simulation.model import Model
from deploy.simulation.staff import StaffDay, staff_day
from deploy.simulation.traffic import Floats, Millis, moments, noisy_means

#: The longest service is over, and the last member out, this long after the last turn.
_SERVICE_MAX_S = 400.0
_LAST_TURN_BEFORE_CLOSE_MS = 450_000
_LAST_OUT_BEFORE_CLOSE_MS = 20_000

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneStays:
    """Stays of visitors in one zone; arrays of one length."""

    person: Ints
    start_ms: Millis
    end_ms: Millis


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreDay:
    """What really happened. Group arrays have one row per buying unit, person arrays one per visitor.

    Attributes:
        size: people in each group.
        by_side_in: whether the group came through the side door; `by_side_out`: left through it.
        group: each visitor's group.
        in_ms: when each visitor entered; `out_ms`: left.
        zones: stays in each engagement zone.
        queue: stays in the checkout queue, of one member of a group each (the group's first).
        passers_ms: when someone walked past; `passers_in`: towards the `in` side of the street line.
        staff: who worked when, and how that crossed the front door.
    """

    day: BusinessDay
    size: Ints
    by_side_in: Bools
    by_side_out: Bools
    group: Ints
    in_ms: Millis
    out_ms: Millis
    zones: tuple[ZoneStays, ...]
    queue: QueueStays
    passers_ms: Millis
    passers_in: Bools
    staff: StaffDay


def store_day(store: StoreProfile, model: Model, seed: int, business_date: date) -> StoreDay | None:
    """Return what happens in `store` on `business_date`; None when it is closed."""
    day = business_day(store, business_date)
    if day is None:
        return None
    rng = generator(seed, store.code, business_date, "visits")
    means = noisy_means(store, model, day, rng)
    last_ms = day.closes_ms - int(model.last_entry_s * 1000)
    arrive_ms = moments(means / model.group_mean, day, last_ms, rng)
    passers_ms = moments(means * store.passers_per_visitor, day, last_ms, rng)
    sizes = np.arange(1, len(model.group_shares) + 1)
    size = rng.choice(sizes, len(arrive_ms), p=np.array(model.group_shares))
    browse_ms = _browsing(model, day, arrive_ms, rng)
    queue = _checkout(store, model, day, arrive_ms + browse_ms, rng)
    leave_ms = _leaving(day, arrive_ms + browse_ms, queue, rng)
    group, in_ms, out_ms = _members(size, arrive_ms, leave_ms, rng)
    side = model.side_door_share if store.side_door else 0.0
    return StoreDay(
        day=day,
        size=size,
        by_side_in=rng.random(len(size)) < side,
        by_side_out=rng.random(len(size)) < side,
        group=group,
        in_ms=in_ms,
        out_ms=out_ms,
        zones=_zones(model, size, in_ms, arrive_ms + browse_ms, rng),
        queue=queue,
        passers_ms=passers_ms,
        passers_in=rng.random(len(passers_ms)) < 0.5,  # noqa: PLR2004  # both ways alike
        staff=staff_day(store, model, day, generator(seed, store.code, business_date, "staff")),
    )


def _browsing(model: Model, day: BusinessDay, arrive_ms: Millis, rng: np.random.Generator) -> Millis:
    drawn_s = np.maximum(_lognormal(rng, model.browse_median_s, model.browse_sigma, len(arrive_ms)), model.browse_min_s)
    left_ms = day.closes_ms - int(model.last_join_s * 1000) - arrive_ms
    # Who would stay beyond closing time leaves at some moment before it.
    cut_ms = left_ms * rng.uniform(0.5, 0.98, len(arrive_ms))
    return np.where(drawn_s * 1000 < left_ms, drawn_s * 1000, cut_ms).astype(np.int64)


def _checkout(
    store: StoreProfile, model: Model, day: BusinessDay, ready_ms: Millis, rng: np.random.Generator
) -> QueueStays:
    hour = day.opens_min / 60 + (ready_ms - day.opens_ms) / 3_600_000
    slope = (model.conversion_evening - 1) / 8
    wants = rng.random(len(ready_ms)) < store.conversion * np.clip(1 + slope * (hour - 12), 0.5, 1.5)
    group = np.flatnonzero(wants)
    return queue_up(
        group,
        ready_ms[group],
        np.clip(_lognormal(rng, model.service_median_s, model.service_sigma, len(group)), 10, _SERVICE_MAX_S),
        rng.exponential(model.patience_s, len(group)),
        tills=store.tills,
        last_turn_ms=day.closes_ms - _LAST_TURN_BEFORE_CLOSE_MS,
    )


def _leaving(day: BusinessDay, ready_ms: Millis, queue: QueueStays, rng: np.random.Generator) -> Millis:
    leave_ms = ready_ms + 1000
    done_ms = np.where(queue.served, queue.paid_ms, queue.left_ms)
    leave_ms[queue.group] = done_ms + rng.integers(5_000, 90_000, len(done_ms))
    return np.minimum(leave_ms, day.closes_ms - _LAST_OUT_BEFORE_CLOSE_MS)


def _members(size: Ints, arrive_ms: Millis, leave_ms: Millis, rng: np.random.Generator) -> tuple[Ints, Millis, Millis]:
    group = np.repeat(np.arange(len(size)), size)
    position = np.arange(len(group)) - np.repeat(np.cumsum(size) - size, size)
    gaps_ms = rng.integers(500, 2_500, (2, len(group)))
    return group, arrive_ms[group] + position * gaps_ms[0], leave_ms[group] + position * gaps_ms[1]


def _zones(
    model: Model, size: Ints, in_ms: Millis, ready_ms: Millis, rng: np.random.Generator
) -> tuple[ZoneStays, ...]:
    """Cut each group's browsing time into one stretch per zone, and put a stay somewhere inside its stretch.

    Who came together stops together: a stay of a group is one of each member, some tenths of a second apart.
    """
    first = np.cumsum(size) - size
    # Once the last of them is in, whoever that is.
    begun_ms = np.maximum.reduceat(in_ms, first) if len(first) else in_ms
    stretch_ms = (ready_ms - begun_ms) / len(model.zone_shares)
    stays = []
    for number, (share, median_s) in enumerate(zip(model.zone_shares, model.zone_median_s, strict=True)):
        group = np.flatnonzero((rng.random(len(size)) < share) & (stretch_ms > 3_000))  # noqa: PLR2004  # long enough
        room_ms = stretch_ms[group] - 1_000
        dwell_ms = np.minimum(_lognormal(rng, median_s, model.zone_sigma, len(group)) * 1000, 0.9 * room_ms)
        start_ms = begun_ms[group] + number * stretch_ms[group] + 500 + rng.random(len(group)) * (room_ms - dwell_ms)
        stays.append(_together(first[group], size[group], start_ms, dwell_ms, rng))
    return tuple(stays)


def _together(first: Ints, size: Ints, start_ms: Floats, dwell_ms: Floats, rng: np.random.Generator) -> ZoneStays:
    """Return the stays of all members of groups, the first of whom are `first`."""
    row = np.repeat(np.arange(len(size)), size)
    place = np.arange(len(row)) - np.repeat(np.cumsum(size) - size, size)
    apart_ms = rng.uniform(0, 400, (2, len(row)))
    return ZoneStays(
        person=first[row] + place,
        start_ms=(start_ms[row] + apart_ms[0]).astype(np.int64),
        end_ms=((start_ms + dwell_ms)[row] + np.maximum(apart_ms[0], apart_ms[1])).astype(np.int64),
    )


def _lognormal(rng: np.random.Generator, median: float, sigma: float, size: int) -> Floats:
    return np.asarray(rng.lognormal(np.log(median), sigma, size), dtype=np.float64)
