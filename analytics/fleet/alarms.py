"""Alarms: findings with a beginning and an end, those that last and those that ended lately."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from analytics.quality.findings import Code, Finding
from analytics.queries import Connection, rows

#: What is about boxes, cameras, lines and doors, not about what was counted or sold.
OF_BOXES: Final[frozenset[Code]] = frozenset(
    {
        "device_offline", "device_stopped", "device_silent", "crash_loop", "crashes", "camera_down", "camera_missed",
        "ledger_gap", "backlog", "ledger_loss", "ledger_loss_unknown", "camera_dark", "camera_covered", "camera_frozen",
        "camera_moved", "camera_overexposed", "camera_blurred", "door_missed", "door_claimed_twice", "unassigned_line",
        "unassigned_zone", "clock_off", "disk_low", "no_entrance", "counts_stale",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Alarm:
    """A finding of a store, from when it was seen first until it was seen no more; `ended_at` None: it lasts."""

    store_id: int
    finding: Finding
    began_at: datetime
    ended_at: datetime | None

    @property
    def since(self) -> datetime:
        """Since when it was so, as far as that is known."""
        return min(self.finding.since or self.began_at, self.began_at)


def read_alarms(connection: Connection, *, since: datetime) -> tuple[Alarm, ...]:
    """Return what lasts, or ended after `since`: first what lasts, of that what is to be acted on, the newest first.

    Raises:
        DatabaseError: the database could not be asked.
    """
    found = [
        Alarm(store_id, Finding(code, place, number, since_at, detail), began_at, ended_at)
        for store_id, code, place, detail, number, since_at, began_at, ended_at in rows(
            connection, "alarms", since=since
        )
    ]
    found.sort(key=lambda one: one.ended_at or one.since, reverse=True)
    found.sort(key=lambda one: (one.ended_at is not None, one.ended_at is None and one.finding.severity != "act"))
    return tuple(found)


def looked_for_at(connection: Connection) -> datetime | None:
    """Return up to when every kind of alarm was looked for; None: never.

    Raises:
        DatabaseError: the database could not be asked.
    """
    found = rows(connection, "alarms_looked_for")
    return found[0][0].astimezone(UTC) if found else None
