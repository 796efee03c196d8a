"""Presence: what a device says about itself – status (birth, heartbeat, last will) and live values."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Protocol

from msgspec import UNSET

from contract.messages import CameraHealth, Crashes, LineInfo, Live, LiveLine, LiveZone, Status, ZoneInfo
from contract.types import DeviceState
from edge.publishing.outbox import LineTotal, Outbox

_THERMAL = Path("/sys/class/thermal/thermal_zone0/temp")


@dataclass(frozen=True, slots=True)
class Readings:
    """The machine's own gauges; None: not known."""

    temperature_c: float | None = None
    disk_free_mb: int | None = None
    crashes: Crashes | None = None


class Device(Protocol):
    """Whom a publisher speaks for: a camera agent, or a simulated one."""

    @property
    def store(self) -> str:
        """Return the store's name."""
        ...

    @property
    def device(self) -> str:
        """Return the device's name, unique within the store."""
        ...

    @property
    def lines(self) -> Sequence[LineInfo]:
        """Return the lines that it counts."""
        ...

    @property
    def zones(self) -> Sequence[ZoneInfo]:
        """Return the zones that it watches."""
        ...

    @property
    def model(self) -> str | None:
        """Return the detector's name."""
        ...

    def cameras(self) -> Sequence[CameraHealth]:
        """Return how each camera is doing now."""
        ...

    def people(self) -> Mapping[str, int]:
        """Return how many people are in each zone now; a zone that is not watched now is left out."""
        ...

    def waiting(self) -> Mapping[str, LineTotal]:
        """Return the crossings of each line that are counted, but wait for their group before they are written."""
        ...

    def readings(self) -> Readings:
        """Return the machine's gauges now."""
        ...


def status_of(
    device: Device,
    outbox: Outbox,
    state: DeviceState,
    at: datetime,
    *,
    uptime_s: float | None = None,
    clock_offset_s: float | None = None,
) -> Status:
    """Return the status message of `device` at `at`."""
    readings = device.readings()
    return Status(
        store=device.store,
        device=device.device,
        state=state,
        at=at,
        version=software_version(),
        epoch=outbox.epoch,
        last_seq=outbox.last_seq,
        queue_depth=outbox.queue_depth,
        lines=list(device.lines),
        zones=list(device.zones),
        cameras=list(device.cameras()),
        model=device.model,
        uptime_s=uptime_s,
        temperature_c=readings.temperature_c,
        disk_free_mb=readings.disk_free_mb,
        clock_offset_s=clock_offset_s,
        crashes=readings.crashes or UNSET,
    )


def live_of(device: Device, outbox: Outbox, at: datetime) -> Live:
    """Return the live message of `device` at `at`: each configured line's totals, each watched zone's people.

    Those who wait for their group are in it already: a screen need not wait for them.
    """
    # In this order whoever is written down in between is late by one message, never there twice.
    totals = outbox.totals()
    waiting = device.waiting()
    lines = []
    for info in device.lines:
        total, held = totals.get(info.line, LineTotal()), waiting.get(info.line, LineTotal())
        ins, outs = total.in_total + held.in_total, total.out_total + held.out_total
        lines.append(LiveLine(line=info.line, in_total=ins, out_total=outs))
    zones = [LiveZone(zone=zone, people=people) for zone, people in sorted(device.people().items())]
    return Live(store=device.store, device=device.device, epoch=outbox.epoch, at=at, lines=lines, zones=zones)


def software_version() -> str:
    """Return the installed version of footfall."""
    try:
        return version("footfall")
    except PackageNotFoundError:
        return "0-unknown"


def machine_readings(folder: Path) -> Readings:
    """Return this machine's temperature (Linux) and the free space of the disk that holds `folder`."""
    try:
        temperature = int(_THERMAL.read_text(encoding="ascii")) / 1_000
    except (OSError, ValueError):
        temperature = None
    try:
        free_mb = shutil.disk_usage(folder).free // 2**20
    except OSError:
        free_mb = None
    return Readings(temperature_c=temperature, disk_free_mb=free_mb)
