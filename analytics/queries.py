"""SQL blocks by name: `analytics/sql/*.sql`, each file split at lines `-- :name NAME`.

Blocks take named parameters. The connection is always the caller's; it should be in autocommit or is left in the
transaction it was in.
"""

import functools
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import psycopg2
import psycopg2.extensions

from analytics.errors import DatabaseError, QueryUnknownError

FOLDER = Path(__file__).with_name("sql")
_MARKER = re.compile(r"^-- :name (\w+)\s*$", re.MULTILINE)

Connection = psycopg2.extensions.connection


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


def _run(connection: Connection, name: str, parameters: Mapping[str, Any]) -> tuple[list[str], list[tuple[Any, ...]]]:
    try:
        text = blocks()[name]
    except KeyError:
        raise QueryUnknownError(f"no SQL block is named {name!r}: known are {', '.join(sorted(blocks()))}") from None
    try:
        with connection.cursor() as cursor:
            cursor.execute(text, parameters)
            return [column.name for column in cursor.description or ()], cursor.fetchall()
    except psycopg2.Error as error:
        raise DatabaseError(f"{name}: {str(error).strip()}") from error
