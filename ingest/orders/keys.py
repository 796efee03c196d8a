"""API keys: made, listed, revoked, and what one allows at the orders API; each for all stores or for one."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from contract.api_keys import Scope, digest, matches, new_key, shown
from ingest.database import Database
from ingest.errors import KeyRefusedError, NoSuchKeyError, UnknownStoreError
from ingest.sql_blocks import load_blocks

_SQL: Final = load_blocks("orders")


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
    scopes: list[Scope]
    outside: bool
    created_at: datetime
    revoked_at: datetime | None

    def as_dict(self) -> dict[str, Any]:
        """Return its fields, instants as text."""
        revoked = self.revoked_at.isoformat() if self.revoked_at else None
        return {**asdict(self), "created_at": self.created_at.isoformat(), "revoked_at": revoked}


def create_key(
    database: Database,
    name: str,
    *,
    store: str | None = None,
    scopes: Sequence[Scope] = ("orders",),
    outside: bool = False,
) -> str:
    """Return a new key: the only time that it is seen. `outside`: for somebody who is not of the company.

    Raises:
        UnknownStoreError: `store` was never added.
        DatabaseError: the database did not take it.
    """
    key = new_key()
    values = {
        "name": name, "prefix": shown(key), "sha256": digest(key), "store": store, "scopes": list(scopes),
        "outside": outside,
    }  # fmt: skip
    with database.transaction() as cursor:
        cursor.execute(_SQL["key_create"], values)
        if cursor.rowcount == 0:
            raise UnknownStoreError(store or "")
    return key


def access_of(database: Database, key: str) -> Access:
    """Return what a key allows.

    Raises:
        KeyRefusedError: it is none of ours, revoked, or not for orders.
        DatabaseError: the database did not answer.
    """
    with database.transaction() as cursor:
        cursor.execute(_SQL["key_find"], {"prefix": shown(key)})
        row = cursor.fetchone()
    if row is None or not matches(key, bytes(row[1])):
        raise KeyRefusedError("this API key is not known here or was revoked: footfall keys create makes one")
    key_id, _, store_id, store, scopes = row
    if "orders" not in scopes:
        raise KeyRefusedError("this API key is not for orders: footfall keys create --scope orders makes one")
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
        cursor.execute(_SQL["key_revoke"], {"prefix": shown(prefix)})
        row = cursor.fetchone()
    if row is None:
        raise NoSuchKeyError(f"no key begins with {shown(prefix)!r}: footfall keys list shows them")
    return str(row[0])
