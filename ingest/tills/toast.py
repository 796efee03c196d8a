"""Toast as a till (https://doc.toasttab.com/openapi/orders/overview/).

An order has one check or several; each check that is paid is a sale. Refunds stand in the check's payments, with their
own business date. A document's number is `restaurant/order`, as every question names its restaurant.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import msgspec

from ingest.errors import DocumentError, SignatureError, TillRefusesError
from ingest.orders.bodies import LineIn, OrderIn
from ingest.tills.http import TillServer
from ingest.tills.money import decimal, pieces, quantity
from ingest.tills.protocol import Document, Heard, Page, Raw, Shift
from ingest.tills.reading import instant, line, need, order, rows, store_of, text_of, version_of
from ingest.tills.settings import ToastSettings
from ingest.tills.signatures import check_base64

_PAGE: Final = 100
#: The interface answers at most so long a span at once.
_SPAN: Final = timedelta(hours=1)
_RESTAURANT: Final = "Toast-Restaurant-External-ID"
#: A token lasts a day; it is asked for anew well before.
_TOKEN_LASTS_S: Final = 6 * 3_600.0
_ZERO: Final = Decimal(0)


class ToastTill:
    """A client of Toast, several restaurants."""

    def __init__(self, settings: ToastSettings, *, client_secret: str, webhook_key: str | None) -> None:
        self._settings = settings
        self._secret = client_secret
        self._key = webhook_key
        self._token, self._token_until = "", 0.0
        self._login = TillServer(settings.url, dict)
        self._server = TillServer(settings.url, self._authorization)

    def heard(self, notification: Heard) -> Sequence[str]:
        """Return the order's number: of `order_updated`."""
        if self._key is None:
            raise SignatureError("this till has no `webhook_key`: set it in the file of tills")
        try:
            event = msgspec.json.decode(notification.body)
        except msgspec.DecodeError as error:
            raise SignatureError("expected JSON with a `timestamp` to check the signature with") from error
        stamp = event.get("timestamp") if isinstance(event, Mapping) else None
        check_base64(notification, "toast-signature", notification.body + str(stamp).encode(), self._key)
        return [f"{need(event, 'details', 'restaurantGuid')}/{need(event, 'details', 'order', 'guid')}"]

    def fetch(self, number: str) -> Document | None:
        """Return an order as it is now."""
        restaurant, _, guid = number.partition("/")
        body = self._server.get(f"/orders/v2/orders/{guid}", headers={_RESTAURANT: restaurant}).body
        return Document(number, {**body, "restaurantGuid": restaurant}) if body else None

    def changed(self, cursor: str | None, since: datetime) -> Iterator[Page]:
        """Yield the orders by when they were last changed, hour by hour."""
        begin = instant(cursor, "cursor") if cursor else since
        now = datetime.now(UTC)
        while begin < now:
            end = min(begin + _SPAN, now)
            found = [each for restaurant in self._settings.stores for each in self._changed(restaurant, begin, end)]
            begin = end
            yield Page(found, end.isoformat())

    def understand(self, document: Document) -> Sequence[OrderIn]:
        """Return the sales and refunds of an order; none while nothing of it is paid."""
        return orders_of(document.raw, self._settings)

    def shifts(self, since: datetime) -> Iterator[Shift]:
        """Yield time entries (https://doc.toasttab.com/openapi/labor/operation/timeEntriesGet/)."""
        query = {"modifiedStartDate": _stamp(since), "modifiedEndDate": _stamp(datetime.now(UTC))}
        for restaurant, store in self._settings.stores.items():
            entries = self._server.get("/labor/v1/timeEntries", query, {_RESTAURANT: restaurant}).body or []
            for raw in entries:
                yield _shift(raw, store)

    def _changed(self, restaurant: str, begin: datetime, end: datetime) -> Iterator[Document]:
        page = 1
        while True:
            query = {"startDate": _stamp(begin), "endDate": _stamp(end), "page": page, "pageSize": _PAGE}
            found = self._server.get("/orders/v2/ordersBulk", query, {_RESTAURANT: restaurant}).body or []
            for raw in found:
                yield Document(f"{restaurant}/{need(raw, 'guid')}", {**raw, "restaurantGuid": restaurant})
            if len(found) < _PAGE:
                return
            page += 1

    def _authorization(self) -> Mapping[str, str]:
        if time.monotonic() >= self._token_until:
            asked = {
                "clientId": self._settings.client_id, "clientSecret": self._secret,
                "userAccessType": "TOAST_MACHINE_CLIENT",
            }  # fmt: skip
            answer = self._login.post("/authentication/v1/authentication/login", asked).body
            if not answer:
                raise TillRefusesError(f"{self._settings.url} knows no login: is `url` the host of the API access?")
            self._token = str(need(answer, "token", "accessToken"))
            self._token_until = time.monotonic() + _TOKEN_LASTS_S
        return {"Authorization": f"Bearer {self._token}"}


def orders_of(raw: Raw, settings: ToastSettings) -> Sequence[OrderIn]:
    """Return each paid check of a Toast `Order` as a sale, and each refund of its payments.

    Net leaves out tips. A check that was voided or deleted is void, also where it was a sale before.

    Raises:
        DocumentError: something in it cannot be understood.
    """
    found = []
    for check in rows(raw, "checks"):
        gone = any(bool(each.get(key)) for each in (raw, check) for key in ("voided", "deleted"))
        if gone or check.get("paymentStatus") in ("PAID", "CLOSED"):
            sale = _sale(check, raw, settings, void=gone)
            found += [sale, *_refunds(check, sale)]
    return found


def _sale(check: Raw, raw: Raw, settings: ToastSettings, *, void: bool) -> OrderIn:
    items = [each for each in rows(check, "selections") if not each.get("voided")]
    tax = decimal(check.get("taxAmount"), "taxAmount")
    net = decimal(need(check, "amount"), "amount") + (tax if settings.net_includes_tax else _ZERO)
    discount = sum((decimal(each.get("discountAmount"), "discountAmount") for each in _discounts(check, items)), _ZERO)
    lines = [_line(each, settings) for each in items]
    changed = raw.get("modifiedDate") or check.get("modifiedDate") or need(raw, "openedDate")
    closed = check.get("closedDate") or check.get("paidDate") or raw.get("closedDate") or need(raw, "openedDate")
    customer = check.get("customer")
    return order(
        store=store_of(settings.stores, need(raw, "restaurantGuid"), "restaurantGuid"), source=settings.name,
        external_id=str(need(check, "guid")), version=version_of(instant(changed, "modifiedDate")),
        kind="void" if void else "sale", business_date=_date(raw.get("businessDate"), "businessDate"),
        closed_at=instant(closed, "closedDate").isoformat(), gross=net + discount, discount=discount, tax=tax, net=net,
        currency=settings.currency, units=pieces([each.units for each in lines]), channel=_channel(raw),
        register=_reference(raw.get("createdDevice"), "id"), staff_ref=_reference(raw.get("server"), "guid"),
        customer_ref=_reference(customer, "guid"), is_test=bool(raw.get("createdInTestMode")), lines=lines,
    )  # fmt: skip


def _refunds(check: Raw, sale: OrderIn) -> Iterator[OrderIn]:
    for each in rows(check, "payments"):
        refund = each.get("refund")
        if not isinstance(refund, Mapping) or each.get("refundStatus") in (None, "NONE"):
            continue
        # What is paid back holds its tax: as large a part of it as of the sale.
        paid = decimal(need(refund, "refundAmount"), "refundAmount")
        total = decimal(check.get("totalAmount"), "totalAmount")
        tax = decimal(paid * sale.tax / total, "refundAmount") if total else _ZERO
        net = paid if sale.net == total else paid - tax
        yield order(
            store=sale.store, source=sale.source, external_id=f"{need(each, 'guid')}-refund", version=sale.version,
            kind="void" if sale.kind == "void" else "refund", original_external_id=sale.external_id,
            business_date=_date(refund.get("refundBusinessDate"), "refundBusinessDate"),
            closed_at=instant(need(refund, "refundDate"), "refundDate").isoformat(), gross=-net, discount=0, tax=-tax,
            net=-net, currency=sale.currency, units=0, channel=sale.channel, customer_ref=sale.customer_ref,
            is_test=sale.is_test,
        )  # fmt: skip


def _discounts(check: Raw, items: Sequence[Raw]) -> Iterator[Raw]:
    yield from rows(check, "appliedDiscounts")
    for each in items:
        yield from rows(each, "appliedDiscounts")


def _line(raw: Raw, settings: ToastSettings) -> LineIn:
    tax = decimal(raw.get("tax"), "tax") if settings.net_includes_tax else _ZERO
    return line(
        product=_reference(raw.get("item"), "guid") or raw.get("displayName"),
        category=_reference(raw.get("salesCategory"), "guid"), units=quantity(raw.get("quantity", 1), "quantity"),
        net=decimal(raw.get("price"), "price") + tax,
    )  # fmt: skip


def _channel(raw: Raw) -> str:
    if raw.get("deliveryInfo"):
        return "delivery"
    if raw.get("curbsidePickupInfo"):
        return "pickup"
    return "online" if str(raw.get("source", "")).lower() in ("online", "api") else "in_store"


def _reference(value: Any, key: str) -> str | None:
    return text_of(value.get(key)) if isinstance(value, Mapping) else None


def _date(value: Any, where: str) -> date | None:
    if value is None:
        return None
    try:
        return datetime.strptime(str(value), "%Y%m%d").date()  # noqa: DTZ007  # a day, no instant
    except ValueError as error:
        raise DocumentError(f"{where}: expected a day such as 20261121, got {value!r}") from error


def _shift(raw: Raw, store: str) -> Shift:
    begin = instant(need(raw, "inDate"), "inDate")
    breaks = [
        (instant(need(each, "outDate"), "outDate") - instant(need(each, "inDate"), "inDate")).total_seconds()
        for each in rows(raw, "breaks")
        if each.get("outDate") and not each.get("paid")
    ]
    return Shift(
        store=store, external_id=str(need(raw, "guid")), starts_at=begin,
        version=version_of(instant(raw.get("modifiedDate") or raw.get("inDate"), "modifiedDate")),
        ends_at=instant(raw["outDate"], "outDate") if raw.get("outDate") else None, break_min=round(sum(breaks) / 60),
        cancelled=bool(raw.get("deleted")), staff_ref=_reference(raw.get("employeeReference"), "guid"),
    )  # fmt: skip


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")
