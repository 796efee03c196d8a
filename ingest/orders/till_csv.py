"""A till's CSV export, row by row, understood as orders for the API.

Columns are found by our names or by what `--map` says; what an export does not say is worked out where there is one
answer only (gross − discount = net, a negative amount is a refund) and asked for where there is not.
"""

import csv
import io
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Final, TextIO
from zoneinfo import ZoneInfo

from ingest.errors import TillExportError
from ingest.orders.amounts import read_amount

if TYPE_CHECKING:
    import _csv

#: What a column may be mapped to.
FIELDS: Final = (
    "external_id", "version", "kind", "original_external_id", "business_date", "closed_at", "gross", "discount", "tax",
    "net", "currency", "units", "channel", "register", "staff_ref", "customer_ref", "is_test",
)  # fmt: skip
_NEEDED: Final = ("external_id", "closed_at", "units")
_TEXTS: Final = ("original_external_id", "business_date", "channel", "register", "staff_ref", "customer_ref")
#: What says yes, in lower case.
YES: Final = frozenset({"1", "true", "yes", "y", "t"})
_SNIFFED: Final = 65_536
#: Most cells of a row.
ROW_CELLS_MAX: Final = 500


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
class Block:
    """Some whole rows of an export from `line` on: as they are written, or as cells where quotes are used oddly."""

    line: int
    text: str = ""
    rows: Sequence[tuple[int, list[str]]] = ()


@dataclass(frozen=True, slots=True)
class RowReader:
    """Understands rows of one export, in whatever process: where each of our fields stands, of how many cells.

    `csv` are the parameters of `csv.reader`.
    """

    layout: Layout
    columns: Mapping[str, int]
    width: int
    csv: Mapping[str, Any]

    def cells(self, block: Block) -> list[tuple[int, list[str]]]:
        """Return the line in which each row begins that is not empty, and what stands in it.

        Raises:
            TillExportError: it is no CSV text; says where.
        """
        if not block.text:
            return list(block.rows)
        reader = csv.reader(io.StringIO(block.text, newline=""), **self.csv)
        return list(_cells(reader, block.line - 1))

    def row(self, line: int, cells: list[str]) -> Row:
        """Return the row that begins in `line`, understood or with the reason why not."""
        if len(cells) > min(self.width, ROW_CELLS_MAX):
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
        self._file = file
        self._csv = _parameters(_dialect(file))
        self._quoted = _quoted(self._csv["quotechar"], self._csv["delimiter"])
        self._reader = csv.reader(file, **self._csv)
        self.header = [name.strip() for name in _next(self._reader, 0) or []]

    def cells(self) -> Iterator[tuple[int, list[str]]]:
        """Yield the line in which each row begins that is not empty, and what stands in it.

        Raises:
            TillExportError: the file stops being CSV text; says where.
        """
        return _cells(self._reader, 0)

    def blocks(self, lines: int) -> Iterator[Block]:
        """Yield what follows, about so many `lines` of it at a time.

        Raises:
            TillExportError: as `cells` does.
        """
        before = self._reader.line_num
        while taken := self._lines(lines, before):
            text = "".join(taken)
            if self._whole(text):
                yield Block(before + 1, text=text)
                before += len(taken)
                continue
            # A quoted cell may go on in the lines that follow, or a quote stands for itself.
            reader = csv.reader(chain(taken, self._file), **self._csv)
            rows = _cells(reader, before, until=len(taken))
            yield Block(before + 1, rows=list(rows))
            before += reader.line_num

    def _whole(self, text: str) -> bool:
        """Return whether no row begins before the text, or goes on after it: each quoted cell is one altogether."""
        quote = self._csv["quotechar"]
        return quote not in text or quote not in self._quoted.sub("", text)

    def _lines(self, many: int, before: int) -> list[str]:
        try:
            return list(islice(self._file, many))
        except UnicodeDecodeError as error:
            raise _no_csv(before, error) from error


def _cells(reader: "_csv.Reader", before: int, *, until: int | None = None) -> Iterator[tuple[int, list[str]]]:
    """Yield rows that are not empty, each with the line in which it begins: as many as begin within `until` lines."""
    while until is None or reader.line_num < until:
        line = before + reader.line_num + 1
        cells = _next(reader, before)
        if cells is None:
            return
        if any(map(str.strip, cells)):
            yield line, cells


def _next(reader: "_csv.Reader", before: int) -> list[str] | None:
    try:
        return next(reader, None)
    except (csv.Error, UnicodeDecodeError) as error:
        raise _no_csv(before + reader.line_num, error) from error


def _no_csv(line: int, error: Exception) -> TillExportError:
    return TillExportError(
        f"after line {line} the file is no CSV text ({error}). Is it saved in another encoding? Try --encoding cp1252"
    )


def _parameters(dialect: type[csv.Dialect]) -> dict[str, Any]:
    """Return a dialect as parameters, which another process may be handed."""
    return {
        "delimiter": dialect.delimiter,
        "quotechar": dialect.quotechar or '"',
        "doublequote": dialect.doublequote,
        "skipinitialspace": dialect.skipinitialspace,
    }


class TillExport(CsvFile):
    """An open export.

    Raises:
        TillExportError: no header, or a column that is needed cannot be found.
    """

    def __init__(self, file: TextIO, layout: Layout) -> None:
        super().__init__(file)
        self.columns = columns_of(self.header, layout.mapping, FIELDS, _missing)
        self.reader = RowReader(layout, self.columns, len(self.header), self._csv)

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


def _quoted(quote: str, delimiter: str) -> re.Pattern[str]:
    """Return what matches a quoted cell that is nothing else."""
    q, d = re.escape(quote), re.escape(delimiter)
    return re.compile(rf"(?:(?<=[{d}\r\n])|\A){q}[^{q}]*(?:{q}{q}[^{q}]*)*{q}(?=[{d}\r\n]|\Z)")


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
