"""What is shown of simulated stores whose cameras miscount, through the whole chain, beside the truth."""

import csv
import json
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import psycopg2
import pytest
from typer.testing import CliRunner

from deploy.cli.main import app
from deploy.simulation.coverage import PROMISED
from deploy.simulation.fleet import fleet
from deploy.simulation.model import MISCOUNTING
from tests.support.ingesting import running_ingest
from tests.support.servers import RunningBroker
from tests.support.simulated_history import running_orders_api, simulate_history

#: Of so many figures one may lie outside where the 95 % interval keeps its word (`coverage.PROMISED`).
OUTSIDE = 1 - PROMISED[0]
#: More outside than chance brings once in so many tables is no chance.
ONCE_IN = 1_000
#: What these are off by is a store's audits, so that its days are inside or outside together: stores count, not days.
OF_STORES = {"footfall", "buying_units", "passers_by", "star"}


def most_outside(figures: int) -> int:
    """Return how many of so many independent figures may lie outside: the binomial bound."""
    chance, most = 1.0, -1
    while chance > 1 / ONCE_IN:
        most += 1
        chance -= math.comb(figures, most) * OUTSIDE**most * (1 - OUTSIDE) ** (figures - most)
    return most


def strayed(cases: Sequence[Mapping[str, str]], *, width: float = 1.0) -> dict[str, tuple[int, int]]:
    """Return (outside, figures) of each KPI of which more lie outside than the bound, with intervals so wide."""
    outside: defaultdict[str, defaultdict[str, list[bool]]] = defaultdict(lambda: defaultdict(list))
    for case in cases:
        if case["whole"] == "True" and case["low"]:
            low, high, truth = (float(case[name]) for name in ("low", "high", "truth"))
            off = abs(truth - (low + high) / 2) > width * (high - low) / 2
            outside[case["kpi"]][case["store"]].append(off)
    found = {}
    for kpi, stores in outside.items():
        told = [off for some in stores.values() for off in some]
        if kpi in OF_STORES:
            told = [sum(some) > len(some) / 2 for some in stores.values()]
        if sum(told) > most_outside(len(told)):
            found[kpi] = (sum(told), len(told))
    return found


def test_no_more_may_lie_outside_than_the_binomial_distribution_allows() -> None:
    assert [most_outside(figures) for figures in (1, 3, 21, 42, 150)] == [1, 2, 6, 9, 21]
    case = {"kpi": "atv", "store": "shop", "whole": "True", "low": "1.0", "high": "3.0", "truth": "9.0"}
    inside = {**case, "truth": "2.5"}
    assert strayed([case] * 6 + [inside] * 15) == {}
    assert strayed([case] * 7 + [inside] * 14) == {"atv": (7, 21)}
    assert strayed([inside] * 21, width=0.4) == {"atv": (21, 21)}


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
    assert said.exit_code == (0 if all(one["kept"] for one in found["kpis"]) else 1)
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
    with (tmp_path / "cases.csv").open() as file:
        cases = list(csv.DictReader(file))
    assert len([case for case in cases if case["kpi"] == "conversion"]) == 21
    assert strayed(cases) == {}
    assert len(strayed(cases, width=0.4)) > len(kpis) / 3, "with intervals of two fifths the width, it would show"

    connection = psycopg2.connect(database)
    with connection, connection.cursor() as cursor:
        cursor.execute("DELETE FROM crossing WHERE inward AND at > '2026-11-12Z'")
    connection.close()
    said = CliRunner().invoke(app, command[:-1])
    assert said.exit_code == 1
    assert "the database DIFFERS from what was counted" in said.stdout
