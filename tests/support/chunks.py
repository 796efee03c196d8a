"""Which chunks a question reads on TimescaleDB: a cursor that explains what it runs."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

import psycopg2.extensions
from psycopg2.extensions import cursor as Cursor  # noqa: N812  # a class with a lower-case name

_CHUNKS = """
SELECT h.name, c.chunk_name, c.range_start, c.range_end, p.table_name
FROM timescaledb_information.chunks AS c
CROSS JOIN LATERAL (
    SELECT COALESCE((SELECT a.view_name FROM timescaledb_information.continuous_aggregates AS a
                     WHERE a.materialization_hypertable_name = c.hypertable_name), c.hypertable_name) AS name
) AS h
LEFT JOIN _timescaledb_catalog.chunk AS u ON u.schema_name = c.chunk_schema AND u.table_name = c.chunk_name
LEFT JOIN _timescaledb_catalog.chunk AS p ON p.id = u.compressed_chunk_id
"""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stretch of a hypertable or continuous aggregate."""

    of: str
    from_at: datetime
    until: datetime


def chunks(cursor: Cursor) -> Mapping[str, Chunk]:
    """Return every chunk by the name of its table, and again by that of its compressed one."""
    cursor.execute(_CHUNKS)
    found: dict[str, Chunk] = {}
    for of, name, from_at, until, compressed in cursor.fetchall():
        found |= dict.fromkeys(filter(None, (name, compressed)), Chunk(of, from_at, until))
    return found


class ExplainingCursor(psycopg2.extensions.cursor):
    """Explains each SELECT before it runs it; `read` gathers the rows that were read of each table, thrown away or not.

    A table that the plan names but that was never looked into is not among them.
    """

    read: ClassVar[dict[str, float]] = defaultdict(float)

    def execute(self, query: Any, vars: Any = None) -> None:  # noqa: A002  # psycopg2's name
        """Run a statement."""
        if not query.startswith("SET"):
            super().execute("EXPLAIN (ANALYZE, FORMAT JSON) " + query, vars)
            (plan,) = super().fetchone() or ([],)
            for name, rows in _scans((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]):
                ExplainingCursor.read[name] += rows
        super().execute(query, vars)


def _scans(node: dict[str, Any]) -> Iterator[tuple[str, float]]:
    if "Relation Name" in node and node["Actual Loops"]:
        rows = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
        yield node["Relation Name"], rows * node["Actual Loops"]
    for child in node.get("Plans", ()):
        yield from _scans(child)
