"""Lightspeed Retail X-Series as a till (https://x-series-api.lightspeedhq.com/reference/listsales).

Every sale has a version from one counter of the whole account, which grows with each change: reading on after the
highest one seen misses nothing. A return is a new, negative sale with `return_for`.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final
from urllib.parse import parse_qs

import msgspec

from ingest.errors import DocumentError, SignatureError
from ingest.orders.bodies import OrderIn
from ingest.tills.http import TillServer
from ingest.tills.money import decimal, pieces, quantity
from ingest.tills.protocol import Document, Heard, Page, Raw, Shift
from ingest.tills.reading import instant, line, need, order, rows, store_of, text_of
from ingest.tills.settings import LightspeedSettings
from ingest.tills.signatures import check_hex

_PAGE: Final = 200
#: https://x-series-api.lightspeedhq.com/docs/sales_101: what was paid, handed over or put on an account.
_SOLD: Final = {
    "CLOSED": "in_store", "ONACCOUNT_CLOSED": "in_store", "LAYBY_CLOSED": "in_store",
    "AWAITING_DISPATCH": "online", "DISPATCHED_CLOSED": "online",
    "AWAITING_PICKUP": "pickup", "PICKED_UP_CLOSED": "pickup",
}  # fmt: skip


class LightspeedTill:
    """A retailer's account, several outlets."""

    def __init__(self, settings: LightspeedSettings, *, token: str, webhook_key: str | None) -> None:
        self._settings = settings
        self._key = webhook_key
        self._server = TillServer(settings.url, lambda: {"Authorization": f"Bearer {token}"})

    def heard(self, notification: Heard) -> Sequence[str]:
        """Return the sale's number: of `sale.update`. The rest of its `payload` is of an older interface."""
        if self._key is None:
            raise SignatureError("this till has no `webhook_key`: set it in the file of tills")
        given = dict(
            part.strip().partition("=")[::2] for part in notification.headers.get("x-signature", "").split(",")
        )
        check_hex(given.get("signature"), "x-signature", notification.body, self._key)
        try:
            said = msgspec.json.decode(parse_qs(notification.body.decode("utf-8"))["payload"][0])
        except (msgspec.DecodeError, UnicodeDecodeError, KeyError) as error:
            raise DocumentError(f"expected a form with a JSON `payload`, got something else: {error}") from error
        return [str(need(said, "id"))]

    def fetch(self, number: str) -> Document | None:
        """Return a sale as it is now."""
        body = self._server.get(f"/api/2.0/sales/{number}").body
        return Document(number, need(body, "data")) if body else None

    def changed(self, cursor: str | None, since: datetime) -> Iterator[Page]:
        """Yield the sales by version; without a cursor those of `since` and later."""
        if cursor is None:
            yield from self._searched(since)
            return
        after = int(cursor)
        while True:
            answer = self._server.get("/api/2.0/sales", {"after": after, "page_size": _PAGE}).body or {}
            found = [Document(str(need(raw, "id")), raw) for raw in rows(answer, "data")]
            if not found:
                return
            after = max(after, *(int(need(each.raw, "version")) for each in found))
            yield Page(found, str(after))

    def understand(self, document: Document) -> Sequence[OrderIn]:
        """Return the sale; none while it is parked."""
        return orders_of(document.raw, self._settings)

    def shifts(self, since: datetime) -> Iterator[Shift]:
        """Yield nothing: this interface tells no hours."""
        del since
        yield from ()

    def _searched(self, since: datetime) -> Iterator[Page]:
        offset = highest = 0
        while True:
            query = {"type": "sales", "date_from": since.isoformat(), "page_size": _PAGE, "offset": offset,
                     "order_by": "date", "order_direction": "asc"}  # fmt: skip
            answer = self._server.get("/api/2.0/search", query).body or {}
            found = [Document(str(need(raw, "id")), raw) for raw in rows(answer, "data")]
            if not found:
                return
            highest = max(highest, *(int(need(each.raw, "version")) for each in found))
            yield Page(found, str(highest))
            offset += len(found)


def orders_of(raw: Raw, settings: LightspeedSettings) -> Sequence[OrderIn]:
    """Return the order in a sale; none while it is parked or on lay-by.

    Raises:
        DocumentError: something in it cannot be understood.
    """
    status = str(need(raw, "status"))
    void = status == "VOIDED" or bool(raw.get("deleted_at"))
    if status not in _SOLD and not void:
        return []
    items = [each for each in rows(raw, "line_items") if each.get("status") != "CANCELLED"]
    tax = decimal(raw.get("total_tax"), "total_tax")
    net = decimal(need(raw, "total_price"), "total_price") + (tax if settings.net_includes_tax else 0)
    discount = sum(decimal(each.get("total_discount"), "total_discount") for each in items)
    lines = [
        line(
            product=each.get("product_id"), units=quantity(each.get("quantity"), "quantity"),
            net=decimal(each.get("total_price"), "total_price")
            + (decimal(each.get("total_tax"), "total_tax") if settings.net_includes_tax else 0),
        )
        for each in items
    ]  # fmt: skip
    back, out = any(each.units < 0 for each in lines), any(each.units > 0 for each in lines)
    kind = "exchange" if back and out else "refund" if back or raw.get("return_for") else "sale"
    return [
        order(
            store=store_of(settings.stores, need(raw, "outlet_id"), "outlet_id"), source=settings.name,
            external_id=str(need(raw, "id")), version=int(need(raw, "version")), kind="void" if void else kind,
            original_external_id=text_of(raw.get("return_for")),
            closed_at=instant(need(raw, "sale_date"), "sale_date", naive_is_utc=True).isoformat(),
            gross=net + discount, discount=discount, tax=tax, net=net, currency=settings.currency,
            units=pieces([each.units for each in lines]), channel=_SOLD.get(status, "in_store"),
            register=text_of(raw.get("register_id")), staff_ref=text_of(raw.get("user_id")),
            customer_ref=text_of(raw.get("customer_id")), lines=lines,
        )
    ]  # fmt: skip
