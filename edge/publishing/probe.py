"""A probe of the broker: whether it takes this box's login."""

import queue

from contract.topics import topic
from edge.config import BrokerConfig
from edge.errors import BrokerError
from edge.publishing.connection import Accepted, Lost, PahoConnection, Session, Signal, place_of


def probe(broker: BrokerConfig, store: str, device: str, *, timeout_s: float = 5.0) -> None:
    """Connect and disconnect, beside a running agent and without a word about it.

    Raises:
        BrokerError: not reachable, not answering, or refusing; says what to do.
        ConfigError: the password or a certificate is not where `broker` says.
    """
    signals: queue.SimpleQueue[Signal] = queue.SimpleQueue()
    session = Session(
        # A name of its own: the agent's would throw the running agent out.
        client_id=f"footfall-check-{store}-{device}",
        hears=(topic(store, device, "receipt"),),
        will_topic=topic(store, device, "status"),
        will=None,
    )
    connection = PahoConnection(broker, session, signals.put, connect_timeout_s=timeout_s)
    connection.open()
    try:
        match signals.get(timeout=timeout_s):
            case Accepted():
                return
            case Lost(reason):
                raise BrokerError(reason)
            case other:
                raise BrokerError(f"broker {place_of(broker)}: expected to be accepted, got {other}")
    except queue.Empty as error:
        raise BrokerError(
            f"broker {place_of(broker)} accepted the connection but does not speak MQTT within {timeout_s:g} s. "
            "Check `port` in [broker]: 1883 is usual, 8883 with TLS"
        ) from error
    finally:
        connection.close()
