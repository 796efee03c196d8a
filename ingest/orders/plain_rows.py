"""Rows that are written plainly, understood column by column: what nearly all rows of a long export are.

A row of which anything is unusual is left to be understood one by one, slower and with a reason where it is wrong. So
nothing is decided here: what is taken is what `till_csv`, `bodies` and `checks` make of the same row, and a test holds
the two together.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any, Final, TypeAlias

from ingest.orders.book import Terms, hash_of_customer
from ingest.orders.checks import DATE_SLACK, KnownStore
from ingest.orders.till_csv import ROW_CELLS_MAX, YES, RowReader, instant_of

NOTHING: Final = "\\N"
#: Where rows are copied to, in this order.
COLUMNS: Final = (
    "place, store_id, source, external_id, version, kind, original_external_id, business_date, closed_at, gross, "
    "discount, tax, net, currency, units, channel, register, staff_ref, customer_ref, is_test"
)

_Numbered: TypeAlias = tuple[int, list[str]]
#: None: not written plainly.
_Cells: TypeAlias = Sequence[str | None]

_SLUG: Final = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,38}[a-z0-9])?")
#: Nothing that COPY would have to escape, and nothing that is refused.
_TEXT: Final = re.compile(r"[^\\\x00-\x1f\x7f]{1,100}")
_AMOUNT: Final = re.compile(r"-?[0-9]{1,12}(?:\.[0-9]{1,2})?")
_AMOUNT_COMMA: Final = re.compile(r"-?[0-9]{1,12}(?:,[0-9]{1,2})?")
_UNITS: Final = re.compile(r"-?[0-9]{1,5}")
_VERSION: Final = re.compile(r"[0-9]{1,18}")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_KINDS: Final = frozenset({"sale", "refund", "exchange", "void"})
_CHANNELS: Final = frozenset({"in_store", "pickup", "online", "delivery"})
_CUSTOMER_MAX: Final = 200
#: Before, zones had offsets of seconds.
_YEARS: Final = range(1972, 9999)


@dataclass(frozen=True, slots=True)
class PlainRows:
    """Understands what is plain among rows of one export, of one store, under one set of terms."""

    reader: RowReader
    store: KnownStore
    terms: Terms

    def __call__(self, rows: Sequence[_Numbered]) -> list[str | None]:
        """Return for each row what COPY takes of it but for its place, None where it is not plain."""
        layout, width = self.reader.layout, self.reader.width
        plain: list[str | None] = [None] * len(rows)
        fit = [index for index, (_, cells) in enumerate(rows) if len(cells) == width]
        if fit and width <= ROW_CELLS_MAX and _SLUG.fullmatch(layout.store) and _SLUG.fullmatch(layout.source):
            columns = list(zip(*(rows[index][1] for index in fit), strict=True))
            for index, line in zip(fit, self._lines(columns), strict=True):
                plain[index] = line
        return plain

    def _lines(self, columns: Sequence[Sequence[str]]) -> Iterator[str | None]:
        layout, many = self.reader.layout, len(columns[0])

        def of(name: str, understand: Callable[[str], str | None], absent: str | None) -> _Cells:
            index = self.reader.columns.get(name)
            return [absent] * many if index is None else _column(columns[index], understand, absent)

        amount = partial(_amount, comma=bool(layout.decimal_comma))
        closed = [self._moment(text) for text in map(str.strip, columns[self.reader.columns["closed_at"]])]
        head = f"{self.store.store_id}\t{layout.source}\t"
        told = zip(
            of("external_id", _text, None),
            of("version", _version, str(layout.version)),
            of("kind", _kind, ""),
            of("original_external_id", _text, NOTHING),
            of("business_date", _day, NOTHING),
            closed,
            of("gross", amount, ""),
            of("discount", amount, ""),
            of("tax", amount, "0"),
            of("net", amount, ""),
            of("currency", self._currency, layout.currency.upper() if self._sells_in(layout.currency) else None),
            of("units", _units, None),
            of("channel", _channel, "in_store"),
            of("register", _text, NOTHING),
            of("staff_ref", _text, NOTHING),
            of("customer_ref", self._customer, NOTHING),
            of("is_test", lambda text: "t" if text.lower() in YES else "f", "f"),
            strict=True,
        )
        return (None if None in each else _line(head, each) for each in told)

    def _sells_in(self, currency: str) -> bool:
        return currency.upper() == self.store.currency

    def _currency(self, text: str) -> str | None:
        return self.store.currency if self._sells_in(text) else None

    def _customer(self, text: str) -> str | None:
        if len(text) > _CUSTOMER_MAX:
            return None
        return hash_of_customer(self.reader.layout.source, text, self.terms.hash_secret)

    def _moment(self, text: str) -> datetime | None:
        layout = self.reader.layout
        try:
            moment = instant_of("closed_at", text, layout.zone, layout.date_format)
        except ValueError:
            return None
        if moment.year not in _YEARS or moment - self.terms.now > self.terms.ahead:
            return None
        return moment


def _column(cells: Sequence[str], understand: Callable[[str], str | None], absent: str | None) -> list[str | None]:
    """Return a column understood: each different text once, for most columns have few."""
    known: dict[str, str | None] = {"": absent}
    found = []
    for cell in cells:
        text = cell.strip()
        if text not in known:
            known[text] = understand(text)
        found.append(known[text])
    return found


def _text(text: str) -> str | None:
    return text if _TEXT.fullmatch(text) else None


def _amount(text: str, *, comma: bool) -> str | None:
    if comma:
        return text.replace(",", ".") if _AMOUNT_COMMA.fullmatch(text) else None
    return text if _AMOUNT.fullmatch(text) else None


def _units(text: str) -> str | None:
    return text if _UNITS.fullmatch(text) else None


def _version(text: str) -> str | None:
    return text if _VERSION.fullmatch(text) else None


def _kind(text: str) -> str | None:
    return kind if (kind := text.lower()) in _KINDS else None


def _channel(text: str) -> str | None:
    return text if text in _CHANNELS else None


def _day(text: str) -> str | None:
    try:
        return date.fromisoformat(text).isoformat() if _DAY.fullmatch(text) else None
    except ValueError:
        return None


def _line(head: str, told: tuple[Any, ...]) -> str | None:
    """Return the fields of an order for COPY, None where sums, signs or dates are none of a plain order's."""
    (
        number, version, kind, original, day, closed, gross, discount, tax, net, currency, units, channel, register,
        staff, customer, test,
    ) = told  # fmt: skip
    if not (gross and discount and net):
        if not (gross or net):
            return None
        gross, discount, net = _filled(gross, discount, net)
    # Twelve digits and two more: what a float is off by is less than a hundredth of a cent.
    before, after = float(gross), float(net)
    kind = kind or ("refund" if after < 0 else "sale")
    if kind == "refund":
        units = units if units[0] == "-" else f"-{units}"
    moment = str(closed)
    if (
        round((before - float(discount) - after) * 100)
        or (kind == "sale" and (before < 0 or after < 0 or units[0] == "-"))
        or (kind == "refund" and (before > 0 or after > 0))
        or moment[-6] not in "+-"
        or (day is not NOTHING and abs(date.fromisoformat(day) - closed.date()) > DATE_SLACK)
    ):
        return None
    return (
        f"{head}{number}\t{version}\t{kind}\t{original}\t{day}\t{moment}\t{gross}\t{discount}\t{tax}\t{net}\t"
        f"{currency}\t{units}\t{channel}\t{register}\t{staff}\t{customer}\t{test}\n"
    )


def _filled(gross: str, discount: str, net: str) -> tuple[str, str, str]:
    """Return gross, discount and net, what is not said of them worked out as `till_csv` does."""
    if gross and net:
        return gross, f"{float(gross) - float(net):.2f}", net
    discount = discount or "0"
    if net:
        return f"{float(net) + float(discount):.2f}", discount, net
    return gross, discount, f"{float(gross) - float(discount):.2f}"
