"""What a simulated box says about itself now: its cameras, the people in its zones, its machine."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np

from contract.messages import CameraHealth, LineInfo, ZoneInfo
from deploy.simulation.days import local_date, to_ms
from deploy.simulation.fleet import CHECKOUT, ENGAGEMENT_ZONES, Box
from deploy.simulation.samples import people_between
from deploy.simulation.store import SimulatedStore
from edge.clock import Clock
from edge.publishing.outbox import LineTotal
from edge.publishing.presence import Readings

_FPS = 5.0


class VirtualDevice:
    """An `edge.publishing.presence.Device` that lives in a simulated store."""

    def __init__(self, store: SimulatedStore, box: Box, clock: Clock) -> None:
        self._store = store
        self._box = box
        self._clock = clock

    @property
    def store(self) -> str:
        """Return the store's name."""
        return self._store.profile.code

    @property
    def device(self) -> str:
        """Return the device's name."""
        return self._box.device

    @property
    def lines(self) -> Sequence[LineInfo]:
        """Return the lines that it counts."""
        return self._box.lines

    @property
    def zones(self) -> Sequence[ZoneInfo]:
        """Return the zones that it watches."""
        return self._box.zones

    @property
    def model(self) -> str | None:
        """Return the detector's name."""
        return "simulated"

    def cameras(self) -> Sequence[CameraHealth]:
        """Return how each camera is doing now."""
        dark = self._dark(self._clock.now())
        return [
            CameraHealth(camera=camera, state="down" if camera in dark else "up", fps=0.0 if camera in dark else _FPS)
            for camera in self._box.cameras
        ]

    def people(self) -> Mapping[str, int]:
        """Return how many people are in each zone now; a zone whose camera is dark is left out."""
        now = self._clock.now()
        happened = self._store.day(local_date(self._store.profile, now))
        dark = self._dark(now)
        zones = [info.zone for info in self._box.zones if info.camera not in dark]
        if happened is None:
            return dict.fromkeys(zones, 0)
        stays = {
            zone: (stay.start_ms, stay.end_ms) for zone, stay in zip(ENGAGEMENT_ZONES, happened.zones, strict=True)
        }
        stays[CHECKOUT] = (happened.queue.joined_ms, happened.queue.left_ms)
        at_ms = np.array([to_ms(now)])
        return {zone: int(people_between(*stays[zone], at_ms)[0]) for zone in zones}

    def waiting(self) -> Mapping[str, LineTotal]:
        """Return nothing: a simulated crossing is written with its group at once."""
        return {}

    def readings(self) -> Readings:
        """Return the gauges of a box that is doing well."""
        return Readings(temperature_c=47.5, disk_free_mb=18_000)

    def _dark(self, now: datetime) -> set[str]:
        happened = self._store.day(local_date(self._store.profile, now))
        if happened is None:
            return set()
        at_ms = np.array([to_ms(now)])
        outages = self._store.outages(happened, self._box)
        return {camera for camera, outage in outages.items() if outage.dark(at_ms)[0]}
