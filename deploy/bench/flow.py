"""A broker, one ingest worker as a process of its own, and a device that publishes until all is stored."""

import json
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from contract.codec import decode, encode
from contract.messages import LedgerBatch, Receipt
from contract.topics import topic
from deploy.broker import Broker, Login
from deploy.errors import BenchError
from deploy.process import Process, Service
from ingest.consumer import BrokerPlace
from ingest.database import Connection

#: So many messages are under way at most: as a device does, wait for what was said to be stored.
_UNDER_WAY: Final = 400
_PATIENCE_S: Final = 120.0
_POLL_S: Final = 0.005
#: No worker listens here: the consumer that inserts row by row has it for itself.
_ASIDE: Final = "footfall/v1/bench/row-by-row/command"
_ROWS: Final = "SELECT count(*) FROM crossing WHERE store_id = (SELECT store_id FROM store WHERE code = %(code)s)"


class Receipts:
    """What a store's devices were told is stored, as they hear it from the broker, without what `others` wrote."""

    def __init__(self, others: Collection[UUID]) -> None:
        self._others = frozenset(others)
        self._changed = threading.Condition()
        self._of: dict[tuple[str, UUID], int] = {}

    def hear(self, payload: bytes) -> None:
        """Take in one receipt."""
        receipt = decode(payload, Receipt)
        with self._changed:
            for each in receipt.epochs:
                if each.epoch not in self._others:
                    self._of[receipt.device, each.epoch] = sum(last - first + 1 for first, last in each.ranges)
            self._changed.notify_all()

    @property
    def entries(self) -> int:
        """How many entries are stored."""
        return sum(self._of.values())

    def wait(self, entries: int, until: float, what: str) -> None:
        """Return once so many are stored.

        Raises:
            BenchError: it is `until` (monotonic) before; `what` says what went wrong.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: self.entries >= entries, until - time.monotonic()):
                raise BenchError(f"{what} within {_PATIENCE_S:.0f} s: {self.entries} entries of {entries}")


class Flow:
    """What `flowing` yields: hand it messages and it says when they are stored."""

    def __init__(
        self, broker: Broker, worker: Process, connection: Connection, store: str, others: Collection[UUID]
    ) -> None:
        self._broker = broker
        self._worker = worker
        self._connection = connection
        self._store = store
        self._stored = Receipts(others)
        self._device = _client(broker, broker.device, "bench-device")
        self._device.on_message = lambda _client, _data, message: self._stored.hear(bytes(message.payload))
        self._device.subscribe(f"footfall/v1/{store}/+/receipt", qos=1)

    def close(self) -> None:
        """End the session with the broker."""
        self._device.disconnect()
        self._device.loop_stop()

    @property
    def memory_mb(self) -> float:
        """What the worker holds in memory now."""
        text = Path(f"/proc/{self._worker.pid}/status").read_text(encoding="utf-8")
        return int(next(line for line in text.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024

    @property
    def rows(self) -> int:
        """How many rows of the store there are."""
        return self._ask(_ROWS)

    def warm_up(self, batch: LedgerBatch) -> None:
        """Send a batch until it is stored: the worker has subscribed then, and knows the store's names."""
        until = time.monotonic() + _PATIENCE_S
        while not self._stored.entries:
            if time.monotonic() > until:
                raise BenchError(f"the worker stored nothing within {_PATIENCE_S:.0f} s")
            self.publish(topic(batch.store, batch.device, "ledger"), encode(batch))
            time.sleep(0.5)

    def publish(self, name: str, payload: bytes) -> None:
        """Send one message, whether or not what was sent before is stored."""
        self._device.publish(name, payload, qos=1)

    def stream(self, messages: Sequence[tuple[str, bytes, int]]) -> None:
        """Publish (topic, payload, entries) as fast as they are stored; return when receipts cover all."""
        said, until = self._stored.entries, time.monotonic() + _PATIENCE_S
        under_way = _UNDER_WAY * max(entries for _, _, entries in messages)
        for name, payload, entries in messages:
            said += entries
            self._stored.wait(said - under_way, until, "the worker does not keep up")
            self.publish(name, payload)
        self._stored.wait(said, until, "not all was stored")

    def visible(self, messages: Sequence[tuple[str, bytes, int]], *, every_s: float) -> list[float]:
        """Publish a message each `every_s` seconds; return after how many seconds each one's rows could be read."""
        waiting: deque[tuple[int, float]] = deque()
        took: list[float] = []
        here, started, until = self.rows, time.perf_counter(), time.monotonic() + _PATIENCE_S
        said = here
        left = deque(messages)
        while left or waiting:
            if time.monotonic() > until:
                raise BenchError(f"{len(waiting)} messages' rows were not visible within {_PATIENCE_S:.0f} s")
            now = time.perf_counter()
            if left and now >= started + every_s * (len(messages) - len(left)):
                name, payload, entries = left.popleft()
                said += entries
                waiting.append((said, time.perf_counter()))
                self.publish(name, payload)
            here = self.rows
            now = time.perf_counter()
            while waiting and waiting[0][0] <= here:
                took.append(now - waiting.popleft()[1])
            time.sleep(_POLL_S)
        return took

    def row_by_row(self, messages: Sequence[tuple[str, bytes, int]], insert: Callable[[dict[str, Any]], None]) -> None:
        """Have a consumer of the same broker `insert` each entry of the messages; return when it is done."""
        wanted, done = sum(entries for _, _, entries in messages), threading.Event()
        seen = 0

        def on_message(_client: Client, _data: Any, message: MQTTMessage) -> None:
            nonlocal seen
            for entry in json.loads(message.payload)["entries"]:
                insert(entry)
                seen += 1
            if seen >= wanted:
                done.set()

        client = _client(self._broker, self._broker.device, "bench-row-by-row")
        server = _client(self._broker, self._broker.server, "bench-server")
        subscribed = threading.Event()
        client.on_message = on_message
        client.on_subscribe = lambda *_: subscribed.set()
        client.subscribe(_ASIDE, qos=1)
        if not subscribed.wait(10):
            raise BenchError("the broker does not let the consumer that inserts row by row subscribe")
        try:
            for _, payload, _ in messages:
                server.publish(_ASIDE, payload, qos=1)
            if not done.wait(_PATIENCE_S):
                raise BenchError(f"of {wanted} entries the consumer that inserts row by row has seen {seen}")
        finally:
            for each in (client, server):
                each.disconnect()
                each.loop_stop()

    def _ask(self, statement: str) -> int:
        with self._connection, self._connection.cursor() as cursor:
            cursor.execute(statement, {"code": self._store})
            (number,) = cursor.fetchone() or (0,)
        return int(number)


@contextmanager
def flowing(url: str, connection: Connection, store: str, *, others: Collection[UUID] = ()) -> Iterator[Flow]:
    """Run a broker and one worker on the database `url`, and yield what publishes to them.

    `others` are epochs of the same devices that are written beside it: a receipt names them as well.

    Raises:
        DeployError: the broker or the worker does not start, or messages are not stored in time.
    """
    with tempfile.TemporaryDirectory(prefix="footfall-bench-broker-") as folder:
        Path(folder).chmod(0o755)  # the broker may run as another user than this one
        broker = Broker(Path(folder) / "broker")
        served = Process(broker.service())
        served.start()
        worker = Process(_worker(url, broker, Path(folder)))
        try:
            worker.start()
            flow = Flow(broker, worker, connection, store, others)
            try:
                yield flow
            finally:
                flow.close()
        finally:
            worker.stop()
            served.stop()


def _worker(url: str, broker: Broker, folder: Path) -> Service:
    return Service(
        name="ingest",
        argv=[sys.executable, "-m", "deploy.cli.main", "ingest", "run"],
        ready=lambda: True,
        log_file=folder / "ingest.log",
        env={
            "FOOTFALL_DATABASE_URL": url,
            "FOOTFALL_BROKER_URL": broker.url(broker.server),
            "FOOTFALL_INGEST_NAME": "footfall-bench",
        },
    )


def _client(broker: Broker, login: Login, name: str) -> Client:
    place = BrokerPlace.of(broker.url(login))
    client = Client(CallbackAPIVersion.VERSION2, client_id=name, protocol=MQTTProtocolVersion.MQTTv5)
    client.username_pw_set(place.username, place.password)
    client.max_inflight_messages_set(_UNDER_WAY)
    connected = threading.Event()
    client.on_connect = lambda *_: connected.set()
    client.connect(place.host, place.port)
    client.loop_start()
    if not connected.wait(10):
        raise BenchError(f"the broker at {place} does not answer")
    return client
