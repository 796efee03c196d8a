"""One connection to a broker, as a publisher sees it, and its paho-mqtt adapter.

A connection is made, opened once and closed; after a loss a new one is made, so that nothing of an old session
lingers: what has to be sent again is the outbox's business. What happens is reported as signals, from another thread.
"""

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol, TypeAlias

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage, MQTTMessageInfo
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from edge.config import BrokerConfig
from edge.errors import BrokerError, ConfigError

logger = logging.getLogger(__name__)

#: MQTT 5, 3.14.2.1: another client connected with this client id.
_SESSION_TAKEN_OVER: Final = 0x8E


@dataclass(frozen=True, slots=True)
class Accepted:
    """The broker let us in, and we asked for what we want to hear."""


@dataclass(frozen=True, slots=True)
class Lost:
    """The connection ended, or never came to be; `reason` is for a person.

    `taken_over`: the broker said that another client came with our client id.
    """

    reason: str
    taken_over: bool = False


@dataclass(frozen=True, slots=True)
class Received:
    """A message on one of the topics that we hear."""

    topic: str
    payload: bytes
    retained: bool


@dataclass(frozen=True, slots=True)
class Rejected:
    """The broker took a message and threw it away, e.g. for want of a permission."""

    reason: str


Signal: TypeAlias = Accepted | Lost | Received | Rejected


@dataclass(frozen=True, slots=True)
class Session:
    """What a connection is for: who speaks, what topics it hears, its last will (retained, QoS 1) if it leaves one."""

    client_id: str
    hears: tuple[str, ...]
    will_topic: str
    will: bytes | None


class Connection(Protocol):
    """One connection."""

    def open(self) -> None:
        """Start connecting; `Accepted` or `Lost` follows.

        Raises:
            BrokerError: nobody listens there; says what to do.
        """
        ...

    def publish(self, topic: str, payload: bytes, *, qos: int, retain: bool = False) -> None:
        """Hand over a message; whether it arrives is not known."""
        ...

    def close(self, *, timeout_s: float = 0.0) -> None:
        """Say goodbye (no last will), waiting up to `timeout_s` for the last message to be taken."""
        ...


ConnectionFactory: TypeAlias = Callable[[Session, Callable[[Signal], None]], Connection]


class PahoConnection:
    """A `Connection` through paho-mqtt, MQTT 5.

    Raises:
        ConfigError: the password or a certificate is not where `broker` says.
    """

    def __init__(
        self,
        broker: BrokerConfig,
        session: Session,
        report: Callable[[Signal], None],
        *,
        connect_timeout_s: float = 5.0,
        keepalive_s: int = 20,
    ) -> None:
        self._broker = broker
        self._session = session
        self._report = report
        self._keepalive_s = keepalive_s
        self._accepted = False
        self._last: MQTTMessageInfo | None = None
        self._client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=session.client_id,
            protocol=MQTTProtocolVersion.MQTTv5,
            reconnect_on_failure=False,
        )
        self._client.connect_timeout = connect_timeout_s
        if broker.username is not None:
            self._client.username_pw_set(broker.username, password_of(broker))
        if broker.tls_ca is not None:
            self._secure(broker.tls_ca)
        if session.will is not None:
            self._client.will_set(session.will_topic, session.will, qos=1, retain=True)
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._client.on_message = self._on_message
        self._client.on_publish = self._on_publish

    def open(self) -> None:
        """Start connecting; see `Connection.open`."""
        try:
            self._client.connect(self._broker.host, self._broker.port, keepalive=self._keepalive_s)
        except (OSError, ValueError) as error:
            raise BrokerError(
                f"broker {place_of(self._broker)} cannot be reached ({error}). Check that it runs, `host` and `port` "
                "in [broker], and the way there"
            ) from error
        self._client.loop_start()

    def publish(self, topic: str, payload: bytes, *, qos: int, retain: bool = False) -> None:
        """Hand over a message."""
        self._last = self._client.publish(topic, payload, qos=qos, retain=retain)

    def close(self, *, timeout_s: float = 0.0) -> None:
        """Say goodbye; see `Connection.close`."""
        if timeout_s and self._accepted and self._last is not None:
            try:
                self._last.wait_for_publish(timeout_s)
            except (RuntimeError, ValueError) as error:
                logger.warning("the last message was not taken: %s", error, extra={"action": "last_message_lost"})
        self._client.disconnect()
        self._client.loop_stop()

    def _secure(self, authority: str) -> None:
        try:
            self._client.tls_set(ca_certs=authority, certfile=self._broker.tls_cert, keyfile=self._broker.tls_key)
        except (OSError, ValueError) as error:
            raise ConfigError(
                "[broker]", "tls_ca, tls_cert, tls_key", expected="readable PEM files that belong together",
                got=str(error), advice="Check the three paths and who may read them.",
            ) from error  # fmt: skip

    def _on_connect(
        self, client: Client, _data: Any, _flags: ConnectFlags, reason: ReasonCode, _properties: Properties | None
    ) -> None:
        if reason.is_failure:
            self._report(
                Lost(f"broker {place_of(self._broker)} refuses this box: {reason}. {_credentials_advice(self._broker)}")
            )
            return
        self._accepted = True
        # Inside on_connect: a subscription is gone with its connection.
        client.subscribe([(name, SubscribeOptions(qos=1)) for name in self._session.hears])
        self._report(Accepted())

    def _on_disconnect(
        self, _client: Client, _data: Any, _flags: DisconnectFlags, reason: ReasonCode, _properties: Properties | None
    ) -> None:
        text = f"connection to broker {place_of(self._broker)} ended: {reason}"
        if not self._accepted:
            text += f" before it was accepted. {_credentials_advice(self._broker)}"
        self._report(Lost(text, taken_over=reason.value == _SESSION_TAKEN_OVER))

    def _on_message(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        self._report(Received(message.topic, bytes(message.payload), bool(message.retain)))

    def _on_publish(self, _client: Client, _data: Any, _mid: int, reason: ReasonCode, _properties: Properties) -> None:
        if reason.is_failure:
            self._report(Rejected(str(reason)))


def place_of(broker: BrokerConfig) -> str:
    """Return `host:port`."""
    return f"{broker.host}:{broker.port}"


def said_of(broker: BrokerConfig, error: Exception) -> str:
    """Return what `error` says, for a place that names the broker itself."""
    return str(error).removeprefix(f"broker {place_of(broker)}").lstrip(": ")


def password_of(broker: BrokerConfig) -> str | None:
    """Return the password from where `broker` says it stands; None where it names no place.

    Raises:
        ConfigError: the variable is not set, or the file cannot be read.
    """
    if broker.password_env is not None:
        password = os.environ.get(broker.password_env)
        if password is None:
            raise ConfigError(
                "[broker]", "password_env", expected=f"the environment variable {broker.password_env}", got="nothing",
                advice=f"Set it before starting: export {broker.password_env}=…",
            )  # fmt: skip
        return password
    if broker.password_file is not None:
        try:
            return Path(broker.password_file).read_text(encoding="utf-8").strip()
        except (OSError, ValueError) as error:
            raise ConfigError(
                "[broker]", "password_file", expected="a readable text file that holds the password alone",
                got=str(error), advice="Write it there, readable to this user only.",
            ) from error  # fmt: skip
    return None


def _credentials_advice(broker: BrokerConfig) -> str:
    if broker.tls_cert is not None:
        return (
            f"Its certificate ({broker.tls_cert}) may have ended or been revoked: ask for a new code, then "
            "footfall edge enroll"
        )
    if broker.username is None:
        return "No `username` is set in [broker]: set it and the place of its password"
    where = (
        f"environment variable {broker.password_env}" if broker.password_env
        else f"file {broker.password_file}" if broker.password_file
        else "nowhere: set `password_env` or `password_file`"
    )  # fmt: skip
    return f"Check user {broker.username!r} and its password (from {where})"
