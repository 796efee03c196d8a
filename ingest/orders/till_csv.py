"""A till's CSV export, row by row, understood as orders for the API.

Columns are found by our names or by what `--map` says; what an export does not say is worked out where there is one
answer only (gross − discount = net, a negative amount is a refund) and asked for where there is not.
"""

import csv
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final, TextIO
from zoneinfo import ZoneInfo

from ingest.errors import TillExportError
from ingest.orders.amounts import read_amount

#: What a column may be mapped to.
FIELDS: Final = (
    "external_id", "version", "kind", "original_external_id", "business_date", "closed_at", "gross", "discount", "tax",
    "net", "currency", "units", "channel", "register", "staff_ref", "customer_ref", "is_test",
)  # fmt: skip
_NEEDED: Final = ("external_id", "closed_at", "units")
_TEXTS: Final = ("original_external_id", "business_date", "channel", "register", "staff_ref", "customer_ref")
YES: Final = frozenset({"1", "true", "yes", "y", "t"})
_SNIFFED: Final = 65_536
_ROW_CELLS_MAX: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How to read an export: whose it is, and what it leaves unsaid."""

    store: str
    source: str
    currency: str
    mapping: Mapping[str, str] = field(default_factory=dict)
    zone: ZoneInfo | None = None
    date_format: str | None = None
    #: Amounts are written 1.234,50; False: 1,234.50; None: nobody said.
    decimal_comma: bool | None = None
    #: The version of orders whose row says none.
    version: int = 1


@dataclass(frozen=True, slots=True)
class Row:
    """One row: where it begins, what stands there, and the order in it or the reason why there is none."""

    line: int
    cells: list[str]
    order: dict[str, Any] | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class RowReader:
    """Understands rows of one export, in whatever process: where each of our fields stands, of how many cells."""

    layout: Layout
    columns: Mapping[str, int]
    width: int

    def row(self, line: int, cells: list[str]) -> Row:
        """Return the row that begins in `line`, understood or with the reason why not."""
        if len(cells) > min(self.width, _ROW_CELLS_MAX):
            return Row(line, cells, reason=f"expected at most {self.width} cells, got {len(cells)}")
        said = {
            ours: text for ours, index in self.columns.items() if index < len(cells) and (text := cells[index].strip())
        }
        try:
            return Row(line, cells, order=_understood(said, self.layout))
        except ValueError as error:
            return Row(line, cells, reason=str(error))


class CsvFile:
    """An open file of rows under a header.

    Raises:
        TillExportError: it is no text in this encoding.
    """

    def __init__(self, file: TextIO) -> None:
        self._reader = csv.reader(file, _dialect(file))
        self.header = [name.strip() for name in self._next() or []]

    def cells(self) -> Iterator[tuple[int, list[str]]]:
        """Yield the line in which each row begins that is not empty, and what stands in it.

        Raises:
            TillExportError: the file stops being CSV text; says where.
        """
        while True:
            line = self._reader.line_num + 1
            cells = self._next()
            if cells is None:
                return
            if any(cell.strip() for cell in cells):
                yield line, cells

    def _next(self) -> list[str] | None:
        try:
            return next(self._reader, None)
        except (csv.Error, UnicodeDecodeError) as error:
            raise TillExportError(
                f"after line {self._reader.line_num} the file is no CSV text ({error}). Is it saved in another "
                "encoding? Try --encoding cp1252"
            ) from error


class TillExport(CsvFile):
    """An open export.

    Raises:
        TillExportError: no header, or a column that is needed cannot be found.
    """

    def __init__(self, file: TextIO, layout: Layout) -> None:
        super().__init__(file)
        self.columns = columns_of(self.header, layout.mapping, FIELDS, _missing)
        self.reader = RowReader(layout, self.columns, len(self.header))

    def rows(self) -> Iterator[Row]:
        """Yield every row that is not empty, understood; raises as `cells` does."""
        return (self.reader.row(line, cells) for line, cells in self.cells())


def _dialect(file: TextIO) -> type[csv.Dialect]:
    try:
        sample = file.read(_SNIFFED)
        file.seek(0)
        return csv.Sniffer().sniff(sample, delimiters=",;\t|")
    except csv.Error:
        return csv.excel
    except UnicodeDecodeError as error:
        raise TillExportError(f"the file is no text in this encoding ({error}). Try --encoding cp1252") from error


def columns_of(
    header: list[str],
    mapping: Mapping[str, str],
    fields: Collection[str],
    missing: Callable[[Collection[str]], Sequence[str]],
) -> dict[str, int]:
    """Return the index of each of our `fields` that has a column; `missing` says which are needed and not there.

    Raises:
        TillExportError: the mapping names what is not there, or a column that is needed cannot be found.
    """
    have = f"The file has: {', '.join(header) or 'no header'}"
    columns = {}
    for index, name in enumerate(header):
        ours = name.lower().replace(" ", "_").replace("-", "_")
        if ours in fields:
            columns[ours] = index
    for ours, theirs in mapping.items():
        if ours not in fields:
            raise TillExportError(f"--map {ours}={theirs}: expected one of {', '.join(fields)} before the =")
        if theirs not in header:
            raise TillExportError(f"--map {ours}={theirs}: there is no column {theirs!r}. {have}")
        columns[ours] = header.index(theirs)
    if lacking := missing(columns):
        raise TillExportError(
            f"no column for {', '.join(lacking)}: say which one with --map {lacking[0]}=COLUMN. {have}"
        )
    return columns


def _missing(columns: Collection[str]) -> list[str]:
    amount = [] if "net" in columns or "gross" in columns else ["net"]
    return [ours for ours in _NEEDED if ours not in columns] + amount


def _understood(said: dict[str, str], layout: Layout) -> dict[str, Any]:
    """Return the order in a row's cells; raises ValueError with a reason for a person."""
    absent = [ours for ours in _NEEDED if ours not in said]
    if absent:
        raise ValueError(f"nothing in {', '.join(absent)}")
    amounts = _amounts(said, layout)
    kind = said.get("kind", "refund" if amounts["net"] < 0 else "sale").lower()
    units = whole_of("units", said["units"])
    order: dict[str, Any] = {
        "store": layout.store,
        "source": layout.source,
        "external_id": said["external_id"],
        "version": whole_of("version", said["version"]) if "version" in said else layout.version,
        "kind": kind,
        "closed_at": instant_of("closed_at", said["closed_at"], layout.zone, layout.date_format).isoformat(),
        "currency": said.get("currency", layout.currency).upper(),
        # Exports count the pieces of a refund either way; the API wants them negative.
        "units": -abs(units) if kind == "refund" else units,
        "is_test": said.get("is_test", "").lower() in YES,
    }
    order |= {name: str(amount) for name, amount in amounts.items()}
    order |= {name: said[name] for name in _TEXTS if name in said}
    return order


def _amounts(said: dict[str, str], layout: Layout) -> dict[str, Decimal]:
    amounts = {
        name: read_amount(name, said[name], decimal_comma=layout.decimal_comma)
        for name in ("gross", "discount", "tax", "net")
        if name in said
    }
    if "net" not in amounts and "gross" not in amounts:
        raise ValueError("nothing in net or gross")
    discount = amounts.get("discount", Decimal(0))
    if "net" in amounts and "gross" in amounts and "discount" not in amounts:
        discount = amounts["gross"] - amounts["net"]
    gross = amounts.get("gross", amounts.get("net", Decimal(0)) + discount)
    return {
        "gross": gross, "discount": discount, "tax": amounts.get("tax", Decimal(0)),
        "net": amounts.get("net", gross - discount),
    }  # fmt: skip


def whole_of(name: str, text: str) -> int:
    """Return the whole number in `text`.

    Raises:
        ValueError: it is none.
    """
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or number != number.to_integral_value():
        raise ValueError(f"{name}: expected a whole number, got {text!r}")
    return int(number)


def instant_of(name: str, text: str, zone: ZoneInfo | None, date_format: str | None) -> datetime:
    """Return the instant in `text`, written as `date_format` says (None: ISO), in `zone` where it has no offset.

    Raises:
        ValueError: it is none; names the option that helps.
    """
    try:
        moment = (
            datetime.strptime(text, date_format)  # noqa: DTZ007  # the zone is put on below
            if date_format
            else datetime.fromisoformat(text)
        )
    except ValueError:
        expected = date_format or "2026-11-21 14:03:00 or 2026-11-21T14:03:00+01:00"
        raise ValueError(f"{name}: expected {expected}, got {text!r} (--date-format says how it is written)") from None
    if moment.tzinfo is None:
        if zone is None:
            raise ValueError(f"{name}: {text!r} has no offset: say the till's zone with --timezone Europe/Berlin")
        moment = moment.replace(tzinfo=zone)
    return moment
