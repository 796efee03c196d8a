"""Accounts of people whom a provider vouches for: found by its subject, made and kept as its groups say."""

import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from analytics.database import Cursor, Database
from dashboard.accounts.passwords import hashed
from dashboard.accounts.register import Scope, bound, id_of, told
from dashboard.accounts.sessions import Sessions, digest
from dashboard.accounts.sql import SQL, note
from dashboard.errors import AccountError, OidcAnswerError, OidcRefusedError

#: How long somebody may take at the provider.
ATTEMPT_LASTS: Final = timedelta(minutes=10)
#: So far a provider's clock may be from ours.
CLOCKS_APART: Final = timedelta(minutes=1)
#: Longer than a logout token is good: five minutes, and the minute that clocks may be apart.
LOGOUT_KNOWN_FOR: Final = timedelta(minutes=6, seconds=30)
#: How many of one address may be at the provider at a time: a large office behind one address, in its first minutes.
ATTEMPTS_MAX: Final = 100
_LOGIN: Final = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,63}")


@dataclass(frozen=True, slots=True)
class Attempt:
    """A browser on its way to the provider and back."""

    nonce: str
    verifier: str
    way_back: str


def drawn(way_back: str) -> tuple[str, Attempt]:
    """Return the state to send along, and what to hold against the answer."""
    return secrets.token_urlsafe(32), Attempt(secrets.token_urlsafe(32), secrets.token_urlsafe(48), way_back)


@dataclass(frozen=True, slots=True)
class Person:
    """Whom a provider means: its name for itself and for them, a user name, and what they may (None: not said).

    `sid` is its name for its session with them; None: it named none.
    """

    issuer: str
    subject: str
    login: str
    scope: Scope | None
    sid: str | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """What a provider says has ended: its session `sid`, or (None) all of `subject`'s, as of `at`; `jti` names that."""

    subject: str | None
    sid: str | None
    at: datetime
    jti: str


class Linking:
    """Lets in whom a provider vouches for. Methods raise DatabaseUnavailableError while the database is away."""

    def __init__(self, database: Database, sessions: Sessions) -> None:
        self._database = database
        self._sessions = sessions

    def begin(self, state: str, attempt: Attempt, *, now: datetime, address: str) -> None:
        """Keep what to hold against the answer that comes back with `state`; of an address the newest so many."""
        with self._database.transaction() as cursor:
            cursor.execute(SQL["prune_attempts"], {"before": now - ATTEMPT_LASTS})
            cursor.execute(SQL["prune_attempts_of"], {"address": address, "most": ATTEMPTS_MAX - 1})
            values = {"state": digest(state), "nonce": attempt.nonce, "verifier": attempt.verifier, "at": now}
            cursor.execute(SQL["add_attempt"], {**values, "way_back": attempt.way_back, "address": address})

    def attempt(self, state: str, *, now: datetime) -> Attempt | None:
        """Return what belongs to a state, once; None: nothing, or not any more."""
        with self._database.transaction() as cursor:
            cursor.execute(SQL["take_attempt"], {"state": digest(state), "since": now - ATTEMPT_LASTS})
            row = cursor.fetchone()
        return Attempt(*row) if row else None

    def sign_in(self, person: Person, *, now: datetime, address: str) -> str:
        """Return the token of a new session; the account is made, or kept as the person's groups say.

        Raises:
            OidcRefusedError: no account is linked and none can be made, or it is shut out.
        """
        with self._database.transaction() as cursor:
            account_id = self._account(cursor, person, now, address)
            cursor.execute(SQL["end_one_time"], {"account_id": account_id, "password": hashed(secrets.token_urlsafe())})
            session = self._sessions.begin(cursor, account_id, now=now, by_oidc=True, oidc_sid=person.sid)
            note(cursor, now, "signed_in", account_id=account_id, address=address, detail="OIDC")
        return session

    def end(self, issuer: str, ended: Ended, *, now: datetime, address: str) -> int:
        """End the sessions here that a provider has ended there; return how many.

        Raises:
            OidcAnswerError: the provider's word was taken before, by whichever process.
        """
        with self._database.transaction() as cursor:
            cursor.execute(SQL["prune_logouts"], {"before": now - LOGOUT_KNOWN_FOR})
            cursor.execute(SQL["logout_once"], {"token": digest(f"{issuer} {ended.jti}"), "at": now})
            if cursor.fetchone() is None:
                raise OidcAnswerError("a logout token that was sent before")
            values = {"issuer": issuer, "subject": ended.subject, "sid": ended.sid, "until": ended.at + CLOCKS_APART}
            cursor.execute(SQL["end_of_provider"], values)
            found = [account_id for (account_id,) in cursor.fetchall()]
            for account_id in found:
                note(cursor, now, "signed_out", account_id=account_id, address=address, detail="OIDC")
        return len(found)

    def refused(self, why: str, *, now: datetime, address: str) -> None:
        """Write down whom the provider sent and we did not let in."""
        with self._database.transaction() as cursor:
            note(cursor, now, "sign_in_refused", address=address, detail=f"OIDC: {why}")

    def link(self, login: str, issuer: str, subject: str, *, now: datetime) -> None:
        """Let a provider's subject in as an account that there is.

        Raises:
            AccountError: no such account, or the subject belongs to another one.
        """
        with self._database.transaction() as cursor:
            key = {"issuer": issuer, "subject": subject, "account_id": id_of(cursor, login), "at": now}
            cursor.execute(SQL["unlink"], key)
            cursor.execute(SQL["link"], key)
            if cursor.fetchone() is None:
                raise AccountError(f"{subject} of {issuer} signs in as another account: footfall user list")
            note(cursor, now, "account_linked", subject=login, detail=f"{issuer} {subject}")

    def unlink(self, login: str, issuer: str, *, now: datetime) -> None:
        """Take an account's link away, and sign it out everywhere.

        Raises:
            AccountError: no such account.
        """
        with self._database.transaction() as cursor:
            key = {"issuer": issuer, "account_id": id_of(cursor, login)}
            cursor.execute(SQL["unlink"], key)
            cursor.execute(SQL["end_sessions"], key)
            note(cursor, now, "account_unlinked", subject=login, detail=issuer)

    def _account(self, cursor: Cursor, person: Person, now: datetime, address: str) -> int:
        cursor.execute(SQL["linked"], {"issuer": person.issuer, "subject": person.subject})
        row = cursor.fetchone()
        if row is None:
            return _made(cursor, person, now, address)
        account_id, login, role, disabled_at, stores, regions = row
        if disabled_at is not None:
            raise OidcRefusedError(f"{login} is shut out")
        if person.scope and not _same(person.scope, Scope(role, tuple(stores), tuple(regions))):
            cursor.execute(SQL["set_role"], {"account_id": account_id, "role": person.scope.role})
            bound(cursor, account_id, person.scope)
            note(cursor, now, "role_set", subject=login, address=address, detail=f"OIDC: {told(person.scope)}")
        return int(account_id)


def login_of(claims: Mapping[str, Any]) -> str:
    """Return a user name for somebody: theirs or their address where it can be one, else one made of the subject."""
    said = [claims.get("preferred_username")]
    if claims.get("email_verified") is not False:
        said.append(claims.get("email"))
    for name in (str(one).strip().lower() for one in said if one):
        if _LOGIN.fullmatch(name):
            return name
    return "oidc-" + hashlib.sha256(str(claims["sub"]).encode()).hexdigest()[:12]


def _same(one: Scope, other: Scope) -> bool:
    """Return whether two scopes allow the same, in whatever order they name it."""
    return (one.role, set(one.stores), set(one.regions)) == (other.role, set(other.stores), set(other.regions))


def _made(cursor: Cursor, person: Person, now: datetime, address: str) -> int:
    if person.scope is None:
        raise OidcRefusedError(f"no account is linked to {person.subject}")
    values = {"login": person.login, "role": person.scope.role, "password": hashed(secrets.token_urlsafe()), "at": now}
    cursor.execute(SQL["add_account"], {**values, "one_time_until": None})
    row = cursor.fetchone()
    if row is None:
        raise OidcRefusedError(f"{person.login} is there already: footfall user link {person.login} {person.subject}")
    account_id = int(row[0])
    bound(cursor, account_id, person.scope)
    cursor.execute(
        SQL["link"], {"issuer": person.issuer, "subject": person.subject, "account_id": account_id, "at": now}
    )
    note(cursor, now, "account_added", subject=person.login, address=address, detail=f"OIDC: {told(person.scope)}")
    return account_id
