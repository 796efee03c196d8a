"""Metrics of the real services: what they say, that it is bounded, and that the alert rules ask for what is there."""

import re
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
import yaml
from prometheus_client import CollectorRegistry

from contract.entries import QueueSample
from contract.messages import CameraHealth
from deploy.cli.main import main
from deploy.home import Home
from deploy.metrics.exposition import MetricsSettings, expose
from deploy.metrics.places import RULES, scrape_config, write_places
from deploy.metrics.supervision import supervision
from deploy.process import Process, Service, free_port
from deploy.supervisor import Supervisor
from edge.metrics.exposition import BoxState, exposition
from edge.publishing.presence import Readings
from ingest.errors import SettingsError
from ingest.settings import load
from ingest.store_metrics import NAMED_MAX, StoreCollector
from ingest.tills.keeping import Kept
from ingest.tills.metrics import TillMetrics
from tests.support.clocks import ManualClock, wait_until
from tests.support.entries import NOON
from tests.support.ingesting import running_ingest
from tests.support.ledger import add_store, batch, execute, ledger_topic, status
from tests.support.metrics import Scraped, read, scrape
from tests.support.mqtt import wire_device
from tests.support.servers import RunningBroker

SECRET = "a-secret-of-forty-characters-0123456789abc"


@contextmanager
def service(name: str, *arguments: str, folder: Path, env: dict[str, str]) -> Iterator[str]:
    """Run a command of ours with a metrics port; yield the URL of its metrics once it is served."""
    port = free_port()
    argv = [sys.executable, "-m", "deploy.cli.main", *arguments]
    url = f"http://127.0.0.1:{port}/metrics"
    process = Process(
        Service(
            name=name, argv=argv, ready=lambda: listening(port), log_file=folder / f"{name}.log",
            env={**env, "FOOTFALL_METRICS_PORT": str(port), "FOOTFALL_HASH_SECRET": SECRET,
                 "FOOTFALL_HOME": str(folder)},
        )
    )  # fmt: skip
    process.start(90)
    try:
        yield url
    finally:
        process.stop()


def listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def answered(url: str, method: str = "GET") -> int:
    try:
        with urlopen(Request(url, method=method), timeout=20) as answer:  # noqa: S310  # ours
            return int(answer.status)
    except HTTPError as error:
        return error.code


def asked_metrics() -> set[str]:
    rules = yaml.safe_load(RULES.read_text(encoding="utf-8"))
    return {
        name
        for group in rules["groups"]
        for rule in group["rules"]
        for name in re.findall(r"footfall_\w+", rule["expr"])
    }


@pytest.mark.slow
def test_the_services_themselves_show_what_the_alert_rules_ask_for(
    database: str, broker: RunningBroker, tmp_path: Path
) -> None:
    add_store(database)
    env = {"FOOTFALL_DATABASE_URL": database, "FOOTFALL_BROKER_URL": broker.server_url}
    orders_port, pages_port = free_port(), free_port()
    with ExitStack() as stack:
        run = {
            name: stack.enter_context(service(name, *arguments, folder=tmp_path, env=env))
            for name, arguments in {
                "ingest": ("ingest", "run"),
                "orders": ("orders", "serve", "--port", str(orders_port)),
                "api": ("api", "serve", "--port", str(free_port())),
                "dashboard": ("dashboard", "serve", "--port", str(pages_port)),
                "notify": ("notify", "run"),
            }.items()
        }
        for name, port in (("orders", orders_port), ("dashboard", pages_port)):
            wait_until(lambda port=port: listening(port), what=f"{name} listens", within_s=90)  # type: ignore[misc]
        assert answered(f"http://127.0.0.1:{orders_port}/v1/orders/till/{'4711'}") == 401
        assert answered(f"http://127.0.0.1:{orders_port}/nobody/knows/{'x' * 40}") == 404
        assert answered(f"http://127.0.0.1:{pages_port}/healthz") == 200
        assert answered(f"http://127.0.0.1:{pages_port}/store/riverside") == 200  # the sign-in page it leads to
        seen = {name: scrape(url) for name, url in run.items()}
    orders, pages = seen["orders"], seen["dashboard"]
    route = {"method": "GET", "route": "/v1/orders/{source}/{external_id}"}
    assert orders.value("footfall_http_requests_total", **route, status="401") == 1
    assert orders.value("footfall_http_request_duration_seconds_count", **route) == 1
    assert orders.value("footfall_http_requests_total", method="GET", route="(none)", status="404") == 1
    assert pages.value("footfall_http_requests_total", method="GET", route="/healthz", status="200") == 1
    assert {each["route"] for each in pages.labels("footfall_http_requests_total")} >= {"/<path:path>", "/sign-in"}
    assert seen["ingest"].value("footfall_store_up") == 1
    for name, page in seen.items():
        assert [each["service"] for each in page.labels("footfall_build_info")] == [name]
        assert page.value("process_start_time_seconds")
    tills, supervisor = TillMetrics(), supervision(Home(tmp_path).record)
    tills.done("corner", Kept(), NOON)
    shown = {name for page in [*seen.values(), read(tills.registry), read(supervisor)] for name in page.names}
    shown |= {name for page in [*seen.values(), read(supervisor)] for name in page.families}
    box = BoxState([(CameraHealth(camera="door", state="up", fps=9.5), 7)], 0, True, Readings())
    shown |= {line.split(" ")[2] for line in exposition(box).splitlines() if line.startswith("# TYPE")}
    # Series of these two begin with the first retry and the first restart.
    assert asked_metrics() - shown <= {"footfall_ingest_database_retries_total"}


def test_ingest_counts_what_came_and_what_became_of_it(database: str, broker: RunningBroker) -> None:
    add_store(database)
    with running_ingest(database, broker.server_url) as ingest, wire_device(broker) as device:
        collector = StoreCollector(database, now=lambda: datetime.now(UTC), monotonic=time.monotonic)
        ingest.metrics.registry.register(collector)
        first, later = batch(count=5), batch(first_seq=9, count=2, last_seq=12)
        device.send(first, later)
        wait_until(lambda: device.covers(first) and device.covers(later), what="the receipts")
        device.send(first)
        device.raw((ledger_topic(first), b"{}"), ("footfall/v1/riverside/door-box/ledger", b"\xff\xfe"))
        device.send(batch(store="unheard-of"))
        device.say(status(at=datetime.now(UTC)))
        wait_until(lambda: ingest.total.dead_letters == 3 and ingest.total.duplicates == 5, what="all was dealt with")
        wait_until(lambda: read(ingest.metrics.registry).value("footfall_devices", state="online") == 1,
                   what="the box is online", within_s=40)  # fmt: skip
        seen = read(ingest.metrics.registry)
        assert seen.value("footfall_ingest_broker_connected") == 1
        collector.close()
    assert seen.value("footfall_ingest_entries_total") == 7
    assert seen.value("footfall_ingest_batches_total") == 3
    assert seen.value("footfall_ingest_duplicates_total") == 5
    assert seen.value("footfall_ingest_dead_letters_total", reason="unreadable") == 2
    assert seen.value("footfall_ingest_dead_letters_total", reason="unstored") == 1
    assert seen.value("footfall_ingest_commit_lag_seconds_count") == 6
    assert seen.value("footfall_ingest_transaction_entries_sum") == 7
    assert (seen.value("footfall_ingest_receipts_total") or 0) >= 2
    assert seen.value("footfall_ingest_lag_seconds") == 0
    assert (seen.value("footfall_ingest_last_commit_timestamp_seconds") or 0) > 1_700_000_000
    assert seen.value("footfall_ledger_missing_entries") == 5  # 6, 7, 8, 11 and 12
    assert seen.value("footfall_ledger_missing_device_entries", store="riverside", device="door-box") == 5
    assert seen.value("footfall_dead_letters") == 3


def test_no_message_can_make_a_series(database: str, broker: RunningBroker) -> None:
    add_store(database)
    with running_ingest(database, broker.server_url) as ingest, wire_device(broker) as device:
        before = series(read(ingest.metrics.registry))
        device.raw(*((f"footfall/v1/store-{n}/box-{n}/ledger", b"{}") for n in range(40)))
        device.send(batch(entries=[QueueSample(at=NOON, zone=f"zone-{n}", length=n) for n in range(40)]))
        wait_until(lambda: ingest.total.dead_letters == 40 and ingest.total.entries == 40, what="all was dealt with")
        assert series(read(ingest.metrics.registry)) == before


def series(page: Scraped) -> set[tuple[str, tuple[tuple[str, str], ...]]]:
    return {
        (sample.name, tuple(sorted(sample.labels.items())))
        for family in page.families.values() for sample in family.samples
    }  # fmt: skip


def test_a_database_that_is_away_is_a_retry_by_class_and_a_lag_that_grows(broker: RunningBroker) -> None:
    nobody = f"postgresql://footfall@127.0.0.1:{free_port()}/footfall"
    clock = ManualClock()
    collector = StoreCollector(nobody, now=clock.now, monotonic=clock.monotonic)
    with running_ingest(nobody, broker.server_url) as ingest, wire_device(broker) as device:
        ingest.metrics.registry.register(collector)
        device.send(batch(count=1))

        def tried() -> bool:
            retries = read(ingest.metrics.registry).value(
                "footfall_ingest_database_retries_total", sqlstate_class="none"
            )
            return (retries or 0) >= 2

        wait_until(tried, what="it was tried again", within_s=60)
        seen = read(ingest.metrics.registry)
    assert (seen.value("footfall_ingest_lag_seconds") or 0) > 0
    assert seen.value("footfall_ingest_entries_total") == 0
    assert seen.value("footfall_store_up") == 0


def test_however_many_boxes_miss_something_few_are_named(database: str) -> None:
    add_store(database)
    execute(
        database,
        "INSERT INTO device (store_id, code) SELECT store_id, 'box-' || n FROM store, generate_series(1, 200) AS n;"
        "INSERT INTO ledger_epoch (device_id, epoch, last_seq) SELECT device_id, gen_random_uuid(), 7 FROM device",
    )
    registry = CollectorRegistry()
    clock = ManualClock()
    collector = StoreCollector(database, now=clock.now, monotonic=clock.monotonic)
    registry.register(collector)
    seen = read(registry)
    assert seen.value("footfall_ledger_missing_entries") == 1400
    assert seen.value("footfall_ledger_incomplete_devices") == 200
    assert len(seen.labels("footfall_ledger_missing_device_entries")) == NAMED_MAX
    assert seen.value("footfall_devices", state="never_heard") == 200
    execute(database, "DELETE FROM ledger_epoch")
    assert read(registry).value("footfall_ledger_missing_entries") == 1400, "asked again at once"
    clock.advance(11)
    assert read(registry).value("footfall_ledger_missing_entries") == 0
    collector.close()


def test_the_supervisor_shows_which_of_its_services_run(tmp_path: Path) -> None:
    import threading  # noqa: PLC0415  # beside its only use

    supervisor = Supervisor(Home(tmp_path), monotonic=time.monotonic, stopping=threading.Event())
    idle = [sys.executable, "-c", "import time; time.sleep(600)"]
    supervisor.start(Service(name="idle", argv=idle, ready=lambda: True, log_file=tmp_path / "x"))
    try:
        assert read(supervision(supervisor.record)).value("footfall_supervisor_service_up", service="idle") == 1
    finally:
        supervisor.stop()
    seen = read(supervision(supervisor.record))
    assert seen.value("footfall_supervisor_service_up", service="idle") == 0
    assert seen.value("footfall_supervisor_service_restarts_total", service="idle") == 0


@pytest.mark.parametrize("host", ["8.8.8.8", "2001:4860:4860::8888", "metrics.example.com"])
def test_an_address_that_the_world_can_reach_is_refused(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTFALL_METRICS_HOST", host)
    with pytest.raises(SettingsError, match="FOOTFALL_METRICS_HOST"):
        load(MetricsSettings)


def test_a_port_that_is_taken_is_said_and_the_service_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = MetricsSettings(metrics_port=taken.getsockname()[1], metrics_host="127.0.0.1")
        assert expose("ingest", CollectorRegistry(), settings) is None
    assert "set another FOOTFALL_METRICS_PORT" in caplog.text


def test_the_rules_and_the_scrape_configuration_are_what_prometheus_reads(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    rules: dict[str, Any] = yaml.safe_load(RULES.read_text(encoding="utf-8"))
    for rule in rules["groups"][0]["rules"]:
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}, rule
        assert {"summary", "advice"} == set(rule["annotations"]), rule["alert"]
        assert rule["expr"].count("(") == rule["expr"].count(")"), rule["alert"]
    example = yaml.safe_load(RULES.with_name("prometheus.yml").read_text(encoding="utf-8"))
    assert [job["job_name"] for job in example["scrape_configs"]][:2] == ["footfall-supervisor", "footfall-ingest"]
    home = Home(tmp_path)
    write_places(home.metrics_file, {"ingest": "http://127.0.0.1:4711/metrics"})
    ours = yaml.safe_load(scrape_config({"ingest": "http://127.0.0.1:4711/metrics"}))
    assert ours["scrape_configs"] == [
        {"job_name": "footfall-ingest", "static_configs": [{"targets": ["127.0.0.1:4711"]}]}
    ]
    assert ours["rule_files"] == [str(RULES)]
    monkeypatch.setenv("FOOTFALL_HOME", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["footfall", "metrics", "list", "--json"])
    with pytest.raises(SystemExit):
        main()
    assert "no `footfall up` runs" in capsys.readouterr().err
    with home.locked(), pytest.raises(SystemExit):
        main()
    assert "http://127.0.0.1:4711/metrics" in capsys.readouterr().out
