"""Formats: an answer's bytes as JSON, CSV, Parquet or an Excel sheet. The same answer gives the same bytes."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, Literal

from pydantic import BaseModel

from analytics.tables import Table, csv_parts, xlsx_parts
from api.errors import ProblemError
from api.parts import parquet_parts
from api.tables import table_of

FileFormat = Literal["csv", "parquet", "xlsx"]
Format = Literal["json", FileFormat]

MEDIA_TYPES: Final[Mapping[Format, str]] = {
    "json": "application/json",
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


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


def _joined(parts: Callable[[Sequence[str], Iterable[Table]], Iterator[bytes]]) -> Callable[[Table], bytes]:
    return lambda table: b"".join(parts(table.columns, [table]))


#: What makes a file of several tables with the same columns, part by part.
PARTS: Final[Mapping[FileFormat, Callable[[Sequence[str], Iterable[Table]], Iterator[bytes]]]] = {
    "csv": csv_parts,
    "parquet": parquet_parts,
    "xlsx": xlsx_parts,
}
_WRITERS: Final[Mapping[Format, Callable[[Table], bytes]]] = {name: _joined(parts) for name, parts in PARTS.items()}
