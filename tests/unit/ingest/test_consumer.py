"""The broker session with a client in the test's hands."""

import logging
import random
from typing import Any, cast

import pytest
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.reasoncodes import ReasonCode

from ingest.consumer import LEDGER_FILTER, PICTURE_FILTER, Consumer
from ingest.deliveries import Inbox
from ingest.settings import IngestSettings
from tests.support.entries import NOON
from tests.support.ingesting import ingest_settings

DATABASE = "postgresql://footfall:7f3kq@127.0.0.1:5432/footfall"
BROKER = "mqtt://server:7f3kq@127.0.0.1:1883"


class FakeClient:
    """Plays `script` as soon as the loop starts; then the connection ends."""

    def __init__(self, script: Any) -> None:
        self.script = script
        self.subscribed: list[str] = []
        self.acked: list[int] = []
        self.connected_with: dict[str, Any] = {}
        self.on_connect: Any = None
        self.on_disconnect: Any = None
        self.on_message: Any = None
        self.on_subscribe: Any = None

    def connect(self, _host: str, _port: int, **options: Any) -> None:
        self.connected_with = options

    def loop_start(self) -> None:
        self.script(self)
        self.end("Normal disconnection")

    def loop_stop(self) -> None:
        pass

    def disconnect(self) -> None:
        pass

    def subscribe(self, topics: list[tuple[str, Any]]) -> None:
        self.subscribed += [name for name, _ in topics]

    def ack(self, mid: int, _qos: int) -> None:
        self.acked.append(mid)

    def accept(self) -> None:
        self.on_connect(self, None, None, ReasonCode(PacketTypes.CONNACK, "Success"), None)
        granted = [ReasonCode(PacketTypes.SUBACK, f"Granted QoS {qos}") for qos in (1, 0, 0)]
        self.on_subscribe(self, None, 1, granted, None)

    def deliver(self, topic: str, mid: int) -> None:
        message = MQTTMessage(mid, topic.encode())
        message.payload, message.qos = b"{}", 1
        self.on_message(self, None, message)

    def end(self, reason: str) -> None:
        self.on_disconnect(self, None, None, ReasonCode(PacketTypes.DISCONNECT, reason), None)


def serve(script: Any, inbox: Inbox | None = None) -> FakeClient:
    client = FakeClient(script)

    def factory(_: IngestSettings) -> Client:
        return cast("Client", client)

    consumer = Consumer(
        ingest_settings(DATABASE, BROKER),
        inbox or Inbox(in_flight=10),
        now=lambda: NOON,
        rng=random.Random(1),  # noqa: S311  # jitter, no secret
        client_factory=factory,
    )
    consumer._serve_once()
    return client


def test_a_session_subscribes_once_it_is_let_in() -> None:
    client = serve(FakeClient.accept)
    kept = [f"footfall/v1/+/+/{leaf}" for leaf in ("status", "live", "reported")]
    assert client.subscribed == [LEDGER_FILTER, PICTURE_FILTER, *kept]
    assert client.connected_with["clean_start"] is True
    assert client.connected_with["properties"].ReceiveMaximum == 200


def test_nothing_is_acknowledged_before_it_is_stored() -> None:
    inbox = Inbox(in_flight=5)

    def script(client: FakeClient) -> None:
        client.accept()
        client.deliver("footfall/v1/riverside/door-box/ledger", 7)
        (delivery,) = inbox.take(most_bytes=100, age_s=0, timeout_s=0).ledger
        assert client.acked == []
        delivery.ack()

    assert serve(script, inbox).acked == [7]


def test_what_there_is_no_room_for_does_not_hold_the_broker_s_window(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def script(client: FakeClient) -> None:
        client.accept()
        for mid in (1, 2, 3, 4):
            client.deliver("footfall/v1/riverside/door-box/ledger", mid)

    client = serve(script, Inbox(in_flight=2))
    assert client.acked == [3, 4]
    assert caplog.text.count("sends more than was asked for") == 1


def test_what_waited_on_a_lost_connection_is_dropped() -> None:
    def script(client: FakeClient) -> None:
        client.accept()
        client.deliver("footfall/v1/riverside/door-box/ledger", 1)

    inbox = Inbox(in_flight=5)
    serve(script, inbox)
    assert not inbox.take(most_bytes=100, age_s=0, timeout_s=0)


def test_a_refused_subscription_says_what_to_allow(caplog: pytest.LogCaptureFixture) -> None:
    def script(client: FakeClient) -> None:
        client.on_connect(client, None, None, ReasonCode(PacketTypes.CONNACK, "Success"), None)
        reasons = ["Not authorized", "Granted QoS 0", "Granted QoS 0"]
        client.on_subscribe(client, None, 1, [ReasonCode(PacketTypes.SUBACK, reason) for reason in reasons], None)

    serve(script)
    assert f"does not let user 'server' read {LEDGER_FILTER}: allow it" in caplog.text


def test_a_worker_thrown_out_by_its_namesake_says_so(caplog: pytest.LogCaptureFixture) -> None:
    def script(client: FakeClient) -> None:
        client.accept()
        client.end("Session taken over")

    with caplog.at_level(logging.WARNING):
        serve(script)
    assert "give each its own FOOTFALL_INGEST_NAME" in caplog.text
