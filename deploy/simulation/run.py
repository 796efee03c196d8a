"""A running fleet: outboxes, recorders, publishers and tills of all stores in one process.

The calling thread writes ledgers; each device publishes in a thread of its own; one thread posts the orders of all
tills.
"""

import contextlib
import logging
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from deploy.simulation.days import local_date
from deploy.simulation.errors import TillError
from deploy.simulation.fleet import StoreProfile
from deploy.simulation.model import DEFAULT_MODEL, Model
from deploy.simulation.presence import VirtualDevice
from deploy.simulation.progress import Progress, Report, Stage
from deploy.simulation.recorder import Recorder
from deploy.simulation.store import SimulatedStore
from deploy.simulation.till import Register, Till
from edge.clock import Clock
from edge.publishing.connection import ConnectionFactory
from edge.publishing.publisher import Publisher
from edge.publishing.settings import PublisherSettings
from edge.publishing.sqlite_outbox import SqliteOutbox

logger = logging.getLogger(__name__)

#: Live values of a simulated store need not be fresher than a page that shows them.
SETTINGS = PublisherSettings(live_s=1.0)
_TICK_S = 1.0
_REPORT_EVERY_S = 10.0
_DELIVERY_POLL_S = 0.5
_TILL_RETRY_MAX_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to simulate: `days` days of history before today, or none and only what happens from now on.

    `known` are devices (store, device) whose ledger the server already holds: with a new outbox they begin now.
    """

    home: Path
    stores: tuple[StoreProfile, ...]
    seed: int = 1
    days: int = 56
    history: bool = True
    model: Model = DEFAULT_MODEL
    known: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class _Device:
    recorder: Recorder
    publisher: Publisher


class Fleet:
    """All simulated stores of a plan. `open`, then `catch_up` and `live`, then `close`.

    Raises:
        OutboxError: another process runs the fleet of this home.
        JournalError: the home was made with another seed.
    """

    def __init__(
        self, plan: Plan, *, clock: Clock, connect: ConnectionFactory, register: Register | None, report: Report
    ) -> None:
        self._plan = plan
        self._clock = clock
        self._connect = connect
        self._register = register
        self._report = report
        self._devices: list[_Device] = []
        self._tills: list[Till] = []
        self._orders_posted = 0
        self._tills_thread: threading.Thread | None = None
        self.stopping = threading.Event()

    @property
    def recorders(self) -> list[Recorder]:
        """Return the recorder of each device."""
        return [device.recorder for device in self._devices]

    @property
    def tills(self) -> list[Till]:
        """Return the till of each store, if orders go anywhere."""
        return self._tills

    def open(self) -> None:
        """Open what the home holds and start publishing."""
        self._plan.home.mkdir(parents=True, exist_ok=True)
        now = self._clock.now()
        try:
            for profile in self._plan.stores:
                self._open_store(SimulatedStore(profile, self._plan.model, self._plan.seed), now)
        except BaseException:
            self.close()
            raise
        for device in self._devices:
            device.publisher.start()
        if self._tills:
            self._tills_thread = threading.Thread(target=self._post_orders, name="tills", daemon=True)
            self._tills_thread.start()

    def catch_up(self) -> None:
        """Write everything up to now: history at the first start, what was missed at a later one."""
        total = self._days_behind()
        while not self.stopping.is_set():
            now = self._clock.now()
            written = sum(self._advance(device, now) for device in self._devices)
            behind = self._days_behind()
            total = max(total, behind)
            self._report(Progress(stage="history", done=total - behind, total=total, entries=self._written()))
            if not behind and not written:
                return

    def deliver(self, *, orders: bool = True) -> None:
        """Wait until receipts cover everything written and, with `orders`, every order due has been posted."""
        while not self.stopping.wait(_DELIVERY_POLL_S):
            self._report_delivery("delivery")
            posted = not orders or not any(till.behind(self._clock.now()) for till in self._tills)
            if posted and not self._pending():
                return

    def live(self, *, tick_s: float = _TICK_S) -> None:
        """Write what happens as it happens, until `stopping` is set; what history left to deliver is reported first."""
        report_at = self._clock.monotonic()
        stage: Stage = "delivery"
        backlog = [(device.recorder.outbox, device.recorder.outbox.last_seq) for device in self._devices]
        while not self.stopping.wait(tick_s):
            now = self._clock.now()
            for device in self._devices:
                self._advance(device, now)
            if stage == "delivery" or self._clock.monotonic() >= report_at:
                report_at = self._clock.monotonic() + _REPORT_EVERY_S
                self._report_delivery(stage)
            if not any(outbox.coverage.missing(outbox.pruned_to + 1, last_seq) for outbox, last_seq in backlog):
                stage = "live"

    def close(self) -> None:
        """Stop publishing and release the outboxes; what no receipt covers stays in them."""
        self.stopping.set()
        if self._tills_thread is not None:
            self._tills_thread.join()
        for device in self._devices:
            device.publisher.stop()
        self._report_delivery("stopped")
        for device in self._devices:
            device.recorder.outbox.close()

    def _open_store(self, store: SimulatedStore, now: datetime) -> None:
        code = store.profile.code
        today = local_date(store.profile, now)
        first_day = today - timedelta(days=self._plan.days) if self._plan.history else None
        for box in store.profile.boxes:
            name = f"{code}.{box.device}"
            outbox = SqliteOutbox(self._plan.home / f"{name}.sqlite")
            with contextlib.ExitStack() as undo:
                undo.callback(outbox.close)
                begin = None if (code, box.device) in self._plan.known else first_day
                recorder = Recorder(store, box, outbox, self._plan.home / f"{name}.json", first_day=begin, now=now)
                undo.pop_all()
            device = VirtualDevice(store, box, self._clock)
            publisher = Publisher(device, outbox, self._connect, clock=self._clock, settings=SETTINGS)
            self._devices.append(_Device(recorder, publisher))
        if self._register is not None:
            journal = self._plan.home / f"{code}.till.json"
            self._tills.append(Till(store, self._register, journal, first_day=first_day, now=now))

    def _advance(self, device: _Device, now: datetime) -> int:
        written = device.recorder.advance(now)
        if written:
            device.publisher.notify()
        return written

    def _post_orders(self) -> None:
        pause_s = _TICK_S
        while not self.stopping.wait(pause_s):
            pause_s = _TICK_S
            for till in self._tills:
                try:
                    while not self.stopping.is_set() and (posted := till.advance(self._clock.now())):
                        self._orders_posted += posted
                        self._report(Progress(stage="orders", done=self._orders_posted, total=0))
                except TillError as error:
                    logger.error("%s", error, extra={"action": "orders_not_posted"})  # noqa: TRY400  # it says it all
                    pause_s = _TILL_RETRY_MAX_S if not error.retriable else 5 * _TICK_S

    def _days_behind(self) -> int:
        now = self._clock.now()
        return sum(device.recorder.days_behind(now) for device in self._devices)

    def _written(self) -> int:
        return sum(device.recorder.outbox.last_seq for device in self._devices)

    def _pending(self) -> int:
        return sum(device.recorder.outbox.queue_depth for device in self._devices)

    def _report_delivery(self, stage: Stage) -> None:
        written = self._written()
        self._report(Progress(stage=stage, done=written - self._pending(), total=written, entries=written))
