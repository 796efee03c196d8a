"""The order book: orders in and out of the store."""

import base64
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal, TypeAlias

from ingest.database import Cursor, Database
from ingest.orders.bodies import ItemProblem, OrderIn, OrderOut, Page, Result
from ingest.orders.checks import KnownStore, check
from ingest.orders.keys import Access
from ingest.orders.problems import ProblemError
from ingest.settings import OrdersSettings
from ingest.sql_blocks import load_blocks

_SQL: Final = load_blocks("orders")
UPSERT_SENT: Final = _SQL["upsert"].format(orders=_SQL["sent"])
UPSERT_COPIED: Final = _SQL["counted"].format(upsert=_SQL["upsert"].format(orders=_SQL["copied"]).rstrip(";\n"))
_Key: TypeAlias = tuple[str, str]
_Outcome: TypeAlias = Literal["created", "updated"]


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is here of an order that was not written."""

    store_id: int
    version: int
    differs: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How orders are taken: the key of the customers' hashes, the moment, and how far ahead of it they may close."""

    hash_secret: bytes
    now: datetime
    ahead: timedelta

    @classmethod
    def of(cls, settings: OrdersSettings, now: datetime) -> "Terms":
        """Return the terms of an installation at this moment."""
        secret = settings.hash_secret.get_secret_value().encode()
        return cls(hash_secret=secret, now=now, ahead=timedelta(hours=settings.orders_ahead_h))


def upsert(database: Database, orders: Sequence[OrderIn], access: Access, terms: Terms) -> list[Result]:
    """Keep the highest version of each order, all of them or none; return what became of each.

    Of several versions of one order in a batch the highest is kept and the others are `ignored`.

    Raises:
        ProblemError: what is wrong, order by order.
        DatabaseError: the database did not take them.
    """
    with database.transaction() as cursor:
        stores = known_stores(cursor, {order.store for order in orders})
        check(orders, stores, access, now=terms.now, ahead=terms.ahead)
        highest: dict[_Key, int] = {}
        for index, order in enumerate(orders):
            key = (order.source, order.external_id)
            if key not in highest or order.version > orders[highest[key]].version:
                highest[key] = index
        chosen = [orders[index] for index in sorted(highest.values())]
        rows = {
            (order.source, order.external_id): _row(order, stores[order.store].store_id, terms.hash_secret)
            for order in chosen
        }
        cursor.execute(UPSERT_SENT, {"orders": json.dumps(list(rows.values()))})
        outcomes: dict[_Key, _Outcome] = {
            (source, number): "created" if new else "updated" for source, number, new in cursor.fetchall()
        }
        kept = _kept(cursor, [row for key, row in rows.items() if key not in outcomes])
        _refuse_moves(orders, highest, kept, stores)
        _keep_lines(cursor, chosen, list(outcomes))
    return [_result(order, orders[highest[order.source, order.external_id]], outcomes, kept) for order in orders]


def page(
    database: Database,
    access: Access,
    *,
    store: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    cursor_text: str | None = None,
    limit: int = 100,
) -> Page:
    """Return orders by closed_at from `since` up to `until`, `limit` at a time.

    An order that is posted late, before where a reader has come to, is not on the reader's later pages.

    Raises:
        ProblemError: the cursor is none of ours.
    """
    after_at, after_id = _after(cursor_text)
    values = {
        "store_id": access.store_id, "store": store, "since": since, "until": until, "after_at": after_at,
        "after_id": after_id, "limit": limit + 1,
    }  # fmt: skip
    with database.transaction() as cursor:
        cursor.execute(_SQL["page"], values)
        rows = cursor.fetchall()
    more = len(rows) > limit
    rows = rows[:limit]
    return Page(
        orders=[_order(row) for row in rows],
        next_cursor=_cursor(rows[-1][_CLOSED_AT], rows[-1][0]) if more else None,
    )


def find(database: Database, access: Access, source: str, external_id: str) -> OrderOut:
    """Return one order.

    Raises:
        ProblemError: there is none, or the key is not for its store.
    """
    values = {"source": source, "external_id": external_id, "store_id": access.store_id}
    if "\x00" in source + external_id:
        raise ProblemError(404, "not-found", "no order has a NUL in its number")
    with database.transaction() as cursor:
        cursor.execute(_SQL["one"], values)
        row = cursor.fetchone()
    if row is None:
        raise ProblemError(404, "not-found", f"there is no order {external_id!r} of {source!r} that this key may read")
    return _order(row)


_COLUMNS: Final = (
    "store", "source", "external_id", "version", "kind", "original_external_id", "business_date", "closed_at", "gross",
    "discount", "tax", "net", "currency", "units", "channel", "register_", "staff_ref", "customer_hash", "is_test",
)  # fmt: skip
_CLOSED_AT: Final = 1 + _COLUMNS.index("closed_at")


def _order(row: tuple[Any, ...]) -> OrderOut:
    return OrderOut(**dict(zip(_COLUMNS, row[1:], strict=True)))


def known_stores(cursor: Cursor, codes: set[str]) -> dict[str, KnownStore]:
    """Return those of the stores that are known here, by code."""
    cursor.execute(_SQL["stores"], {"codes": sorted(codes)})
    return {code: KnownStore(store_id, currency) for code, store_id, currency in cursor.fetchall()}


def _row(order: OrderIn, store_id: int, hash_secret: bytes) -> dict[str, Any]:
    row = order.model_dump(mode="json", exclude={"store", "register_", "customer_ref", "lines"})
    customer = customer_hash(order, hash_secret)
    return {**row, "store_id": store_id, "register": order.register_, "customer_ref": customer}


def customer_hash(order: OrderIn, hash_secret: bytes) -> str | None:
    """Return what is kept of an order's customer: a keyed hash, another for each till system; None: nobody told."""
    if order.customer_ref is None:
        return None
    return hash_of_customer(order.source, order.customer_ref, hash_secret)


def hash_of_customer(source: str, reference: str, hash_secret: bytes) -> str:
    """Return the keyed hash of a customer of one till system: two of them may both have a customer 17."""
    return hmac.digest(hash_secret, f"{source}\x00{reference}".encode(), "sha256").hex()


def _keep_lines(cursor: Cursor, orders: Sequence[OrderIn], written: Sequence[_Key]) -> None:
    if written:
        values = {"sources": [source for source, _ in written], "numbers": [number for _, number in written]}
        cursor.execute(_SQL["lines_gone"], values)
    rows = [
        order.model_dump(mode="json", include={"source", "external_id", "version", "lines"})
        for order in orders
        if order.lines
    ]
    if rows:
        cursor.execute(_SQL["lines"], {"orders": json.dumps(rows)})


def _kept(cursor: Cursor, rows: list[dict[str, Any]]) -> dict[_Key, _Kept]:
    if not rows:
        return {}
    cursor.execute(_SQL["kept"], {"orders": json.dumps(rows)})
    return {(source, number): _Kept(*rest) for source, number, *rest in cursor.fetchall()}


def _refuse_moves(
    orders: Sequence[OrderIn], highest: dict[_Key, int], kept: dict[_Key, _Kept], stores: dict[str, KnownStore]
) -> None:
    """Refuse an order that is here as another store's: neither may a till take over what another one sold."""
    moved = [highest[key] for key, here in kept.items() if here.store_id != stores[orders[highest[key]].store].store_id]
    if moved:
        message = "another store has an order of this source and number: give each store's till its own source"
        errors = [ItemProblem(index=index, field="external_id", message=message) for index in sorted(moved)]
        raise ProblemError(
            409, "other-stores-order", f"{len(moved)} orders are another store's, none was stored", errors
        )


def _result(order: OrderIn, chosen: OrderIn, outcomes: dict[_Key, _Outcome], kept: dict[_Key, _Kept]) -> Result:
    """Return what became of `order`, of whose number `chosen` had the highest version in the batch."""
    key = (order.source, order.external_id)
    here = kept.get(key)
    return Result(
        source=order.source,
        external_id=order.external_id,
        version=order.version,
        outcome=outcomes.get(key, "ignored") if order is chosen else "ignored",
        kept_version=here.version if here else chosen.version,
        differs=(here is not None and here.differs) or order != chosen.model_copy(update={"version": order.version}),
    )


def _cursor(closed_at: datetime, order_id: int) -> str:
    text = json.dumps([closed_at.isoformat(), order_id])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _after(cursor_text: str | None) -> tuple[datetime | None, int | None]:
    if cursor_text is None:
        return None, None
    try:
        padded = cursor_text + "=" * (-len(cursor_text) % 4)
        closed_at, order_id = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        after = datetime.fromisoformat(closed_at), int(order_id)
    except (ValueError, TypeError) as error:
        raise ProblemError(
            400, "bad-cursor", "this cursor is none of ours: take next_cursor from the last page as it is"
        ) from error
    if after[0].tzinfo is None:
        raise ProblemError(
            400, "bad-cursor", "this cursor is none of ours: take next_cursor from the last page as it is"
        )
    return after
