"""Parquet files, made row group by row group, so that a long one never lies in memory."""

import io
import itertools
import struct
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from analytics.tables import Table, Value

if TYPE_CHECKING:
    import pandas as pd

#: A row group: some megabytes while it is made.
GROUP_ROWS: Final = 20_000
#: A figure's columns have their types whatever is in them, so that files of two questions can be read as one.
_DTYPES: Final[dict[str, Any]] = {
    **dict.fromkeys(("value", "low", "high", "completeness"), "float64"),
    "as_of": "datetime64[ns, UTC]",
    "version": "int64",
    **dict.fromkeys(("withheld", "known_now"), "bool"),
}
_MAGIC: Final = b"PAR1"


def parquet_parts(columns: Sequence[str], tables: Iterable[Table]) -> Iterator[bytes]:
    """Yield a Parquet file: a part for each row group of at least `GROUP_ROWS` rows but the last, then its end.

    Raises:
        ModuleNotFoundError: what writes Parquet is not installed.
    """
    from fastparquet import writer  # noqa: PLC0415  # half of what the API would need at its start, and few ask for it

    made = _Counted(_MAGIC)
    grouped = _grouped(tables)
    begun = list(itertools.islice(grouped, 1))
    dtypes = {
        column: _DTYPES.get(column) or _dtype([row[place] for rows in begun for row in rows])
        for place, column in enumerate(columns)
    }
    described = writer.make_metadata(_frame(dtypes, []), object_encoding="utf8", index_cols=[])
    groups = []
    for rows in itertools.chain(begun, grouped):
        begun = []
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Series.values", DeprecationWarning)
            frame = _frame(dtypes, rows)
            groups.append(writer.make_row_group(made, frame, described.schema, compression="GZIP", stats=False))
        yield made.take()
    described.row_groups = groups
    described.num_rows = sum(group.num_rows for group in groups)
    size = writer.write_thrift(made, described)
    made.write(struct.pack("<I", size) + _MAGIC)
    yield made.take()


class _Counted(io.RawIOBase):
    """A file to write to whose bytes are taken away as they come; it knows how many there were."""

    def __init__(self, begun: bytes) -> None:
        self._kept = bytearray(begun)
        self._taken = 0

    def write(self, some: Any) -> int:
        """Keep some bytes; return how many."""
        before = len(self._kept)
        self._kept += some
        return len(self._kept) - before

    def tell(self) -> int:
        """Return how many bytes there were."""
        return self._taken + len(self._kept)

    def take(self) -> bytes:
        """Return what was written since the last time."""
        some, self._kept = bytes(self._kept), bytearray()
        self._taken += len(some)
        return some


def _grouped(tables: Iterable[Table]) -> Iterator[list[Sequence[Value]]]:
    waiting: list[Sequence[Value]] = []
    for row in itertools.chain.from_iterable(table.rows for table in tables):
        waiting.append(row)
        if len(waiting) == GROUP_ROWS:
            yield waiting
            waiting = []
    if waiting:
        yield waiting


def _dtype(values: Sequence[Value]) -> str:
    """Return the type of a column that is no figure's, by what is in it."""
    kinds = {type(value) for value in values if value is not None}
    if kinds == {datetime}:
        return "datetime64[ns, UTC]"
    if kinds == {bool}:
        return "bool"
    if kinds and kinds <= {int, float}:
        return "int64" if kinds == {int} and None not in values else "float64"
    return "object"


def _frame(dtypes: Mapping[str, Any], rows: Sequence[Sequence[Value]]) -> "pd.DataFrame":
    import pandas as pd  # noqa: PLC0415  # as above

    frame = pd.DataFrame(rows, columns=list(dtypes), dtype=object)
    for column, dtype in dtypes.items():
        frame[column] = frame[column].map(_text).astype(object) if dtype == "object" else frame[column].astype(dtype)
    return frame


def _text(value: Value) -> str | None:
    return value.isoformat() if isinstance(value, date) else None if value is None else str(value)
