"""The register of endpoints: who is told of what, and how it went."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from deploy.errors import WebhookError
from deploy.webhooks.events import TYPES
from deploy.webhooks.targets import addresses_of, parse_url
from ingest.database import Cursor, Database
from ingest.sql_blocks import parse_blocks

SQL: Final = parse_blocks(Path(__file__).with_name("webhooks.sql").read_text(encoding="utf-8"), "webhooks")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Another system; `stores` counts where it is not told of every one, `waiting` deliveries are under way."""

    endpoint_id: str
    url: str
    events: list[str]
    every_store: bool
    stores: list[str]
    allow_private: bool
    generation: int
    rotated_at: datetime | None
    created_at: datetime
    created_by: str
    failing_since: datetime | None
    failure: str | None
    disabled_at: datetime | None
    disabled_why: str | None
    waiting: int

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON, instants as text."""
        return _dated(asdict(self))


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event for one endpoint."""

    event_id: str
    endpoint_id: str
    type: str
    store: str | None
    at: datetime
    state: str
    attempts: int
    due_at: datetime
    last_at: datetime | None
    last_status: int | None
    failure: str | None

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON, instants as text."""
        return _dated(asdict(self))


def add(
    database: Database,
    url: str,
    *,
    events: Iterable[str],
    stores: Sequence[str] | None,
    allow_private: bool,
    by: str,
    at: datetime,
) -> str:
    """Register an endpoint for `stores`, None: for every one, those to come included; return its id.

    Raises:
        WebhookError: its URL may not be told, a type or a store is not known.
        DatabaseError: the database did not answer.
    """
    wanted = sorted(set(events))
    unknown = [name for name in wanted if name not in TYPES]
    if unknown or not wanted:
        raise WebhookError(f"expected events out of {', '.join(TYPES)}, got {', '.join(unknown) or 'none'}")
    addresses_of(parse_url(url), allow_private=allow_private)
    endpoint_id = f"wh_{secrets.token_hex(6)}"
    with database.transaction() as cursor:
        cursor.execute(SQL["add"], {
            "endpoint_id": endpoint_id, "url": url, "events": wanted, "every_store": stores is None,
            "allow_private": allow_private, "at": at, "by": by,
        })  # fmt: skip
        if stores is not None:
            cursor.execute(SQL["add_stores"], {"endpoint_id": endpoint_id, "stores": list(stores)})
            if len(cursor.fetchall()) != len(set(stores)) or not stores:
                raise WebhookError(
                    f"expected stores that are known, got {', '.join(stores) or 'none'}: footfall store list shows them"
                )
    return endpoint_id


def endpoints(database: Database, endpoint_id: str | None = None) -> list[Endpoint]:
    """Return all endpoints, or the one of this id.

    Raises:
        WebhookError: there is none of this id.
        DatabaseError: the database did not answer.
    """
    with database.transaction() as cursor:
        cursor.execute(SQL["list"], {"endpoint_id": endpoint_id})
        found = [Endpoint(*row) for row in cursor.fetchall()]
    if endpoint_id is not None and not found:
        raise _unknown(endpoint_id)
    return found


def remove(database: Database, endpoint_id: str) -> None:
    """Forget an endpoint and what waits for it; raises as `endpoints`."""
    with database.transaction() as cursor:
        _change(cursor, "remove", {"endpoint_id": endpoint_id})


def enable(database: Database, endpoint_id: str, *, at: datetime) -> None:
    """Send to a disabled endpoint again, what still waits at once; raises as `endpoints`."""
    with database.transaction() as cursor:
        _change(cursor, "enable", {"endpoint_id": endpoint_id})
        cursor.execute(SQL["due_now"], {"endpoint_id": endpoint_id, "at": at})


def rotate(database: Database, endpoint_id: str, *, at: datetime) -> int:
    """Give an endpoint a new secret; return its generation. Raises as `endpoints`."""
    with database.transaction() as cursor:
        return int(_change(cursor, "rotate", {"endpoint_id": endpoint_id, "at": at}))


def deliveries(
    database: Database, *, endpoint_id: str | None = None, state: str | None = None, limit: int = 50
) -> list[Delivery]:
    """Return the latest deliveries, the newest first.

    Raises:
        DatabaseError: the database did not answer.
    """
    with database.transaction() as cursor:
        cursor.execute(SQL["deliveries"], {"endpoint_id": endpoint_id, "state": state, "limit": limit})
        return [Delivery(*row) for row in cursor.fetchall()]


def _change(cursor: Cursor, block: str, values: dict[str, Any]) -> Any:
    cursor.execute(SQL[block], values)
    row = cursor.fetchone()
    if row is None:
        raise _unknown(values["endpoint_id"])
    return row[0]


def _unknown(endpoint_id: str) -> WebhookError:
    return WebhookError(f"there is no endpoint {endpoint_id!r}: footfall webhooks list shows them")


def _dated(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: each.isoformat() if isinstance(each, datetime) else each for name, each in fields.items()}
