"""The publisher: keeps a device connected, tells who it is, and sends its ledger until receipts cover it.

One thread owns all state; the MQTT library and the counting threads only put signals into its queue. A broker that is
absent, at start or later, changes nothing about counting: entries wait in the outbox.
"""

import logging
import queue
import random
import threading
from collections.abc import Callable, Mapping
from typing import TypeAlias

from contract.codec import decode
from contract.errors import ContractError
from contract.messages import Receipt
from contract.topics import Leaf, parse
from contract.types import DeviceState
from edge.clock import Clock, SystemClock
from edge.errors import EdgeError
from edge.publishing.connection import (
    Accepted,
    Connection,
    ConnectionFactory,
    Lost,
    Received,
    Rejected,
    Signal,
)
from edge.publishing.messenger import Messenger
from edge.publishing.notices import Notice, Notices
from edge.publishing.outbox import Outbox
from edge.publishing.presence import Device
from edge.publishing.retry import Retry
from edge.publishing.sender import LedgerSender
from edge.publishing.settings import PublisherSettings

logger = logging.getLogger(__name__)

#: Takes what came on a leaf, without waiting.
Listener: TypeAlias = Callable[[Leaf, bytes], None]
_Tagged: TypeAlias = tuple[int, Signal] | None
#: The queue is looked at least this often, and never in a tight loop.
_WAIT_MAX_S = 1.0
_WAIT_MIN_S = 0.005


class Publisher:
    """Speaks for `device`: status, live values, and the ledger in `outbox`.

    `start()` runs it in a thread; a test calls `step()` itself.
    """

    def __init__(
        self,
        device: Device,
        outbox: Outbox,
        connect: ConnectionFactory,
        *,
        clock: Clock | None = None,
        settings: PublisherSettings | None = None,
        rng: random.Random | None = None,
        listeners: Mapping[Leaf, Listener] | None = None,
    ) -> None:
        """Speak through what `connect` makes. `listeners` hear more leaves than the receipts; they must not wait."""
        self._device = device
        self._outbox = outbox
        self._connect = connect
        self._clock = clock or SystemClock()
        self._settings = settings or PublisherSettings()
        # Jitter only spreads a fleet's attempts: no secret depends on it.
        rng = rng or random.Random()  # noqa: S311
        self._messenger = Messenger(device, outbox, self._clock)
        self._listeners = dict(listeners or {})
        self._notices = Notices()
        self._sender = LedgerSender(outbox, self._settings, rng)
        self._retry = Retry(self._settings, rng)
        self._signals: queue.SimpleQueue[_Tagged] = queue.SimpleQueue()
        self._woken = threading.Event()
        self._stopping = threading.Event()
        self._reconsider = threading.Event()
        self._thread: threading.Thread | None = None
        self._connection: Connection | None = None
        self._generation = 0
        self._accepted = False
        self._started_at = self._clock.monotonic()
        self._attempt_at = self._started_at
        self._accept_by = 0.0
        self._heartbeat_at = 0.0
        self._prune_at = 0.0
        self._live_at = 0.0
        self._clock_offset_s: float | None = None
        self._receipted = False

    @property
    def connected(self) -> bool:
        """Return whether the broker has accepted us."""
        return self._accepted

    @property
    def receipted(self) -> bool:
        """Return whether ingest has received something since the start."""
        return self._receipted

    @property
    def alive(self) -> bool:
        """Return whether its thread runs."""
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Run in a thread of its own, until `stop()`."""
        self._thread = threading.Thread(target=self._run, name=f"publisher-{self._device.device}", daemon=True)
        self._thread.start()

    def notify(self) -> None:
        """Say that the outbox has something new. Cheap; from any thread."""
        if not self._woken.is_set():
            self._woken.set()
            self._signals.put(None)

    def say(self, leaf: Leaf, payload: bytes, retain: bool) -> None:
        """Publish a message of another's making, now or at the next connection; from any thread.

        Of each leaf the newest is said; a retained one again at each connection, for its broker may have lost it.
        """
        self._notices.put(Notice(leaf, payload, retain))
        self.notify()

    def again(self) -> None:
        """Say that the outbox takes something for not received that it took for received; from any thread."""
        self._reconsider.set()
        self.notify()

    def stop(self) -> None:
        """Send what is pending once more and the status `stopped`, then disconnect. What no receipt covers stays."""
        self._stopping.set()
        self._signals.put(None)
        if self._thread is not None:
            self._thread.join()
        self._say_goodbye()

    def step(self, tagged: _Tagged = None) -> None:
        """Handle one signal, then do what is due now."""
        now = self._clock.monotonic()
        if tagged is not None and tagged[0] == self._generation:
            self._handle(tagged[1], now)
        if self._reconsider.is_set():
            self._reconsider.clear()
            self._sender.receipted(now)
        if now >= self._prune_at:
            # Connected or not: an outbox grows most while nothing can leave.
            self._prune_at = now + self._settings.heartbeat_s
            self._prune()
        if self._accepted and self._connection is not None:
            self._send_due(self._connection, now)
        elif self._connection is not None and now >= self._accept_by:
            self._lost(f"the broker did not answer within {self._settings.connect_timeout_s:g} s", now)
        elif self._connection is None and now >= self._attempt_at:
            self._open(now)

    def wait_s(self) -> float:
        """Return how long nothing is due unless a signal comes."""
        now = self._clock.monotonic()
        if self._accepted:
            due = min(self._heartbeat_at - now, self._live_at - now, self._sender.wait_s(now))
        elif self._connection is not None:
            due = self._accept_by - now
        else:
            due = self._attempt_at - now
        return min(max(due, _WAIT_MIN_S), _WAIT_MAX_S)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                tagged = self._signals.get(timeout=self.wait_s())
            except queue.Empty:
                tagged = None
            self._woken.clear()
            try:
                self.step(tagged)
            except Exception:
                # The root of this thread: whatever went wrong, the ledger has to leave some day.
                logger.exception("publishing failed; connecting anew", extra={"action": "publisher_failed"})
                self._lost("publishing failed", self._clock.monotonic())

    def _open(self, now: float) -> None:
        self._generation += 1
        generation = self._generation
        try:
            connection = self._connect(
                self._messenger.session(("receipt", *self._listeners)),
                lambda signal: self._signals.put((generation, signal)),
            )
            connection.open()
        except EdgeError as error:
            self._lost(str(error), now)
            return
        self._connection = connection
        self._accept_by = self._clock.monotonic() + self._settings.connect_timeout_s

    def _handle(self, signal: Signal, now: float) -> None:
        match signal:
            case Accepted():
                self._accepted = True
                self._retry.accepted(now)
                self._heartbeat_at = self._live_at = now
                self._messenger.connected()
                self._notices.connected()
                self._sender.connected(now)
                logger.info("connected to the broker", extra={"action": "connected"})
            case Lost(reason, taken_over):
                self._lost(reason, now, taken_over=taken_over)
            case Received(name, payload, retained):
                self._heard(name, payload, now, retained=retained)
            case Rejected(reason):
                logger.error(
                    "the broker threw a message away: %s. Allow this user to publish under %s",
                    reason, self._messenger.topic("ledger"),
                    extra={"action": "publish_rejected"},
                )  # fmt: skip

    def _lost(self, reason: str, now: float, *, taken_over: bool = False) -> None:
        connection, self._connection = self._connection, None
        self._accepted = False
        self._generation += 1
        if connection is not None:
            connection.close()
        pause = self._retry.lost(now, taken_over=taken_over)
        self._attempt_at = now + pause
        logger.warning(
            "%s%s. Counting goes on, %d entries wait in the outbox; next attempt in %.1f s",
            reason, self._rival(taken_over=taken_over), self._outbox.queue_depth, pause,
            extra={"action": "session_contested" if self._retry.contested else "not_connected"},
        )  # fmt: skip

    def _rival(self, *, taken_over: bool) -> str:
        """Return what to do about another agent of our name, if there seems to be one."""
        if not self._retry.contested:
            return ""
        name = f"{self._device.store}/{self._device.device}"
        seen = (
            "another agent took over: it"
            if taken_over
            else "soon after being accepted, again and again: most likely another agent"
        )
        return f" ({seen} runs as {name}, too, and both count. Stop one, or give it another `device` in its site file)"

    def _heard(self, name: str, payload: bytes, now: float, *, retained: bool) -> None:
        for leaf, listener in self._listeners.items():
            if name == self._messenger.topic(leaf):
                listener(leaf, payload)
                return
        self._receive(payload, now, retained=retained)

    def _receive(self, payload: bytes, now: float, *, retained: bool) -> None:
        if not payload:
            return  # a retained receipt was cleared: it says nothing
        expected = parse(self._messenger.topic("receipt"))
        try:
            receipt = decode(payload, Receipt, expected)
            self._outbox.apply_receipt(receipt)
        except (ContractError, EdgeError) as error:
            logger.warning("receipt ignored: %s", error, extra={"action": "receipt_ignored"})
            return
        if not retained:
            self._receipted = True
            self._clock_offset_s = round((self._clock.now() - receipt.at).total_seconds(), 3)
        self._sender.receipted(now)

    def _send_due(self, connection: Connection, now: float, *, flush: bool = False) -> None:
        if now >= self._heartbeat_at:
            self._heartbeat_at = now + self._settings.heartbeat_s
            self._send_status(connection, "online", now)
        if now >= self._live_at:
            # Before any run: small, and the one that somebody looks at.
            self._live_at = now + self._settings.live_s
            self._messenger.send_live(connection)
        for notice in self._notices.due():
            connection.publish(self._messenger.topic(notice.leaf), notice.payload, qos=1, retain=notice.retain)
        for run in self._sender.due(now, flush=flush):
            self._messenger.send_run(connection, run)

    def _send_status(self, connection: Connection, state: DeviceState, now: float) -> None:
        uptime_s = now - self._started_at
        self._messenger.send_status(connection, state, uptime_s=uptime_s, clock_offset_s=self._clock_offset_s)

    def _prune(self) -> None:
        try:
            self._outbox.prune()
        except EdgeError as error:
            logger.warning("outbox not pruned: %s", error, extra={"action": "prune_failed"})

    def _say_goodbye(self) -> None:
        now = self._clock.monotonic()
        if self._accepted and self._connection is not None:
            self._live_at = now
            self._send_due(self._connection, now, flush=True)
            self._send_status(self._connection, "stopped", now)
            self._connection.close(timeout_s=self._settings.stop_timeout_s)
        elif self._connection is not None:
            self._connection.close()
        self._connection, self._accepted = None, False
