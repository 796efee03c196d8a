"""Exports: one file over all stores that a key may see, made and sent store by store, however many there are."""

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any, Final, Literal

from fastapi import Query
from fastapi.responses import StreamingResponse

from analytics.cache import Cache
from analytics.directory import Directory
from api.access import Access
from api.asking import AccessOf, AskedOf, Desk, DeskOf
from api.formats import MEDIA_TYPES, not_installed
from api.parts import csv_parts, parquet_parts
from api.reading import Grain, read_kpis, snapshot
from api.tables import KPIS_COLUMNS, Table, table_of
from api.windows import DAYS_MAX, Asked, window

FileFormat = Literal["csv", "parquet"]
_PARTS: Final[Mapping[FileFormat, Callable[[Sequence[str], Iterable[Table]], Iterator[bytes]]]] = {
    "csv": csv_parts,
    "parquet": parquet_parts,
}
#: What an export answers besides problems.
FILES: Final[dict[str, Any]] = {"content": {MEDIA_TYPES[name]: {} for name in _PARTS}}


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
    without its last chunk: take no such file.
    """
    parts = _PARTS[format](KPIS_COLUMNS, _tables(desk, access, asked, grain))
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
