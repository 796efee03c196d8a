"""Home Assistant on a real Mosquitto: what is announced, what its templates make of a message, what it may read."""

import json
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from jinja2.sandbox import ImmutableSandboxedEnvironment
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from contract.codec import encode
from contract.messages import LineInfo, Live, LiveLine, LiveZone, ZoneInfo
from contract.topics import topic
from deploy.broker import HOME_ASSISTANT_RULES, access_rules
from deploy.errors import HomeAssistantError
from deploy.homeassistant import register
from deploy.homeassistant.discovery import access_rules_for, discovery_topic
from deploy.homeassistant.publishing import DiscoveryPublisher
from edge.identity import write_secret
from ingest.database import Database
from ingest.names import Names
from ingest.presence import Heard, Presence
from tests.support.clocks import ManualClock, wait_until
from tests.support.entries import EPOCH
from tests.support.ledger import add_store, execute, rows, status
from tests.support.mqtt import wire_device
from tests.support.servers import RunningBroker

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 20, 23, 0, tzinfo=UTC)  # in Berlin
LINES = (
    LineInfo(line="front-door", role="entrance", camera="door"),
    LineInfo(line="side-door", role="entrance", camera="door"),
    LineInfo(line="pavement", role="pass_by", camera="door"),
)
ZONES = (ZoneInfo(zone="till", role="queue", camera="door"), ZoneInfo(zone="table", role="engagement", camera="door"))


class Shop:
    """A shop whose box has counted yesterday and today, the broker it speaks to, and a publisher that runs."""

    def __init__(self, url: str, broker: RunningBroker) -> None:
        self.url = url
        self.broker = broker
        self.clock = ManualClock(NOW)
        self.database = Database(url)
        add_store(url)
        presence = Presence(self.database, Names())
        presence.store_status(status(at=NOW, lines=LINES, zones=ZONES, last_seq=9), Heard(NOW))
        presence.store_live([(self.live(), Heard(NOW))])
        self.register_at(MIDNIGHT - timedelta(minutes=1), front=(100, 90), side=(10, 12))
        self.register_at(MIDNIGHT + timedelta(hours=9), front=(120, 95), side=(11, 12))

    def live(self, *, front: tuple[int, int] = (130, 100), side: tuple[int, int] = (15, 13), queue: int = 4) -> Live:
        counted = (("front-door", front), ("side-door", side), ("pavement", (900, 800)))
        return Live(
            store="riverside", device="door-box", epoch=EPOCH, at=self.clock.now(),
            lines=[LiveLine(line=name, in_total=ins, out_total=outs) for name, (ins, outs) in counted],
            zones=[LiveZone(zone="till", people=queue), LiveZone(zone="table", people=2)],
        )  # fmt: skip

    def register_at(self, at: datetime, *, front: tuple[int, int], side: tuple[int, int]) -> None:
        for line, (ins, outs) in (("front-door", front), ("side-door", side)):
            execute(
                self.url,
                "INSERT INTO line_register (at, store_id, line_id, epoch_id, in_total, out_total) "
                "SELECT %s, l.store_id, l.line_id, e.epoch_id, %s, %s "
                "FROM line AS l, ledger_epoch AS e WHERE l.code = %s",
                at, ins, outs, line,
            )  # fmt: skip

    def allow(self) -> None:
        """What `footfall ha` does with the broker of `footfall up`."""
        folder, account = self.broker.broker.folder, self.broker.broker.account
        owner = (account.uid, account.gid) if account else None
        rules = access_rules_for(register.stores(self.database)).encode()
        write_secret(folder / HOME_ASSISTANT_RULES, rules, owner=owner)
        write_secret(folder / "acl", access_rules(folder).encode(), owner=owner)
        pid = self.broker.process.pid
        assert pid is not None
        os.kill(pid, signal.SIGHUP)


@pytest.fixture
def shop(database: str, broker: RunningBroker) -> Iterator[Shop]:
    if broker.broker.kind != "mosquitto":
        pytest.skip("access rules are Mosquitto's, which is not installed")
    made = Shop(database, broker)
    yield made
    made.database.close()


@contextmanager
def publishing(shop: Shop) -> Iterator[None]:
    stopping = threading.Event()
    publisher = DiscoveryPublisher(Database(shop.url), shop.broker.server_url, now=shop.clock.now, every_s=0.05)
    thread = threading.Thread(target=publisher.run, args=(stopping,))
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join(20)


@contextmanager
def home_assistant(broker: RunningBroker) -> Iterator[tuple[Client, dict[str, bytes]]]:
    """Log in as Home Assistant and ask for everything; yield what comes, the last message of each topic."""
    heard: dict[str, bytes] = {}
    subscribed = threading.Event()
    client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
    login = broker.broker.homeassistant
    assert login is not None
    client.username_pw_set(login.username, login.password)
    client.on_message = lambda _client, _data, message: heard.update({message.topic: bytes(message.payload)})
    client.on_connect = lambda who, *_: who.subscribe("#", qos=1)
    client.on_subscribe = lambda *_: subscribed.set()
    client.connect(broker.host, broker.port)
    client.loop_start()
    try:
        assert subscribed.wait(20)
        yield client, heard
    finally:
        client.disconnect()
        client.loop_stop()


def evaluated(component: dict[str, Any], message: bytes) -> str:
    """Do what Home Assistant does with a message: its template, in a sandbox, over `value_json`."""
    environment = ImmutableSandboxedEnvironment()
    return environment.from_string(component["value_template"]).render(value_json=json.loads(message), value=message)


DISCOVERY = discovery_topic("riverside", "door-box")
LIVE, STATUS = topic("riverside", "door-box", "live"), topic("riverside", "door-box", "status")


def test_what_is_announced_makes_the_right_numbers_of_a_real_message(shop: Shop) -> None:
    register.enable(shop.database, "riverside", by="anna", at=NOW)
    shop.allow()
    with publishing(shop), wire_device(shop.broker) as device, home_assistant(shop.broker) as (_, heard):
        device.say(shop.live())
        device.say(status(at=NOW, lines=LINES, zones=ZONES))
        wait_until(lambda: {DISCOVERY, LIVE, STATUS} <= set(heard), what="Home Assistant hears", within_s=40)
    said = json.loads(heard[DISCOVERY])
    assert said["device"]["name"] == "Riverside · door-box"
    components = said["components"]
    numbers = {key: evaluated(each, heard[each["state_topic"]]) for key, each in components.items()}
    assert numbers == {
        "visitors_today": "35",  # 145 so far, 110 before midnight
        "occupancy": "24",  # 35 in, and 113 - 102 out
        "door_front-door_in": "130", "door_front-door_out": "100",
        "door_side-door_in": "15", "door_side-door_out": "13",
        "queue_till": "4",
        "online": "ON",
    }  # fmt: skip
    assert components["visitors_today"]["state_class"] == "total_increasing"
    assert len({each["unique_id"] for each in components.values()}) == len(components)
    assert {each["platform"] for each in components.values()} == {"sensor", "binary_sensor"}
    availability = components["occupancy"]["availability"]
    assert (availability["topic"], evaluated(availability, heard[STATUS])) == (STATUS, "online")
    gone = encode(status(state="offline", at=NOW))
    assert (evaluated(availability, gone), evaluated(components["online"], gone)) == ("offline", "OFF")


@pytest.mark.slow
def test_a_new_day_and_a_new_outbox_begin_with_nobody(shop: Shop) -> None:
    register.enable(shop.database, "riverside", by="anna", at=NOW)
    shop.allow()
    message = encode(shop.live())
    other = json.dumps({**json.loads(message), "epoch": "00000000-0000-4000-8000-000000000000"}).encode()
    shop.register_at(MIDNIGHT + timedelta(hours=23), front=(130, 100), side=(15, 13))
    with publishing(shop), home_assistant(shop.broker) as (_, heard):
        wait_until(lambda: DISCOVERY in heard, what="today's announcement", within_s=40)
        today = heard[DISCOVERY]
        shop.clock.advance(86_400)
        wait_until(lambda: heard[DISCOVERY] != today, what="tomorrow's announcement", within_s=40)
    counted = {
        name: evaluated(json.loads(said)["components"]["visitors_today"], of)
        for name, said, of in (
            ("today", today, message), ("tomorrow", heard[DISCOVERY], message), ("new outbox", today, other),
        )
    }  # fmt: skip
    assert counted == {"today": "35", "tomorrow": "0", "new outbox": "145"}


def test_the_login_reads_what_was_announced_and_nothing_else_and_writes_nothing(shop: Shop) -> None:
    add_store(shop.url, "hilltop")
    register.enable(shop.database, "riverside", by="anna", at=NOW)
    shop.allow()
    with publishing(shop), wire_device(shop.broker) as device, home_assistant(shop.broker) as (client, heard):
        for leaf in ("ledger", "reported", "live"):
            device.raw((topic("hilltop", "door-box", leaf), b"{}"))
        device.raw((topic("riverside", "door-box", "ledger"), b"{}"))
        client.publish(LIVE, b'{"forged": true}', qos=1, retain=True)
        client.publish(topic("riverside", "door-box", "command"), b"{}", qos=1)
        device.say(shop.live())
        wait_until(lambda: {DISCOVERY, LIVE} <= set(heard), what="Home Assistant hears", within_s=40)
    assert set(heard) == {DISCOVERY, LIVE}
    assert b"forged" not in heard[LIVE]


def test_what_is_taken_back_is_gone_from_the_broker(shop: Shop) -> None:
    register.enable(shop.database, "riverside", by="anna", at=NOW)
    register.enable(shop.database, "riverside", by="ben", at=NOW)
    shop.allow()
    with publishing(shop):
        wait_until(lambda: kept(shop) == [DISCOVERY], what="announced", within_s=40)
        with home_assistant(shop.broker) as (_, heard):
            wait_until(lambda: DISCOVERY in heard, what="it is kept", within_s=40)
            # Its rules stay for the moment, so that it hears the end.
            register.disable(shop.database, "riverside")
            wait_until(lambda: heard[DISCOVERY] == b"", what="it is taken back", within_s=40)
        wait_until(lambda: not register.anything(shop.database), what="nothing is left", within_s=40)
        with home_assistant(shop.broker) as (client, heard), wire_device(shop.broker) as device:
            device.say(shop.live())
            wait_until(lambda: LIVE in heard, what="it hears what comes after", within_s=40)
            assert DISCOVERY not in heard
            assert client.is_connected()
    shop.allow()
    assert "homeassistant" not in access_rules(shop.broker.broker.folder).replace("topic write homeassistant/", "")


def kept(shop: Shop) -> list[str]:
    return [name for (name,) in rows(shop.url, "SELECT topic FROM home_assistant_topic")]


def test_a_box_that_is_gone_is_taken_back_and_a_broker_that_forgot_is_told_again(shop: Shop) -> None:
    register.enable(shop.database, "riverside", by="anna", at=NOW)
    with publishing(shop):
        wait_until(lambda: kept(shop) == [DISCOVERY], what="announced", within_s=40)
    execute(shop.url, "UPDATE home_assistant_topic SET topic = %s", discovery_topic("riverside", "old-box"))
    shop.allow()
    with publishing(shop), home_assistant(shop.broker) as (_, heard):
        wait_until(lambda: DISCOVERY in heard, what="it is told again", within_s=40)
        wait_until(lambda: kept(shop) == [DISCOVERY], what="the old box is forgotten", within_s=40)


def test_a_store_that_nobody_knows_is_refused(database: str) -> None:
    opened = Database(database)
    with pytest.raises(HomeAssistantError, match="footfall store list"):
        register.enable(opened, "atlantis", by="anna", at=NOW)
    with pytest.raises(HomeAssistantError, match="footfall ha list"):
        register.disable(opened, "atlantis")
    opened.close()
