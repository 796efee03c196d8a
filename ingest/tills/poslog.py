"""POSLog 6, the retail industry's XML of a till's journal (https://www.omg.org/retail-depository/).

A file holds transactions; those that are no sale or return (sign-on, no sale, tender control) are passed over. What was
voided afterwards is a transaction of its own, which names the one that it voids.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Final
from xml.etree.ElementTree import Element, ParseError
from zoneinfo import ZoneInfo

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from ingest.errors import DocumentError
from ingest.orders.bodies import LineIn, OrderIn
from ingest.tills.money import decimal, pieces, quantity
from ingest.tills.reading import line, order, store_of, text_of
from ingest.tills.settings import PosLogSettings

_LEFT_OUT: Final = frozenset({"Suspended", "SuspendedRetrieved", "SuspendedDeleted", "Failed"})
_ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class Transaction:
    """One transaction of a file: where it stands, and the orders in it or the reason why there are none."""

    number: str
    orders: Sequence[OrderIn] = ()
    reason: str | None = None


def transactions(path: Path, settings: PosLogSettings) -> Iterator[Transaction]:
    """Yield the transactions of a file, one at a time in memory.

    Raises:
        DocumentError: it is no XML, or holds entities or a document type, which no POSLog does.
    """
    place = 0
    try:
        for _, element in iterparse(path, events=("end",), forbid_dtd=True):
            if _tag(element) != "Transaction":
                continue
            place += 1
            number = f"{path.name}#{place}"
            try:
                yield Transaction(number, orders_of(element, settings))
            except DocumentError as error:
                yield Transaction(number, reason=str(error))
            element.clear()
    except (ParseError, DefusedXmlException) as error:
        raise DocumentError(f"{path.name}: after {place} transactions the file is no POSLog: {error}") from error


def orders_of(transaction: Element, settings: PosLogSettings) -> Sequence[OrderIn]:
    """Return the order in a `Transaction`; none where it is no sale or return.

    Raises:
        DocumentError: something in it cannot be understood.
    """
    if (voiding := _child(transaction, "PostVoidTransaction")) is not None:
        return [_voided(transaction, voiding, settings)]
    retail = _child(transaction, "RetailTransaction")
    if retail is None or retail.get("TransactionStatus") in _LEFT_OUT:
        return []
    items = [
        (kind, found)
        for item in _children(retail, "LineItem")
        if item.get("VoidFlag") != "true"
        for kind in ("Sale", "Return")
        if (found := _child(item, kind)) is not None
    ]
    if not items:
        return []
    lines = [_line(kind, found, settings) for kind, found in items]
    tax = sum(((1 if kind == "Sale" else -1) * _tax(found) for kind, found in items), _ZERO)
    net = sum((each.net for each in lines), _ZERO)
    discount = sum(((1 if kind == "Sale" else -1) * _discount(found) for kind, found in items), _ZERO)
    kinds = {kind for kind, _ in items}
    cancelled = transaction.get("CancelFlag") == "true" or retail.get("TransactionStatus") in ("Voided", "PostVoided")
    customer = _child(retail, "Customer")
    return [
        order(
            **_whose(transaction, settings), version=_version(retail),
            kind="void" if cancelled else "exchange" if len(kinds) > 1 else "refund" if "Return" in kinds else "sale",
            original_external_id=next((each for _, found in items if (each := _linked(found, settings))), None),
            business_date=_text(transaction, "BusinessDayDate"), gross=net + discount, discount=discount, tax=tax,
            net=net, currency=_text(transaction, "CurrencyCode") or settings.currency,
            units=pieces([each.units for each in lines]), register=_text(transaction, "WorkstationID"),
            staff_ref=_text(transaction, "OperatorID"),
            customer_ref=_text(customer, "CustomerID") if customer is not None else None,
            is_test=transaction.get("TrainingModeFlag") == "true", lines=lines,
        )
    ]  # fmt: skip


def _whose(transaction: Element, settings: PosLogSettings) -> dict[str, str]:
    place = _place(transaction)
    return {
        "store": store_of(settings.stores, place, "RetailStoreID"), "source": settings.name,
        "external_id": _number(transaction), "closed_at": _closed_at(transaction, settings),
    }  # fmt: skip


def _voided(transaction: Element, voiding: Element, settings: PosLogSettings) -> OrderIn:
    """Return the order that a later transaction voids, void: of a version above every one of its own."""
    link = _child(voiding, "TransactionLink")
    if link is None:
        raise DocumentError("PostVoidTransaction.TransactionLink: expected which transaction it voids, got nothing")
    whose = _whose(transaction, settings) | {"external_id": _number(link, beside=transaction)}
    return order(
        **whose, version=2**62, kind="void", gross=0, net=0, currency=settings.currency, units=0,
        business_date=_text(link, "BusinessDayDate") or _text(transaction, "BusinessDayDate"),
    )  # fmt: skip


def _line(kind: str, found: Element, settings: PosLogSettings) -> LineIn:
    sign = 1 if kind == "Sale" else -1
    amount = abs(decimal(_needed(found, "ExtendedAmount"), "ExtendedAmount"))
    if settings.net_includes_tax and found.get("TaxableFlag") != "false":
        amount += 0 if _tax_is_inside(found) else abs(_tax(found))
    elif not settings.net_includes_tax and _tax_is_inside(found):
        amount -= abs(_tax(found))
    return line(
        product=_text(found, "ItemID") or _text(found, "POSIdentity/POSItemID") or _text(found, "Description"),
        category=_text(found, "MerchandiseHierarchy"),
        units=sign * abs(quantity(_text(found, "Quantity") or "1", "Quantity")),
        net=sign * amount,
    )


def _tax(found: Element) -> Decimal:
    return sum((decimal(_text(each, "Amount"), "Tax.Amount") for each in _children(found, "Tax")), _ZERO)


def _tax_is_inside(found: Element) -> bool:
    """Return whether prices hold the tax: what a European till says with `IncludedInPriceFlag`."""
    return any(_text(each, "IncludedInPriceFlag") == "true" or each.get("IncludedInPriceFlag") == "true"
               for each in _children(found, "Tax"))  # fmt: skip


def _discount(found: Element) -> Decimal:
    return abs(decimal(_text(found, "ExtendedDiscountAmount"), "ExtendedDiscountAmount"))


def _linked(found: Element, settings: PosLogSettings) -> str | None:
    link = _child(found, "TransactionLink")
    if link is None or not _text(link, "SequenceNumber"):
        return None
    del settings
    return _number(link)


def _number(element: Element, *, beside: Element | None = None) -> str:
    """Return a transaction's number: a till counts its own, over and over, so place, till and day belong to it."""
    parts = []
    for name in ("RetailStoreID", "WorkstationID", "BusinessDayDate", "SequenceNumber"):
        value = _place(element) if name == "RetailStoreID" else _text(element, name)
        if not value and beside is not None:
            value = _place(beside) if name == "RetailStoreID" else _text(beside, name)
        if not value:
            raise DocumentError(f"{name}: expected a value, got nothing: the transaction's number needs it")
        parts.append(value)
    return "-".join(parts)[:100]


def _place(element: Element) -> str | None:
    return _text(element, "RetailStoreID") or _text(element, "BusinessUnit/UnitID")


def _closed_at(transaction: Element, settings: PosLogSettings) -> str:
    said = _text(transaction, "EndDateTime") or _text(transaction, "POSLogDateTime") or _text(
        transaction, "BeginDateTime"
    )  # fmt: skip
    try:
        moment = datetime.fromisoformat(said or "")
    except ValueError as error:
        raise DocumentError(f"EndDateTime: expected such as 2026-11-21T14:03:00, got {said!r}") from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(settings.timezone))).isoformat()


def _version(retail: Element) -> int:
    version = retail.get("Version") or "1"
    return int(version) if version.isdigit() and version.isascii() else 1


def _needed(element: Element, name: str) -> str:
    value = _text(element, name)
    if value is None:
        raise DocumentError(f"{_tag(element)}.{name}: expected a value, got nothing")
    return value


def _text(element: Element, path: str) -> str | None:
    """Return a descendant's text; namespaces are not looked at, as tills have several for the same words."""
    found: Element | None = element
    for name in path.split("/"):
        found = _child(found, name) if found is not None else None
    return text_of(found.text) if found is not None else None


def _child(element: Element, name: str) -> Element | None:
    return next(_children(element, name), None)


def _children(element: Element, name: str) -> Iterator[Element]:
    return (each for each in element if _tag(each) == name)


def _tag(element: Element) -> str:
    return element.tag.rpartition("}")[2]
