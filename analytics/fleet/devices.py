"""Devices: which boxes and cameras a store has, and how they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal

from analytics.queries import Connection, rows
from contract.messages import Trouble

Signal = Literal["live", "stale", "offline", "revoked", "none"]

#: Up to this age of the last word a device counts as live: a heartbeat may be late once.
LIVE_WITHIN: Final = timedelta(seconds=45)
#: From this age on a silent device counts as offline.
OFFLINE_AFTER: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Device:
    """One box by its last presence message; None where it never sent one."""

    code: str
    state: Literal["online", "stopped", "offline"] | None
    heard_at: datetime | None
    version: str | None
    model: str | None
    queue_depth: int
    cameras: tuple[tuple[str, bool, float, Trouble | None], ...]
    temperature_c: float | None
    disk_free_mb: int | None
    clock_offset_s: float | None
    #: It may not speak any more; what it said last is no news.
    revoked: bool = False
    #: Unclean ends of its agent, as it says itself once there are several.
    crashes_10_min: int = 0
    crashes_24_h: int = 0

    def signal(self, now: datetime) -> Signal:
        """Return whether it is heard from."""
        if self.revoked:
            return "revoked"
        if self.heard_at is None:
            return "none"
        age = now - self.heard_at
        if self.state in ("offline", "stopped") or age > OFFLINE_AFTER:
            return "offline"
        return "live" if age <= LIVE_WITHIN else "stale"


def read_devices(connection: Connection, store_id: int) -> tuple[Device, ...]:
    """Return the store's devices by code; `cameras` holds (code, up, frames per second, picture trouble).

    Raises:
        DatabaseError: the database could not be asked.
    """
    return tuple(device_of(row) for row in rows(connection, "devices", store_id=store_id))


def store_signal(devices: tuple[Device, ...], now: datetime) -> tuple[Signal, datetime | None]:
    """Return the store's signal (the best of those boxes that may speak) and when it was last heard from."""
    devices = tuple(device for device in devices if not device.revoked) or devices
    heard = [device.heard_at for device in devices if device.heard_at is not None]
    signals = {device.signal(now) for device in devices}
    best: Signal = next((one for one in ("live", "stale", "offline", "revoked") if one in signals), "none")
    return best, max(heard) if heard else None


def device_of(row: Sequence[Any]) -> Device:
    """Return the device in a row of the block `devices`."""
    code, state, received_at, version, model, queue_depth, cameras, temperature_c, disk_mb, clock_s, *rest = row
    live_at, revoked, crashes_10_min, crashes_24_h = rest
    heard = [moment.astimezone(UTC) for moment in (received_at, live_at) if moment is not None]
    return Device(
        code=code,
        state=state,
        heard_at=max(heard) if heard else None,
        version=version,
        model=model,
        queue_depth=queue_depth or 0,
        cameras=tuple(
            (one["camera"], one["state"] == "up", float(one["fps"]), one.get("trouble")) for one in cameras or ()
        ),
        temperature_c=temperature_c,
        disk_free_mb=disk_mb,
        clock_offset_s=clock_s,
        revoked=revoked,
        crashes_10_min=crashes_10_min or 0,
        crashes_24_h=crashes_24_h or 0,
    )
