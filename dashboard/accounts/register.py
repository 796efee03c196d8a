"""The register of accounts: who there is, in which role, over which stores."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from analytics.database import Cursor, Database
from dashboard.accounts import passwords
from dashboard.accounts.sql import SQL, note
from dashboard.accounts.viewer import Role
from dashboard.errors import AccountError

ONE_TIME_LASTS: Final = timedelta(days=3)
_LOGIN: Final = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,63}")


@dataclass(frozen=True, slots=True)
class Scope:
    """A role and the stores (by code) or regions that bound it."""

    role: Role
    stores: Sequence[str] = ()
    regions: Sequence[str] = ()

    def __post_init__(self) -> None:
        """Check that the bounds are the role's.

        Raises:
            AccountError: a manager without stores, a region's account without regions, or bounds of another role.
        """
        for role, what, given in (("manager", "store", self.stores), ("region", "region", self.regions)):
            if self.role == role and not given:
                missing = f"role {role}: expected at least one --{what}, for it sees no others"
                raise AccountError(missing, what=f"{what}s")
            if self.role != role and given:
                other = f"role {self.role}: expected no --{what}, which bounds the role {role} alone"
                raise AccountError(other, what=f"{what}s")


@dataclass(frozen=True, slots=True)
class Listed:
    """An account. `one_time_until`: its password is another's choice still; `sessions`: browsers signed in now."""

    login: str
    role: Role
    created_at: datetime
    disabled_at: datetime | None
    one_time_until: datetime | None
    stores: list[str]
    regions: list[str]
    signed_in_at: datetime | None
    sessions: int


@dataclass(frozen=True, slots=True)
class By:
    """Who changes an account, and from where; without both it is a command on the server."""

    account_id: int | None = None
    address: str | None = None


SERVER: Final = By()


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines of the audit log; what is None or empty bounds nothing, `until` is not part of it."""

    who: str = ""
    actions: Sequence[str] = ()
    since: datetime | None = None
    until: datetime | None = None


EVERYTHING: Final = Wanted()


@dataclass(frozen=True, slots=True)
class Event:
    """A line of the audit log; `login` is who did it, None: a command on the server, or somebody unknown."""

    at: datetime
    action: str
    login: str | None
    subject: str | None
    address: str | None
    detail: str | None


class Register:
    """The accounts of one installation; every change is in the audit log.

    Methods raise DatabaseUnavailableError while the database does not answer, and AccountError where no such account
    is known.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self, login: str, scope: Scope, password: str, *, now: datetime, one_time: bool = False, by: By = SERVER
    ) -> None:
        """Add an account; a `one_time` password is good for three days and has to be changed at once.

        Raises:
            AccountError: the name is none or taken, the password too weak, or a store unknown.
        """
        if not _LOGIN.fullmatch(login):
            raise AccountError(
                "account's name: expected up to 64 lower-case letters, digits and . _ @ + -, such as anna or "
                f"anna@example.com, got {login!r}",
                what="login",
            )
        passwords.check(password, login)
        values = {"login": login, "role": scope.role, "password": passwords.hashed(password), "at": now}
        with self._database.transaction() as cursor:
            cursor.execute(SQL["add_account"], {**values, "one_time_until": now + ONE_TIME_LASTS if one_time else None})
            row = cursor.fetchone()
            if row is None:
                raise AccountError(
                    f"account {login} is there already: footfall user passwd {login} gives it a password",
                    what="login_known",
                )
            bound(cursor, row[0], scope)
            note(cursor, now, "account_added", detail=told(scope), **_about(by, login))

    def set_password(
        self, login: str, password: str, *, now: datetime, one_time: bool = False, by: By = SERVER
    ) -> None:
        """Give an account another password and sign it out everywhere.

        Raises:
            AccountError: no such account, or the password is too weak.
        """
        passwords.check(password, login)
        kept = passwords.hashed(password)
        with self._database.transaction() as cursor:
            key = {"account_id": id_of(cursor, login)}
            until = now + ONE_TIME_LASTS if one_time else None
            cursor.execute(SQL["set_password"], {**key, "password": kept, "one_time_until": until})
            _sign_out(cursor, key["account_id"])
            note(cursor, now, "password_set", detail="one-time" if one_time else None, **_about(by, login))

    def set_scope(self, login: str, scope: Scope, *, now: datetime, by: By = SERVER) -> None:
        """Give an account another role or other stores; holds from its next request.

        Raises:
            AccountError: no such account, or a store is unknown.
        """
        with self._database.transaction() as cursor:
            account_id = id_of(cursor, login)
            cursor.execute(SQL["set_role"], {"account_id": account_id, "role": scope.role})
            bound(cursor, account_id, scope)
            note(cursor, now, "role_set", detail=told(scope), **_about(by, login))

    def disable(self, login: str, *, now: datetime, by: By = SERVER) -> None:
        """Shut an account out, its open browsers included; what it did stays in the log."""
        with self._database.transaction() as cursor:
            account_id = id_of(cursor, login)
            cursor.execute(SQL["set_disabled"], {"account_id": account_id, "disabled_at": now})
            _sign_out(cursor, account_id)
            note(cursor, now, "account_disabled", **_about(by, login))

    def enable(self, login: str, *, now: datetime, by: By = SERVER) -> None:
        """Let an account in again."""
        with self._database.transaction() as cursor:
            cursor.execute(SQL["set_disabled"], {"account_id": id_of(cursor, login), "disabled_at": None})
            note(cursor, now, "account_enabled", **_about(by, login))

    def sign_out(self, login: str, *, now: datetime, by: By = SERVER) -> int:
        """Sign an account out everywhere; return how many browsers were signed in."""
        with self._database.transaction() as cursor:
            ended = _sign_out(cursor, id_of(cursor, login))
            note(cursor, now, "signed_out_everywhere", **_about(by, login))
        return ended

    def listed(self, *, now: datetime) -> list[Listed]:
        """Return the accounts by name."""
        with self._database.transaction() as cursor:
            cursor.execute(SQL["accounts"], {"at": now})
            return [Listed(*row) for row in cursor.fetchall()]

    def empty(self) -> bool:
        """Return whether nobody can sign in."""
        with self._database.transaction() as cursor:
            cursor.execute(SQL["any_account"])
            ((some,),) = cursor.fetchall()
        return not some

    def note(self, action: str, *, now: datetime, account_id: int, address: str, subject: str) -> None:
        """Write a line of the audit log about something that a page did or refused."""
        with self._database.transaction() as cursor:
            note(cursor, now, action, account_id=account_id, address=address, subject=subject)

    def events(self, *, limit: int, wanted: Wanted = EVERYTHING) -> list[Event]:
        """Return the latest lines of the audit log that are wanted, the newest first."""
        values = {
            "limit": limit,
            "who": wanted.who.strip().lower() or None,
            "actions": list(wanted.actions) or None,
            "since": wanted.since,
            "until": wanted.until,
        }
        with self._database.transaction() as cursor:
            cursor.execute(SQL["events"], values)
            return [Event(*row) for row in cursor.fetchall()]


def id_of(cursor: Cursor, login: str) -> int:
    """Return an account's number.

    Raises:
        AccountError: no such account.
    """
    cursor.execute(SQL["account"], {"login": login})
    row = cursor.fetchone()
    if row is None:
        raise AccountError(f"no account is named {login!r}: footfall user list shows them", what="login_unknown")
    return int(row[0])


def bound(cursor: Cursor, account_id: int, scope: Scope) -> None:
    """Bound an account to a scope's stores and regions, and to no others.

    Raises:
        AccountError: a store is unknown.
    """
    key = {"account_id": account_id}
    cursor.execute(SQL["clear_stores"], key)
    cursor.execute(SQL["clear_regions"], key)
    cursor.execute(SQL["add_stores"], {**key, "stores": list(scope.stores)})
    if cursor.rowcount != len(set(scope.stores)):
        raise AccountError(
            f"expected stores that are registered, got {', '.join(scope.stores)}: footfall store list", what="stores"
        )
    cursor.execute(SQL["add_regions"], {**key, "regions": list(dict.fromkeys(scope.regions))})


def _sign_out(cursor: Cursor, account_id: int) -> int:
    cursor.execute(SQL["forget_browsers"], {"account_id": account_id})
    cursor.execute(SQL["end_sessions"], {"account_id": account_id})
    return cursor.rowcount


def _about(by: By, login: str) -> dict[str, Any]:
    return {"account_id": by.account_id, "address": by.address, "subject": login}


def told(scope: Scope) -> str:
    """Return a scope as the audit log has it."""
    return ", ".join([scope.role, *scope.stores, *scope.regions])
