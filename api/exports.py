"""Exports: one file over all stores that a key may see, made and sent store by store, however many there are."""

import itertools
from collections.abc import Iterator
from dataclasses import fields
from typing import Annotated, Any, Final

from fastapi import Query
from fastapi.responses import StreamingResponse

from analytics.cache import Cache
from analytics.directory import Directory
from analytics.tables import SHEET_ROWS, Table
from analytics.visits.kpis import Kpis
from api.access import Access
from api.asking import AccessOf, AskedOf, Desk, DeskOf
from api.errors import ProblemError
from api.formats import MEDIA_TYPES, PARTS, FileFormat, not_installed
from api.reading import Grain, read_kpis, snapshot
from api.tables import KPIS_COLUMNS, table_of
from api.windows import DAYS_MAX, Asked, window

#: The longest period that has a name.
_DAYS_NAMED_MAX: Final = 28
#: What an export answers besides problems.
FILES: Final[dict[str, Any]] = {"content": {MEDIA_TYPES[name]: {} for name in PARTS}}


def export_kpis(
    *,
    desk: DeskOf,
    access: AccessOf,
    asked: AskedOf,
    grain: Annotated[Grain, Query(description="a row per figure and store, day or week")] = "day",
    format: Annotated[FileFormat, Query(description="of the file")] = "csv",  # noqa: A002  # the name in the URL
) -> StreamingResponse:
    """Return the KPIs of every store that the key may see as one file, sent while it is made.

    Each store's rows are from one moment, and stores follow each other by their id. An answer that is broken off ends
    without its last chunk: take no such file. An Excel file is sent once it is whole.
    """
    if format == "xlsx":
        _check_fits_sheet(desk, access, asked, grain)
    parts = PARTS[format](KPIS_COLUMNS, _tables(desk, access, asked, grain))
    # What cannot be answered at all is told as a problem: the first store is read before the answer begins.
    try:
        begun = list(itertools.islice(parts, 2))
    except ModuleNotFoundError as error:
        raise not_installed(format, error) from error
    return StreamingResponse(
        itertools.chain(begun, parts),
        media_type=MEDIA_TYPES[format],
        headers={"Cache-Control": "no-store", "Content-Disposition": f'attachment; filename="kpis.{format}"'},
    )


def _check_fits_sheet(desk: Desk, access: Access, asked: Asked, grain: Grain) -> None:
    """Refuse what may have more rows than a sheet holds, before any of it is read.

    Raises:
        ProblemError: it may.
    """
    seen = sum(access.may_see(store) for store in desk.directory.stores())
    named = _DAYS_NAMED_MAX if asked.first is None or asked.last is None else (asked.last - asked.first).days + 1
    each = {"day": named, "week": named // 7 + 2, "period": 1}[grain]
    # With estimates beside the base set.
    rows = seen * each * (len(fields(Kpis)) + 1)
    if rows > SHEET_ROWS:
        raise ProblemError(
            422,
            "invalid-parameter",
            f"format=xlsx: expected at most the {SHEET_ROWS} rows of a sheet, got up to {rows} of {seen} stores: ask "
            "for fewer days or grain=week, or for csv or parquet",
        )


def _tables(desk: Desk, access: Access, asked: Asked, grain: Grain) -> Iterator[Table]:
    # Calendars of so many stores are not kept beside those of usual questions: each is asked for once.
    directory, now = Directory(desk.database, Cache(entries_max=2)), desk.clock()
    for store in sorted(desk.directory.stores(), key=lambda one: one.code):
        if access.may_see(store):
            of = window(directory, store, access, asked, now=now)
            yield table_of(
                snapshot(
                    desk.database,
                    of,
                    lambda connection, of=of: read_kpis(  # type: ignore[misc]  # bound to this round's window
                        connection, of, grain, previous=False, cursor=None, limit=DAYS_MAX
                    ),
                )
            )
