"""Desires: what head office wants of each box from now on, and what it asks of it once.

Whoever decides writes a row here, with name and reason; no key is needed for that. The trust keeper signs and publishes
it (deploy/control/publishing.py).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from contract.control import CommandBase, body_of
from deploy.errors import ControlError
from ingest.database import Cursor
from ingest.sql_blocks import parse_blocks

_SQL: Final = parse_blocks(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"), "desires")


@dataclass(frozen=True, slots=True)
class Decision:
    """Who wants something, why, and when."""

    by: str
    why: str | None
    at: datetime


def device_id_of(cursor: Cursor, store: str, device: str) -> int:
    """Return a device's id.

    Raises:
        ControlError: the store has no such device.
    """
    cursor.execute(_SQL["device"], {"store": store, "device": device})
    row = cursor.fetchone()
    if row is None:
        raise ControlError(f"store {store} has no device {device!r}: footfall device list shows them")
    return int(row[0])


def desire(cursor: Cursor, device_ids: Iterable[int], change: Mapping[str, Any], decision: Decision) -> dict[int, int]:
    """Want what each box has to be by now, with the fields of `change` (of `Desired`) replaced; None removes one.

    Each gets its next version, above whatever it says that it has taken; returned by device. What a box has refused or
    rolled back of its set-up is not wanted again: the change is made to what runs.
    """
    return desire_each(cursor, dict.fromkeys(device_ids, change), decision)


def desire_each(cursor: Cursor, changes: Mapping[int, Mapping[str, Any]], decision: Decision) -> dict[int, int]:
    """Want of each box its own change; as `desire`."""
    if not changes:
        return {}
    cursor.execute(_SQL["lock"], {"device_ids": list(changes)})
    cursor.execute(_SQL["desire"], {
        "device_ids": list(changes),
        "changes": [msgspec.json.encode(dict(change)).decode() for change in changes.values()],
        "at": decision.at, "by": decision.by, "why": decision.why,
    })  # fmt: skip
    return {int(device_id): int(version) for device_id, version in cursor.fetchall()}


def desired_body(cursor: Cursor, device_id: int) -> tuple[int | None, dict[str, Any]]:
    """Return what is desired of a box: its version, and `Desired` without version and moment; None, empty: nothing."""
    cursor.execute(_SQL["body"], {"device_id": device_id})
    row = cursor.fetchone()
    return (int(row[0]), dict(row[1])) if row else (None, {})


def command(cursor: Cursor, device_id: int, asked: CommandBase, decision: Decision) -> None:
    """Ask something of a box once.

    Raises:
        MalformedError: a value is outside the contract.
    """
    kind = asked.__struct_config__.tag
    row = {"id": str(asked.id), "device_id": device_id, "kind": kind, "body": body_of(asked), "why": decision.why}
    cursor.execute(_SQL["command"], {**row, "at": asked.issued_at, "expires_at": asked.expires_at, "by": decision.by})
