"""Chunks: how much time one of TimescaleDB's holds, derived from what is written a day.

Rows and indexes of the chunks that are being written should stay in memory: all of them together take at most a stated
share of the database's. Only chunks to come change; those that are there stay as they were cut.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from psycopg2 import sql

from ingest.database import Cursor, Database
from ingest.sql_blocks import load_blocks

logger = logging.getLogger(__name__)

_SQL: Final = load_blocks("chunks")
#: Of PostgreSQL's own cache, where nobody says how much memory there is: the other half is for what pages read.
SHARE: Final = 0.5
_DAY: Final = timedelta(days=1)
#: `maintain` drops whole chunks and promises 90 days: a longer one would keep rows beyond them.
_BOUNDS: Final = (_DAY, 7 * _DAY)
#: A row in 15 minutes: shorter chunks would hold next to nothing, and these rows are not dropped.
_SPARSE: Final[Mapping[str, tuple[timedelta, timedelta]]] = dict.fromkeys(("heat", "flow"), (7 * _DAY, 28 * _DAY))
#: Less than this tells no rate, and a smaller change is not worth chunks of another length.
_MEASURED_FROM: Final = 2 * _DAY
_WORTH_IT: Final = 1.5


@dataclass(frozen=True, slots=True)
class Rate:
    """What came into a table in `days`: rows, and the bytes that they take with their indexes."""

    rows: int
    total_bytes: int
    days: float

    @property
    def rows_per_day(self) -> float:
        """Rows a day."""
        return self.rows / self.days

    @property
    def bytes_per_row(self) -> float:
        """Bytes of one row, its share of the indexes included."""
        return self.total_bytes / self.rows

    @property
    def bytes_per_day(self) -> float:
        """Bytes a day."""
        return self.total_bytes / self.days


@dataclass(frozen=True, slots=True)
class ChunkSize:
    """A hypertable's chunks: how long they are, and should be; `rate` None: too little came to tell."""

    table: str
    every: timedelta
    wanted: timedelta
    rate: Rate | None

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON: days, rows a day, bytes a row, and the bytes that a chunk will have."""
        rate = self.rate
        return {
            "table": self.table,
            "every_days": self.every / _DAY,
            "wanted_days": self.wanted / _DAY,
            "rows_per_day": rate and round(rate.rows_per_day, 1),
            "bytes_per_row": rate and round(rate.bytes_per_row, 1),
            "chunk_bytes": rate and round(rate.bytes_per_day * (self.wanted / _DAY)),
        }


@dataclass(frozen=True, slots=True)
class Sizes:
    """All hypertables' chunks, and the bytes that those being written may have together."""

    memory_bytes: int
    tables: tuple[ChunkSize, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        return {"memory_bytes": self.memory_bytes, "tables": [one.as_dict() for one in self.tables]}


def sizes(database: Database, now: datetime, *, memory_mb: int | None = None) -> Sizes | None:
    """Measure what is written and return how long chunks are and should be; None on plain PostgreSQL, which has none.

    Raises:
        DatabaseError: the database did not answer.
    """
    with database.transaction() as cursor:
        cursor.execute("SELECT count(*) > 0 FROM pg_extension WHERE extname = 'timescaledb'")
        if cursor.fetchone() != (True,):
            return None
        cursor.execute(_SQL["memory"])
        ((buffers,),) = cursor.fetchall()
        memory = round(buffers * SHARE) if memory_mb is None else memory_mb * 1024 * 1024
        cursor.execute(_SQL["hypertables"])
        lengths: dict[str, timedelta] = dict(cursor.fetchall())
        rates = _rates(cursor, now)
    return Sizes(memory, tuple(_sized(lengths, rates, memory)))


def resize(database: Database, now: datetime, *, memory_mb: int | None = None) -> tuple[ChunkSize, ...]:
    """Let chunks to come be as long as they should be; return those tables whose chunks change.

    Raises:
        DatabaseError: the database did not answer.
    """
    found = sizes(database, now, memory_mb=memory_mb)
    changed = () if found is None else tuple(one for one in found.tables if one.wanted != one.every)
    with database.transaction() as cursor:
        for one in changed:
            cursor.execute(_SQL["set"], {"table": one.table, "every": one.wanted})
    for one in changed:
        logger.info(
            "new chunks of %s hold %d days instead of %.3g",
            one.table, one.wanted.days, one.every / _DAY, extra={"action": "chunks_resized", **_told(one)},
        )  # fmt: skip
    return changed


def fitting(rates: Sequence[Rate], memory_bytes: int) -> timedelta | None:
    """Return how long chunks of all these tables may be so that one of each fits; None where nothing was written."""
    per_day = sum(rate.bytes_per_day for rate in rates)
    # Beyond any bound it makes no difference, and a timedelta ends.
    return timedelta(days=min(memory_bytes / per_day, 10_000)) if per_day > 0 else None


def chosen(table: str, every: timedelta, fits: timedelta | None) -> timedelta:
    """Return the whole days that a table's chunks should hold, within its bounds; as now where little would change."""
    least, most = _SPARSE.get(table, _BOUNDS)
    if fits is None:
        return every
    wanted = max(least, min(most, _DAY * (fits // _DAY)))
    factor = wanted / every
    close = 1 / _WORTH_IT < factor < _WORTH_IT
    return every if close and least <= every <= most else wanted


def _sized(lengths: Mapping[str, timedelta], rates: Mapping[str, Rate], memory: int) -> list[ChunkSize]:
    fits = fitting(list(rates.values()), memory)
    return [
        ChunkSize(table, every, chosen(table, every, fits if table in rates else None), rates.get(table))
        for table, every in lengths.items()
    ]


def _rates(cursor: Cursor, now: datetime) -> dict[str, Rate]:
    """Return the rate of each table of which enough came to tell one."""
    cursor.execute(_SQL["open_chunks"], {"now": now})
    found: dict[str, Rate] = {}
    for table, schema, name, from_at, until, size in cursor.fetchall():
        cursor.execute(sql.SQL("SELECT count(*), min(at) FROM {}").format(sql.Identifier(schema, name)))
        rows, first = cursor.fetchone() or (0, None)
        if rows:
            before = found.get(table, Rate(0, 0, 0.0))
            days = max((until - max(from_at, first)) / _DAY, 0.0)
            found[table] = Rate(before.rows + rows, before.total_bytes + size, before.days + days)
    return {table: rate for table, rate in found.items() if rate.days * _DAY >= _MEASURED_FROM}


def _told(one: ChunkSize) -> dict[str, Any]:
    """Return what a log entry says of it."""
    return {} if one.rate is None else {f"rate_{key}": value for key, value in asdict(one.rate).items()}
