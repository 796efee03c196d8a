"""API keys: `ffk_` and 256 random bits, kept only as SHA-256, each for all stores or for one."""

import hashlib
import hmac
import secrets
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from ingest.database import Database
from ingest.errors import KeyRefusedError, NoSuchKeyError, UnknownStoreError
from ingest.sql_blocks import load_blocks

PREFIX: Final = "ffk_"
_SQL: Final = load_blocks("orders")
#: Characters of the key by which it is found and shown: 48 bits, no secret.
_SHOWN: Final = len(PREFIX) + 8


@dataclass(frozen=True, slots=True)
class Access:
    """What a request may do: write and read all stores (`store_id` None) or the one."""

    key_id: int
    store_id: int | None
    store: str | None


#: Of whoever runs the server, without a key: the tills that are asked, and files imported straight into the database.
EVERY_STORE: Final = Access(key_id=0, store_id=None, store=None)


@dataclass(frozen=True, slots=True)
class ListedKey:
    """A key as it is listed."""

    prefix: str
    name: str
    store: str | None
    created_at: datetime
    revoked_at: datetime | None

    def as_dict(self) -> dict[str, Any]:
        """Return its fields, instants as text."""
        revoked = self.revoked_at.isoformat() if self.revoked_at else None
        return {**asdict(self), "created_at": self.created_at.isoformat(), "revoked_at": revoked}


def create_key(database: Database, name: str, *, store: str | None = None) -> str:
    """Return a new key: the only time that it is seen.

    Raises:
        UnknownStoreError: `store` was never added.
        DatabaseError: the database did not take it.
    """
    key = PREFIX + secrets.token_urlsafe(32)
    values = {"name": name, "prefix": key[:_SHOWN], "sha256": _digest(key), "store": store}
    with database.transaction() as cursor:
        cursor.execute(_SQL["key_create"], values)
        if cursor.rowcount == 0:
            raise UnknownStoreError(store or "")
    return key


def access_of(database: Database, key: str) -> Access:
    """Return what a key allows.

    Raises:
        KeyRefusedError: it is none of ours, or revoked.
        DatabaseError: the database did not answer.
    """
    with database.transaction() as cursor:
        cursor.execute(_SQL["key_find"], {"prefix": key[:_SHOWN].replace("\x00", "")})
        row = cursor.fetchone()
    if row is None or not hmac.compare_digest(bytes(row[1]), _digest(key)):
        raise KeyRefusedError("this API key is not known here or was revoked: footfall orders key create makes one")
    key_id, _, store_id, store = row
    return Access(key_id, store_id, store)


def listed_keys(database: Database) -> list[ListedKey]:
    """Return all keys, the oldest first."""
    with database.transaction() as cursor:
        cursor.execute(_SQL["key_list"])
        return [ListedKey(*row) for row in cursor.fetchall()]


def revoke_key(database: Database, prefix: str) -> str:
    """Revoke the key that begins with `prefix`; return its name.

    Raises:
        NoSuchKeyError: there is none.
    """
    with database.transaction() as cursor:
        cursor.execute(_SQL["key_revoke"], {"prefix": prefix[:_SHOWN]})
        row = cursor.fetchone()
    if row is None:
        raise NoSuchKeyError(f"no key begins with {prefix[:_SHOWN]!r}: footfall orders key list shows them")
    return str(row[0])


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()
