"""On plain PostgreSQL the daily maintenance is the database's only job: it is watched all the same."""

import random
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta

import psycopg2
import pytest
from typer.testing import CliRunner

from analytics.fleet.jobs import GRACE as ANALYTICS_GRACE
from analytics.fleet.jobs import UnwellJob, unwell_jobs
from deploy.cli.main import app
from ingest.database import Database
from ingest.errors import DatabaseError, GivenUpError, UnavailableError
from ingest.housekeeping import Housekeeping
from ingest.jobs import GRACE, listed, noted
from tests.support.ledger import rows

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_a_time_out_of_the_servers_is_noted_and_what_we_gave_up_is_not(database: str) -> None:
    opened = Database(database)
    with pytest.raises(UnavailableError) as timed_out, noted(opened, "slow", NOW), opened.transaction() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '20ms'; SELECT pg_sleep(20)")
    assert not isinstance(timed_out.value, GivenUpError)
    assert rows(database, "SELECT name, error IS NOT NULL FROM job") == [("slow", True)]
    given_up = threading.Event()

    def give_up() -> None:
        # The first may come before the statement has begun.
        while not given_up.wait(0.05):
            opened.cancel()

    giving_up = threading.Thread(target=give_up)
    giving_up.start()
    with pytest.raises(GivenUpError), noted(opened, "slower", NOW), opened.transaction() as cursor:
        cursor.execute("SELECT pg_sleep(20)")
    given_up.set()
    giving_up.join()
    assert rows(database, "SELECT name FROM job") == [("slow",)]
    opened.close()


def test_maintenance_that_fails_or_is_not_done_is_told(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTFALL_DATABASE_URL", database)
    opened = Database(database)
    house = Housekeeping(database, now=lambda: NOW, rng=random.Random(1))  # noqa: S311  # pauses
    assert "nothing is known yet" in CliRunner().invoke(app, ["db", "jobs"]).stdout
    assert house.once()
    assert house.look_after_jobs()
    (job,) = listed(opened, NOW + timedelta(days=2))
    assert (job.name, job.done_at, job.unwell_since) == ("maintain", NOW, None)
    (job,) = listed(opened, NOW + timedelta(days=2, hours=1))
    assert job.unwell_since is not None
    rows(database, "ALTER TABLE rollup RENAME TO elsewhere")
    with pytest.raises(DatabaseError):
        house.once()
    (job,) = listed(opened, NOW)
    assert 'relation "rollup" does not exist' in (job.error or "")
    told = CliRunner().invoke(app, ["db", "jobs"])
    assert told.exit_code == 1
    assert "✗ maintain: done 2026-11-20 12:00Z" in told.stdout


def test_the_page_and_the_command_call_the_same_jobs_unwell(database: str) -> None:
    assert ANALYTICS_GRACE == GRACE
    house = Housekeeping(database, now=lambda: NOW, rng=random.Random(1))  # noqa: S311  # pauses
    assert house.once()
    overdue = NOW + timedelta(days=2) + GRACE + timedelta(seconds=1)
    with closing(psycopg2.connect(database)) as connection:
        assert unwell_jobs(connection, now=overdue - timedelta(seconds=2)) == ()
        assert unwell_jobs(connection, now=overdue) == (UnwellJob("maintain", "", NOW, None),)
    (job,) = listed(Database(database), overdue)
    assert job.unwell_since is not None
