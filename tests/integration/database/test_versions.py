"""Footfall's whole life with its database, on each PostgreSQL that can be had here: 15 to 18."""

import random
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from contract.entries import CameraUptime, Crossing, Register
from deploy.migrate import migrate
from deploy.recomputing import recompute
from ingest.database import Database
from ingest.housekeeping import Housekeeping
from ingest.intake import Intake
from ingest.verify import verify
from tests.support.ledger import add_store, batch, one, waiting
from tests.support.postgres_versions import VERSIONS, VersionUnavailableError, running_version

pytestmark = pytest.mark.slow

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture(params=VERSIONS)
def version(request: pytest.FixtureRequest) -> Iterator[tuple[str, str]]:
    """A name of `VERSIONS`, and the URL of a migrated database on it."""
    with tempfile.TemporaryDirectory(prefix="footfall-test-") as name:
        Path(name).chmod(0o755)
        try:
            with running_version(request.param, Path(name) / "postgres") as postgres:
                migrate(postgres.url())
                yield request.param, postgres.url()
        except VersionUnavailableError as error:
            pytest.skip(str(error))


def test_a_version_migrates_takes_in_answers_and_keeps_house(version: tuple[str, str]) -> None:
    name, url = version
    (major,) = one(url, "SELECT current_setting('server_version_num')::integer / 10000")
    assert 15 <= major <= 18
    assert name in ("debian", str(major))
    add_store(url)
    entries = [Crossing(NOON + timedelta(seconds=30 * number), "front-door", "in") for number in range(60)]
    intake = Intake(url, dead_letters_max=100)
    intake.store(waiting(batch(entries=entries), batch(entries=entries, first_seq=1)))
    uptime = [CameraUptime(NOON + timedelta(minutes=number), "door", 60, 60) for number in range(30)]
    registers = [Register(NOON - timedelta(minutes=1), "front-door", 0, 0),
                 Register(NOON + timedelta(hours=1), "front-door", 60, 0)]  # fmt: skip
    intake.store(waiting(batch(first_seq=61, entries=[*uptime, *registers])))
    intake.close()
    assert one(url, "SELECT sum(ins) FROM line_traffic_hour") == (60,)
    database = Database(url)
    assert verify(database).complete
    later = NOON + timedelta(days=120)
    house = Housekeeping(url, now=lambda: later, rng=random.Random(1))  # noqa: S311  # pauses
    assert house.once()
    assert house.keep_days()
    assert one(url, "SELECT sum(ins), (SELECT count(*) FROM crossing) FROM line_traffic_hour") == (60, 0)
    assert recompute(database).agrees
    database.close()
