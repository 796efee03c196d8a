"""A device's side of the wire for ingest's tests: publishes what it is told, remembers its receipts."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from paho.mqtt.client import Client, ConnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from contract.codec import decode, encode
from contract.messages import LedgerBatch, Live, Receipt, Status
from contract.topics import topic
from tests.support.clocks import wait_until
from tests.support.ledger import ledger_topic
from tests.support.servers import RunningBroker


class WireDevice:
    """One connection with the devices' login. `resend_uncovered` does what an outbox does."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.receipts: dict[tuple[str, str], Receipt] = {}

    def send(self, *batches: LedgerBatch) -> None:
        """Publish and wait for the broker's acknowledgements."""
        self.raw(*((ledger_topic(batch), encode(batch)) for batch in batches))

    def raw(self, *messages: tuple[str, bytes]) -> None:
        infos = [self.client.publish(name, payload, qos=1) for name, payload in messages]
        for info in infos:
            info.wait_for_publish(10)

    def say(self, message: Status | Live) -> None:
        where = topic(message.store, message.device, "status" if isinstance(message, Status) else "live")
        self.client.publish(where, encode(message), qos=1, retain=True)

    def covers(self, batch: LedgerBatch) -> bool:
        receipt = self.receipts.get((batch.store, batch.device))
        last = batch.first_seq + len(batch.entries) - 1
        return receipt is not None and any(
            first <= batch.first_seq and last <= end
            for epoch in receipt.epochs
            if epoch.epoch == batch.epoch
            for first, end in epoch.ranges
        )

    def send_until_covered(self, batches: Sequence[LedgerBatch], *, within_s: float = 40.0) -> None:
        """Send again, every half second, whatever no receipt covers."""
        pace = threading.Event()

        def done() -> bool:
            left = [batch for batch in batches if not self.covers(batch)]
            if left:
                self.send(*left)
                pace.wait(0.5)
            return not left

        wait_until(done, what="receipts cover everything", within_s=within_s)


@contextmanager
def wire_device(broker: RunningBroker) -> Iterator[WireDevice]:
    client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
    client.username_pw_set(broker.broker.device.username, broker.broker.device.password)
    client.max_inflight_messages_set(100)
    client.reconnect_delay_set(0.1, 0.5)  # type: ignore[arg-type]  # paho takes fractions
    device = WireDevice(client)
    subscribed = threading.Event()

    def on_connect(
        who: Client, _data: object, _flags: ConnectFlags, _reason: ReasonCode, _properties: Properties | None
    ) -> None:
        who.subscribe("footfall/v1/+/+/receipt", qos=1)

    def on_message(_client: Client, _data: object, message: MQTTMessage) -> None:
        receipt = decode(bytes(message.payload), Receipt)
        device.receipts[receipt.store, receipt.device] = receipt

    client.on_connect = on_connect
    client.on_message = on_message
    client.on_subscribe = lambda *_: subscribed.set()
    client.connect(broker.host, broker.port)
    client.loop_start()
    try:
        assert subscribed.wait(10)
        yield device
    finally:
        client.disconnect()
        client.loop_stop()
