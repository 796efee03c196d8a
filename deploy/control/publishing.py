"""Publishing: the keeper's word to the boxes. Signs what is desired and asked, and hands it to the broker.

It alone holds the authority's key: whoever writes a row needs none, and a broker that was taken over has none.
"""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec
from paho.mqtt.client import Client, MQTTMessageInfo
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from contract.codec import encode
from contract.control import Command, ControlLeaf, Desired, body_of
from contract.errors import ContractError
from contract.topics import topic
from deploy.control.gaps import look
from deploy.control.rollouts import advance
from deploy.errors import DeployError
from deploy.trust.authority import Authority
from ingest.consumer import BrokerPlace
from ingest.database import Database
from ingest.errors import IngestError
from ingest.sql_blocks import parse_blocks

logger = logging.getLogger(__name__)

_SQL: Final = parse_blocks(Path(__file__).with_name("desires.sql").read_text(encoding="utf-8"), "desires")
_LOOK_EVERY_S: Final = 1.0
#: How long the broker may take to accept one message.
_ACCEPT_S: Final = 10.0
_SAY_AGAIN: Final = timedelta(minutes=1)
_ASK_AGAIN: Final = timedelta(seconds=10)
_LOOK_FOR_GAPS: Final = timedelta(minutes=1)


class ControlPublisher:
    """Publishes with the server's login at `broker_url`. `run` is a thread's work; nothing else is called beside it."""

    def __init__(
        self,
        database: Database,
        authority: Authority,
        broker_url: str,
        *,
        now: Callable[[], datetime],
        tls_ca: str | None = None,
    ) -> None:
        """Sign with `authority`. `tls_ca` is whom an mqtts:// broker is known by; None: the system's authorities."""
        self._database = database
        self._authority = authority
        self._place = BrokerPlace.of(broker_url)
        self._now = now
        self._client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
        self._client.reconnect_delay_set(1, 30)
        self._place.introduce(self._client, tls_ca)
        self._client.on_connect = self._on_connect
        self._look_at: datetime | None = None
        #: Set by the MQTT thread at each connection: its broker may have lost what it kept.
        self._anew = threading.Event()

    def run(self, stopping: threading.Event) -> None:
        """Publish until `stopping` is set; a database or a broker that is away is tried again."""
        self._client.connect_async(self._place.host, self._place.port)
        self._client.loop_start()
        try:
            while not stopping.wait(_LOOK_EVERY_S):
                if not self._client.is_connected():
                    continue
                try:
                    self.once()
                except (DeployError, IngestError) as error:
                    logger.warning("nothing was said to the boxes: %s", error, extra={"action": "control_not_said"})
        finally:
            self._client.disconnect()
            self._client.loop_stop()
            self._database.close()

    def once(self) -> int:
        """Let the roll-out go on, and publish what is due; return how many messages the broker took.

        Raises:
            DatabaseError: the database did not answer.
        """
        advance(self._database, self._now())
        self._look_for_gaps(self._now())
        anew = self._anew.is_set()
        self._anew.clear()
        return self._publish_desired(everything=anew) + self._publish_commands()

    def _look_for_gaps(self, now: datetime) -> None:
        if self._look_at is None or not self._look_at - _LOOK_FOR_GAPS <= now < self._look_at:
            self._look_at = now + _LOOK_FOR_GAPS
            look(self._database, now)

    def _publish_desired(self, *, everything: bool) -> int:
        with self._database.transaction() as cursor:
            cursor.execute(_SQL["to_publish"], {"all": everything, "before": self._now() - _SAY_AGAIN})
            rows = cursor.fetchall()
        sent = [
            ((device_id, version), info)
            for device_id, store, device, version, at, body in rows
            if (info := self._say("config", store, device, {**body, "version": version, "issued_at": at})) is not None
        ]
        taken = [key for key, info in sent if _taken(info)]
        if taken:
            ids, versions = zip(*taken, strict=True)
            with self._database.transaction() as cursor:
                values = {"device_ids": list(ids), "versions": list(versions), "at": self._now()}
                cursor.execute(_SQL["published"], values)
        return len(taken)

    def _publish_commands(self) -> int:
        now = self._now()
        with self._database.transaction() as cursor:
            cursor.execute(_SQL["to_ask"], {"now": now, "before": now - _ASK_AGAIN})
            rows = cursor.fetchall()
        sent = [
            (command_id, info)
            for command_id, store, device, body in rows
            if (info := self._say("command", store, device, msgspec.json.decode(body))) is not None
        ]
        taken = [str(command_id) for command_id, info in sent if _taken(info)]
        if taken:
            with self._database.transaction() as cursor:
                cursor.execute(_SQL["asked"], {"ids": taken, "at": now})
        return len(taken)

    def _say(self, leaf: ControlLeaf, store: str, device: str, said: dict[str, Any]) -> MQTTMessageInfo | None:
        try:
            kind: Any = Desired if leaf == "config" else Command
            body = body_of(msgspec.convert(said, kind, strict=False))
            payload = encode(self._authority.sign(leaf, store, device, body))
        except (ContractError, msgspec.ValidationError) as error:
            # One row that cannot be said must not silence the others.
            logger.error(  # noqa: TRY400  # the reason is in the text
                "%s of %s/%s cannot be said: %s", leaf, store, device, error, extra={"action": "control_unsayable"}
            )
            return None
        return self._client.publish(topic(store, device, leaf), payload, qos=1, retain=leaf == "config")

    def _on_connect(self, *said: Any) -> None:
        reason = said[3]
        if reason.is_failure:
            logger.error(
                "broker %s refuses the keeper: %s. Check FOOTFALL_BROKER_URL",
                self._place, reason, extra={"action": "broker_refused"},
            )  # fmt: skip
        else:
            self._anew.set()


def _taken(info: MQTTMessageInfo) -> bool:
    try:
        info.wait_for_publish(_ACCEPT_S)
    except (RuntimeError, ValueError):
        return False
    return info.is_published()
