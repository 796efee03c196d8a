"""SQL blocks by name: `analytics/sql/*.sql`, each file split at lines `-- :name NAME`.

Blocks take named parameters. The connection is always the caller's; it should be in autocommit or is left in the
transaction it was in.
"""

import functools
import itertools
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from weakref import WeakKeyDictionary

import pandas as pd
import psycopg2
import psycopg2.extensions
from psycopg2.extensions import TRANSACTION_STATUS_IDLE, TRANSACTION_STATUS_INTRANS

from analytics.errors import DatabaseError, QueryUnknownError

FOLDER = Path(__file__).with_name("sql")
_PARAMETER = re.compile(r"%\((\w+)\)s")
_TYPES: Final[Mapping[type, str]] = {
    float: "float8", datetime: "timestamptz", date: "date", timedelta: "interval", bool: "boolean",
}  # fmt: skip
_MARKER = re.compile(r"^-- :name (\w+)\s*$", re.MULTILINE)

Connection = psycopg2.extensions.connection

_plans = itertools.count()
#: What asks the blocks that are planned on a connection, by name and the types of what is given.
_planned: WeakKeyDictionary[Connection, dict[tuple[str, str], str]] = WeakKeyDictionary()


@functools.cache
def blocks() -> Mapping[str, str]:
    """Return every SQL block of the package by name."""
    found: dict[str, str] = {}
    for path in sorted(FOLDER.glob("*.sql")):
        found.update(read_blocks(path))
    return found


def read_blocks(path: Path) -> Mapping[str, str]:
    """Return the SQL blocks of one file by name."""
    _, *parts = _MARKER.split(path.read_text(encoding="utf-8"))
    return dict(zip(parts[::2], (body.strip() for body in parts[1::2]), strict=True))


def rows(connection: Connection, name: str, **parameters: Any) -> list[tuple[Any, ...]]:
    """Run the block `name` and return its rows.

    Raises:
        QueryUnknownError: no block has this name.
        DatabaseError: the database could not be asked.
    """
    return _run(connection, name, parameters)[1]


def frame(connection: Connection, name: str, **parameters: Any) -> pd.DataFrame:
    """Run the block `name` and return its rows as a DataFrame; an empty result keeps its columns.

    Raises:
        QueryUnknownError: no block has this name.
        DatabaseError: the database could not be asked.
    """
    columns, found = _run(connection, name, parameters)
    return pd.DataFrame(found, columns=pd.Index(columns))


def records(connection: Connection, name: str, **parameters: Any) -> list[dict[str, Any]]:
    """Run the block `name` and return its rows by the names of its columns.

    Raises:
        QueryUnknownError: no block has this name.
        DatabaseError: the database could not be asked.
    """
    columns, found = _run(connection, name, parameters)
    return [dict(zip(columns, row, strict=True)) for row in found]


@contextmanager
def planned_once(connection: Connection) -> Iterator[None]:
    """Have each block that is asked of `connection` meanwhile planned a few times at most instead of each time.

    Of a question about one store planning takes twice as long as the answer: worth it for whoever asks the same of
    many. All of it in one transaction, as behind a pooler the next one may be another session's.

    Raises:
        psycopg2.Error: the connection is lost.
    """
    _planned[connection] = {}
    try:
        yield
    finally:
        plans = [asked.split()[1] for asked in _planned.pop(connection).values()]
        # A transaction that failed takes no more statements; its connection may be used again.
        if connection.info.transaction_status in (TRANSACTION_STATUS_IDLE, TRANSACTION_STATUS_INTRANS):
            with connection.cursor() as cursor:
                for plan in plans:
                    cursor.execute(f"DEALLOCATE {plan}")


def _planned_text(connection: Connection, name: str, text: str, parameters: Mapping[str, Any]) -> str:
    """Return what asks a block whose plan is kept on the connection, or is from now on; else its own text."""
    known = _planned.get(connection)
    if known is None:
        return text
    places = list(dict.fromkeys(_PARAMETER.findall(text)))
    # A plan is made for types: one made of a whole number, or of nothing, would round the next one's fraction.
    types = ", ".join(_type_of(parameters[place]) for place in places)
    if (name, types) not in known:
        # A name that no transaction which failed can have left behind.
        plan = f"footfall_{name}_{next(_plans)}"
        numbered = _PARAMETER.sub(lambda found: f"${1 + places.index(found[1])}", text).replace("%%", "%")
        with connection.cursor() as cursor:
            cursor.execute(f"PREPARE {plan} {f'({types})' if types else ''} AS {numbered}")
        values = ", ".join(f"%({place})s" for place in places)
        known[name, types] = f"EXECUTE {plan} {f'({values})' if values else ''}"
    return known[name, types]


def _type_of(value: object) -> str:
    """Return what a plan says that a value is: where it could be taken for something else, as numbers are."""
    return next((_TYPES[each] for each in type(value).__mro__ if each in _TYPES), "unknown")


def _run(connection: Connection, name: str, parameters: Mapping[str, Any]) -> tuple[list[str], list[tuple[Any, ...]]]:
    try:
        text = blocks()[name]
    except KeyError:
        raise QueryUnknownError(f"no SQL block is named {name!r}: known are {', '.join(sorted(blocks()))}") from None
    try:
        asked = _planned_text(connection, name, text, parameters)
        with connection.cursor() as cursor:
            cursor.execute(asked, parameters)
            return [column.name for column in cursor.description or ()], cursor.fetchall()
    except psycopg2.Error as error:
        raise DatabaseError(f"{name}: {str(error).strip()}") from error
