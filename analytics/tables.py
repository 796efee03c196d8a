"""Flat tables and their files, CSV and Excel sheets, made in parts so that a long one never lies in memory.

No cell is ever taken for a formula.
"""

import csv
import io
import itertools
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from typing import Any, Final

Value = str | float | int | bool | date | datetime | None

#: A sheet holds so many rows besides the names of its columns (Excel's limit is 1 048 576 in all).
SHEET_ROWS: Final = 1_048_575
#: What a CSV file for people begins with: it tells spreadsheets that it is UTF-8.
UTF8_MARK: Final = b"\xef\xbb\xbf"
#: A spreadsheet takes a cell that begins so for a formula (OWASP, CSV injection).
_FORMULA: Final = re.compile(r"'*[=+\-@\t\r\n]")
#: The moment that a sheet says it was made: the same answer is the same file.
_MADE: Final = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
_PART_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Table:
    """Named columns, and rows of as many values."""

    name: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[Value]]


def csv_lines(rows: Iterable[Sequence[Value]]) -> bytes:
    """Return rows as lines of CSV in UTF-8; None is an empty field, an instant ISO 8601."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([_csv_cell(value) for value in row] for row in rows)
    return text.getvalue().encode()


def csv_parts(columns: Sequence[str], tables: Iterable[Table]) -> Iterator[bytes]:
    """Yield a CSV file with a line of names: a part for them, and one for each table."""
    yield csv_lines([columns])
    for table in tables:
        yield csv_lines(table.rows)


#: What a list says of a field that is to be emptied: an empty one stays as it is.
EMPTIED: Final = "-"


def guarded(text: str) -> str:
    """Return a text as a cell of CSV: after an apostrophe where a spreadsheet would take it for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def unguarded(cell: str) -> str:
    """Return the text that `guarded` made a cell of; what was typed without an apostrophe stays as it is."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def xlsx(table: Table) -> bytes:
    """Return a table as an Excel file of one sheet; instants are UTC.

    Raises:
        ModuleNotFoundError: what writes it is not installed.
    """
    return b"".join(xlsx_parts(table.columns, [table]))


def xlsx_parts(columns: Sequence[str], tables: Iterable[Table]) -> Iterator[bytes]:
    """Yield an Excel file of at most `SHEET_ROWS` rows. It is whole before its first part: its index comes last.

    Raises:
        ModuleNotFoundError: what writes it is not installed.
    """
    import xlsxwriter  # noqa: PLC0415  # half of what a service would need at its start, and few ask for it

    following = iter(tables)
    first = list(itertools.islice(following, 1))
    with tempfile.TemporaryFile() as made:
        with xlsxwriter.Workbook(made, {"constant_memory": True, "remove_timezone": True}) as book:
            book.set_properties({"created": _MADE})
            sheet = book.add_worksheet(first[0].name if first else "empty")
            sheet.freeze_panes(1, 0)
            bold = book.add_format({"bold": True})
            day, instant = (book.add_format({"num_format": form}) for form in ("yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss"))
            write = partial(_xlsx_cell, sheet, day=day, instant=instant)
            for column, name in enumerate(columns):
                sheet.write_string(0, column, name, bold)
            rows = itertools.chain.from_iterable(table.rows for table in itertools.chain(first, following))
            for index, row in enumerate(rows, start=1):
                for column, value in enumerate(row):
                    write(index, column, value)
        made.seek(0)
        while part := made.read(_PART_BYTES):
            yield part


def _csv_cell(value: Value) -> str | float:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return guarded(value)
        case date():
            return value.isoformat()
        case _:
            return value


def _xlsx_cell(sheet: Any, row: int, column: int, value: Value, *, day: Any, instant: Any) -> None:
    match value:
        case None:
            return
        case bool():
            sheet.write_boolean(row, column, value)
        case str():
            sheet.write_string(row, column, value)
        case datetime():
            sheet.write_datetime(row, column, value.astimezone(UTC), instant)
        case date():
            sheet.write_datetime(row, column, value, day)
        case _:
            sheet.write_number(row, column, value)
