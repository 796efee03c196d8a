"""The launchers of PostgreSQL and the broker, run for real."""

import os
import signal
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import paho.mqtt.client as mqtt
import psycopg2
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from deploy.broker import Broker, Kind, Login
from deploy.errors import ServiceError
from deploy.postgres import EmbeddedPostgres
from deploy.process import Process, Service
from tests.support.servers import RunningBroker


@pytest.fixture
def open_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="footfall-test-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def _connack(broker: Broker, login: Login) -> str:
    """Return the broker's answer to a connection attempt."""
    answers: list[str] = []
    answered = threading.Event()

    def on_connect(_client: object, _data: object, _flags: object, reason: object, _properties: object) -> None:
        answers.append(str(reason))
        answered.set()

    def on_disconnect(*_: object) -> None:
        answers.append("closed")  # iotcore says nothing to a stranger, it hangs up
        answered.set()

    client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
    client.username_pw_set(login.username, login.password)
    client.on_connect = on_connect
    client.on_disconnect = on_disconnect
    client.connect("127.0.0.1", broker.port)
    client.loop_start()
    try:
        assert answered.wait(5)
    finally:
        client.disconnect()
        client.loop_stop()
    return answers[0]


@pytest.mark.parametrize("kind", ["mosquitto", "iotcore"])
def test_both_brokers_let_the_right_password_in_and_no_other(open_folder: Path, kind: Kind) -> None:
    try:
        running = RunningBroker(open_folder / kind, kind)
    except Exception as error:  # noqa: BLE001  # whatever stops Mosquitto from starting here is the skip's reason
        pytest.skip(f"{kind} cannot be started here: {error}")
    running.start()
    try:
        assert _connack(running.broker, running.broker.device) == "Success"
        assert _connack(running.broker, Login("device", "guess")) in ("Not authorized", "closed")
    finally:
        running.stop()


def test_a_broker_keeps_its_passwords_over_a_restart(open_folder: Path) -> None:
    first = Broker(open_folder / "broker")
    assert Broker(open_folder / "broker").device == first.device


def test_a_killed_postgres_starts_again_with_every_committed_row(open_folder: Path) -> None:
    postgres = EmbeddedPostgres(open_folder / "postgres")
    process = Process(postgres.service())
    process.start()
    try:
        with psycopg2.connect(postgres.url("postgres")) as connection, connection.cursor() as cursor:
            cursor.execute("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n")
        connection.close()
        process.kill()
        process.start()
        with psycopg2.connect(postgres.url("postgres")) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM kept")
            assert cursor.fetchone() == (1000,)
        connection.close()
    finally:
        process.stop()


def test_a_server_left_behind_by_a_killed_parent_makes_way(open_folder: Path) -> None:
    orphan = Process(EmbeddedPostgres(open_folder / "postgres").service())
    orphan.start()
    again = Process(EmbeddedPostgres(open_folder / "postgres").service())
    again.start()
    try:
        assert orphan.returncode == 0
        assert again.pid is not None
    finally:
        again.stop()


def test_postgres_refuses_a_wrong_password(open_folder: Path) -> None:
    postgres = EmbeddedPostgres(open_folder / "postgres")
    process = Process(postgres.service())
    process.start()
    try:
        with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
            psycopg2.connect(f"postgresql://footfall:guess@127.0.0.1:{postgres.port}/postgres")
    finally:
        process.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to give up its rights")
def test_postgres_does_not_run_as_root(open_folder: Path) -> None:
    service = EmbeddedPostgres(open_folder / "postgres").service()
    assert service.account is not None
    assert service.account.uid != 0


def test_a_service_that_ends_while_starting_says_how_its_log_ends(tmp_path: Path) -> None:
    service = Service(
        name="broken",
        argv=["/bin/sh", "-c", "echo the disk is full; exit 3"],
        ready=lambda: False,
        log_file=tmp_path / "broken.log",
    )
    with pytest.raises(ServiceError, match=r"(?s)broken ended with code 3 while starting.*the disk is full"):
        Process(service).start()


def test_a_service_that_ignores_its_signal_is_killed(tmp_path: Path) -> None:
    marker = tmp_path / "up"
    service = Service(
        name="stubborn",
        argv=["/bin/sh", "-c", f"trap '' TERM; touch {marker}; while :; do sleep 0.05; done"],
        ready=marker.exists,
        log_file=tmp_path / "stubborn.log",
    )
    process = Process(service)
    process.start()
    process.stop(timeout_s=0.2)
    assert process.returncode == -signal.SIGKILL
