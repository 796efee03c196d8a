"""The messenger: puts a device's own words – ledger batches, status, live values – onto a connection."""

import logging
from collections.abc import Iterable

from msgspec import UNSET

from contract.codec import encode
from contract.errors import ContractError
from contract.messages import LedgerBatch, Live, Message
from contract.topics import Leaf, topic
from contract.types import DeviceState
from edge.clock import Clock
from edge.errors import OutboxError
from edge.publishing.connection import Connection, Session
from edge.publishing.outbox import Outbox, Run
from edge.publishing.presence import Device, live_of, status_of

logger = logging.getLogger(__name__)


class Messenger:
    """Speaks for `device`."""

    def __init__(self, device: Device, outbox: Outbox, clock: Clock) -> None:
        self._device = device
        self._outbox = outbox
        self._clock = clock
        self._last_live: Live | None = None

    def session(self, hears: Iterable[Leaf]) -> Session:
        """Return what a connection that hears these leaves needs to know; the last will is dated now."""
        will = status_of(self._device, self._outbox, "offline", self._clock.now())
        return Session(
            client_id=f"footfall-{self._device.store}-{self._device.device}",
            hears=tuple(self.topic(leaf) for leaf in hears),
            will_topic=self.topic("status"),
            will=encode(will),
        )

    def topic(self, leaf: Leaf) -> str:
        """Return the device's topic for `leaf`."""
        return topic(self._device.store, self._device.device, leaf)

    def send_run(self, connection: Connection, run: Run) -> None:
        """Publish a run of the ledger, once the outbox knows that it leaves."""
        try:
            self._outbox.leaving(run)
        except OutboxError as error:
            # A disk that takes nothing any more must not keep what is on it from leaving.
            logger.warning("sent without a note of it: %s", error, extra={"action": "leaving_not_noted"})
        batch = LedgerBatch(
            store=self._device.store,
            device=self._device.device,
            epoch=self._outbox.epoch,
            first_seq=run.first_seq,
            last_seq=self._outbox.last_seq,
            sent_at=self._clock.now(),
            entries=run.entries,
            covers=UNSET if run.covers is None else run.covers,
        )
        self._send(connection, "ledger", batch, qos=1)

    def send_status(
        self, connection: Connection, state: DeviceState, *, uptime_s: float, clock_offset_s: float | None
    ) -> None:
        """Publish the retained status."""
        status = status_of(
            self._device,
            self._outbox,
            state,
            self._clock.now(),
            uptime_s=round(max(0.0, uptime_s), 1),
            clock_offset_s=clock_offset_s,
        )
        self._send(connection, "status", status, qos=1, retain=True)

    def connected(self) -> None:
        """Take note of a new connection: its broker may know nothing of what was said before."""
        self._last_live = None

    def send_live(self, connection: Connection) -> None:
        """Publish the retained live values if they have changed since the last time on this connection."""
        live = live_of(self._device, self._outbox, self._clock.now())
        last = self._last_live
        if last is None or (live.lines, live.zones) != (last.lines, last.zones):
            self._last_live = live
            self._send(connection, "live", live, qos=0, retain=True)

    def _send(self, connection: Connection, leaf: Leaf, message: Message, *, qos: int, retain: bool = False) -> None:
        try:
            payload = encode(message)
        except ContractError as error:
            # One message that cannot be said must not silence the others.
            logger.error("%s not sent: %s", leaf, error, extra={"action": "message_refused"})  # noqa: TRY400  # it says it all
            return
        connection.publish(self.topic(leaf), payload, qos=qos, retain=retain)
