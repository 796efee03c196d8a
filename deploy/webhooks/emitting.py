"""Writing down what there is to tell, in the transaction that finds it out: with it, it is told; without, it is not."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from deploy.webhooks.events import CONDITIONS, Condition, body_of
from deploy.webhooks.register import SQL
from ingest.database import Cursor


@dataclass(frozen=True, slots=True)
class Present:
    """Something that is so now; `subject` tells it from others of its kind in the store."""

    store_id: int
    subject: str
    data: Condition


def emit(
    cursor: Cursor, type_: str, data: msgspec.Struct, *, store_id: int | None, at: datetime, key: str | None = None
) -> int:
    """Have every endpoint that wants to be told of it told; return how many. One with a `key` is told once only."""
    cursor.execute(SQL["emit"], {
        "event_id": f"evt_{secrets.token_hex(16)}", "type": type_, "key": key, "store_id": store_id, "at": at,
        "body": body_of(type_, at, data),
    })  # fmt: skip
    return cursor.rowcount


def settle(
    cursor: Cursor, kind: str, present: Sequence[Present], *, at: datetime, store_id: int | None = None
) -> tuple[int, int]:
    """Tell what has begun and what is over since the last call; return how many of each.

    `present` is all of a `kind` that is so at `at`, or all of one store's.
    """
    began, over, type_ = CONDITIONS[kind]
    cursor.execute(SQL["conditions"], {"kind": kind, "store_id": store_id})
    known = {(store, subject): data for store, subject, data in cursor.fetchall()}
    now = {(each.store_id, each.subject): each.data for each in present}
    fresh = {key: data for key, data in now.items() if key not in known}
    for (store, subject), data in fresh.items():
        row = {"kind": kind, "store_id": store, "subject": subject, "data": msgspec.json.encode(data).decode()}
        cursor.execute(SQL["condition_begins"], row)
        emit(cursor, began, data, store_id=store, at=at)
    gone = {key: data for key, data in known.items() if key not in now}
    for (store, subject), said in gone.items():
        cursor.execute(SQL["condition_ends"], {"kind": kind, "store_id": store, "subject": subject})
        ended = msgspec.structs.replace(msgspec.json.decode(said, type=type_), until=at)
        emit(cursor, over, ended, store_id=store, at=at)
    return len(fresh), len(gone)
