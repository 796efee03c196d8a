"""Ending a box's live connection: MQTT lets whoever comes with a client id end the session that has it.

Not what keeps a revoked box out, only what tells it so at once: it is refused by its rules and its certificate. What
the broker keeps of it, "online" before all, is taken back with it.
"""

import logging
import threading
from typing import Final

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from contract.topics import PRESENCE, topic
from ingest.consumer import BrokerPlace

_log = logging.getLogger(__name__)
_WITHIN_S: Final = 5.0


def end_session(broker_url: str, store: str, device: str) -> bool:
    """Throw a device's connection out with the server's login, and take back what the broker keeps of it.

    Return whether the broker answered.
    """
    place = BrokerPlace.of(broker_url)
    client = Client(
        CallbackAPIVersion.VERSION2,
        client_id=f"footfall-{store}-{device}",
        protocol=MQTTProtocolVersion.MQTTv5,
        reconnect_on_failure=False,
    )
    accepted = threading.Event()
    client.on_connect = lambda *said: None if said[3].is_failure else accepted.set()
    client.username_pw_set(place.username, place.password)
    client.connect_timeout = _WITHIN_S
    try:
        client.connect(place.host, place.port)
    except (OSError, ValueError) as error:
        _log.warning("%s/%s was not thrown out: %s", store, device, error, extra={"action": "session_not_ended"})
        return False
    client.loop_start()
    done = accepted.wait(_WITHIN_S)
    if done:
        # Not before its old connection is gone: no heartbeat, and no last will, can come after it.
        _take_back(client, store, device)
    client.disconnect()
    client.loop_stop()
    return done


def _take_back(client: Client, store: str, device: str) -> None:
    try:
        for leaf in PRESENCE:
            client.publish(topic(store, device, leaf), b"", qos=1, retain=True).wait_for_publish(_WITHIN_S)
    except RuntimeError as error:
        # The command and the enrolment service do this at once, under one client id: the later one ends the earlier
        # one's connection, and takes back the same. The box itself is out and cannot be that.
        _log.info("%s/%s: %s; another session of ours took over", store, device, error, extra={"action": "overtaken"})
