"""What is shown of simulated stores whose cameras miscount, through the whole chain, beside the truth."""

import csv
import json
from pathlib import Path

import psycopg2
import pytest
from typer.testing import CliRunner

from deploy.cli.main import app
from deploy.simulation.fleet import fleet
from deploy.simulation.model import MISCOUNTING
from tests.support.ingesting import running_ingest
from tests.support.servers import RunningBroker
from tests.support.simulated_history import running_orders_api, simulate_history


@pytest.mark.slow
def test_every_figure_keeps_its_word_about_the_truth_of_simulated_store_days(
    tmp_path: Path, broker: RunningBroker, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Devices, broker, ingest, orders API, database; figures by the functions that the pages call."""
    monkeypatch.setenv("FOOTFALL_DATABASE_URL", database)
    with running_ingest(database, broker.server_url), running_orders_api(database) as orders_url:
        simulate_history(
            tmp_path, broker, database, stores=fleet(3), days=7, orders_url=orders_url, model=MISCOUNTING
        )  # fmt: skip
    command = ["verify", "--truth", str(tmp_path / "truth.json"), "--cases", str(tmp_path / "cases.csv"), "--json"]
    said = CliRunner().invoke(app, command)
    found = json.loads(said.stdout)
    kpis = {one["kpi"]: one for one in found["kpis"]}
    # Of 25 kinds of figures one or the other of three stores strays by chance: the proof takes twenty (docs/truth.md).
    unkept = [one["kpi"] for one in found["kpis"] if not one["kept"]]
    assert said.exit_code == (1 if unkept else 0)
    assert len(unkept) <= 3, unkept
    assert found["counted_as_stored"]
    assert found["store_days"] == 21
    assert set(kpis) >= {
        "footfall", "passers_by", "transactions", "net_sales", "capture_rate", "conversion", "atv", "upt", "spv",
        "buying_units", "staff_hours", "star", "aur", "engagement", "dwell_p50", "queue_rate", "abandonment",
        "repeat_rate", "conversion_hour",
    }  # fmt: skip
    assert kpis["staff_hours"]["exact"]
    assert kpis["transactions"]["exact"]
    assert kpis["net_sales"]["exact"]
    assert 0.005 < kpis["footfall"]["error"] < 0.06, "cameras miscount"
    assert kpis["footfall"]["covered"] > 0.8
    with (tmp_path / "cases.csv").open() as file:
        cases = list(csv.DictReader(file))
    assert len([case for case in cases if case["kpi"] == "conversion"]) == 21

    connection = psycopg2.connect(database)
    with connection, connection.cursor() as cursor:
        cursor.execute("DELETE FROM crossing WHERE inward AND at > '2026-11-12Z'")
    connection.close()
    said = CliRunner().invoke(app, command[:-1])
    assert said.exit_code == 1
    assert "the database DIFFERS from what was counted" in said.stdout
