"""The register: which stores Home Assistant is told of, and what is to be said of their boxes."""

from datetime import datetime
from pathlib import Path
from typing import Final

from deploy.errors import HomeAssistantError
from deploy.homeassistant.discovery import Box
from ingest.database import Cursor, Database
from ingest.sql_blocks import parse_blocks

SQL: Final = parse_blocks(Path(__file__).with_name("home_assistant.sql").read_text(encoding="utf-8"), "home_assistant")


def enable(database: Database, store: str, *, by: str, at: datetime) -> None:
    """Have a store's boxes announced.

    Raises:
        HomeAssistantError: there is no such store.
        DatabaseError: the database did not answer.
    """
    with database.transaction() as cursor:
        cursor.execute(SQL["enable"], {"store": store, "by": by, "at": at})
        if cursor.fetchone() is None:
            raise HomeAssistantError(f"there is no store {store!r}: footfall store list shows them")


def disable(database: Database, store: str) -> None:
    """Have a store's boxes taken back; raises as `enable`."""
    with database.transaction() as cursor:
        cursor.execute(SQL["disable"], {"store": store})
        if cursor.fetchone() is None:
            raise HomeAssistantError(f"store {store!r} is not announced: footfall ha list shows which are")


def stores(database: Database) -> list[str]:
    """Return the codes of the stores that are announced.

    Raises:
        DatabaseError: the database did not answer.
    """
    with database.transaction() as cursor:
        cursor.execute(SQL["stores"])
        return [code for (code,) in cursor.fetchall()]


def anything(database: Database) -> bool:
    """Return whether there is anything to announce, or to take back; raises as `stores`."""
    with database.transaction() as cursor:
        cursor.execute(SQL["anything"])
        return bool((cursor.fetchone() or (False,))[0])


def boxes(cursor: Cursor, now: datetime) -> list[Box]:
    """Return every box that is to be announced, as of `now`."""
    cursor.execute(SQL["boxes"])
    found = []
    for device_id, store, name, device, version, model, timezone, entrances, queues in cursor.fetchall():
        cursor.execute(SQL["day_start"], {"device_id": device_id, "now": now, "timezone": timezone})
        (day_start,) = cursor.fetchone() or (now,)
        cursor.execute(SQL["counted_before"], {"device_id": device_id, "day_start": day_start})
        before = {epoch: (ins, outs) for epoch, ins, outs in cursor.fetchall()}
        found.append(Box(store, name, device, version, model, entrances, queues, before))
    return found
