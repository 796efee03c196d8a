"""Tables as files: CSV that spreadsheets open as it is."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

import flask


def csv_answer(name: str, fields: Sequence[str], rows: Iterable[Sequence[Any]]) -> flask.Response:
    """Return a table as the answer that a browser saves as `name`; None is an empty field."""
    headers = {"Content-Disposition": f"attachment; filename={name}", "Cache-Control": "no-store"}
    # The mark tells spreadsheets that it is UTF-8.
    return flask.Response("\ufeff" + csv_of(fields, rows), mimetype="text/csv", headers=headers)


def csv_of(fields: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return a table as CSV; None is an empty field."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(fields)
    writer.writerows(rows)
    return out.getvalue()
