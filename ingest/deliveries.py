"""What the broker delivers, and the bounded place where it waits for the database."""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from time import monotonic
from typing import Final

from contract.errors import ContractError
from contract.messages import LedgerBatch
from contract.topics import Topic

#: Devices whose latest status or live values may wait. More than any one worker serves.
_PRESENCE_MAX: Final = 100_000
#: After this part of the longest wait without company no more of it is waited for.
_LULL: Final = 0.25
#: Devices whose set-up picture may wait: they are large, and a person asked for each.
_PICTURES_MAX: Final = 16


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message. `ack` tells the broker that it is dealt with; `retained`: kept by the broker, not sent just now."""

    topic: str
    payload: bytes
    received_at: datetime
    retained: bool = False
    ack: Callable[[], object] = field(default=lambda: None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What to deal with in one go: ledger messages in order, the newest status and live values of each device.

    `read` is filled by who reads ahead: for each of `ledger` the batch, or why there is none.
    """

    ledger: list[Delivery] = field(default_factory=list)
    presence: list[tuple[Topic, Delivery]] = field(default_factory=list)
    unreadable: list[Delivery] = field(default_factory=list)
    pictures: list[tuple[Topic, Delivery]] = field(default_factory=list)
    read: list[LedgerBatch | ContractError] = field(default_factory=list, repr=False, compare=False)

    def __bool__(self) -> bool:
        return bool(self.ledger or self.presence or self.unreadable or self.pictures)

    def apart(self) -> Iterator[tuple[Delivery, "Waiting"]]:
        """Yield each delivery with what waits if it is alone."""
        for each in self.unreadable:
            yield each, Waiting(unreadable=[each])
        for topic, each in self.presence:
            yield each, Waiting(presence=[(topic, each)])
        for topic, each in self.pictures:
            yield each, Waiting(pictures=[(topic, each)])
        for each in self.ledger:
            yield each, Waiting(ledger=[each])


class Inbox:
    """Deliveries between the MQTT thread, which puts, and the writing thread, which takes.

    The broker is asked to keep to `in_flight` ledger messages that are not acknowledged. Mosquitto 2.0.11 sends more
    when it has a backlog: there is `room` (default: `in_flight`) for what may wait, and what comes beyond is dropped
    without a receipt (its device sends it again). Of status and live values only the newest per topic waits.
    """

    def __init__(self, *, in_flight: int, room: int | None = None) -> None:
        #: Half of the window: the other half is on its way while this one is being stored.
        self._part = (in_flight + 1) // 2
        self._room = room or in_flight
        self._ledger: deque[Delivery] = deque()
        self._unreadable: deque[Delivery] = deque(maxlen=in_flight)
        self._presence: dict[Topic, Delivery] = {}
        self._pictures: dict[Topic, Delivery] = {}
        self._changed = threading.Condition()

    @property
    def waiting(self) -> int:
        """How many ledger messages wait."""
        return len(self._ledger)

    def put_ledger(self, delivery: Delivery) -> bool:
        """Let a ledger message wait; return False where there is no room."""
        with self._changed:
            if len(self._ledger) >= self._room:
                return False
            self._ledger.append(delivery)
            self._changed.notify()
            return True

    def put_presence(self, topic: Topic, delivery: Delivery) -> None:
        """Let a status or live message wait in place of an older one of its topic."""
        with self._changed:
            if topic in self._presence or len(self._presence) < _PRESENCE_MAX:
                self._presence[topic] = delivery
                self._changed.notify()

    def put_picture(self, topic: Topic, delivery: Delivery) -> None:
        """Let a set-up picture wait in place of an older one of its device; dropped where too many devices send one."""
        with self._changed:
            if topic in self._pictures or len(self._pictures) < _PICTURES_MAX:
                self._pictures[topic] = delivery
                self._changed.notify()

    def put_unreadable(self, delivery: Delivery) -> None:
        """Let a message on a topic that is not ours wait for its dead letter."""
        with self._changed:
            self._unreadable.append(delivery)
            self._changed.notify()

    def drop_ledger(self) -> None:
        """Forget waiting ledger messages: their connection is gone, they cannot be acknowledged any more."""
        with self._changed:
            self._ledger.clear()

    def take(self, *, most_bytes: int, age_s: float, timeout_s: float) -> Waiting:
        """Return what waits: at once or after `timeout_s`, plus what comes in the next `age_s`.

        Stops waiting for company where none comes for a part of that, and at `most_bytes` of ledger payload or half a
        window, and takes no more than that.
        """
        with self._changed:
            self._changed.wait_for(self._any, timeout_s)
            if self._ledger:
                self._gather(most_bytes, age_s)
            return self._drain(most_bytes)

    def _gather(self, most_bytes: int, age_s: float) -> None:
        """Wait for company while it keeps coming: for as long as `age_s`, until there is enough of it."""
        until = monotonic() + age_s
        here = 0
        while len(self._ledger) > here and not self._full(most_bytes):
            here = len(self._ledger)
            self._changed.wait_for(partial(self._beyond, here), min(age_s * _LULL, until - monotonic()))

    def _beyond(self, here: int) -> bool:
        return len(self._ledger) > here

    def _any(self) -> bool:
        return bool(self._ledger or self._presence or self._unreadable or self._pictures)

    def _full(self, most_bytes: int) -> bool:
        return len(self._ledger) >= self._part or sum(len(d.payload) for d in self._ledger) >= most_bytes

    def _drain(self, most_bytes: int) -> Waiting:
        ledger: list[Delivery] = []
        size = 0
        while self._ledger and size < most_bytes and len(ledger) < self._part:
            delivery = self._ledger.popleft()
            size += len(delivery.payload)
            ledger.append(delivery)
        waiting = Waiting(ledger, list(self._presence.items()), list(self._unreadable), list(self._pictures.items()))
        self._presence.clear()
        self._pictures.clear()
        self._unreadable.clear()
        return waiting
