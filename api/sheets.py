"""Excel files: one sheet of rows, written to a file row by row, so that a long one never lies in memory."""

import itertools
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from functools import partial
from typing import Any, Final

from api.tables import Table, Value

#: A sheet holds so many rows besides the names of its columns (Excel's limit is 1 048 576 in all).
SHEET_ROWS: Final = 1_048_575
#: The moment that a sheet says it was made: the same answer is the same file.
_MADE: Final = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
_PART_BYTES: Final = 1 << 20


def xlsx_parts(columns: Sequence[str], tables: Iterable[Table]) -> Iterator[bytes]:
    """Yield an Excel file of at most `SHEET_ROWS` rows. It is whole before its first part: its index comes last.

    Raises:
        ModuleNotFoundError: what writes Excel files is not installed.
    """
    import xlsxwriter  # noqa: PLC0415  # half of what the API would need at its start, and few ask for it

    following = iter(tables)
    first = list(itertools.islice(following, 1))
    with tempfile.TemporaryFile() as made:
        with xlsxwriter.Workbook(made, {"constant_memory": True, "remove_timezone": True}) as book:
            book.set_properties({"created": _MADE})
            sheet = book.add_worksheet(first[0].name if first else "empty")
            sheet.freeze_panes(1, 0)
            bold = book.add_format({"bold": True})
            day, instant = (book.add_format({"num_format": form}) for form in ("yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss"))
            write = partial(_cell, sheet, day=day, instant=instant)
            for column, name in enumerate(columns):
                sheet.write_string(0, column, name, bold)
            rows = itertools.chain.from_iterable(table.rows for table in itertools.chain(first, following))
            for index, row in enumerate(rows, start=1):
                for column, value in enumerate(row):
                    write(index, column, value)
        made.seek(0)
        while part := made.read(_PART_BYTES):
            yield part


def _cell(sheet: Any, row: int, column: int, value: Value, *, day: Any, instant: Any) -> None:
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
