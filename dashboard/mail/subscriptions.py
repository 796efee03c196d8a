"""Who gets the week by mail: asked for by themselves, at an address of theirs, ended by themselves or by a link."""

import re
import secrets
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final

from analytics.database import Database
from analytics.queries import read_blocks
from dashboard.accounts.register import By
from dashboard.accounts.sql import note
from dashboard.accounts.viewer import Viewer
from dashboard.errors import MailError
from dashboard.language import Code

SQL: Final = read_blocks(Path(__file__).with_name("mail.sql"))
_ADDRESS: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
_ADDRESS_MAX: Final = 254


@dataclass(frozen=True, slots=True)
class Subscription:
    """An account that wants its week: where, in which language, what ends it, and since when."""

    account_id: int
    login: str
    address: str
    lang: Code
    token: str
    wanted_at: datetime


@dataclass(frozen=True, slots=True)
class Week:
    """How a week's mail to an account went."""

    login: str
    monday: date
    state: str
    attempts: int
    due_at: datetime
    last_at: datetime | None
    failure: str | None


class Subscriptions:
    """The list; every change is in the audit log. Methods raise DatabaseUnavailableError while the database is away."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, account_id: int) -> Subscription | None:
        """Return an account's subscription."""
        with self._database.transaction() as cursor:
            cursor.execute(SQL["of_account"], {"account_id": account_id})
            row = cursor.fetchone()
        return None if row is None else Subscription(*row)

    def all(self) -> list[Subscription]:
        """Return the subscriptions of accounts that may see figures, by name."""
        with self._database.transaction() as cursor:
            cursor.execute(SQL["all"])
            return [Subscription(*row) for row in cursor.fetchall()]

    def want(self, account_id: int, login: str, address: str, lang: Code, *, now: datetime, by: By) -> None:
        """Send an account its weeks from now on; another address takes the place of the one before.

        Raises:
            MailError: that is no address.
        """
        if len(address) > _ADDRESS_MAX or not _ADDRESS.fullmatch(address):
            raise MailError(f"expected an e-mail address such as anna@example.com, got {address!r}")
        values = {"account_id": account_id, "address": address, "lang": lang, "at": now}
        with self._database.transaction() as cursor:
            cursor.execute(SQL["want"], {**values, "token": secrets.token_urlsafe()})
            note(
                cursor, now, "mail_wanted", account_id=by.account_id, address=by.address, subject=login, detail=address
            )

    def end(self, account_id: int, login: str, *, now: datetime, by: By) -> None:
        """Send an account no more."""
        with self._database.transaction() as cursor:
            cursor.execute(SQL["end"], {"account_id": account_id})
            if cursor.fetchone() is not None:
                note(cursor, now, "mail_ended", account_id=by.account_id, address=by.address, subject=login)

    def end_by_token(self, token: str, *, now: datetime, address: str) -> bool:
        """End the subscription that a mail's link names; return whether there was one."""
        with self._database.transaction() as cursor:
            cursor.execute(SQL["end_by_token"], {"token": token})
            row = cursor.fetchone()
            if row is not None:
                note(cursor, now, "mail_ended", account_id=row[0], address=address, subject=row[1])
        return row is not None

    def viewer(self, account_id: int) -> Viewer | None:
        """Return what an account may see now; None where it is shut out."""
        with self._database.transaction() as cursor:
            cursor.execute(SQL["viewer"], {"account_id": account_id})
            row = cursor.fetchone()
        if row is None:
            return None
        return Viewer(row[0], row[1], row[2], frozenset(row[3]), frozenset(row[4]))

    def weeks(self, *, limit: int) -> list[Week]:
        """Return how the newest weeks went."""
        with self._database.transaction() as cursor:
            cursor.execute(SQL["weeks"], {"limit": limit})
            return [Week(*row) for row in cursor.fetchall()]
