"""Signing in with a name and a password, and choosing another one."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from analytics.database import Database
from dashboard.accounts import lockout, passwords
from dashboard.accounts.lockout import Attempt
from dashboard.accounts.sessions import Sessions, digest
from dashboard.accounts.sql import SQL, note
from dashboard.accounts.viewer import Viewer
from dashboard.errors import AccountError, LockedOutError, WrongPasswordError

_BROWSERS_MAX: Final = 20
_NAME_MAX: Final = 64


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session: its token, the browser's token, and whether another password has to be chosen first."""

    token: str
    browser: str
    must_change: bool


class Door:
    """Lets people in. Methods raise DatabaseUnavailableError while the database does not answer."""

    def __init__(self, database: Database, sessions: Sessions) -> None:
        self._database = database
        self._sessions = sessions

    def sign_in(
        self, login: str, password: str, *, now: datetime, address: str, browser: str | None = None
    ) -> SignedIn:
        """Let somebody in; `browser` is what the browser kept of an earlier time.

        Raises:
            LockedOutError: too many were wrong.
            WrongPasswordError: no such account, not any more, or another password.
        """
        login = login.strip().lower()[:_NAME_MAX]
        attempt, account = self._look(login, address, browser, now)
        account_id, kept, one_time_until, disabled_at = account or (None, None, None, None)
        good = passwords.fits(password, kept)
        if not good or disabled_at is not None or (one_time_until is not None and one_time_until < now):
            self._refuse(attempt, account_id, now, ended=good)
            raise WrongPasswordError
        token = browser if attempt.browser and browser else secrets.token_urlsafe(32)
        again = passwords.hashed(password) if passwords.outdated(kept or "") else None
        with self._database.transaction() as cursor:
            if again:
                cursor.execute(SQL["rehash"], {"account_id": account_id, "password": again})
            lockout.right(cursor, attempt)
            key = {"account_id": account_id, "browser": digest(token), "at": now, "most": _BROWSERS_MAX}
            cursor.execute(SQL["know_browser"], key)
            cursor.execute(SQL["prune_browsers"], key)
            session = self._sessions.begin(cursor, int(account_id or 0), now=now)
            note(cursor, now, "signed_in", account_id=account_id, address=address)
        return SignedIn(session, token, one_time_until is not None)

    def change_password(self, viewer: Viewer, old: str, new: str, *, now: datetime, address: str) -> str:
        """Give the viewer another password; return the token of a new session, the others are ended.

        Raises:
            WrongPasswordError: the old one is another.
            LockedOutError: it was wrong too often.
            AccountError: the new one is too weak, or the old one again.
        """
        attempt, account = self._look(viewer.login, address, None, now)
        account_id, kept, _, _ = account or (None, None, None, None)
        if not passwords.fits(old, kept):
            self._refuse(attempt, account_id, now, ended=False)
            raise WrongPasswordError
        passwords.check(new, viewer.login)
        if new == old:
            raise AccountError("password: expected another one than before")
        key = {"account_id": viewer.account_id, "password": passwords.hashed(new), "one_time_until": None}
        with self._database.transaction() as cursor:
            cursor.execute(SQL["set_password"], key)
            cursor.execute(SQL["end_sessions"], key)
            session = self._sessions.begin(cursor, viewer.account_id, now=now)
            note(cursor, now, "password_changed", account_id=viewer.account_id, address=address)
        return session

    def _look(
        self, login: str, address: str, browser: str | None, now: datetime
    ) -> tuple[Attempt, tuple[int, str, datetime | None, datetime | None] | None]:
        with self._database.transaction() as cursor:
            known = False
            if browser:
                cursor.execute(SQL["browser"], {"browser": digest(browser), "login": login})
                ((known,),) = cursor.fetchall()
            attempt = Attempt(login, address, digest(browser) if browser and known else None)
            left = lockout.wait(cursor, attempt, now=now)
            if left > timedelta(0):
                raise LockedOutError(left)
            cursor.execute(SQL["account"], {"login": login})
            row = cursor.fetchone()
        return attempt, row and (row[0], row[3], row[4], row[5])

    def _refuse(self, attempt: Attempt, account_id: int | None, now: datetime, *, ended: bool) -> None:
        # A name that nobody has may be a password: only those of accounts are written down.
        subject = attempt.login if account_id is not None else None
        with self._database.transaction() as cursor:
            locked = lockout.wrong(cursor, attempt, now=now)
            reason = "account disabled or one-time password over" if ended else "wrong password or unknown name"
            note(cursor, now, "sign_in_refused", subject=subject, address=attempt.address, detail=reason)
            if locked:
                note(cursor, now, "locked_out", subject=subject, address=attempt.address)
