"""`footfall demo` and `footfall up` as a user starts them: real services, real clip, nothing left behind."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import psycopg2
import pytest

from deploy.broker import installed_kind
from deploy.children import birth_of
from deploy.process import free_port
from edge.config import load_site
from edge.errors import BrokerError
from edge.publishing.probe import probe
from tests.support.clocks import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(420)]


class Running:
    """A `footfall … --json` process and what it has said so far."""

    def __init__(self, home: Path, *arguments: str) -> None:
        self.home = home
        self.said: list[dict[str, Any]] = []
        self._lines: queue.Queue[str | None] = queue.Queue()
        self.popen = subprocess.Popen(  # noqa: S603 - the argument list is ours
            [sys.executable, "-m", "deploy.cli.main", *arguments, "--json"],
            env={**os.environ, "FOOTFALL_HOME": str(home)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.popen.stdout
        for line in self.popen.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def until(self, within_s: float = 120.0, **fields: object) -> dict[str, Any]:
        """The first event with these fields, waiting for it."""
        deadline = time.monotonic() + within_s
        while True:
            for event in self.said:
                if event.items() >= fields.items():
                    return event
            try:
                line = self._lines.get(timeout=max(0.01, deadline - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"not said within {within_s:g} s: {fields}; said {self.said}") from None
            if line is None:
                errors = self.popen.stderr.read() if self.popen.stderr else ""
                raise AssertionError(f"ended before {fields}: {errors}; said {self.said}")
            self.said.append(json.loads(line))

    def pids(self) -> list[int]:
        return [event["pid"] for event in self.said if event["event"] == "service" and event["pid"]]

    def environment(self) -> dict[str, str]:
        found: dict[str, str] = json.loads((self.home / "run" / "environment.json").read_text())
        return found

    def ask(self, query: str) -> Any:
        connection = psycopg2.connect(self.environment()["FOOTFALL_DATABASE_URL"])
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(query)
                return cursor.fetchall()
        finally:
            connection.close()

    def stop(self, number: signal.Signals = signal.SIGINT) -> None:
        if self.popen.poll() is None:
            self.popen.send_signal(number)
        self.popen.wait(120)
        self._reader.join()
        for pipe in (self.popen.stdout, self.popen.stderr):
            if pipe:
                pipe.close()


@pytest.fixture
def home(server_folder: Path, request: pytest.FixtureRequest) -> Path:
    folder = server_folder / f"home-{request.node.name}"
    folder.mkdir(mode=0o755)
    return folder


@pytest.fixture
def start(home: Path) -> Iterator[Any]:
    started: list[Running] = []

    def begin(*arguments: str) -> Running:
        started.append(Running(home, *arguments))
        return started[-1]

    yield begin
    for running in started:
        running.stop(signal.SIGTERM)


def status(url: str) -> int:
    with urlopen(url, timeout=10) as response:  # noqa: S310 - our own http address
        return int(response.status)


@pytest.mark.video
@pytest.mark.usefixtures("data_folder")
def test_the_demo_shows_real_counts_and_leaves_nothing_behind(start: Any) -> None:
    demo = start("demo", "--stores", "2", "--no-history")
    page = demo.until(event="url", name="dashboard")["url"]
    assert status(page) == 200
    assert status(demo.until(event="url", name="orders API")["url"]) == 200
    demo.until(event="service", name="simulation", state="running")
    counted = "SELECT count(*) FROM crossing JOIN store USING (store_id) WHERE code = 'corner-shop'"
    wait_until(lambda: demo.ask(counted)[0][0] > 0, what="the real clip's crossings reach SQL", within_s=90)
    assert [code for (code,) in demo.ask("SELECT code FROM store ORDER BY code")] == [
        "corner-shop",
        "nanjing-road",
        "xidan",
    ]
    demo.stop()
    demo.until(event="summary")
    assert demo.popen.returncode == 0
    assert [pid for pid in demo.pids() if birth_of(pid)] == []
    assert not (demo.home / "run" / "environment.json").exists()


def test_up_keeps_data_and_ports_and_replaces_a_killed_supervisor(start: Any) -> None:
    # A port of its own: on the usual one another test, or another program, may come and go between the two starts.
    port = str(free_port())
    first = start("up", "--dashboard-port", port)
    page = first.until(event="url", name="dashboard")["url"]
    first.ask("INSERT INTO store (code, name, currency) VALUES ('kept', 'Kept', 'EUR') RETURNING 1")
    left = first.pids()
    first.popen.kill()
    first.popen.wait()
    assert any(birth_of(pid) for pid in left), "a supervisor that is killed cannot end its children"
    second = start("up", "--dashboard-port", port)
    assert second.until(event="url", name="dashboard")["url"] == page == f"http://127.0.0.1:{port}"
    assert [pid for pid in left if birth_of(pid)] == []
    assert second.ask("SELECT name FROM store WHERE code = 'kept'") == [("Kept",)]


def test_nobody_but_its_user_can_read_a_secret_of_the_installation(start: Any, home: Path) -> None:
    up = start("up", "--reach", "localhost")
    up.until(event="url", name="dashboard")
    broker, postgres = home / "broker", home / "postgres"
    passwords = [path.read_text().strip() for path in (*broker.glob("*.password"), home / "hash-secret")]
    passwords += [path.read_text().strip() for path in postgres.glob("password*")]
    assert len(passwords) >= 4
    marks = [b"PRIVATE KEY", *(password.encode() for password in passwords)]
    holding = [path for path in home.rglob("*") if path.is_file() and any(mark in path.read_bytes() for mark in marks)]
    # Keys, passwords, the environment of commands: and neither a log nor what runs.
    assert {path.parent.name for path in holding} >= {"trust", "broker", "run", "postgres", home.name}
    assert [path for path in holding if path.stat().st_mode & 0o077] == []
    assert [path for path in holding if path.parent.name == "log" or path.name == "state.json"] == []


def test_a_service_that_is_killed_comes_back(start: Any) -> None:
    up = start("up")
    page = up.until(event="url", name="dashboard")["url"]
    os.kill(up.until(event="service", name="dashboard", state="running")["pid"], signal.SIGKILL)
    up.until(event="service", name="dashboard", state="running", restarts=1)
    assert status(page) == 200
    os.kill(up.until(event="service", name="postgres", state="running")["pid"], signal.SIGKILL)
    up.until(event="service", name="postgres", state="running", restarts=1)
    assert up.ask("SELECT 1") == [(1,)]


def test_a_second_up_in_the_same_home_is_refused_with_what_to_do(start: Any, home: Path) -> None:
    up = start("up")
    up.until(event="url", name="dashboard")
    second = subprocess.run(
        [sys.executable, "-m", "deploy.cli.main", "up"],
        env={**os.environ, "FOOTFALL_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert second.returncode == 2
    assert f"already runs in {home} as process {up.popen.pid}" in second.stderr
    assert "Traceback" not in second.stderr


@pytest.fixture
def footfall(home: Path) -> Callable[..., str]:
    """`footfall …` beside a running installation, without any setting but its home."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FOOTFALL_")}

    def run(*arguments: str) -> str:
        return subprocess.run(  # noqa: S603 - the argument list is ours
            [sys.executable, "-m", "deploy.cli.main", *arguments],
            env={**environment, "FOOTFALL_HOME": str(home)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    return run


@pytest.mark.skipif(installed_kind() != "mosquitto", reason="enrolment needs Mosquitto")
def test_a_box_comes_in_by_its_code_and_stays_out_once_revoked_even_when_the_broker_starts_anew(
    start: Any, home: Path, footfall: Callable[..., str]
) -> None:
    up = start("up")
    up.until(event="url", name="enrolment of boxes")
    up.until(event="url", name="dashboard")
    issued = json.loads(footfall("store", "open", "riverside", "--json"))
    server = issued["command"].split()[-1]
    site = home / "site.toml"
    footfall("edge", "enroll", issued["code"], "--server", server, "--site", str(site))
    box = load_site(site)
    probe(box.broker, box.store, box.device)
    footfall("device", "revoke", "riverside", "door-box")
    with pytest.raises(BrokerError, match="revoked"):
        probe(box.broker, box.store, box.device)
    os.kill(up.until(event="service", name="mosquitto", state="running")["pid"], signal.SIGKILL)
    up.until(event="service", name="mosquitto", state="running", restarts=1)
    with pytest.raises(BrokerError, match="revoked"):
        probe(box.broker, box.store, box.device)
    assert [each["standing"] for each in json.loads(footfall("device", "list", "--json"))] == ["revoked"]


def test_commands_find_the_running_installation_without_settings(
    start: Any, home: Path, footfall: Callable[..., str]
) -> None:
    up = start("up")
    up.until(event="url", name="dashboard")
    assert "registered store riverside" in footfall("store", "add", "riverside")
    assert footfall("keys", "create", "--name", "till", "--store", "riverside").startswith("ffk_")
    assert {child["state"] for child in json.loads(footfall("status", "--json"))} == {"running"}
    footfall("verify")
    site = home / "site.toml"
    footfall("edge", "init", "no-clip.mp4", "--store", "riverside", "--site", str(site))
    broker = load_site(site).broker
    assert broker.port == up.until(event="service", state="running", port=broker.port)["port"]
    assert broker.username == "device"
