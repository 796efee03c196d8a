"""The devices of all stores and where each stands with its enrolment."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from analytics.fleet.fleet import Standing, standing_of
from ingest.database import Database
from ingest.sql_blocks import parse_blocks

_SQL: Final = parse_blocks((Path(__file__).parent / "enrolments.sql").read_text(encoding="utf-8"), "enrolments")


@dataclass(frozen=True, slots=True)
class ListedDevice:
    """A device; `last_seen_at` is when its last status was heard, `certificate_until` when its latest one ends.

    Crashes are how often its agent ended unclean, as it says itself once that was often.
    """

    store: str
    device: str
    standing: Standing
    presence: str | None
    last_seen_at: datetime | None
    certificate_until: datetime | None
    code_until: datetime | None
    crashes_10_min: int | None = None
    crashes_24_h: int | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return its fields, instants as text."""
        seen, until, code = self.last_seen_at, self.certificate_until, self.code_until
        return {
            "store": self.store,
            "device": self.device,
            "standing": self.standing,
            "presence": self.presence,
            "last_seen_at": seen.isoformat() if seen else None,
            "certificate_until": until.isoformat() if until else None,
            "code_until": code.isoformat() if code else None,
            "crashes_10_min": self.crashes_10_min,
            "crashes_24_h": self.crashes_24_h,
        }


@dataclass(frozen=True, slots=True)
class Event:
    """Something that was decided about who may speak."""

    at: datetime
    action: str
    store: str | None
    device: str | None
    address: str | None
    detail: str | None


def listed_devices(database: Database, *, now: datetime, store: str | None = None) -> list[ListedDevice]:
    """Return the devices by store and name."""
    with database.transaction() as cursor:
        cursor.execute(_SQL["list_devices"], {"store": store})
        rows = cursor.fetchall()
    found = []
    for code, device, ended_by, presence, seen, until, code_until, closed_at, *crashes in rows:
        standing = standing_of(now, ended_by, until, code_until, closed=closed_at is not None)
        found.append(ListedDevice(code, device, standing, presence, seen, until, code_until, *crashes))
    return found


def events(database: Database, *, limit: int) -> list[Event]:
    """Return the latest decisions, the newest first."""
    with database.transaction() as cursor:
        cursor.execute(_SQL["events"], {"limit": limit})
        return [Event(*row) for row in cursor.fetchall()]
