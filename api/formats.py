"""Formats: an answer's bytes as JSON, CSV, Parquet or an Excel sheet. The same answer gives the same bytes."""

import io
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from functools import partial
from typing import Any, Final, Literal

from pydantic import BaseModel

from api.errors import ProblemError
from api.parts import csv_parts, parquet_parts
from api.tables import Table, Value, table_of

Format = Literal["json", "csv", "parquet", "xlsx"]

MEDIA_TYPES: Final[Mapping[Format, str]] = {
    "json": "application/json",
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
#: The moment that a sheet says it was made: the same answer is the same file.
_MADE: Final = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)


def chosen_format(wanted: Format | None, accept: str | None) -> Format:
    """Return the format asked for by name, else the best of an `Accept` header.

    Raises:
        ProblemError: none of what is accepted is given.
    """
    if wanted is not None:
        return wanted
    if not accept:
        return "json"
    for media_type in _by_quality(accept):
        for name, ours in MEDIA_TYPES.items():
            if media_type in (ours, ours.partition("/")[0] + "/*", "*/*"):
                return name
    raise ProblemError(
        406, "not-acceptable", f"expected one of {', '.join(MEDIA_TYPES.values())} in Accept, or format="
    )


def encoded(body: BaseModel, wanted: Format) -> bytes:
    """Return the answer's bytes.

    Raises:
        ProblemError: what writes the format is not installed here.
    """
    if wanted == "json":
        return body.model_dump_json(by_alias=True).encode()
    try:
        return _WRITERS[wanted](table_of(body))
    except ModuleNotFoundError as error:
        raise not_installed(wanted, error) from error


def not_installed(wanted: Format, error: ModuleNotFoundError) -> ProblemError:
    """Return what is answered where what writes a format is not installed."""
    return ProblemError(
        501, "format", f"format={wanted} needs {error.name}, which is not installed: pip install '.[api]' there"
    )


def _by_quality(accept: str) -> list[str]:
    """Return the media types that are accepted, the most wanted first."""
    found = []
    for place, part in enumerate(accept.split(",")[:50]):
        media_type, *parameters = (each.strip().lower() for each in part.split(";"))
        weight = next((each[2:] for each in parameters if each.startswith("q=")), "1")
        try:
            quality = float(weight)
        except ValueError:
            quality = 0.0
        if quality > 0:
            found.append((-quality, place, media_type))
    return [media_type for _, _, media_type in sorted(found)]


def _xlsx(table: Table) -> bytes:
    import xlsxwriter  # noqa: PLC0415  # half of what the API would need at its start, and few ask for it

    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"constant_memory": True, "remove_timezone": True}) as book:
        book.set_properties({"created": _MADE})
        sheet = book.add_worksheet(table.name)
        sheet.freeze_panes(1, 0)
        bold = book.add_format({"bold": True})
        day, instant = (book.add_format({"num_format": form}) for form in ("yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss"))
        write = partial(_xlsx_cell, sheet, day=day, instant=instant)
        for column, name in enumerate(table.columns):
            sheet.write_string(0, column, name, bold)
        for index, row in enumerate(table.rows, start=1):
            for column, value in enumerate(row):
                write(index, column, value)
    return made.getvalue()


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


_WRITERS: Final[Mapping[Format, Callable[[Table], bytes]]] = {
    "csv": lambda table: b"".join(csv_parts(table.columns, [table])),
    "parquet": lambda table: b"".join(parquet_parts(table.columns, [table])),
    "xlsx": _xlsx,
}
