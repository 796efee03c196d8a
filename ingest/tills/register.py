"""What is on record of each till: documents to fetch, documents refused, how far it was read, hours worked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from ingest.database import Database
from ingest.orders.book import known_stores
from ingest.orders.staff_hours import upsert
from ingest.sql_blocks import load_blocks
from ingest.tills.protocol import Shift

_SQL: Final = load_blocks("tills")
#: What cannot be fetched is tried again after so long, twice as long each time, and given up at last.
_FIRST_PAUSE: Final = timedelta(seconds=5)
_PAUSE_MAX: Final = timedelta(hours=1)
GIVEN_UP_AFTER: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Due:
    """A document to fetch."""

    document: str
    noticed_at: datetime
    attempts: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a till was read; None: never."""

    cursor: str | None = None
    answered_at: datetime | None = None
    reconciled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """A document that could not be taken."""

    till: str
    document: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class TillReport:
    """How a till is doing: `waiting` documents to fetch, `refused` ones, `orders` of it that are kept."""

    till: str
    kind: str
    asked_at: datetime | None
    answered_at: datetime | None
    notified_at: datetime | None
    reconciled_at: datetime | None
    failing_since: datetime | None
    failure: str | None
    waiting: int
    refused: int
    orders: int


class TillRegister:
    """The records of the till `name`. Methods raise DatabaseError where the database does not do it."""

    def __init__(self, database: Database, name: str, kind: str) -> None:
        self._database = database
        self._whose = {"till": name, "kind": kind}

    def notice(self, documents: Sequence[str], now: datetime) -> None:
        """Note that the till told us of these."""
        with self._database.transaction() as cursor:
            cursor.execute(_SQL["notified"], {**self._whose, "now": now})
            cursor.execute(_SQL["notice"], {**self._whose, "documents": sorted(set(documents)), "now": now})

    def due(self, now: datetime, limit: int) -> list[Due]:
        """Return documents to fetch now, the longest due first."""
        with self._database.transaction() as cursor:
            cursor.execute(_SQL["due"], {**self._whose, "now": now, "limit": limit})
            return [Due(*row) for row in cursor.fetchall()]

    def postpone(self, due: Due, failure: str, now: datetime) -> None:
        """Try a document again later."""
        pause = min(_PAUSE_MAX, _FIRST_PAUSE * 2 ** min(due.attempts, 12))
        values = {**self._whose, "document": due.document, "due_at": now + pause, "failure": failure}
        with self._database.transaction() as cursor:
            cursor.execute(_SQL["postponed"], values)

    def wait_for(self, document: str, failure: str, now: datetime) -> None:
        """Fetch a document later that was read, and was not complete."""
        values = {**self._whose, "document": document, "now": now, "due_at": now + _FIRST_PAUSE, "failure": failure}
        with self._database.transaction() as cursor:
            cursor.execute(_SQL["waiting"], values)

    def settle(
        self, taken: Sequence[str], refused: Sequence[tuple[str, str]], now: datetime, *, asked_at: datetime
    ) -> None:
        """Note what became of documents that were asked for at `asked_at`: those `taken`, those `refused` and why."""
        with self._database.transaction() as cursor:
            done = [*taken, *(document for document, _ in refused)]
            cursor.execute(_SQL["settled"], {**self._whose, "documents": done, "asked_at": asked_at})
            cursor.execute(_SQL["taken"], {**self._whose, "documents": list(taken)})
            for document, reason in refused:
                values = {**self._whose, "document": document, "now": now, "reason": reason[:1_000]}
                cursor.execute(_SQL["refused"], values)

    def progress(self) -> Progress:
        """Return how far the till was read."""
        with self._database.transaction() as cursor:
            cursor.execute(_SQL["state"], self._whose)
            row = cursor.fetchone()
        return Progress(*row) if row else Progress()

    def answered(self, cursor_text: str | None, now: datetime, *, reconciled: bool = False) -> None:
        """Note that the till answered, and where to go on (None: as before)."""
        values = {**self._whose, "cursor": cursor_text, "now": now, "reconciled_at": now if reconciled else None}
        with self._database.transaction() as cursor:
            cursor.execute(_SQL["answered"], values)

    def failed(self, failure: str, now: datetime) -> None:
        """Note that the till did not answer, and why."""
        with self._database.transaction() as cursor:
            cursor.execute(_SQL["failed"], {**self._whose, "now": now, "failure": failure[:1_000]})

    def keep_shifts(self, shifts: Sequence[Shift]) -> None:
        """Keep hours worked, each in its highest version; those of unknown stores are left out."""
        newest: dict[str, Shift] = {}
        for each in shifts:
            if each.external_id not in newest or newest[each.external_id].version < each.version:
                newest[each.external_id] = each
        with self._database.transaction() as cursor:
            stores = known_stores(cursor, {each.store for each in newest.values()})
            rows = [self._shift(each, stores[each.store].store_id) for each in newest.values() if each.store in stores]
            upsert(cursor, rows, may_move=True)

    def _shift(self, shift: Shift, store_id: int) -> dict[str, Any]:
        return {
            "store_id": store_id, "source": self._whose["till"], "external_id": shift.external_id,
            "version": shift.version, "staff_ref": shift.staff_ref, "starts_at": shift.starts_at.isoformat(),
            "ends_at": shift.ends_at.isoformat() if shift.ends_at else None, "break_min": shift.break_min,
            "on_floor": True, "cancelled": shift.cancelled,
        }  # fmt: skip


def reports(database: Database) -> list[TillReport]:
    """Return how every till is doing that was ever asked or told us something.

    Raises:
        DatabaseError: the database does not answer.
    """
    with database.transaction() as cursor:
        cursor.execute(_SQL["list"])
        return [TillReport(*row) for row in cursor.fetchall()]


def refusals(database: Database, till: str | None, limit: int) -> list[Refusal]:
    """Return the newest refused documents, of all tills or of one.

    Raises:
        DatabaseError: the database does not answer.
    """
    with database.transaction() as cursor:
        cursor.execute(_SQL["refusals"], {"till": till, "limit": limit})
        return [Refusal(*row) for row in cursor.fetchall()]
