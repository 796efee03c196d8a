"""The app's plumbing: cache, pool, settings, headers, health."""

import socket
import threading
from datetime import UTC, datetime

import pytest
from dash import Dash
from pydantic import ValidationError

from analytics.cache import Cache
from analytics.database import Database
from analytics.errors import DatabaseUnavailableError
from dashboard.app import create_app
from dashboard.errors import AddressError
from dashboard.serve import listening
from dashboard.settings import DashboardSettings
from deploy.cli.main import main

NOW = datetime(2026, 11, 21, 6, 7, tzinfo=UTC)
#: Port 1 answers nobody.
NOWHERE = "postgresql://nobody:nothing@127.0.0.1:1/nowhere"


class Ticks:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def app() -> Dash:
    return create_app(DashboardSettings.model_validate({"database_url": NOWHERE}), clock=lambda: NOW)


def test_an_answer_is_kept_for_its_time_and_made_once_for_all() -> None:
    ticks, made = Ticks(), []
    cache = Cache(clock=ticks)

    def make() -> int:
        made.append(1)
        return len(made)

    assert [cache.get("key", make, for_s=10) for _ in range(3)] == [1, 1, 1]
    ticks.now = 11
    assert cache.get("key", make, for_s=10) == 2


def test_two_who_ask_at_once_share_one_answer() -> None:
    cache, made, begun, go = Cache(), [], threading.Event(), threading.Event()

    def make() -> int:
        made.append(1)
        begun.set()
        go.wait(5)
        return 7

    answers: list[int] = []
    threads = [threading.Thread(target=lambda: answers.append(cache.get("key", make, for_s=10))) for _ in range(4)]
    threads[0].start()
    assert begun.wait(5)
    for thread in threads[1:]:
        thread.start()
    go.set()
    for thread in threads:
        thread.join(5)
    assert answers == [7] * 4
    assert len(made) == 1


def test_a_failure_is_not_kept() -> None:
    cache = Cache()
    with pytest.raises(ZeroDivisionError):
        cache.get("key", lambda: 1 // 0, for_s=10)
    assert cache.get("key", lambda: 5, for_s=10) == 5


def test_a_database_that_does_not_answer_is_said_since_when() -> None:
    times = iter([NOW, NOW.replace(hour=9)])
    database = Database(NOWHERE, clock=lambda: next(times), connections=2)
    for _ in range(2):
        with pytest.raises(DatabaseUnavailableError) as raised, database.connection():
            pass
        assert raised.value.since == NOW, "the first time it was noticed"


def test_health_is_told_even_without_a_database(app: Dash) -> None:
    answer = app.server.test_client().get("/healthz")
    assert answer.status_code == 200
    assert answer.get_json() == {"status": "degraded", "database": "down", "since": NOW.isoformat()}


def test_every_answer_forbids_other_hosts_and_framing(app: Dash) -> None:
    client = app.server.test_client()
    policy = client.get("/").headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert client.get("/").headers["X-Content-Type-Options"] == "nosniff"


def test_the_page_itself_loads_nothing_from_elsewhere(app: Dash) -> None:
    client = app.server.test_client()
    client.set_cookie("footfall-session", "whoever: the database that knows is away")
    text = client.get("/").get_data(as_text=True)
    assert "_dash-component-suites" in text
    assert "http://" not in text
    assert "https://" not in text
    assert "//cdn" not in text


def test_debugging_is_off_and_only_this_machine_is_served(app: Dash) -> None:
    assert not app.server.debug
    assert DashboardSettings.model_validate({"database_url": NOWHERE}).dashboard_host == "127.0.0.1"


def test_a_port_that_is_taken_is_said_with_what_to_do(app: Dash) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        settings = DashboardSettings.model_validate({"database_url": NOWHERE, "dashboard_port": port})
        with pytest.raises(AddressError, match=f"port {port} on 127.0.0.1 is taken .* choose another port with --port"):
            listening(app.server, settings)


def test_an_address_that_is_not_this_machines_is_said(app: Dash) -> None:
    settings = DashboardSettings.model_validate({"database_url": NOWHERE, "dashboard_host": "192.0.2.1"})
    with pytest.raises(AddressError, match=r"cannot listen on 192.0.2.1, port 8050: .*--host"):
        listening(app.server, settings)


def test_the_command_line_ends_with_2_and_one_line_when_the_port_is_taken(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FOOTFALL_DATABASE_URL", NOWHERE)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setattr("sys.argv", ["footfall", "dashboard", "serve", "--port", str(port)])
        with pytest.raises(SystemExit) as ended:
            main()
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert f"port {port}" in said
    assert "Traceback" not in said


def test_settings_come_from_the_environment_and_are_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTFALL_DATABASE_URL", NOWHERE)
    monkeypatch.setenv("FOOTFALL_DASHBOARD_PORT", "9000")
    settings = DashboardSettings()  # type: ignore[call-arg]
    assert (settings.dashboard_port, settings.dsn) == (9000, NOWHERE)
    monkeypatch.setenv("FOOTFALL_DATABASE_URL", "mysql://x")
    with pytest.raises(ValidationError, match="database_url"):
        DashboardSettings()  # type: ignore[call-arg]


def test_an_answer_that_is_dropped_is_made_anew() -> None:
    cache, made = Cache(), []

    def make() -> int:
        made.append(1)
        return len(made)

    assert cache.get("key", make, for_s=10) == 1
    cache.drop("key")
    assert cache.get("key", make, for_s=10) == 2


@pytest.mark.parametrize(
    ("host", "url", "clear"),
    [
        ("127.0.0.1", None, False),
        ("192.0.2.1", None, True),
        ("192.0.2.1", "http://footfall.example", True),
        ("192.0.2.1", "https://footfall.example", False),
    ],
)
def test_an_open_address_without_tls_is_warned_of(host: str, url: str | None, clear: bool) -> None:
    values = {"database_url": NOWHERE, "dashboard_host": host, "dashboard_url": url}
    assert DashboardSettings.model_validate(values).in_the_clear == clear
