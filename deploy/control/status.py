"""Status: which box runs what, and how each is with what is desired of it; and the log of who wanted what."""

from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from ingest.claims import SILENT_AFTER
from ingest.database import Database
from ingest.sql_blocks import parse_blocks

_SQL: Final = parse_blocks(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"), "status")

#: own: nothing was ever desired of it. behind: it has not taken the latest version yet.
Standing: TypeAlias = Literal["current", "pending", "behind", "refused", "rolled_back", "own"]


@dataclass(frozen=True, slots=True)
class BoxStatus:
    """A box that may speak. Standards are `name number`; None: none, or not known."""

    store: str
    device: str
    standing: Standing
    online: bool
    desired: int | None
    taken: int | None
    running: int | None
    standard_desired: str | None
    standard: str | None
    reason: str | None
    edited: bool | None
    rejected: str | None
    reported_at: datetime | None

    def as_dict(self) -> dict[str, Any]:
        """Return its fields, the moment as text."""
        return {**asdict(self), "reported_at": self.reported_at.isoformat() if self.reported_at else None}


@dataclass(frozen=True, slots=True)
class Change:
    """Something that was decided at head office, or that a box has reported."""

    at: datetime
    what: str
    where: str | None
    by: str | None
    detail: str | None

    def as_dict(self) -> dict[str, Any]:
        """Return its fields, the moment as text."""
        return {**asdict(self), "at": self.at.isoformat()}


def boxes(database: Database, *, now: datetime, store: str | None = None) -> list[BoxStatus]:
    """Return how each box is with what is desired of it, by store and name."""
    with database.transaction() as cursor:
        cursor.execute(_SQL["boxes"], {"store": store, "heard_since": now - SILENT_AFTER})
        rows = cursor.fetchall()
    return [
        BoxStatus(code, device, _standing(desired, taken, state), online, desired, taken, *rest)
        for code, device, state, online, desired, taken, *rest in rows
    ]


def history(database: Database, store: str, device: str, *, limit: int) -> list[Change]:
    """Return what was wanted and asked of a box and what it reported, the newest first."""
    with database.transaction() as cursor:
        cursor.execute(_SQL["history"], {"store": store, "device": device, "limit": limit})
        return [Change(*row) for row in cursor.fetchall()]


def log(database: Database, *, limit: int) -> list[Change]:
    """Return what people decided about any box, about standards and about roll-outs, the newest first."""
    with database.transaction() as cursor:
        cursor.execute(_SQL["log"], {"limit": limit})
        return [Change(*row) for row in cursor.fetchall()]


def _standing(desired: int | None, taken: int | None, state: str | None) -> Standing:
    if desired is None:
        return "own"
    if taken is None or taken < desired:
        return "behind"
    match state:
        case "pending" | "refused" | "rolled_back":
            return state
        case _:
            return "current"
