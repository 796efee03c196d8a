"""Simulated stores through the real broker, the real ingest and the real database: SQL says what was counted."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from typer.testing import CliRunner

from deploy.cli.simulate import app
from deploy.simulation.check import Verdict, check
from deploy.simulation.clock import FastClock
from deploy.simulation.fleet import fleet
from deploy.simulation.progress import Progress
from deploy.simulation.run import Fleet, Plan
from deploy.simulation.service import Servers, simulate
from deploy.simulation.truth_file import read_truth
from ingest.database import Database
from tests.support.ingesting import running_ingest
from tests.support.servers import RunningBroker
from tests.support.simulated_history import AFTERNOON, running_orders_api
from tests.support.simulated_history import simulate_history as history_of

#: One with two doors, one that closes after midnight.
STORES = tuple(store for store in fleet(3) if store.code in {"nanjing-road", "causeway-bay"})


def simulate_history(home: Path, broker: RunningBroker, database: str, **settings: Any) -> list[Progress]:
    return history_of(home, broker, database, stores=STORES, **settings)


def verdict(database: str, truth: Path) -> Verdict:
    opened = Database(database)
    try:
        return check(opened, read_truth(truth))
    finally:
        opened.close()


def crossings(database: str) -> int:
    connection = psycopg2.connect(database)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM crossing")
            row = cursor.fetchone()
            assert row is not None
            return int(row[0])
    finally:
        connection.close()


def test_the_database_says_exactly_what_was_counted(tmp_path: Path, broker: RunningBroker, database: str) -> None:
    with running_ingest(database, broker.server_url):
        progress = simulate_history(tmp_path, broker, database)
    found = verdict(database, tmp_path / "truth.json")
    assert found.differences == []
    assert found.missing == {}
    visitors = sum(counted for (_, measure), (_, counted, _) in found.totals.items() if measure.startswith("in:door"))
    assert visitors > 300
    assert [step.stage for step in progress][-1] == "stopped"
    assert progress[-1].done == progress[-1].total > 5_000


def test_a_second_start_adds_only_what_happened_since(tmp_path: Path, broker: RunningBroker, database: str) -> None:
    with running_ingest(database, broker.server_url):
        before = simulate_history(tmp_path, broker, database, days=1)[-1].total
        again = simulate_history(tmp_path, broker, database, days=9)[-1].total
        later = simulate_history(tmp_path, broker, database, start=AFTERNOON + timedelta(hours=1))[-1].total
    assert before <= again < before + 100
    assert again + 300 < later
    assert verdict(database, tmp_path / "truth.json").agrees


def test_history_that_the_database_holds_is_not_sent_again_from_a_new_home(
    tmp_path: Path, broker: RunningBroker, database: str
) -> None:
    with running_ingest(database, broker.server_url):
        simulate_history(tmp_path / "first", broker, database, days=1)
        stored = crossings(database)
        simulate_history(tmp_path / "second", broker, database, days=1)
    assert stored <= crossings(database) < stored + 100


def test_a_difference_is_told_by_store_hour_and_measure(
    tmp_path: Path, broker: RunningBroker, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOOTFALL_DATABASE_URL", database)
    command = ["check", "--truth", str(tmp_path / "truth.json")]
    with running_ingest(database, broker.server_url):
        simulate_history(tmp_path, broker, database, days=1)
    agreed = CliRunner().invoke(app, command)
    assert agreed.exit_code == 0
    assert "the database says exactly what was counted" in agreed.output
    connection = psycopg2.connect(database)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM crossing WHERE ctid = (SELECT min(c.ctid) FROM crossing AS c JOIN line AS l USING (line_id) "
            "WHERE l.code = 'side-door' AND c.inward)"
        )
    connection.close()
    hour, day = verdict(database, tmp_path / "truth.json").differences
    assert (hour.measure, hour.expected - hour.found) == ("in:side-door", 1)
    assert (day.measure, day.expected - day.found) == ("in:side-door", 1)
    differing = CliRunner().invoke(app, command)
    assert differing.exit_code == 1
    assert f"nanjing-road {hour.when.isoformat()} in:side-door: expected" in differing.output


def test_sales_are_exact_and_a_restart_doubles_none(tmp_path: Path, broker: RunningBroker, database: str) -> None:
    with running_ingest(database, broker.server_url), running_orders_api(database) as orders_url:
        simulate_history(tmp_path, broker, database, orders_url=orders_url)
        first = (tmp_path / "till.key").read_text()
        for journal in tmp_path.glob("*.till.json"):
            journal.unlink()
        simulate_history(tmp_path, broker, database, orders_url=orders_url)
    found = verdict(database, tmp_path / "truth.json")
    assert found.agrees
    assert found.totals["nanjing-road", "transactions"][2] > 100
    assert found.totals["causeway-bay", "net_sales"][2] > 0
    assert found.totals["causeway-bay", "net_of:bags"][2] > 0
    assert found.totals["nanjing-road", "worked_s"][2] > 6 * 3_600
    assert (tmp_path / "till.key").read_text() == first


@pytest.mark.slow
def test_a_fleet_in_fast_motion_stays_exact_while_the_broker_dies(
    tmp_path: Path, broker: RunningBroker, database: str
) -> None:
    """Five minutes a second, live, with a broker that is killed and comes back."""
    fleets: list[Fleet] = []
    progress: list[Progress] = []

    def watch(step: Progress) -> None:
        progress.append(step)
        lives = [seen for seen in progress if seen.stage == "live"]
        if step.stage == "live" and len(lives) == 1:
            broker.kill()
            broker.start()
        if step.stage == "live" and len(lives) == 3:
            fleets[0].stopping.set()

    clock = FastClock(300.0, start=AFTERNOON)
    with running_ingest(database, broker.server_url):
        simulate(
            Plan(home=tmp_path, stores=STORES, history=False),
            Servers(broker_url=broker.device_url, database_url=database),
            report=watch, opened=fleets.append, clock=clock,
        )  # fmt: skip
        assert progress[-1].total > 1_000
        # What was under way at the end is delivered by the next run.
        simulate_history(tmp_path, broker, database, start=clock.now())
    assert verdict(database, tmp_path / "truth.json").agrees


@pytest.mark.slow
def test_a_fleet_that_is_killed_in_the_middle_of_its_history_completes_it_at_the_next_start(
    tmp_path: Path, broker: RunningBroker, database: str
) -> None:
    environment = {
        **os.environ,
        "FOOTFALL_DATABASE_URL": database,
        "FOOTFALL_DEVICE_BROKER_URL": broker.device_url,
        "FOOTFALL_HOME": str(tmp_path),
    }
    environment.pop("FOOTFALL_ORDERS_URL", None)
    truth = tmp_path / "truth.json"
    command = [
        sys.executable, "-m", "deploy.cli.main", "simulate", "run", "--stores", "2", "--days", "30", "--history-only",
        "--json", "--truth", str(truth),
    ]  # fmt: skip
    with running_ingest(database, broker.server_url):
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as first:  # noqa: S603  # ours
            assert first.stdout is not None
            for line in first.stdout:
                if json.loads(line)["done"] >= 20:
                    first.kill()
                    break
        assert first.returncode == -9
        assert not truth.exists()
        second = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603  # ours
    assert second.returncode == 0, second.stderr
    assert json.loads(second.stdout.splitlines()[0])["entries"] > 1_000
    found = verdict(database, truth)
    assert found.agrees
    assert found.totals["xidan", "in:door"][2] > 4_000
