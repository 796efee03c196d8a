"""Sessions: which browser is signed in as whom. A row each, so that any of them can be ended."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from analytics.database import Cursor, Database
from dashboard.accounts.sql import SQL, note
from dashboard.accounts.viewer import Viewer

_SEEN_EVERY: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Lasts:
    """How long a session may be: without any request, and in all."""

    idle: timedelta
    most: timedelta


class Sessions:
    """The sessions of one installation. Methods raise DatabaseUnavailableError while the database does not answer."""

    def __init__(self, database: Database, lasts: Lasts) -> None:
        self._database = database
        self.lasts = lasts

    def viewer(self, token: str, *, now: datetime) -> Viewer | None:
        """Return who is signed in with this token; None: nobody, or not any more."""
        key = {"token": digest(token), "at": now}
        # Asked before each answer, so in as few round trips as can be.
        with self._database.statements() as cursor:
            cursor.execute(SQL["session"], {**key, "idle_since": now - self.lasts.idle})
            row = cursor.fetchone()
            if row is None:
                return None
            account_id, login, role, must_change, seen_at, stores, regions = row
            if now - seen_at > _SEEN_EVERY:
                cursor.execute(SQL["seen"], key)
        return Viewer(account_id, login, role, frozenset(stores), frozenset(regions), must_change)

    def begin(
        self, cursor: Cursor, account_id: int, *, now: datetime, by_oidc: bool = False, oidc_sid: str | None = None
    ) -> str:
        """Return the token of a new session; `oidc_sid` is the provider's name for its own."""
        token = secrets.token_urlsafe(32)
        values = {"token": digest(token), "account_id": account_id, "at": now, "by_oidc": by_oidc}
        values["oidc_sid"] = oidc_sid
        values["expires_at"] = now + self.lasts.most
        cursor.execute(SQL["prune_sessions"], {"at": now, "idle_since": now - self.lasts.idle})
        cursor.execute(SQL["add_session"], values)
        return token

    def end(self, token: str, *, now: datetime, address: str) -> bool:
        """Sign a browser out; return whether it had signed in with a provider."""
        there = False
        with self._database.transaction() as cursor:
            cursor.execute(SQL["end_session"], {"token": digest(token)})
            for account_id, by_oidc in cursor.fetchall():
                there = bool(by_oidc)
                note(cursor, now, "signed_out", account_id=account_id, address=address)
        return there


def digest(token: str) -> bytes:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode()).digest()
