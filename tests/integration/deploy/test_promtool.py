"""Prometheus's own tool takes our rules, configurations and pages, and each rule fires when it should and no sooner."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import generate_latest

from deploy.metrics.places import RULES, scrape_config
from ingest.metrics import IngestMetrics

CASES = Path(__file__).resolve().parents[2] / "prometheus" / "alerts.test.yml"


def rules() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"][0]["rules"]
    return found


def promtool(*arguments: str, given: bytes | None = None) -> str:
    found = shutil.which("promtool")
    if found is None:
        pytest.skip("promtool is not installed (Debian: apt install prometheus)")
    run = subprocess.run(  # noqa: S603  # the argument list is ours
        [found, *arguments], input=given, capture_output=True, check=False, timeout=60
    )
    said = (run.stdout + run.stderr).decode()
    assert run.returncode == 0, said
    return said


def test_every_alert_has_a_case_in_which_it_fires_and_one_in_which_it_is_silent() -> None:
    tests = yaml.safe_load(CASES.read_text(encoding="utf-8"))["tests"]
    cases = [case for test in tests for case in test["alert_rule_test"]]
    alerts = {rule["alert"] for rule in rules()}
    assert {case["alertname"] for case in cases if case.get("exp_alerts")} == alerts
    assert {case["alertname"] for case in cases if not case.get("exp_alerts")} == alerts


@pytest.mark.slow
def test_the_rules_fire_when_they_should_and_say_what_they_should() -> None:
    assert "SUCCESS" in promtool("test", "rules", str(CASES))


@pytest.mark.slow
def test_the_configurations_are_valid(tmp_path: Path) -> None:
    ours = tmp_path / "prometheus.yml"
    ours.write_text(scrape_config({"ingest": "http://127.0.0.1:4711/metrics"}), encoding="utf-8")
    for path in (ours, RULES.with_name("prometheus.yml")):
        assert f"{len(rules())} rules found" in promtool("check", "config", str(path)), path


@pytest.mark.slow
def test_the_names_of_metrics_are_as_prometheus_wants_them() -> None:
    assert promtool("check", "metrics", given=generate_latest(IngestMetrics().registry)) == ""
