"""Outages: when a camera was dark."""

from dataclasses import dataclass

import numpy as np

from deploy.simulation.days import BusinessDay, generator
from deploy.simulation.fleet import StoreProfile
from deploy.simulation.model import Model
from deploy.simulation.traffic import Millis
from deploy.simulation.visits import Bools


@dataclass(frozen=True, slots=True)
class Outage:
    """The camera was dark from `start_ms` until `end_ms`; an empty span when it was not dark at all."""

    start_ms: int = 0
    end_ms: int = 0

    def dark(self, at_ms: Millis) -> Bools:
        """Return which moments fall into the outage."""
        return np.asarray((at_ms >= self.start_ms) & (at_ms < self.end_ms), dtype=np.bool_)

    def up_ms(self, start_ms: Millis, period_ms: int) -> Millis:
        """Return how much of each period from `start_ms` the camera was watched."""
        dark = np.minimum(start_ms + period_ms, self.end_ms) - np.maximum(start_ms, self.start_ms)
        return np.asarray(period_ms - np.clip(dark, 0, None), dtype=np.int64)


def outage(store: StoreProfile, model: Model, seed: int, day: BusinessDay, camera: str) -> Outage:
    """Return the outage of a camera on a day; it begins within opening hours and ends with the watch at the latest."""
    rng = generator(seed, store.code, day.business_date, f"outage {camera}")
    if rng.random() >= model.outage_share:
        return Outage()
    start_ms = int(rng.integers(day.opens_ms, day.closes_ms))
    length_ms = int(np.clip(rng.lognormal(np.log(model.outage_median_s), 0.8), 600, 36_000) * 1000)
    return Outage(start_ms, min(start_ms + length_ms, day.watch_ms[1]))
