"""Square as a till (https://developer.squareup.com/reference/square/orders-api).

A notification carries an order's number and version only, and line items may lag behind it. A return is an order of its
own that links to the sale; one with items in both directions is an exchange.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import msgspec

from ingest.errors import DocumentError, NotYetError, SignatureError
from ingest.orders.bodies import LineIn, OrderIn
from ingest.tills.http import TillServer
from ingest.tills.money import minor, pieces, quantity
from ingest.tills.protocol import Document, Heard, Page, Raw, Shift
from ingest.tills.reading import instant, line, need, order, rows, store_of, text_of
from ingest.tills.settings import SquareSettings
from ingest.tills.signatures import check_base64

_VERSION: Final = "2026-07-15"
_PAGE: Final = 500
_SHIFTS: Final = 200
_CHANNELS: Final = {"PICKUP": "pickup", "DELIVERY": "delivery", "SHIPMENT": "online"}


class SquareTill:
    """A seller's account, several locations."""

    def __init__(self, settings: SquareSettings, *, token: str, webhook_key: str | None) -> None:
        self._settings = settings
        self._key = webhook_key
        headers = {"Authorization": f"Bearer {token}", "Square-Version": _VERSION}
        self._server = TillServer(settings.url, lambda: headers)

    def heard(self, notification: Heard) -> Sequence[str]:
        """Return the order's number: of `order.created`, `order.updated` and `refund.…`."""
        if self._key is None or self._settings.webhook_url is None:
            raise SignatureError("this till has no `webhook_key` and `webhook_url`: set both in the file of tills")
        signed = self._settings.webhook_url.encode() + notification.body
        check_base64(notification, "x-square-hmacsha256-signature", signed, self._key)
        try:
            event = msgspec.json.decode(notification.body)
        except msgspec.DecodeError as error:
            raise DocumentError(f"expected JSON, got something else: {error}") from error
        said = need(event, "data", "object")
        numbers = [each.get("order_id") for each in said.values() if isinstance(each, Mapping)]
        return [str(number) for number in numbers if number]

    def fetch(self, number: str) -> Document | None:
        """Return an order as it is now."""
        body = self._server.get(f"/v2/orders/{number}").body
        return Document(number, need(body, "order")) if body else None

    def changed(self, cursor: str | None, since: datetime) -> Iterator[Page]:
        """Yield the orders by when they were last changed."""
        begin = cursor or since.isoformat()
        body: dict[str, Any] = {
            "location_ids": list(self._settings.stores),
            "limit": _PAGE,
            "query": {
                "filter": {"date_time_filter": {"updated_at": {"start_at": begin}}},
                "sort": {"sort_field": "UPDATED_AT", "sort_order": "ASC"},
            },
        }
        while True:
            answer = self._server.post("/v2/orders/search", body).body or {}
            found = [Document(str(need(raw, "id")), raw) for raw in rows(answer, "orders")]
            begin = max([begin, *(str(need(each.raw, "updated_at")) for each in found)])
            yield Page(found, begin)
            if not answer.get("cursor"):
                return
            body["cursor"] = answer["cursor"]

    def understand(self, document: Document) -> Sequence[OrderIn]:
        """Return the order; none while it is open."""
        return orders_of(document.raw, self._settings)

    def shifts(self, since: datetime) -> Iterator[Shift]:
        """Yield time cards (https://developer.squareup.com/reference/square/labor-api)."""
        stores = self._settings.stores
        body: dict[str, Any] = {
            "limit": _SHIFTS,
            "query": {
                "filter": {"location_ids": list(stores), "start": {"start_at": since.isoformat()}},
                "sort": {"field": "START_AT", "order": "ASC"},
            },
        }
        while True:
            answer = self._server.post("/v2/labor/timecards/search", body).body or {}
            for raw in rows(answer, "timecards"):
                yield _shift(raw, stores)
            if not answer.get("cursor"):
                return
            body["cursor"] = answer["cursor"]


def orders_of(raw: Raw, settings: SquareSettings) -> Sequence[OrderIn]:
    """Return the order in a Square `Order`; none while it is open or a draft.

    Net leaves out tips and service charges, as Square's own net sales do.

    Raises:
        DocumentError: something in it cannot be understood.
        NotYetError: it is completed, but its items have not come yet.
    """
    state = need(raw, "state")
    if state in ("OPEN", "DRAFT"):
        return []
    returned = rows(raw, "returns")
    sold, back = rows(raw, "line_items"), [each for one in returned for each in rows(one, "return_line_items")]
    if not sold and not back and state == "COMPLETED" and _amount(raw, "total_money"):
        raise NotYetError("line_items: a completed order without items, they are still to come")
    currency = str(need(raw, "total_money", "currency"))
    plus, minus = _amounts(raw, currency, settings), _amounts(raw.get("return_amounts") or {}, currency, settings)
    kind = "exchange" if sold and back else "refund" if back else "sale"
    lines = [_line(each, currency, settings, 1) for each in sold] + [
        _line(each, currency, settings, -1) for each in back
    ]
    net = plus["net"] - minus["net"]
    discount = plus["discount"] - minus["discount"]
    return [
        order(
            store=store_of(settings.stores, need(raw, "location_id"), "location_id"), source=settings.name,
            external_id=str(need(raw, "id")), version=int(raw.get("version") or 0),
            kind="void" if state == "CANCELED" else kind,
            original_external_id=returned[0].get("source_order_id") if returned else None,
            closed_at=instant(raw.get("closed_at") or need(raw, "updated_at"), "closed_at").isoformat(),
            gross=net + discount, discount=discount, tax=plus["tax"] - minus["tax"], net=net, currency=currency,
            units=pieces([each.units for each in lines]), channel=_channel(raw), customer_ref=raw.get("customer_id"),
            lines=lines,
        )
    ]  # fmt: skip


def _amounts(raw: Raw, currency: str, settings: SquareSettings) -> dict[str, Decimal]:
    tax = _amount(raw, "total_tax_money", "tax_money", currency=currency)
    beside = _amount(raw, "total_tip_money", "tip_money", currency=currency)
    beside += _amount(raw, "total_service_charge_money", "service_charge_money", currency=currency)
    paid = _amount(raw, "total_money", currency=currency) - beside
    return {
        "net": paid if settings.net_includes_tax else paid - tax,
        "tax": tax,
        "discount": _amount(raw, "total_discount_money", "discount_money", currency=currency),
    }


def _amount(raw: Raw, *keys: str, currency: str = "USD") -> Decimal:
    """Return the first of the amounts that is there."""
    for key in keys:
        if isinstance(raw.get(key), Mapping):
            return minor(raw[key].get("amount"), currency, key)
    return Decimal(0)


def _line(raw: Raw, currency: str, settings: SquareSettings, sign: int) -> LineIn:
    total = _amount(raw, "total_money", currency=currency)
    tax = _amount(raw, "total_tax_money", currency=currency)
    return line(
        product=raw.get("catalog_object_id") or raw.get("name"),
        units=sign * quantity(raw.get("quantity", "1"), "quantity"),
        net=sign * (total if settings.net_includes_tax else total - tax),
    )


def _channel(raw: Raw) -> str:
    kinds = [str(each.get("type")) for each in rows(raw, "fulfillments")]
    return next((_CHANNELS[kind] for kind in kinds if kind in _CHANNELS), "in_store")


def _shift(raw: Raw, stores: Mapping[str, str]) -> Shift:
    breaks = [
        (instant(need(each, "end_at"), "end_at") - instant(need(each, "start_at"), "start_at")).total_seconds()
        for each in rows(raw, "breaks")
        if each.get("end_at") and not each.get("is_paid")
    ]
    return Shift(
        store=store_of(stores, need(raw, "location_id"), "location_id"), external_id=str(need(raw, "id")),
        version=int(raw.get("version") or 0), starts_at=instant(need(raw, "start_at"), "start_at"),
        ends_at=instant(raw["end_at"], "end_at") if raw.get("end_at") else None, break_min=round(sum(breaks) / 60),
        staff_ref=text_of(raw.get("team_member_id")),
    )  # fmt: skip
