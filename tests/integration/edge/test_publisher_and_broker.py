"""The publisher against a real broker: nothing is lost, whatever is killed."""

import queue
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from edge.config import BrokerConfig
from edge.publishing.connection import Accepted, Lost, PahoConnection, Session, Signal
from edge.publishing.sqlite_outbox import SqliteOutbox
from tests.support.clocks import wait_until
from tests.support.entries import crossing, crossings
from tests.support.fake_ingest import FakeIngest
from tests.support.real_publishing import broker_config, publishing
from tests.support.servers import RunningBroker


@contextmanager
def ingesting(broker: RunningBroker, *, answering: bool = True) -> Iterator[FakeIngest]:
    ingest = FakeIngest(broker.server_url, answering=answering)
    ingest.start()
    try:
        yield ingest
    finally:
        ingest.stop()


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[SqliteOutbox]:
    made = SqliteOutbox(tmp_path / "outbox.sqlite")
    yield made
    made.close()


def delivered(outbox: SqliteOutbox, ingest: FakeIngest) -> None:
    wait_until(lambda: outbox.queue_depth == 0, what="every entry is covered by a receipt")
    assert ingest.seqs(outbox.epoch) == list(range(1, outbox.last_seq + 1))


def test_everything_appended_is_received(broker: RunningBroker, outbox: SqliteOutbox, tmp_path: Path) -> None:
    with ingesting(broker) as ingest, publishing(outbox, broker_config(broker, tmp_path)) as publisher:
        outbox.append(crossings(2_500))
        publisher.notify()
        delivered(outbox, ingest)
        assert ingest.entries[outbox.epoch, 7] == crossing(after_s=6)


def test_status_tells_birth_stop_and_sudden_death(broker: RunningBroker, outbox: SqliteOutbox, tmp_path: Path) -> None:
    with ingesting(broker) as ingest:
        with publishing(outbox, broker_config(broker, tmp_path)):
            wait_until(lambda: bool(ingest.lives), what="live values")
            wait_until(lambda: len(ingest.statuses) > 1, what="a heartbeat")
        wait_until(lambda: ingest.statuses[-1].state == "stopped", what="the status `stopped`")
        assert ingest.statuses[0].state == "online"
        assert "offline" not in {status.state for status in ingest.statuses}

        with publishing(outbox, broker_config(broker, tmp_path)) as publisher:
            wait_until(lambda: ingest.statuses[-1].state == "online", what="a second birth")
            # Cut the connection below MQTT: the broker must speak the last will.
            sock = publisher._connection._client.socket()  # type: ignore[union-attr]  # the real adapter's
            sock.shutdown(2)
            wait_until(lambda: "offline" in {s.state for s in ingest.statuses}, what="the last will")
            wait_until(lambda: ingest.statuses[-1].state == "online", what="a third birth")


def test_a_broker_that_is_absent_at_start_is_reached_later(
    broker: RunningBroker, outbox: SqliteOutbox, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    broker.stop()
    outbox.append(crossings(50))
    with publishing(outbox, broker_config(broker, tmp_path)) as publisher:
        wait_until(lambda: "cannot be reached" in caplog.text, what="the log says so")
        assert "50 entries wait in the outbox" in caplog.text
        assert not publisher.connected
        broker.start()
        with ingesting(broker) as ingest:
            delivered(outbox, ingest)


def test_a_wrong_password_is_told_and_counting_goes_on(
    broker: RunningBroker, outbox: SqliteOutbox, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with publishing(outbox, broker_config(broker, tmp_path, password="wrong")) as publisher:
        wait_until(lambda: "Check user" in caplog.text, what="the log says what to check")
        assert outbox.append(crossings(1)) == range(1, 2)
        assert not publisher.connected


def test_acknowledged_messages_of_a_killed_broker_are_sent_again(
    broker: RunningBroker, outbox: SqliteOutbox, tmp_path: Path
) -> None:
    with publishing(outbox, broker_config(broker, tmp_path)) as publisher:
        wait_until(lambda: publisher.connected, what="connected")
        # Nobody listens yet: the broker acknowledges and throws away, which is worse than losing at a kill.
        outbox.append(crossings(500))
        publisher.notify()
        wait_until(lambda: publisher._sender.under_way > 0, what="batches are under way")
        broker.kill()
        wait_until(lambda: not publisher.connected, what="the loss is noticed")
        outbox.append(crossings(300))
        broker.start()
        with ingesting(broker) as ingest:
            delivered(outbox, ingest)


def test_what_is_taken_without_a_receipt_is_sent_again_until_one_comes(
    broker: RunningBroker, outbox: SqliteOutbox, tmp_path: Path
) -> None:
    with (
        ingesting(broker, answering=False) as ingest,
        publishing(outbox, broker_config(broker, tmp_path)) as publisher,
    ):
        outbox.append(crossings(10))
        publisher.notify()
        wait_until(lambda: ingest.deliveries[outbox.epoch, 1] >= 2, what="a second delivery without a receipt")
        assert outbox.queue_depth == 10
        ingest.answering = True
        delivered(outbox, ingest)


def test_a_restarted_device_sends_only_what_is_uncovered(
    broker: RunningBroker, outbox: SqliteOutbox, tmp_path: Path
) -> None:
    config = broker_config(broker, tmp_path)
    with ingesting(broker) as ingest:
        with publishing(outbox, config) as publisher:
            outbox.append(crossings(200))
            publisher.notify()
            delivered(outbox, ingest)
        outbox.append(crossings(5))
        with publishing(outbox, config):
            delivered(outbox, ingest)
        assert ingest.deliveries[outbox.epoch, 205] == 1
        assert ingest.deliveries[outbox.epoch, 1] == 1


def test_two_agents_of_one_name_are_told_of_each_other(
    broker: RunningBroker, outbox: SqliteOutbox, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    config = broker_config(broker, tmp_path)
    other = SqliteOutbox(tmp_path / "other.sqlite")
    with publishing(outbox, config), publishing(other, config):
        wait_until(lambda: "another agent runs as riverside/door-box" in caplog.text, what="the log names the cause")
    other.close()


def test_a_broker_that_says_taken_over_is_understood() -> None:
    signals: queue.SimpleQueue[Signal] = queue.SimpleQueue()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = BrokerConfig(port=listener.getsockname()[1])
        session = Session("footfall-riverside-door-box", ("receipts",), "status", None)
        connection = PahoConnection(config, session, signals.put)
        connection.open()
        with listener.accept()[0] as client:
            client.recv(1_000)
            # CONNACK: success; DISCONNECT: session taken over (MQTT 5, 3.2 and 3.14).
            client.sendall(bytes.fromhex("2003000000" + "e0028e00"))
            assert signals.get(timeout=10) == Accepted()
            lost = signals.get(timeout=10)
        connection.close()
    assert isinstance(lost, Lost)
    assert lost.taken_over
