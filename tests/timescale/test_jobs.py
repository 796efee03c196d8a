"""The database's own work is watched, called where no scheduler does it, and told where it fails."""

import json
import random
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from analytics.fleet.jobs import unwell_jobs
from deploy.cli.main import app
from ingest.database import Database
from ingest.housekeeping import Housekeeping
from ingest.jobs import Job, listed, look_after
from tests.support.timescale import cursor_at

pytestmark = pytest.mark.slow

NOW = datetime.now(UTC).replace(microsecond=0)


BROKEN = """
CREATE PROCEDURE broken_job(job_id integer, config jsonb) LANGUAGE plpgsql AS $$ BEGIN RAISE 'not today'; END $$
"""


def unwell(jobs: list[Job]) -> list[str]:
    return [job.name.partition(" ")[0] for job in jobs if job.unwell_since]


def test_jobs_that_no_scheduler_runs_are_called_and_failures_are_told(
    timescale: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    database = Database(timescale)
    assert look_after(database, NOW) == 0, "a new job is not overdue"
    many = len(listed(database, NOW))
    assert many > 10
    quarter_hourly = look_after(database, NOW + timedelta(minutes=31))
    assert 5 <= quarter_hourly < many
    assert look_after(database, NOW + timedelta(minutes=32)) == 0
    assert look_after(database, NOW + timedelta(minutes=47)) == quarter_hourly, "in its own time from now on"
    assert unwell(listed(database, NOW + timedelta(minutes=47))) == []
    with cursor_at(timescale) as cursor:
        cursor.execute(BROKEN)
        cursor.execute("SELECT add_job('broken_job', INTERVAL '1 day')")
        ((broken,),) = cursor.fetchall()
    look_after(database, NOW + timedelta(minutes=48))
    look_after(database, NOW + timedelta(days=4))
    assert unwell(listed(database, NOW + timedelta(days=4))) == ["broken_job"]
    assert "the database's job broken_job" in caplog.text
    with cursor_at(timescale) as cursor:
        (shown,) = unwell_jobs(cursor.connection, now=NOW + timedelta(days=4))
    assert (shown.kind, shown.of) == ("other", f"broken_job ({broken})")
    assert "not today" in (shown.error or "")
    monkeypatch.setenv("FOOTFALL_DATABASE_URL", timescale)
    told = CliRunner().invoke(app, ["db", "jobs"])
    assert told.exit_code == 1
    assert "not today" in told.stdout
    with cursor_at(timescale) as cursor:
        cursor.execute("SELECT delete_job(%(job)s)", {"job": broken})
    mended = CliRunner().invoke(app, ["db", "jobs", "--run", "--json"])
    assert mended.exit_code == 0, mended.stdout
    assert len(json.loads(mended.stdout)) == many


def test_what_is_never_done_becomes_overdue(timescale: str) -> None:
    database = Database(timescale)
    look_after(database, NOW)
    assert unwell(listed(database, NOW + timedelta(minutes=20))) == []
    assert "policy_refresh_continuous_aggregate" in unwell(listed(database, NOW + timedelta(minutes=80)))
    with cursor_at(timescale) as cursor:
        shown = unwell_jobs(cursor.connection, now=NOW + timedelta(minutes=80))
    assert {(job.kind, job.of) for job in shown} >= {("refresh", "camera_uptime_15m"), ("refresh", "occupancy_15m")}
    assert {job.kind for job in shown} == {"refresh"}
    house = Housekeeping(timescale, now=lambda: NOW, rng=random.Random(1))  # noqa: S311  # pauses
    assert house.once()
    assert house.look_after_jobs()
    assert {job.name: job.done_at for job in listed(database, NOW)}["maintain"] == NOW
