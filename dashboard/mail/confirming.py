"""Confirming an address: a mail with a link, good once and for three days; no figures go there before."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from analytics.database import Database
from dashboard.accounts.sessions import digest
from dashboard.accounts.sql import note
from dashboard.language import Code
from dashboard.mail.posting import Outcome
from dashboard.mail.subscriptions import SQL

LASTS: Final = timedelta(days=3)
#: A mail that could not be sent is tried again after these; then only when the address is saved again.
_PAUSES: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180))
#: Longer than a slow server takes.
_LEASE: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Asking:
    """An address to be asked, and the token that its answer brings: kept nowhere but in the mail."""

    token: str
    account_id: int
    login: str
    address: str
    lang: Code
    attempts: int


class Confirmations:
    """Addresses that wait to be confirmed. Methods raise DatabaseUnavailableError while the database is away."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def next(self, *, now: datetime) -> Asking | None:
        """Take an address that is to be asked now; a link that it got before is void from here on."""
        token = secrets.token_urlsafe(32)
        values = {"now": now, "again": now + _LEASE, "until": now + LASTS, "digest": digest(token)}
        with self._database.transaction() as cursor:
            cursor.execute(SQL["next_asking"], {**values, "most": len(_PAUSES) + 1})
            row = cursor.fetchone()
        return None if row is None else Asking(token, *row)

    def settle(self, asking: Asking, outcome: Outcome, *, now: datetime) -> None:
        """Note how the mail went; nothing where the address was changed or asked anew meanwhile."""
        again = None
        if outcome.fate == "later" and asking.attempts <= len(_PAUSES):
            again = now + _PAUSES[asking.attempts - 1]
        values = {"account_id": asking.account_id, "digest": digest(asking.token)}
        with self._database.transaction() as cursor:
            cursor.execute(SQL["settle_asking"], {**values, "again": again, "failure": outcome.failure})

    def confirm(self, token: str, *, now: datetime, address: str) -> bool:
        """Confirm the address whose mail brought the token, once; return whether there was one."""
        with self._database.transaction() as cursor:
            cursor.execute(SQL["confirm"], {"digest": digest(token), "now": now})
            row = cursor.fetchone()
            if row is not None:
                account_id, login, confirmed = row
                cursor.execute(SQL["hurry"], {"account_id": account_id, "now": now})
                note(
                    cursor, now, "mail_confirmed", account_id=account_id, address=address, subject=login,
                    detail=confirmed,
                )  # fmt: skip
        return row is not None
