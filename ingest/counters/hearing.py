"""The MQTT side: counters publish under `footfall/counters/LOGIN/…`, each only under its own name.

The broker lets nobody publish under another's name, so the topic says who it is. A message is acknowledged once what it
says is committed; one that was not is delivered again.
"""

import logging
import threading
from typing import Any, Final

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from ingest.consumer import BrokerPlace
from ingest.counters.taking import Taker
from ingest.database import Database
from ingest.errors import DatabaseError, PushError, UnknownCounterError
from ingest.settings import CountersSettings

logger = logging.getLogger(__name__)

PREFIX: Final = "footfall/counters"
FILTER: Final = f"{PREFIX}/#"
_KEEPALIVE_S: Final = 30
_AGAIN_S: Final = 2.0
_LOOK_S: Final = 0.2


def topic_of(login: str) -> str:
    """Return the topic under which a counter publishes."""
    return f"{PREFIX}/{login}"


class Listener:
    """Keeps a session with the broker; `run` is a thread's work."""

    def __init__(self, settings: CountersSettings, database: Database, taker: Taker) -> None:
        if settings.broker_url is None:
            raise ValueError("expected a broker to listen at")
        self._settings = settings
        self._place = BrokerPlace.of(settings.broker_url.get_secret_value())
        self._database = database
        self._taker = taker
        self.subscribed = threading.Event()
        self._ended = threading.Event()

    def run(self, stopping: threading.Event) -> None:
        """Serve one connection after another until `stopping` is set."""
        while not stopping.is_set():
            try:
                self._serve(stopping)
            except OSError as error:
                logger.error(  # noqa: TRY400  # the reason is in the text, a traceback would bury it
                    "broker %s cannot be reached (%s): trying again", self._place, error,
                    extra={"action": "broker_unreachable"},
                )  # fmt: skip
            self.subscribed.clear()
            stopping.wait(_AGAIN_S)
        self._database.close()

    def _serve(self, stopping: threading.Event) -> None:
        self._ended.clear()
        client = self._client()
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho has no types here
        properties.SessionExpiryInterval = self._settings.broker_session_s
        client.connect(
            self._place.host,
            self._place.port,
            keepalive=_KEEPALIVE_S,
            clean_start=self._settings.broker_session_s == 0,
            properties=properties,
        )
        client.loop_start()
        while not (stopping.is_set() or self._ended.wait(_LOOK_S)):
            pass
        client.disconnect()
        client.loop_stop()

    def _client(self) -> Client:
        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=self._settings.counters_name,
            protocol=MQTTProtocolVersion.MQTTv5,
            manual_ack=True,
            reconnect_on_failure=False,
        )
        self._place.introduce(client, self._settings.broker_tls_ca)
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        client.on_disconnect = lambda *_: self._ended.set()
        return client

    def _on_connect(self, client: Client, _data: object, _flags: object, reason: Any, _properties: object) -> None:
        if reason.is_failure:
            logger.error("broker %s refuses us: %s", self._place, reason, extra={"action": "broker_refused"})
            self._ended.set()
            return
        client.subscribe([(FILTER, SubscribeOptions(qos=1))])

    def _on_subscribe(self, _client: Client, _data: object, _mid: int, reasons: list[Any], _more: object) -> None:
        if any(each.is_failure for each in reasons):
            logger.error(
                "broker %s does not let us read %s: allow it in the broker's access list",
                self._place, FILTER, extra={"action": "subscription_refused"},
            )  # fmt: skip
            self._ended.set()
            return
        self.subscribed.set()
        logger.info("listening for counters at broker %s", self._place, extra={"action": "broker_connected"})

    def _on_message(self, client: Client, _data: object, message: MQTTMessage) -> None:
        try:
            self._take(message.topic, bytes(message.payload))
        except DatabaseError as error:
            # Not acknowledged: it comes again with the next connection.
            logger.warning("counters wait: %s", error, extra={"action": "counters_wait"})
            self._ended.set()
            return
        except Exception:
            # Root of this thread: a fault of ours with one push must not silence all counters.
            logger.exception("a push on %s: a fault of ours", message.topic, extra={"action": "bug"})
        client.ack(message.mid, message.qos)

    def _take(self, topic: str, body: bytes) -> None:
        login, _, path = topic.removeprefix(f"{PREFIX}/").partition("/")
        if not body:
            return  # MQTT's way to say that what was kept there is gone
        try:
            self._taker.take(self._database, self._taker.counter(self._database, login), body, path=path)
        except UnknownCounterError as error:
            logger.warning("%s", error, extra={"action": "counter_unknown"})
            self._taker.refused(self._database, login, str(error))
        except PushError as error:
            logger.warning("counter %s: %s", login, error, extra={"action": "counter_refused"})
