"""How long a chunk is follows from what is written a day: daily, within bounds, told by `footfall db chunks`."""

import json
import random
from datetime import UTC, datetime, timedelta

import pytest
from psycopg2.extensions import cursor as Cursor  # noqa: N812  # a class with a lower-case name
from typer.testing import CliRunner

from deploy.cli.main import app
from ingest.chunks import sizes
from ingest.database import Database
from ingest.housekeeping import Housekeeping
from tests.support.timescale import cursor_at
from tests.support.traffic import fill_dimensions, fill_facts

pytestmark = pytest.mark.slow

NOW = datetime.now(UTC).replace(minute=7, second=0, microsecond=0)
DAY = timedelta(days=1)
#: Crossings by the second for ten days: beside them, all the other tables weigh nothing.
BUSY = """
INSERT INTO crossing (at, store_id, line_id, inward)
SELECT %(from_at)s::timestamptz + g * INTERVAL '4 seconds', 1, 1, true FROM generate_series(0, 215999) AS g
"""


def lengths(cursor: Cursor) -> dict[str, float]:
    """Return how many days the newest chunk to come of each table will hold."""
    cursor.execute(
        "SELECT hypertable_name, EXTRACT(epoch FROM time_interval) / 86400 FROM timescaledb_information.dimensions"
        " WHERE hypertable_schema = 'public'"
    )
    return {name: float(days) for name, days in cursor.fetchall()}


def house(url: str, memory_mb: int | None) -> Housekeeping:
    rng = random.Random(1)  # noqa: S311  # pauses
    return Housekeeping(url, now=lambda: NOW, rng=rng, chunk_memory_mb=memory_mb)


def test_chunks_are_as_long_as_what_is_written_lets_them_be(
    timescale: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("FOOTFALL_DATABASE_URL", timescale)
    caplog.set_level("INFO", "ingest")
    with cursor_at(timescale) as cursor:
        before = lengths(cursor)
        assert house(timescale, None).once()
        assert lengths(cursor) == before, "nothing was written: no rate, no change"
        fill_dimensions(cursor, from_at=NOW - 12 * DAY, until=NOW)
        fill_facts(cursor, from_at=NOW - 10 * DAY, until=NOW, thin=20)
        cursor.execute(BUSY, {"from_at": NOW - 10 * DAY})
        found = sizes(Database(timescale), NOW, memory_mb=8)
        assert found is not None
        crossing = next(one for one in found.tables if one.table == "crossing")
        assert crossing.rate is not None
        assert crossing.rate.rows_per_day == pytest.approx(21_600, rel=0.05)
        assert 60 < crossing.rate.bytes_per_row < 200
        per_day = sum(one.rate.bytes_per_day for one in found.tables if one.rate)
        assert house(timescale, 8).once()
        days = 8 * 2**20 // per_day
        assert 1 < days < 7, "the memory of this test is to lie between the bounds"
        assert lengths(cursor) == dict.fromkeys(before, days) | {"heat": 7, "flow": 7}
        assert f"new chunks of crossing hold {days:.0f} days instead of 7" in caplog.text
        monkeypatch.setenv("FOOTFALL_CHUNK_MEMORY_MB", "1")
        told = CliRunner().invoke(app, ["db", "chunks"])
        assert f"crossing: {days:g} days, should be 1 (" in told.stdout
        assert CliRunner().invoke(app, ["db", "chunks", "--apply"]).exit_code == 0
        assert lengths(cursor) == dict.fromkeys(before, 1) | {"heat": 7, "flow": 7}
        cursor.execute(
            "INSERT INTO crossing (at, store_id, line_id, inward) VALUES (%(at)s, 1, 1, true)", {"at": NOW + 9 * DAY}
        )
        cursor.execute(
            "SELECT range_end - range_start FROM timescaledb_information.chunks WHERE hypertable_name = 'crossing'"
            " ORDER BY range_start DESC LIMIT 1"
        )
        assert cursor.fetchone() == (DAY,)
        cursor.execute("SELECT sum(ins) FROM line_traffic_15m WHERE line_id = 1")
        ((rolled_up,),) = cursor.fetchall()
        cursor.execute("SELECT count(*) FROM crossing WHERE line_id = 1 AND inward AND staff IS NOT TRUE")
        assert cursor.fetchall() == [(rolled_up,)], "what lies in chunks of both lengths is counted"
        monkeypatch.delenv("FOOTFALL_CHUNK_MEMORY_MB")
        told = json.loads(CliRunner().invoke(app, ["db", "chunks", "--apply", "--json"]).stdout)
        cursor.execute("SELECT pg_size_bytes(current_setting('shared_buffers')) / 2")
        assert cursor.fetchone() == (told["memory_bytes"],)
        assert {one["table"]: one["every_days"] for one in told["tables"]} == lengths(cursor)
        assert all(one["every_days"] == one["wanted_days"] for one in told["tables"])
