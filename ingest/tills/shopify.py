"""Shopify as a till (https://shopify.dev/docs/api/admin-rest/latest/resources/order).

Notifications come at least once, in any order. A refund stands inside its order and is one of its own here, on its own
day.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

import msgspec

from ingest.errors import DocumentError, SignatureError
from ingest.orders.bodies import LineIn, OrderIn
from ingest.tills.http import TillServer
from ingest.tills.money import decimal, pieces, quantity
from ingest.tills.protocol import Document, Heard, Page, Raw, Shift
from ingest.tills.reading import instant, line, need, order, rows, store_of, version_of
from ingest.tills.settings import ShopifySettings
from ingest.tills.signatures import check_base64

_PAGE: Final = 250
_NEXT: Final = re.compile(r'<([^>]+)>;\s*rel="next"')
_PAID: Final = frozenset({"paid", "partially_paid", "partially_refunded", "refunded"})
_ZERO: Final = Decimal(0)


class ShopifyTill:
    """A shop, several locations."""

    def __init__(self, settings: ShopifySettings, *, token: str, webhook_key: str | None) -> None:
        self._settings = settings
        self._key = webhook_key
        self._root = f"/admin/api/{settings.api_version}"
        self._server = TillServer(settings.url, lambda: {"X-Shopify-Access-Token": token})

    def heard(self, notification: Heard) -> Sequence[str]:
        """Return the order's number: of `orders/…` and `refunds/create`."""
        if self._key is None:
            raise SignatureError("this till has no `webhook_key`: set it in the file of tills")
        check_base64(notification, "x-shopify-hmac-sha256", notification.body, self._key)
        try:
            said = msgspec.json.decode(notification.body)
        except msgspec.DecodeError as error:
            raise DocumentError(f"expected JSON, got something else: {error}") from error
        topic = notification.headers.get("x-shopify-topic", "")
        return [str(need(said, "order_id" if topic.startswith("refunds/") else "id"))]

    def fetch(self, number: str) -> Document | None:
        """Return an order as it is now."""
        body = self._server.get(f"{self._root}/orders/{number}.json").body
        return Document(number, need(body, "order")) if body else None

    def changed(self, cursor: str | None, since: datetime) -> Iterator[Page]:
        """Yield the orders by when they were last changed."""
        begin = cursor or since.isoformat()
        path, query = f"{self._root}/orders.json", {
            "status": "any", "updated_at_min": begin, "order": "updated_at asc", "limit": _PAGE,
        }  # fmt: skip
        while True:
            answer = self._server.get(path, query)
            found = [Document(str(need(raw, "id")), raw) for raw in rows(answer.body or {}, "orders")]
            begin = max(
                [begin, *(str(need(each.raw, "updated_at")) for each in found)],
                key=lambda text: instant(text, "updated_at"),
            )
            yield Page(found, begin)
            following = _NEXT.search(answer.headers.get("link", ""))
            if following is None:
                return
            path, query = following[1], {}

    def understand(self, document: Document) -> Sequence[OrderIn]:
        """Return the sale and its refunds; none while it is not paid."""
        return orders_of(document.raw, self._settings)

    def shifts(self, since: datetime) -> Iterator[Shift]:
        """Yield nothing: Shopify's interface tells no hours."""
        del since
        yield from ()


def orders_of(raw: Raw, settings: ShopifySettings) -> Sequence[OrderIn]:
    """Return the sale in a Shopify `order`, and each of its refunds; none while it is not paid.

    Net leaves out shipping. A sale that was taken back before it was paid is void.

    Raises:
        DocumentError: something in it cannot be understood.
    """
    state = raw.get("financial_status")
    void = state == "voided" and bool(raw.get("cancelled_at"))
    if state not in _PAID and not void:
        return []
    store = _store(raw, settings)
    if store is None:
        return []
    sale = _sale(raw, settings, store, void=void)
    return [sale, *(_refund(each, raw, sale, settings) for each in rows(raw, "refunds"))]


def _store(raw: Raw, settings: ShopifySettings) -> str | None:
    place = raw.get("location_id")
    return settings.online_store if place is None else store_of(settings.stores, place, "location_id")


def _sale(raw: Raw, settings: ShopifySettings, store: str, *, void: bool) -> OrderIn:
    lines = [_line(each, raw, settings) for each in rows(raw, "line_items")]
    tax, discount = decimal(raw.get("total_tax"), "total_tax"), decimal(raw.get("total_discounts"), "total_discounts")
    net = _taxed(decimal(need(raw, "subtotal_price"), "subtotal_price"), tax, raw, settings)
    customer = raw.get("customer")
    return order(
        store=store, source=settings.name, external_id=str(need(raw, "id")),
        version=version_of(instant(need(raw, "updated_at"), "updated_at")), kind="void" if void else "sale",
        closed_at=instant(raw.get("processed_at") or need(raw, "created_at"), "processed_at").isoformat(),
        gross=net + discount, discount=discount, tax=tax, net=net, currency=str(need(raw, "currency")),
        units=pieces([each.units for each in lines]), channel=_channel(raw),
        register=_text(raw.get("device_id")), staff_ref=_text(raw.get("user_id")),
        customer_ref=_text(customer.get("id")) if isinstance(customer, Mapping) else None,
        is_test=bool(raw.get("test")), lines=lines,
    )  # fmt: skip


def _refund(raw: Raw, whole: Raw, sale: OrderIn, settings: ShopifySettings) -> OrderIn:
    """Return a refund: what came back, and what was paid back beyond it."""
    lines, net, tax = [], _ZERO, _ZERO
    for each in rows(raw, "refund_line_items"):
        item = each.get("line_item") if isinstance(each.get("line_item"), Mapping) else {}
        line_tax = decimal(each.get("total_tax"), "total_tax")
        line_net = _taxed(decimal(need(each, "subtotal"), "subtotal"), line_tax, whole, settings)
        units = quantity(each.get("quantity", 1), "quantity")
        lines.append(line(product=_product(item or {}), units=-units, net=-line_net))
        net, tax = net + line_net, tax + line_tax
    for each in rows(raw, "order_adjustments"):
        # Negative where more was paid back than came back; shipping is no part of net here.
        if each.get("kind") != "shipping_refund":
            net -= decimal(each.get("amount"), "amount")
            tax -= decimal(each.get("tax_amount"), "tax_amount")
    moment = instant(raw.get("processed_at") or need(raw, "created_at"), "processed_at")
    return order(
        store=sale.store, source=sale.source, external_id=f"{sale.external_id}-refund-{need(raw, 'id')}",
        version=sale.version, kind="void" if sale.kind == "void" else "refund", original_external_id=sale.external_id,
        closed_at=moment.isoformat(), gross=-net, discount=0, tax=-tax, net=-net, currency=sale.currency,
        units=pieces([each.units for each in lines]), channel=sale.channel, staff_ref=_text(raw.get("user_id")),
        customer_ref=sale.customer_ref, is_test=sale.is_test, lines=lines,
    )  # fmt: skip


def _line(raw: Raw, whole: Raw, settings: ShopifySettings) -> LineIn:
    units = quantity(need(raw, "quantity"), "quantity")
    discount = sum((decimal(each.get("amount"), "amount") for each in rows(raw, "discount_allocations")), _ZERO)
    paid = decimal(need(raw, "price"), "price") * units - discount
    tax = sum((decimal(each.get("price"), "price") for each in rows(raw, "tax_lines")), _ZERO)
    net = _taxed(decimal(paid, "price"), tax, whole, settings)
    return line(product=_product(raw), category=raw.get("product_type"), units=units, net=net)


def _taxed(amount: Decimal, tax: Decimal, whole: Raw, settings: ShopifySettings) -> Decimal:
    """Return `amount` with tax or without it, as the file of tills wants it."""
    if bool(whole.get("taxes_included")) == settings.net_includes_tax:
        return amount
    return amount + tax if settings.net_includes_tax else amount - tax


def _product(raw: Raw) -> str:
    return str(raw.get("sku") or raw.get("variant_id") or raw.get("title") or "?")


def _channel(raw: Raw) -> str:
    for each in rows(raw, "shipping_lines"):
        if "pick" in f"{each.get('code')} {each.get('title')}".lower():
            return "pickup"
    return "in_store" if raw.get("source_name") == "pos" else "online"


def _text(value: object) -> str | None:
    return str(value)[:100] if value else None
