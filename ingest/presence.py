"""Presence: status and live messages into the rows that say how each device is and what it counts now."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from contract.messages import LineInfo, Live, Receipt, Status
from ingest.claims import Claim, Claimed
from ingest.database import Cursor, Database
from ingest.names import Names
from ingest.receipts import read_receipts
from ingest.sql_blocks import load_blocks

logger = logging.getLogger(__name__)

_SQL: Final = load_blocks("presence")
#: What a device describes is written again after so long: another worker may have given its lines away meanwhile.
_DESCRIBE_EVERY: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Heard:
    """When a status or live message came, and whether the broker had kept it (then it may be old)."""

    at: datetime
    retained: bool = False

    def fresh_at(self, said_at: datetime) -> datetime:
        """Return when the news is from: for a kept message when it was said, unless that clock runs ahead."""
        return min(said_at, self.at) if self.retained else self.at


@dataclass(frozen=True, slots=True)
class ShutOut:
    """A device that may not speak any more, and why."""

    why: str


class Presence:
    """Writes status and live values through one connection. Not shared between threads."""

    def __init__(self, database: Database, names: Names) -> None:
        self._database = database
        self._names = names
        #: What each device last described, and when: a heartbeat that describes the same writes no dimension.
        self._described: dict[int, tuple[int, datetime]] = {}

    def forget(self) -> None:
        """Start anew: the database may be another one now."""
        self._described.clear()

    def store_status(self, status: Status, heard: Heard) -> Receipt | ShutOut | None:
        """Keep what a device says about itself; return its receipt when it is online and may be waiting for one.

        Nothing is kept of one that is shut out: whatever a broker still has from it says how it was before.

        Raises:
            UnknownStoreError: the store was never added.
            DatabaseError: the database did not take it.
        """
        with self._names.certain(), self._database.transaction() as cursor:
            devices = self._names.device_ids(cursor, [(status.store, status.device)])
            store_id = self._names.store_id(status.store)
            device_id = devices[status.store, status.device]
            cursor.execute(_SQL["shut_out"], {"device_id": device_id})
            for (why,) in cursor.fetchall():
                return ShutOut(why)
            described = self._describe(cursor, (store_id, device_id), status, heard)
            cursor.execute(_SQL["status"], _status_row(device_id, status, heard))
            if status.last_seq:
                values = {"device_id": device_id, "epoch": str(status.epoch), "last_seq": status.last_seq}
                cursor.execute(_SQL["expect"], values)
            receipts = read_receipts(cursor, [device_id]) if status.state == "online" else []
        if described is not None:
            self._remember(device_id, described, online=status.state == "online")
        elif status.state != "online":
            self._described.pop(device_id, None)
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

    def _describe(self, cursor: Cursor, ids: tuple[int, int], status: Status, heard: Heard) -> "_Described | None":
        """Write a status's lines, zones and cameras where they differ from its last one's, or that was long ago.

        `ids` are the store's and the device's. None: nothing was to be written.
        """
        store_id, device_id = ids
        cameras = {each.camera for each in status.lines} | {each.camera for each in status.zones}
        cameras |= {each.camera for each in status.cameras}
        description = hash((
            tuple((each.line, each.role, each.camera, each.door) for each in status.lines),
            tuple((each.zone, each.role, each.camera, each.engaged_after_s) for each in status.zones),
            frozenset(cameras),
        ))  # fmt: skip
        known, at = self._described.get(device_id, (None, heard.at))
        if known == description and heard.at - at < _DESCRIBE_EVERY:
            return None
        if cameras:
            cursor.execute(_SQL["cameras"], {"store_id": store_id, "codes": sorted(cameras)})
        # A name said twice would be one row changed twice, which SQL refuses: the last one counts.
        zones = {each.zone: each for each in status.zones}
        if zones:
            cursor.execute(_SQL["zones"], {
                "store_id": store_id,
                "codes": list(zones),
                "roles": [each.role for each in zones.values()],
                "cameras": [each.camera for each in zones.values()],
                "engaged_after_s": [each.engaged_after_s for each in zones.values()],
            })  # fmt: skip
        claim = Claim(cursor, store_id, (device_id, status.device), heard.fresh_at(status.at))
        claimed = _claim_lines(cursor, store_id, claim, list({each.line: each for each in status.lines}.values()))
        self._names.forget_dimensions(store_id)
        return _Described(description, heard.at, claimed)

    def _remember(self, device_id: int, described: "_Described", *, online: bool) -> None:
        """Note what was written, so that the same is not written again; not where it is to be looked at again soon."""
        for loser in described.claimed.gave_way:
            self._described.pop(loser, None)
        if online and not described.claimed.contested:
            self._described[device_id] = (described.description, described.at)
        else:
            self._described.pop(device_id, None)


@dataclass(frozen=True, slots=True)
class _Described:
    """What a status described, as a hash, when it was heard, and what became of its lines."""

    description: int
    at: datetime
    claimed: Claimed


def _claim_lines(cursor: Cursor, store_id: int, claim: Claim, lines: Sequence[LineInfo]) -> Claimed:
    codes = claim.codes(lines)
    if lines:
        cursor.execute(_SQL["lines"], {
            "store_id": store_id,
            "codes": list(codes),
            "roles": [each.role for each in lines],
            "cameras": [each.camera for each in lines],
            # A line that is kept apart still stands for the door of its own name.
            "doors": [each.door or (None if each.line == code else each.line)
                      for each, code in zip(lines, codes, strict=True)],
        })  # fmt: skip
    return claim.settle(codes)


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
        "crashes_10_min": status.crashes.ten_minutes if status.crashes else None,
        "crashes_24_h": status.crashes.day if status.crashes else None,
    }


def _live_rows(known: Sequence[tuple[int, Live, Heard]]) -> dict[str, list[Any]]:
    return {
        "device_ids": [device_id for device_id, _, _ in known],
        "at": [live.at for _, live, _ in known],
        "received_at": [heard.fresh_at(live.at) for _, live, heard in known],
        "lines": [msgspec.json.encode(live.lines).decode() for _, live, _ in known],
        "zones": [msgspec.json.encode(live.zones).decode() for _, live, _ in known],
    }
