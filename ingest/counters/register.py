"""Which counters of other makers there are, which lines they feed, and what of them was refused."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

from contract.messages import LineInfo
from contract.types import LineRole
from ingest.database import Cursor, Database
from ingest.errors import UnknownCounterError
from ingest.sql_blocks import load_blocks

_SQL: Final = load_blocks("counters")
#: Reasons are few; whoever tries many names must not fill the table.
REFUSALS_MAX: Final = 1_000
_LOGIN: Final = re.compile(r"[a-z]{1,20}-[a-z0-9]{1,40}")

Counts: TypeAlias = Literal["both", "reversed", "in", "out"]
Staff: TypeAlias = Literal["counted", "excluded"]


@dataclass(frozen=True, slots=True)
class Feed:
    """A counting element of a counter and the line of the store that it feeds."""

    source: str
    line: str
    counts: Counts
    role: LineRole
    door: str | None
    feed_id: int = 0


@dataclass(frozen=True, slots=True)
class Counter:
    """One registered counter; `zone` is that of times without an offset, `waiting` runs are not in the ledger yet."""

    counter_id: int
    store: str
    vendor: str
    serial: str
    login: str
    zone: ZoneInfo
    token_sha256: bytes
    digest_ha1: str
    staff: Staff
    reports_s: int
    epoch: UUID
    last_seq: int
    added_at: datetime
    heard_at: datetime | None
    waiting: int
    feeds: tuple[Feed, ...]

    def camera_of(self, line: str) -> str:
        """Return the name under which the time that a line was watched is kept."""
        lines = list(dict.fromkeys(each.line for each in self.feeds))
        return f"{self.login}_{lines.index(line) + 1}"

    @property
    def lines(self) -> list[LineInfo]:
        """Its lines as a device describes them."""
        found = {each.line: each for each in self.feeds}
        return [
            LineInfo(line=name, role=each.role, camera=self.camera_of(name), door=each.door)
            for name, each in found.items()
        ]

    def watches(self, feed: Feed) -> bool:
        """Whether a feed says when its line was watched: the first of those that feed it."""
        return next(each for each in self.feeds if each.line == feed.line) == feed


@dataclass(frozen=True, slots=True)
class Refusal:
    """What was not taken, and how often."""

    login: str
    reason: str
    times: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Restatement:
    """An interval of which a counter said something else than before."""

    login: str
    line: str
    from_at: datetime
    until: datetime
    at: datetime
    ins_before: int
    outs_before: int
    ins_said: int
    outs_said: int


def counters(database: Database, login: str | None = None) -> list[Counter]:
    """Return the registered counters, or the one called `login`.

    Raises:
        DatabaseError: the database does not answer.
    """
    with database.transaction() as cursor:
        cursor.execute(_SQL["counters"], {"login": login})
        found = cursor.fetchall()
        cursor.execute(_SQL["lines"], {"counter_ids": [row[0] for row in found]})
        feeds: dict[int, list[Feed]] = {}
        for counter_id, *feed in cursor.fetchall():
            feeds.setdefault(counter_id, []).append(Feed(*feed))
    return [_counter(row, feeds.get(row[0], [])) for row in found]


def find(database: Database, login: str) -> Counter:
    """Return one counter.

    Raises:
        UnknownCounterError: none is called so.
        DatabaseError: the database does not answer.
    """
    # Whatever else stands in an address or a topic is no name of ours, and may not even be text for a database.
    found = counters(database, login) if _LOGIN.fullmatch(login) else []
    if not found:
        raise UnknownCounterError("no counter of this name is registered: see footfall counters list")
    return found[0]


def refuse(cursor: Cursor, login: str, reason: str, now: datetime) -> None:
    """Note that something was not taken."""
    name = login if _LOGIN.fullmatch(login) else "?"
    cursor.execute(_SQL["refuse"], {"login": name, "reason": reason[:1_000], "now": now})
    cursor.execute(_SQL["forget_refusals"], {"most": REFUSALS_MAX})


def refusals(database: Database, login: str | None, limit: int) -> list[Refusal]:
    """Return what was refused, the newest first, of all counters or of one name.

    Raises:
        DatabaseError: the database does not answer.
    """
    with database.transaction() as cursor:
        cursor.execute(_SQL["refusals"], {"login": login, "limit": limit})
        return [Refusal(*row) for row in cursor.fetchall()]


def restatements(database: Database, login: str | None, limit: int) -> list[Restatement]:
    """Return what counters said anew, the newest first.

    Raises:
        DatabaseError: the database does not answer.
    """
    with database.transaction() as cursor:
        cursor.execute(_SQL["restatements"], {"login": login, "limit": limit})
        return [Restatement(*row) for row in cursor.fetchall()]


def _counter(row: Sequence[Any], feeds: Sequence[Feed]) -> Counter:
    counter_id, store, vendor, serial, login, zone, token, *rest = row
    ha1, staff, reports_s, epoch, last_seq, added_at, heard_at, waiting = rest
    return Counter(
        counter_id=counter_id,
        store=store,
        vendor=vendor,
        serial=serial,
        login=login,
        zone=ZoneInfo(zone),
        token_sha256=bytes(token),
        digest_ha1=ha1,
        staff=staff,
        reports_s=reports_s,
        epoch=UUID(epoch),
        last_seq=last_seq,
        added_at=added_at,
        heard_at=heard_at,
        waiting=waiting,
        feeds=tuple(feeds),
    )
