"""Who gets the week by mail: asked for by themselves, at an address of theirs, ended by themselves or by a link."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

from analytics.database import Database
from analytics.queries import read_blocks
from dashboard.accounts.register import By
from dashboard.accounts.sql import note
from dashboard.accounts.viewer import Viewer
from dashboard.errors import MailError
from dashboard.language import Code
from dashboard.mail.addresses import check

SQL: Final = read_blocks(Path(__file__).with_name("mail.sql"))
#: Whom a provider vouches for must have signed in so lately: their scope is looked at only then.
SEEN_WITHIN: Final = timedelta(days=14)
#: One person has no more mails than so many an hour sent to addresses that are not confirmed.
_WANTED_MAX: Final = 5
_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Subscription:
    """An account that wants its week: where, in which language, what ends it, and since when.

    `confirmed_at`: whoever reads that address has said yes, None: not yet; `ask_failure`: why it could not be asked;
    `unasked_since`: nobody has tried to since then.
    """

    account_id: int
    login: str
    address: str
    lang: Code
    token: str
    wanted_at: datetime
    confirmed_at: datetime | None = None
    ask_failure: str | None = None
    unasked_since: datetime | None = None


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

    def __init__(self, database: Database, domains: Sequence[str] = ()) -> None:
        """Keep the list in `database`; `domains` are those that addresses must be of, none: any."""
        self._database = database
        self.domains = domains

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

    def want(self, account_id: int, login: str, address: str, lang: Code, *, now: datetime, by: By) -> bool:
        """Send an account its weeks from now on; another address takes the place of the one before.

        Return whether the address is confirmed; one that is not is sent a mail first, each time that it is wanted.

        Raises:
            MailError: mails may not go to that address, or one was wanted too often.
        """
        check(address, self.domains)
        values = {"account_id": account_id, "address": address, "lang": lang, "at": now}
        with self._database.transaction() as cursor:
            cursor.execute(SQL["lately"], {"account_id": by.account_id, "since": now - _HOUR})
            ((lately,),) = cursor.fetchall()
            if lately >= _WANTED_MAX:
                raise MailError(f"expected {_WANTED_MAX} changes an hour at most: try again later", what="often")
            cursor.execute(SQL["want"], {**values, "token": secrets.token_urlsafe()})
            ((confirmed,),) = cursor.fetchall()
            note(
                cursor, now, "mail_wanted", account_id=by.account_id, address=by.address, subject=login, detail=address
            )
        return bool(confirmed)

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
        return Viewer(row[0], row[1], row[2], frozenset(row[3]), frozenset(row[4]), must_change=row[5])

    def stays_away(self, account_id: int, *, now: datetime) -> bool:
        """Return whether a provider vouches for the account, and nobody has signed in with it for `SEEN_WITHIN`."""
        with self._database.transaction() as cursor:
            cursor.execute(SQL["stays_away"], {"account_id": account_id, "since": now - SEEN_WITHIN})
            ((away,),) = cursor.fetchall()
        return bool(away)

    def last_week(self, account_id: int) -> Week | None:
        """Return how an account's newest week went."""
        with self._database.transaction() as cursor:
            cursor.execute(SQL["last_week"], {"account_id": account_id})
            row = cursor.fetchone()
        return None if row is None else Week(*row)

    def weeks(self, *, limit: int) -> list[Week]:
        """Return how the newest weeks went."""
        with self._database.transaction() as cursor:
            cursor.execute(SQL["weeks"], {"limit": limit})
            return [Week(*row) for row in cursor.fetchall()]
