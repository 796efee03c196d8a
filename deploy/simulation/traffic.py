"""Traffic: when people come in and when they walk past."""

import math
import zlib
from datetime import date

import numpy as np
from numpy.typing import NDArray

from deploy.simulation.days import BusinessDay, business_day
from deploy.simulation.fleet import StoreProfile
from deploy.simulation.model import DAY_SHAPES, Model

SLOT_MS = 900_000

Floats = NDArray[np.float64]
Millis = NDArray[np.int64]


def expected_visitors(store: StoreProfile, model: Model, business_date: date) -> float:
    """Return the mean number of visitors on a date over all seeds; 0.0 when the store is closed."""
    hours = store.hours[business_date.weekday()]
    if hours is None:
        return 0.0
    open_days = [factor for factor, span in zip(model.weekday, store.hours, strict=True) if span]
    weekday = model.weekday[business_date.weekday()] * len(open_days) / sum(open_days)
    return store.visitors * weekday * trend(store, model, business_date)


def trend(store: StoreProfile, model: Model, business_date: date) -> float:
    """Return the slow factor of a date: yearly growth and a wave whose phase is the store's own."""
    days = (business_date - model.trend_origin).days
    phase = zlib.crc32(store.code.encode()) % 360 / 360
    wave = model.wave * math.sin(2 * math.pi * (days / model.wave_days + phase))
    return float((1 + store.growth) ** (days / 365.25) * (1 + wave))


def slot_shares(store: StoreProfile, model: Model, day: BusinessDay) -> Floats:
    """Return the share of the day's visitors in each 15 minutes from opening: shape (slots,), sum 1."""
    seconds = (day.closes_ms - day.opens_ms) / 1000
    starts_s = np.arange(0, seconds, SLOT_MS / 1000)
    hours, weights = zip(*DAY_SHAPES[store.shape], strict=True)
    middle_h = (day.opens_min * 60 + starts_s + SLOT_MS / 2000) / 3600
    # Nobody enters in the last minutes: that part of a slot holds no arrivals.
    usable_s = np.clip(seconds - model.last_entry_s - starts_s, 0, SLOT_MS / 1000)
    shares = np.interp(middle_h, hours, weights) * usable_s
    return np.asarray(shares / shares.sum(), dtype=np.float64)


def noisy_means(store: StoreProfile, model: Model, day: BusinessDay, rng: np.random.Generator) -> Floats:
    """Return the mean number of visitors in each 15 minutes of one drawn day: shape (slots,)."""
    shares = slot_shares(store, model, day)
    mean = expected_visitors(store, model, day.business_date) * _noise(rng, model.day_cv, 1)[0]
    return np.asarray(mean * shares * _noise(rng, model.slot_cv, len(shares)), dtype=np.float64)


def moments(means: Floats, day: BusinessDay, last_ms: int, rng: np.random.Generator) -> Millis:
    """Return sorted moments drawn from a Poisson process with `means` per slot, all before `last_ms`."""
    counts = rng.poisson(means)
    slot = np.repeat(np.arange(len(means)), counts)
    starts = day.opens_ms + slot * SLOT_MS
    lengths = np.clip(last_ms - starts, 1, SLOT_MS)
    return np.sort(starts + (rng.random(len(slot)) * lengths).astype(np.int64))


def next_open_day(store: StoreProfile, after: date) -> BusinessDay:
    """Return the first open day after a date."""
    candidates = (business_day(store, date.fromordinal(after.toordinal() + ahead)) for ahead in range(1, 8))
    return next(day for day in candidates if day is not None)


def _noise(rng: np.random.Generator, cv: float, size: int) -> Floats:
    if cv == 0:
        return np.ones(size)
    return rng.gamma(1 / cv**2, cv**2, size)
