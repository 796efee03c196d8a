"""The MQTT side: one broker session after another, for ever; deliveries into the inbox, receipts out.

Each connection is a client of its own, so an acknowledgement can never reach another connection than the one its
message came on. The ledger is a shared subscription: any number of workers divide it among themselves. Status, live
values and reports are retained and go to every worker at QoS 0: the newest is all that matters. A set-up picture goes
to one worker; one that is lost is asked for again by whoever wanted it.
"""

import logging
import random
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Final, TypeAlias
from urllib.parse import unquote, urlsplit

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from contract.errors import ContractError
from contract.topics import PRESENCE, parse, subscription
from ingest.backoff import pauses
from ingest.deliveries import Delivery, Inbox
from ingest.settings import IngestSettings

logger = logging.getLogger(__name__)

SHARE_GROUP: Final = "ingest"
LEDGER_FILTER: Final = f"$share/{SHARE_GROUP}/{subscription('ledger')}"
PICTURE_FILTER: Final = f"$share/{SHARE_GROUP}/{subscription('picture')}"
_FILTERS: Final = ((LEDGER_FILTER, 1), (PICTURE_FILTER, 0), *((subscription(leaf), 0) for leaf in PRESENCE))
_KEEPALIVE_S: Final = 20
_CONNECT_TIMEOUT_S: Final = 5.0
#: The broker's answer to a second client of our name.
_TAKEN_OVER: Final = 142


@dataclass(frozen=True, slots=True)
class BrokerPlace:
    """Where the broker is and who we are there."""

    host: str
    port: int
    username: str | None
    password: str | None = field(repr=False)
    tls: bool

    @classmethod
    def of(cls, url: str) -> "BrokerPlace":
        """Return the parts of `mqtt[s]://user:password@host:port`."""
        parts = urlsplit(url)
        tls = parts.scheme == "mqtts"
        return cls(
            host=parts.hostname or "",
            port=parts.port or (8883 if tls else 1883),
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            tls=tls,
        )

    def introduce(self, client: Client, tls_ca: str | None) -> None:
        """Tell a client who we are there, and whom the broker is known by; None: the system's authorities."""
        if self.username is not None:
            client.username_pw_set(self.username, self.password)
        if self.tls:
            client.tls_set(ca_certs=tls_ca, tls_version=ssl.PROTOCOL_TLS_CLIENT)

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


ClientFactory: TypeAlias = Callable[[IngestSettings], Client]


def paho_client(settings: IngestSettings) -> Client:
    """Return a paho client that acknowledges by hand and does not reconnect by itself."""
    place = BrokerPlace.of(settings.broker_url.get_secret_value())
    client = Client(
        CallbackAPIVersion.VERSION2,
        client_id=settings.ingest_name,
        protocol=MQTTProtocolVersion.MQTTv5,
        manual_ack=True,
        reconnect_on_failure=False,
    )
    client.connect_timeout = _CONNECT_TIMEOUT_S
    place.introduce(client, settings.broker_tls_ca)
    return client


class Consumer:
    """Keeps a session with the broker; `run` is a thread's work, everything else may be called from another."""

    def __init__(
        self,
        settings: IngestSettings,
        inbox: Inbox,
        *,
        now: Callable[[], datetime],
        rng: random.Random,
        client_factory: ClientFactory = paho_client,
    ) -> None:
        self._settings = settings
        self._place = BrokerPlace.of(settings.broker_url.get_secret_value())
        self._inbox = inbox
        self._now = now
        self._rng = rng
        self._factory = client_factory
        self._client: Client | None = None
        self._flooded = False
        self._stopping = threading.Event()
        self._subscribed = threading.Event()
        self._ended = threading.Event()

    @property
    def connected(self) -> bool:
        """Whether the broker has accepted us and our subscriptions."""
        return self._subscribed.is_set()

    def run(self) -> None:
        """Serve one connection after another until `stop`."""
        delays = self._pauses()
        while not self._stopping.is_set():
            if self._serve_once():
                delays = self._pauses()  # it worked for a while: begin with short pauses again
            if not self._stopping.is_set():
                self._stopping.wait(next(delays))

    def stop(self) -> None:
        """End the session; unacknowledged messages stay with the broker and their devices."""
        self._stopping.set()
        if self._client is not None:
            self._client.disconnect()

    def publish(self, topic: str, payload: bytes) -> None:
        """Publish a retained message if there is a connection; the next receipt says it again if there is none."""
        client = self._client
        if client is not None and self.connected:
            client.publish(topic, payload, qos=1, retain=True)

    def _pauses(self) -> Iterator[float]:
        return pauses(self._rng, first_s=0.5, most_s=30.0)

    def _serve_once(self) -> bool:
        """Connect and serve until the connection ends; return whether we were let in."""
        client = self._client = self._factory(self._settings)
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        client.on_subscribe = self._on_subscribe
        try:
            client.connect(
                self._place.host,
                self._place.port,
                keepalive=_KEEPALIVE_S,
                clean_start=self._settings.broker_session_s == 0,
                properties=self._connect_properties(),
            )
        except OSError as error:
            logger.error(  # noqa: TRY400  # the reason is in the text, a traceback would bury it
                "broker %s cannot be reached (%s). Check that it runs and host and port in FOOTFALL_BROKER_URL; "
                "trying again",
                self._place, error, extra={"action": "broker_unreachable"},
            )  # fmt: skip
            return False
        self._ended.clear()
        client.loop_start()
        if self._stopping.is_set():
            client.disconnect()
        self._ended.wait()
        client.loop_stop()
        let_in = self._subscribed.is_set()
        self._subscribed.clear()
        self._inbox.drop_ledger()
        return let_in

    def _connect_properties(self) -> Properties:
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho has no types here
        properties.ReceiveMaximum = self._settings.ingest_in_flight
        properties.SessionExpiryInterval = self._settings.broker_session_s
        return properties

    def _on_connect(
        self, client: Client, _data: Any, _flags: ConnectFlags, reason: ReasonCode, _properties: Properties | None
    ) -> None:
        if reason.is_failure:
            logger.error(
                "broker %s refuses user %r: %s. Check user and password in FOOTFALL_BROKER_URL; trying again",
                self._place, self._place.username, reason, extra={"action": "broker_refused"},
            )  # fmt: skip
            client.disconnect()
            return
        # Here, because a subscription may be gone with its connection.
        client.subscribe([(name, SubscribeOptions(qos=qos)) for name, qos in _FILTERS])

    def _on_subscribe(
        self, client: Client, _data: Any, _mid: int, reasons: list[ReasonCode], _properties: Properties | None
    ) -> None:
        refused = [name for (name, _), reason in zip(_FILTERS, reasons, strict=False) if reason.is_failure]
        if refused:
            logger.error(
                "broker %s does not let user %r read %s: allow it in the broker's access list; trying again",
                self._place, self._place.username, ", ".join(refused), extra={"action": "subscription_refused"},
            )  # fmt: skip
            client.disconnect()
            return
        self._subscribed.set()
        logger.info("subscribed at broker %s", self._place, extra={"action": "broker_connected"})

    def _on_disconnect(
        self, _client: Any, _data: Any, _flags: DisconnectFlags, reason: ReasonCode, _properties: Properties | None
    ) -> None:
        self._ended.set()
        if self._stopping.is_set() or not self.connected:
            return
        advice = (
            f"another worker is named {self._settings.ingest_name!r}: give each its own FOOTFALL_INGEST_NAME"
            if reason.value == _TAKEN_OVER
            else "nothing is lost, devices send again what no receipt covers"
        )
        logger.warning(
            "connection to broker %s ended (%s): %s; connecting again",
            self._place, reason, advice, extra={"action": "broker_lost"},
        )  # fmt: skip

    def _on_message(self, client: Client, _data: Any, message: MQTTMessage) -> None:
        delivery = Delivery(
            message.topic,
            bytes(message.payload),
            self._now(),
            retained=bool(message.retain),
            ack=partial(client.ack, message.mid, message.qos),
        )
        try:
            topic = parse(message.topic)
        except ContractError:
            self._inbox.put_unreadable(delivery)
            delivery.ack()
            return
        if topic.leaf == "picture":
            self._inbox.put_picture(topic, delivery)
        elif topic.leaf != "ledger":
            self._inbox.put_presence(topic, delivery)
        elif self._inbox.put_ledger(delivery):
            self._flooded = False
        else:
            # Acknowledged though dropped: else it holds a place in the broker's window for as long as we are connected,
            # and a flood would leave none. No receipt covers it, so its device sends it again.
            delivery.ack()
            if not self._flooded:
                logger.warning("the broker sends more than was asked for", extra={"action": "window_exceeded"})
            self._flooded = True
