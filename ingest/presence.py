"""Presence: status and live messages into the rows that say how each device is and what it counts now."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec

from contract.messages import Live, Receipt, Status
from ingest.database import Cursor, Database
from ingest.names import Names
from ingest.receipts import read_receipts
from ingest.sql_blocks import load_blocks

logger = logging.getLogger(__name__)

_SQL: Final = load_blocks("presence")


@dataclass(frozen=True, slots=True)
class Heard:
    """When a status or live message came, and whether the broker had kept it (then it may be old)."""

    at: datetime
    retained: bool = False

    def fresh_at(self, said_at: datetime) -> datetime:
        """Return when the news is from: for a kept message when it was said, unless that clock runs ahead."""
        return min(said_at, self.at) if self.retained else self.at


class Presence:
    """Writes status and live values through one connection. Not shared between threads."""

    def __init__(self, database: Database, names: Names) -> None:
        self._database = database
        self._names = names
        #: What each device last described: a heartbeat that describes the same writes no dimension.
        self._described: dict[int, int] = {}

    def forget(self) -> None:
        """Start anew: the database may be another one now."""
        self._described.clear()

    def store_status(self, status: Status, heard: Heard) -> Receipt | None:
        """Keep what a device says about itself; return its receipt when it is online and may be waiting for one.

        Raises:
            UnknownStoreError: the store was never added.
            DatabaseError: the database did not take it.
        """
        with self._names.certain(), self._database.transaction() as cursor:
            devices = self._names.device_ids(cursor, [(status.store, status.device)])
            store_id = self._names.store_id(status.store)
            device_id = devices[status.store, status.device]
            described = self._describe(cursor, store_id, device_id, status)
            cursor.execute(_SQL["status"], _status_row(device_id, status, heard))
            if status.last_seq:
                values = {"device_id": device_id, "epoch": str(status.epoch), "last_seq": status.last_seq}
                cursor.execute(_SQL["expect"], values)
            receipts = read_receipts(cursor, [device_id]) if status.state == "online" else []
        self._described[device_id] = described
        return receipts[0] if receipts else None

    def store_live(self, values: Sequence[tuple[Live, Heard]]) -> None:
        """Keep the last values of many devices; those of unknown stores are left out.

        Raises:
            DatabaseError: the database did not take them.
        """
        with self._names.certain(), self._database.transaction() as cursor:
            devices = self._names.device_ids(cursor, [(live.store, live.device) for live, _ in values])
            known = [
                (devices[live.store, live.device], live, heard)
                for live, heard in values
                if (live.store, live.device) in devices
            ]
            if known:
                cursor.execute(_SQL["live"], _live_rows(known))

    def _describe(self, cursor: Cursor, store_id: int, device_id: int, status: Status) -> int:
        """Write a status's lines, zones and cameras where they differ from its last one's; return what to remember."""
        cameras = {each.camera for each in status.lines} | {each.camera for each in status.zones}
        cameras |= {each.camera for each in status.cameras}
        description = hash((
            tuple((each.line, each.role, each.camera) for each in status.lines),
            tuple((each.zone, each.role, each.camera) for each in status.zones),
            frozenset(cameras),
        ))  # fmt: skip
        if self._described.get(device_id) == description:
            return description
        if cameras:
            cursor.execute(_SQL["cameras"], {"store_id": store_id, "codes": sorted(cameras)})
        # A name said twice would be one row changed twice, which SQL refuses: the last one counts.
        lines = {each.line: each for each in status.lines}
        zones = {each.zone: each for each in status.zones}
        for block, described in (("lines", lines), ("zones", zones)):
            if described:
                cursor.execute(_SQL[block], {
                    "store_id": store_id,
                    "codes": list(described),
                    "roles": [each.role for each in described.values()],
                    "cameras": [each.camera for each in described.values()],
                })  # fmt: skip
        self._names.forget_dimensions(store_id)
        return description


def _status_row(device_id: int, status: Status, heard: Heard) -> dict[str, Any]:
    offset_known = status.state == "online" and not heard.retained
    return {
        "device_id": device_id,
        "state": status.state,
        "at": status.at,
        "received_at": heard.fresh_at(status.at),
        "retained": heard.retained,
        "version": status.version,
        "model": status.model,
        "last_seq": status.last_seq,
        "queue_depth": status.queue_depth,
        "cameras": msgspec.json.encode(status.cameras).decode(),
        "temperature_c": status.temperature_c,
        "disk_free_mb": status.disk_free_mb,
        # Ours, not the device's word: positive when its clock is ahead of this machine's.
        "clock_offset_s": (status.at - heard.at).total_seconds() if offset_known else None,
    }


def _live_rows(known: Sequence[tuple[int, Live, Heard]]) -> dict[str, list[Any]]:
    return {
        "device_ids": [device_id for device_id, _, _ in known],
        "at": [live.at for _, live, _ in known],
        "received_at": [heard.fresh_at(live.at) for _, live, heard in known],
        "lines": [msgspec.json.encode(live.lines).decode() for _, live, _ in known],
        "zones": [msgspec.json.encode(live.zones).decode() for _, live, _ in known],
    }
