"""A house that boxes can enrol in: authority, register, a real Mosquitto with TLS, the enrolment service over HTTPS."""

import os
import signal
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvicorn
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from analytics.clock import utc_now
from contract.enrolment import EnrolmentCode
from deploy.broker import Broker, TlsListener
from deploy.control.publishing import ControlPublisher
from deploy.process import Process, free_port
from deploy.releases.depot import Depot
from deploy.releases.service import Handing
from deploy.stores import Store, register
from deploy.trust.attempts import Attempts
from deploy.trust.authority import Authority
from deploy.trust.broker_files import BrokerFiles
from deploy.trust.enrolments import Enrolments
from deploy.trust.office import Office, hosts_of
from deploy.trust.service import Counter, create_app
from edge.enrolment import Outcome, enrol
from ingest.database import Database
from tests.support.clocks import wait_until

TODAY = datetime(2026, 11, 22, tzinfo=UTC).date()


@dataclass
class Box:
    """What a box's connection heard; `client` speaks."""

    client: Client
    accepted: bool = False
    ended: str | None = None
    heard: list[tuple[str, bytes]] = field(default_factory=list)
    answers: dict[int, str] = field(default_factory=dict)

    def say(self, topic: str, payload: bytes = b"{}", *, retain: bool = False) -> str:
        """Publish and return the broker's answer, or how the connection ended."""
        number = self.client.publish(topic, payload, qos=1, retain=retain).mid
        wait_until(lambda: number in self.answers or self.ended is not None, what=f"an answer to {topic}")
        answer = self.answers.get(number, self.ended or "")
        return "Success" if answer == "No matching subscribers" else answer

    def hear(self, topic: str) -> None:
        granted = threading.Event()
        self.client.on_subscribe = lambda *_: granted.set()
        self.client.subscribe(topic, qos=1)
        assert granted.wait(10)


class House:
    """Everything in `folder`; stores `riverside` and `hilltop` are open."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.database = Database(database_url)
        self.folder = folder
        self.broker = Broker(folder / "broker", kind="mosquitto", tls=TlsListener(free_port()))
        self.process = Process(self.broker.service())
        self.authority = Authority(folder / "trust", now=utc_now, create=True)
        self.enrolments = Enrolments(self.database, self.authority)
        self.files = BrokerFiles(
            self.broker.folder, self.authority, account=self.broker.account, reload=self.reload_broker
        )
        self.office = Office(self.enrolments, self.files, now=utc_now, broker_url=self.broker.url(self.broker.server))
        self.depot = Depot(folder / "releases")
        self.handing = Handing(self.depot, self.authority, vouch=self.enrolments.vouch, now=utc_now)
        self.attempts = Attempts(time.monotonic)
        self.port = free_port()
        for code in ("riverside", "hilltop"):
            register(self.database, Store(code=code, name=code), today=TODAY)

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    @property
    def tls_port(self) -> int:
        assert self.broker.tls is not None
        return self.broker.tls.port

    def reload_broker(self) -> None:
        assert self.process.pid
        os.kill(self.process.pid, signal.SIGHUP)

    def code(self, store: str = "riverside", device: str = "door-box", **more: Any) -> EnrolmentCode:
        return self.enrolments.issue_code(store, device, now=utc_now(), **more)

    def enrol(self, folder: Path, store: str = "riverside", device: str = "door-box") -> Outcome:
        """Enrol a box in `folder`, over HTTPS."""
        folder.mkdir(exist_ok=True)
        code = self.code(store, device)
        return enrol(code, self.url, folder / "site.toml", source="usb:0", size=lambda: (640, 480))

    @contextmanager
    def server(self) -> Iterator[Box]:
        """A connection with the server's login that hears every ledger."""
        client = _client("server-of-the-test")
        client.username_pw_set(self.broker.server.username, self.broker.server.password)
        with _connected(client, self.broker.port) as server:
            server.hear("footfall/v1/+/+/ledger")
            yield server

    @contextmanager
    def box(
        self,
        identity: Path | None,
        *,
        client_id: str = "footfall-riverside-door-box",
        tls: ssl.SSLContext | None = None,
        will: tuple[str, bytes] | None = None,
    ) -> Iterator[Box]:
        """A connection with the certificate in `identity` (key and certificate); it may be refused."""
        client = _client(client_id)
        if will is not None:
            client.will_set(*will, qos=1, retain=True)
        if tls is None:
            tls = ssl.create_default_context(cadata=self.authority.pem.decode())
            if identity is not None:
                tls.load_cert_chain(identity)
        client.tls_set_context(tls)
        with _connected(client, self.tls_port) as box:
            yield box


@contextmanager
def running_house(folder: Path, database_url: str) -> Iterator[House]:
    house = House(folder, database_url)
    house.files.prepare(hosts_of([]))
    house.process.start()
    counter = Counter(
        office=house.office, authority_pem=house.authority.pem, broker=(None, house.tls_port), now=utc_now,
        attempts=house.attempts, lock=threading.Lock(), handing=house.handing,
    )  # fmt: skip
    certificate, key = house.authority.server_identity(hosts_of([]))
    server = uvicorn.Server(uvicorn.Config(
        create_app(counter), port=house.port, ws="none", log_config=None, ssl_certfile=str(certificate),
        ssl_keyfile=str(key),
    ))  # fmt: skip
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        wait_until(lambda: server.started, what="the enrolment service")
        yield house
    finally:
        server.should_exit = True
        thread.join(10)
        house.process.stop()
        house.database.close()


@contextmanager
def keeper(house: House, url: str) -> Iterator[None]:
    """The trust keeper's word to the boxes: it signs and publishes what stands in the database at `url`."""
    stopping = threading.Event()
    broker_url = house.broker.url(house.broker.server)
    publisher = ControlPublisher(Database(url), house.authority, broker_url, now=utc_now)
    thread = threading.Thread(target=publisher.run, args=(stopping,))
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join(20)


def _client(client_id: str) -> Client:
    return Client(
        CallbackAPIVersion.VERSION2,
        client_id=client_id,
        protocol=MQTTProtocolVersion.MQTTv5,
        reconnect_on_failure=False,
    )


@contextmanager
def _connected(client: Client, port: int) -> Iterator[Box]:
    box = Box(client)

    def on_connect(*said: Any) -> None:
        box.accepted = not said[3].is_failure

    def on_disconnect(*said: Any) -> None:
        box.ended = str(said[3])

    client.on_connect = on_connect
    client.on_disconnect = on_disconnect
    client.on_publish = lambda *said: box.answers.__setitem__(said[2], str(said[3]))
    client.on_message = lambda *said: box.heard.append((said[2].topic, bytes(said[2].payload)))
    try:
        client.connect("localhost", port)
    except OSError as error:
        box.ended = f"{type(error).__name__}: {error}"
        yield box
        return
    client.loop_start()
    try:
        wait_until(lambda: box.accepted or box.ended is not None, what="the broker's word")
        yield box
    finally:
        client.disconnect()
        client.loop_stop()
