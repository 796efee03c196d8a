"""Publishing discovery messages, retained; what is no longer to be said is taken back with an empty one.

The server does it: a box may write nothing but what is its own.
"""

import hashlib
import logging
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

import msgspec
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from deploy.homeassistant.discovery import discovery, discovery_topic
from deploy.homeassistant.register import SQL, anything, boxes
from ingest.consumer import BrokerPlace
from ingest.database import Database
from ingest.errors import DatabaseError

logger = logging.getLogger(__name__)

LOOK_EVERY_S: Final = 5.0
_ACCEPT_S: Final = 10.0


class DiscoveryPublisher:
    """Publishes with the server's login at `broker_url`. `run` is a thread's work; nothing else is called beside it."""

    def __init__(
        self,
        database: Database,
        broker_url: str,
        *,
        now: Callable[[], datetime],
        tls_ca: str | None = None,
        every_s: float = LOOK_EVERY_S,
    ) -> None:
        """Look every `every_s`. `tls_ca` is whom an mqtts:// broker is known by; None: the system's authorities."""
        self._database = database
        self._now = now
        self._every_s = every_s
        self._place = BrokerPlace.of(broker_url)
        self._client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
        self._client.reconnect_delay_set(1, 30)
        self._place.introduce(self._client, tls_ca)
        self._client.on_connect = self._on_connect
        #: Set by the MQTT thread at each connection: its broker may have lost what it kept.
        self._anew = threading.Event()

    def run(self, stopping: threading.Event) -> None:
        """Publish until `stopping` is set; a database or a broker that is away is tried again."""
        while not self._wanted():
            if stopping.wait(self._every_s):
                self._database.close()
                return
        self._client.connect_async(self._place.host, self._place.port)
        self._client.loop_start()
        try:
            while not stopping.is_set():
                if self._client.is_connected():
                    try:
                        self.once()
                    except DatabaseError as error:
                        logger.warning("Home Assistant is told nothing: %s", error, extra={"action": "ha_waits"})
                stopping.wait(self._every_s if self._client.is_connected() else 0.2)
        finally:
            self._client.disconnect()
            self._client.loop_stop()
            self._database.close()

    def once(self) -> int:
        """Publish what has changed; return how many messages the broker took.

        Raises:
            DatabaseError: the database did not answer.
        """
        anew = self._anew.is_set()
        self._anew.clear()
        with self._database.transaction() as cursor:
            wanted = {
                discovery_topic(box.store, box.device): msgspec.json.encode(discovery(box))
                for box in boxes(cursor, self._now())
            }
            cursor.execute(SQL["kept"])
            kept = {name: bytes(sha256) for name, sha256 in cursor.fetchall()}
        due = {name: body for name, body in wanted.items() if anew or kept.get(name) != hashlib.sha256(body).digest()}
        gone = {name: b"" for name in kept if name not in wanted}
        return sum(self._say(name, body) for name, body in {**due, **gone}.items())

    def _wanted(self) -> bool:
        """Return whether there is anything to announce: until then the broker hears nothing of it."""
        try:
            return anything(self._database)
        except DatabaseError as error:
            logger.warning("Home Assistant is told nothing: %s", error, extra={"action": "ha_waits"})
            return False

    def _say(self, name: str, body: bytes) -> bool:
        """Publish one message and write down that it stands there, or stands there no more."""
        if body:
            self._note(name, body)  # before: what may stand there must be known, to be taken back
        info = self._client.publish(name, body, qos=1, retain=True)
        try:
            info.wait_for_publish(_ACCEPT_S)
        except (RuntimeError, ValueError):
            self._anew.set()
            return False
        if not info.is_published():
            self._anew.set()
            return False
        if not body:
            with self._database.transaction() as cursor:
                cursor.execute(SQL["forget"], {"topic": name})
        return True

    def _note(self, name: str, body: bytes) -> None:
        with self._database.transaction() as cursor:
            cursor.execute(SQL["keep"], {"topic": name, "sha256": hashlib.sha256(body).digest()})

    def _on_connect(self, _client: Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            logger.error(
                "the broker refuses to hear what Home Assistant is told: %s", reason, extra={"action": "ha_refused"}
            )
            return
        self._anew.set()
