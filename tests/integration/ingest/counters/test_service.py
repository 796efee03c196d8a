"""The service as a process of its own: pushes over HTTP and MQTT while it is killed, with real servers."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2 as httpx
import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from deploy.process import Process, Service, free_port
from ingest.counters.register import Counter, counters, refusals
from ingest.counters.registering import remove
from ingest.database import Database
from ingest.verify import verify
from tests.support.clocks import wait_until
from tests.support.counters import QUARTER, axis_push, onvif_event, onvif_path, registered
from tests.support.ledger import add_store, one
from tests.support.servers import RunningBroker

#: Far enough back that every reading lies in the past, whatever the machine's clock shows.
SINCE = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(days=2)


def service_of(url: str, port: int, log: Path, broker: RunningBroker | None = None) -> Process:
    env = {"FOOTFALL_DATABASE_URL": url, "FOOTFALL_LOG_LEVEL": "info", "FOOTFALL_COUNTERS_NAME": f"counters-{port}"}
    if broker:
        env |= {"FOOTFALL_BROKER_URL": broker.server_url, "FOOTFALL_BROKER_SESSION_S": "300"}
    argv = [sys.executable, "-m", "deploy.cli.main", "counters", "serve", "--port", str(port)]
    return Process(Service(name="counters", argv=argv, ready=lambda: answers(port), log_file=log, env=env))


def answers(port: int) -> bool:
    try:
        return bool(httpx.get(f"http://127.0.0.1:{port}/healthz").status_code == 200)
    except httpx.TransportError:
        return False


def sums(url: str) -> tuple[int, int]:
    found = one(url, "SELECT COALESCE(sum(ins), 0)::int, COALESCE(sum(outs), 0)::int FROM line_traffic_15m")
    return found[0], found[1]


@contextmanager
def speaking(broker: RunningBroker, login: str, password: str) -> Iterator[Client]:
    client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
    client.username_pw_set(login, password)
    connected = threading.Event()
    client.on_connect = lambda *_: connected.set()
    client.connect(broker.host, broker.port)
    client.loop_start()
    try:
        assert connected.wait(20)
        yield client
    finally:
        client.disconnect()
        client.loop_stop()


@pytest.mark.slow
def test_killed_amid_pushes_it_loses_nobody_and_counts_nobody_twice(database: str, tmp_path: Path) -> None:
    add_store(database)
    counter, password = registered(database, "axis", "front", at=SINCE)
    port = free_port()
    process = service_of(database, port, tmp_path / "counters.log")
    pushes = [axis_push(number % 5, number % 3, at=SINCE + number * QUARTER) for number in range(60)]
    url = f"http://127.0.0.1:{port}/v1/counters/{counter.login}"

    def push(body: bytes) -> None:
        """As a counter does: again, until it is answered."""

        def answered() -> bool:
            try:
                return bool(httpx.post(url, content=body, auth=(counter.login, password)).status_code == 200)
            except httpx.TransportError:
                return False

        wait_until(answered, what="the push is taken", within_s=60)

    process.start()
    try:
        for number, body in enumerate(pushes):
            if number in (20, 40):
                killer = threading.Thread(target=process.kill)
                killer.start()  # beside the push, so that it may hit it anywhere
                with suppress(httpx.TransportError):
                    httpx.post(url, content=body, auth=(counter.login, password))
                killer.join()
                process = service_of(database, port, tmp_path / "counters.log")
                process.start()
            push(body)
        expected = sum(n % 5 for n in range(60)), sum(n % 3 for n in range(60))
        wait_until(lambda: sums(database) == expected, what="all pushes are counted", within_s=60)
    finally:
        process.stop()
    opened = Database(database)
    try:
        verdict = verify(opened)
        assert (verdict.complete, verdict.dead_letters) == (True, 0)
        assert counters(opened)[0].waiting == 0
    finally:
        opened.close()


def test_an_onvif_device_publishes_under_its_own_name_alone(
    database: str, broker: RunningBroker, tmp_path: Path
) -> None:
    if broker.broker.kind != "mosquitto":
        pytest.skip("iotcore enforces no access rules")
    add_store(database)
    (onvif, password), (axis, other) = (
        registered(database, "onvif", "In=front:in", "Out=front:out", at=SINCE),
        registered(database, "axis", "side:in", at=SINCE),
    )
    for who, secret in ((onvif, password), (axis, other)):
        broker.broker.counters.put(who.login, secret)
    assert broker.process.pid
    os.kill(broker.process.pid, signal.SIGHUP)
    process = service_of(database, free_port(), tmp_path / "counters.log", broker)
    process.start()
    try:
        wait_until(lambda: "listening for counters" in process.tail(), what="it listens", within_s=60)
        with speaking(broker, onvif.login, password) as device, speaking(broker, axis.login, other) as stranger:
            say(device, onvif, "In", (0, 10, 12, 1, 4))
            say(device, onvif, "Out", (7, 7, 8, 8, 9))
            say(device, onvif, "In", (0, 10, 12, 1, 4))  # all of it again
            say(stranger, onvif, "Out", (7, 700))
            say(stranger, axis, "In", (1,))
            wait_until(lambda: sums(database) == (16, 2), what="its rules are counted", within_s=60)
            opened = Database(database)
            try:
                # What the stranger said in its own name is refused and listed; what it said in another's never came.
                wait_until(
                    lambda: {each.login for each in refusals(opened, None, 10)} == {axis.login},
                    what="the stranger's own push is listed", within_s=60,
                )  # fmt: skip
                remove(opened, onvif.login, SINCE)
                say(device, onvif, "In", (5, 50))
                wait_until(
                    lambda: onvif.login in {each.login for each in refusals(opened, None, 10)},
                    what="the removed one's push is listed", within_s=60,
                )  # fmt: skip
            finally:
                opened.close()
        assert sums(database) == (16, 2)
    finally:
        process.stop()


def say(client: Client, whose: Counter, rule: str, totals: tuple[int, ...]) -> None:
    for number, total in enumerate(totals):
        topic = f"footfall/counters/{whose.login}/{onvif_path(rule)}"
        body = onvif_event(total, rule=rule, at=SINCE + number * timedelta(minutes=5))
        client.publish(topic, body, qos=1).wait_for_publish(20)


def test_whoever_has_no_login_any_more_is_not_let_in(broker: RunningBroker) -> None:
    if broker.broker.kind != "mosquitto":
        pytest.skip("iotcore reads no password file")
    logins = broker.broker.counters
    logins.put("axis-1", "first-password")
    logins.put("axis-2", "second-password")
    logins.put("axis-1", "third-password")
    logins.drop("axis-2")
    assert [line.split(":")[0] for line in logins.hashed().splitlines()] == ["axis-1"]
    broker.stop()
    broker.process = Process(broker.broker.service())
    broker.start()
    answers_of = {}
    for login, password in (("axis-1", "first-password"), ("axis-1", "third-password"), ("axis-2", "second-password")):
        client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
        client.username_pw_set(login, password)
        said = threading.Event()

        def connected(_c: object, _d: object, _f: object, reason: object, _p: object, key: str = password) -> None:
            answers_of[key] = str(reason)
            said.set()  # noqa: B023  # waited for within the loop

        client.on_connect = connected
        client.connect(broker.host, broker.port)
        client.loop_start()
        assert said.wait(20)
        client.disconnect()
        client.loop_stop()
    assert answers_of == {
        "first-password": "Not authorized", "third-password": "Success", "second-password": "Not authorized",
    }  # fmt: skip
