"""Odoo as a till (https://www.odoo.com/documentation/18.0/developer/reference/external_api.html).

Asked over JSON-RPC; it sends no notifications. Times are UTC without saying so; what a version is, `write_date` says.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from ingest.errors import SignatureError, TillRefusesError
from ingest.orders.bodies import OrderIn
from ingest.tills.http import TillServer
from ingest.tills.money import decimal, pieces, quantity
from ingest.tills.protocol import Document, Heard, Page, Raw, Shift
from ingest.tills.reading import instant, line, need, order, rows, store_of, text_of, version_of
from ingest.tills.settings import OdooSettings

_PAGE: Final = 200
_ORDER: Final = (
    "name", "pos_reference", "date_order", "write_date", "state", "amount_total", "amount_tax", "config_id",
    "partner_id", "user_id", "lines", "refunded_order_id",
)  # fmt: skip
_LINE: Final = (
    "order_id", "product_id", "qty", "price_unit", "discount", "price_subtotal", "price_subtotal_incl",
    "refunded_orderline_id",
)  # fmt: skip
_PRODUCT: Final = ("default_code", "categ_id")
_PAID: Final = frozenset({"paid", "done", "invoiced"})


class OdooTill:
    """One database of Odoo, several points of sale."""

    def __init__(self, settings: OdooSettings, *, api_key: str) -> None:
        self._settings = settings
        self._api_key = api_key
        self._user: int | None = None
        self._server = TillServer(settings.url, dict)

    def heard(self, notification: Heard) -> Sequence[str]:
        """Refuse it: Odoo sends none."""
        del notification
        raise SignatureError("Odoo sends no notifications: it is asked")

    def fetch(self, number: str) -> Document | None:
        """Return an order as it is now, its lines and their products' categories inside."""
        found = self._complete(self._read("pos.order", [["id", "=", int(number)]], _ORDER))
        return found[0] if found else None

    def changed(self, cursor: str | None, since: datetime) -> Iterator[Page]:
        """Yield the orders by when they were last written."""
        begin = cursor or since.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
        domain = [["write_date", ">=", begin], ["config_id", "in", [int(place) for place in self._settings.stores]]]
        # All numbers first: what is written meanwhile would shift the pages.
        numbers = self._execute("pos.order", "search", [domain], {"order": "write_date, id"})
        for start in range(0, len(numbers), _PAGE):
            raws = self._read("pos.order", [["id", "in", numbers[start : start + _PAGE]]], _ORDER)
            if raws:
                begin = max(begin, *(str(need(raw, "write_date")) for raw in raws))
                yield Page(self._complete(raws), begin)

    def understand(self, document: Document) -> Sequence[OrderIn]:
        """Return the order; none while it is a draft."""
        return orders_of(document.raw, self._settings)

    def shifts(self, since: datetime) -> Iterator[Shift]:
        """Yield nothing: attendances in Odoo are of people, not of points of sale."""
        del since
        yield from ()

    def _complete(self, raws: Sequence[Raw]) -> list[Document]:
        """Return the orders with their lines, and each line with its product's category."""
        lines = self._read("pos.order.line", [["order_id", "in", [need(raw, "id") for raw in raws]]], _LINE)
        products = sorted({need(each, "product_id")[0] for each in lines})
        told = self._read("product.product", [["id", "in", products]], _PRODUCT) if products else []
        by_product = {need(each, "id"): each for each in told}
        complete = [{**each, "product": by_product.get(each["product_id"][0], {})} for each in lines]
        return [
            Document(
                str(need(raw, "id")),
                {**raw, "lines": [each for each in complete if need(each, "order_id")[0] == raw["id"]]},
            )
            for raw in raws
        ]

    def _read(self, model: str, domain: list[Any], fields: Sequence[str]) -> list[Raw]:
        return self._execute(model, "search_read", [domain], {"fields": list(fields), "order": "id"})

    def _execute(self, model: str, method: str, args: list[Any], options: Mapping[str, Any]) -> list[Any]:
        settings = self._settings
        if self._user is None:
            user = self._call("common", "login", settings.database, settings.user, self._api_key)
            if not user:
                raise TillRefusesError(
                    f"{settings.url} does not know {settings.user!r} with this key in {settings.database!r}"
                )
            self._user = int(user)
        access = (settings.database, self._user, self._api_key)
        return list(self._call("object", "execute_kw", *access, model, method, args, options) or [])

    def _call(self, service: str, method: str, *args: Any) -> Any:
        params = {"service": service, "method": method, "args": list(args)}
        body = self._server.post("/jsonrpc", {"jsonrpc": "2.0", "method": "call", "params": params, "id": 1}).body or {}
        if "error" in body:
            said = body["error"].get("data", {}).get("message") or body["error"].get("message")
            raise TillRefusesError(f"{self._settings.url} refused {method}: {' '.join(str(said).split())[:300]}")
        return body.get("result")


def orders_of(raw: Raw, settings: OdooSettings) -> Sequence[OrderIn]:
    """Return the order in a `pos.order` with its lines; none while it is a draft.

    Raises:
        DocumentError: something in it cannot be understood.
    """
    state = need(raw, "state")
    if state not in _PAID and state != "cancel":
        return []
    tax = decimal(raw.get("amount_tax"), "amount_tax")
    net = decimal(need(raw, "amount_total"), "amount_total") - (0 if settings.net_includes_tax else tax)
    price = "price_subtotal_incl" if settings.net_includes_tax else "price_subtotal"
    items = rows(raw, "lines")
    lines = [
        line(
            product=each.get("product", {}).get("default_code") or _name(each.get("product_id")),
            category=_name(each.get("product", {}).get("categ_id")), units=quantity(each.get("qty"), "qty"),
            net=decimal(each.get(price), price),
        )
        for each in items
    ]  # fmt: skip
    back, out = any(each.units < 0 for each in lines), any(each.units > 0 for each in lines)
    discount = sum(_discount(each, price) for each in items)
    return [
        order(
            store=store_of(settings.stores, need(raw, "config_id")[0], "config_id"), source=settings.name,
            external_id=str(need(raw, "id")),
            version=version_of(instant(need(raw, "write_date"), "write_date", naive_is_utc=True)),
            kind="void" if state == "cancel" else "exchange" if back and out else "refund" if back else "sale",
            original_external_id=_number(raw.get("refunded_order_id")),
            closed_at=instant(need(raw, "date_order"), "date_order", naive_is_utc=True).isoformat(),
            gross=net + discount, discount=discount, tax=tax, net=net, currency=settings.currency,
            units=pieces([each.units for each in lines]), register=_name(raw.get("config_id")),
            staff_ref=_number(raw.get("user_id")), customer_ref=_number(raw.get("partner_id")), lines=lines,
        )
    ]  # fmt: skip


def _discount(raw: Raw, price: str) -> Any:
    """Return what a line's discount, in per cent of its price, comes to."""
    percent = decimal(raw.get("discount"), "discount")
    if not 0 < percent < 100:  # noqa: PLR2004  # per cent
        return decimal(0, "discount")
    paid = decimal(raw.get(price), price)
    return decimal(paid * percent / (100 - percent), "discount")


def _name(value: Any) -> str | None:
    """Return the name in Odoo's pair of number and name; an empty field is `false` there."""
    return text_of(value[1]) if isinstance(value, list) and len(value) > 1 else None


def _number(value: Any) -> str | None:
    return str(value[0]) if isinstance(value, list) and value else None
