"""Set-up pictures at head office: asking a box for one, how the requests stand, and looking at one, by name."""

import re
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias
from uuid import UUID

from contract.types import NAME_PATTERN
from deploy.control.desires import Decision
from deploy.errors import SetupPictureError
from ingest.database import Database
from ingest.sql_blocks import parse_blocks

_SQL: Final = parse_blocks(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"), "setup_pictures")
State: TypeAlias = Literal["waiting", "taking", "refused", "unanswered", "ready", "deleted"]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request and how it stands.

    `asked_by` wants it for the reason `why`; `reason` is the box's for refusing. The other fields are the picture's,
    while there is one.
    """

    request: str
    store: str
    device: str
    camera: str
    asked_at: datetime
    asked_by: str
    why: str | None
    state: State
    reason: str | None
    delete_at: datetime | None
    samples: int | None
    covered_share: float | None
    width: int | None
    height: int | None

    def as_dict(self) -> dict[str, Any]:
        """Return its fields, instants as text."""
        times = {"asked_at": self.asked_at.isoformat(), "delete_at": self.delete_at and self.delete_at.isoformat()}
        return asdict(self) | times


@dataclass(frozen=True, slots=True)
class Event:
    """Something that became of a picture: it was received, viewed by somebody somehow, or deleted."""

    at: datetime
    action: str
    by: str | None
    how: str | None


def request(database: Database, store: str, device: str, camera: str, decision: Decision) -> UUID:
    """Ask a box for the set-up picture of a camera; return the request's id. The trust keeper signs and sends it.

    Raises:
        SetupPictureError: the store has no such device, or it cannot take the request; says why.
    """
    with database.transaction() as cursor:
        cursor.execute(_SQL["standing"], {"store": store, "device": device})
        row = cursor.fetchone()
        if row is None:
            raise SetupPictureError(f"store {store} has no device {device!r}: footfall device list shows them")
        device_id, enrolled, cameras = row
        if not enrolled:
            raise SetupPictureError(
                f"{store}/{device} is not enrolled, so it believes nobody: footfall device code {store} {device}"
            )
        if cameras and camera not in cameras:
            raise SetupPictureError(f"{store}/{device} has no camera {camera!r}; it has {', '.join(sorted(cameras))}")
        _check_name(camera)
        wanted = {"device_id": device_id, "camera": camera, "by": decision.by, "why": decision.why, "at": decision.at}
        cursor.execute(_SQL["request"], wanted)
        ((asked,),) = cursor.fetchall()
    return UUID(asked)


def _check_name(camera: str) -> None:
    if not re.match(NAME_PATTERN, camera):
        raise SetupPictureError(f"camera: expected a lower-case slug such as door, got {camera!r}")


def listed(database: Database, *, now: datetime, store: str | None = None, limit: int = 50) -> list[Asked]:
    """Return the newest requests, newest first."""
    with database.transaction() as cursor:
        cursor.execute(_SQL["list"], {"store": store, "limit": limit})
        names = [column.name for column in cursor.description or ()]
        return [_asked(dict(zip(names, row, strict=True)), now) for row in cursor.fetchall()]


def events(database: Database, asked: UUID) -> list[Event]:
    """Return what became of a picture, every viewing included, oldest first."""
    with database.transaction() as cursor:
        cursor.execute(_SQL["events"], {"id": str(asked)})
        return [Event(*row) for row in cursor.fetchall()]


def view(database: Database, asked: UUID, *, by: str, how: str, now: datetime, account_id: int | None = None) -> bytes:
    """Return a picture, a JPEG, and write down in the same transaction that `by` looked at it and how.

    With `account_id` it is that account's name that is written down, and its role must be one that sets up cameras.

    Raises:
        SetupPictureError: there is none to see.
    """
    with database.transaction() as cursor:
        cursor.execute(_SQL["view"], {"id": str(asked), "by": by, "how": how, "now": now, "account_id": account_id})
        row = cursor.fetchone()
    if row is None:
        raise SetupPictureError(
            f"there is no picture to see for request {asked}: footfall setup-picture list says how it stands. "
            "A picture is deleted after 24 hours"
        )
    return bytes(row[0])


def _asked(row: dict[str, Any], now: datetime) -> Asked:
    gone = row["delete_at"] is None or row["delete_at"] <= now
    same = ("store", "device", "camera", "asked_at", "asked_by", "why", "reason")
    of_the_picture = ("delete_at", "samples", "covered_share", "width", "height")
    fields: dict[str, Any] = {name: row[name] for name in same}
    fields |= {name: None if gone else row[name] for name in of_the_picture}
    return Asked(request=row["command_id"], state=_state(row, now, gone=gone), **fields)


def _state(row: dict[str, Any], now: datetime, *, gone: bool) -> State:
    if row["arrived"]:
        return "deleted" if gone else "ready"
    if row["outcome"] == "refused":
        return "refused"
    if now >= row["answer_by"]:
        return "unanswered"
    return "waiting" if row["outcome"] is None else "taking"
