"""The ingest service: takes what waits, stores it, acknowledges, publishes receipts; retries for ever.

Four threads beside this one: the broker session, the reading of what comes next, the answering of what is committed,
and the daily housekeeping of the database.
"""

import logging
import random
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import Final

from contract.messages import Receipt
from contract.topics import PRESENCE, topic
from ingest.backoff import pauses
from ingest.consumer import Consumer
from ingest.deliveries import Inbox, Waiting
from ingest.errors import MisconfiguredError, UnavailableError
from ingest.housekeeping import Housekeeping
from ingest.intake import Intake, Taken
from ingest.metrics import IngestMetrics
from ingest.reading import ReadAhead
from ingest.receipts import encode_receipt
from ingest.settings import IngestSettings

logger = logging.getLogger(__name__)

_IDLE_S: Final = 1.0
#: How many times the window may wait when the broker does not keep to it: some megabytes of usual batches.
_ROOM: Final = 20
_REPORT_EVERY_S: Final = 60.0
#: Housekeeping may ask for the next thing just as the one before is given up.
_GIVE_UP_EVERY_S: Final = 0.2


class IngestService:
    """The whole service; `run` returns after `stop`."""

    def __init__(
        self,
        settings: IngestSettings,
        *,
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
        rng: random.Random,
        consumer: Consumer | None = None,
        inbox: Inbox | None = None,
        metrics: IngestMetrics | None = None,
    ) -> None:
        self._settings = settings
        self._monotonic = monotonic
        self._rng = rng
        in_flight = settings.ingest_in_flight
        self._inbox = inbox or Inbox(in_flight=in_flight, room=_ROOM * in_flight)
        self._consumer = consumer or Consumer(settings, self._inbox, now=now, rng=rng)
        url = settings.database_url.get_secret_value()
        self._intake = Intake(url, dead_letters_max=settings.dead_letters_max)
        self._ahead = ReadAhead(
            partial(
                self._inbox.take,
                most_bytes=settings.ingest_batch_bytes,
                age_s=settings.ingest_batch_age_s,
                timeout_s=_IDLE_S,
            )
        )
        self._housekeeping = Housekeeping(url, now=now, rng=rng, chunk_memory_mb=settings.chunk_memory_mb)
        self._answering = ThreadPoolExecutor(1, thread_name_prefix="ingest-answering")
        self._answered: Future[None] | None = None
        self._stopping = threading.Event()
        self._now = now
        self.total = Taken()
        self.metrics = metrics or IngestMetrics()
        self.metrics.watch(connected=lambda: self.connected, waiting=lambda: self._inbox.waiting, now=now)

    @property
    def connected(self) -> bool:
        """Whether the broker delivers to us."""
        return self._consumer.connected

    def stop(self) -> None:
        """Let `run` finish what is under way and return; callable from a signal handler."""
        self._stopping.set()

    def run(self) -> None:
        """Serve until `stop`."""
        keeping = threading.Thread(target=self._housekeeping.run, args=(self._stopping,), name="ingest-housekeeping")
        threads = [
            threading.Thread(target=self._consumer.run, name="ingest-broker"),
            threading.Thread(target=self._ahead.run, args=(self._stopping,), name="ingest-reading"),
            keeping,
        ]
        for thread in threads:
            thread.start()
        try:
            self._serve()
        finally:
            self._stopping.set()
            self._answering.shutdown()
            self._consumer.stop()
            # Beside the waiting: where the network is silent, even this takes its time.
            threading.Thread(target=self._give_up, args=(keeping,), name="ingest-giving-up", daemon=True).start()
            for thread in threads:
                thread.join()
            self._intake.close()
            self._report("stopped")

    def _give_up(self, keeping: threading.Thread) -> None:
        """End housekeeping half done: counting a year of a chain anew takes minutes, and whoever stops us waits."""
        while keeping.is_alive():
            self._housekeeping.give_up()
            keeping.join(_GIVE_UP_EVERY_S)

    def _serve(self) -> None:
        report_at = self._monotonic() + _REPORT_EVERY_S
        while not self._stopping.is_set():
            waiting = self._ahead.next(_IDLE_S)
            if waiting:
                self._deal_with(waiting)
            if self._monotonic() >= report_at:
                report_at += _REPORT_EVERY_S
                self._report("so far")

    def _deal_with(self, waiting: Waiting) -> None:
        self.metrics.begin(waiting)
        started = self._monotonic()
        taken = self._store(waiting)
        if taken is None:
            return
        self.metrics.committed(waiting, taken, took_s=self._monotonic() - started, at=self._now())
        self.total.add(taken)
        if self._answered is not None:
            self._answered.result()  # one at a time, in the order of the commits
        self._answered = self._answering.submit(self._answer, waiting, taken)

    def _answer(self, waiting: Waiting, taken: Taken) -> None:
        """Tell broker and devices what is committed; a thread of its own does it while the next is being stored."""
        for delivery in waiting.ledger:
            delivery.ack()
        for receipt in taken.receipts.values():
            self._publish(receipt)
        for store, device in taken.shut_out:
            self._forget(store, device)

    def _store(self, waiting: Waiting) -> Taken | None:
        """Store, again and again until it is done; None when stopped before. Memory is bounded by the window."""
        store = self._intake.store
        for delay in pauses(self._rng):
            try:
                return store(waiting)
            except (UnavailableError, MisconfiguredError) as error:
                self.metrics.retry(error)
                logger.error(  # noqa: TRY400  # the reason is in the text, a traceback would bury it
                    "%d messages wait: %s. Trying again in %.1f s",
                    len(waiting.ledger), error, delay, extra={"action": "database_retry"},
                )  # fmt: skip
            except Exception:
                # Composition root: a message that meets a fault of ours must not end the service for all others.
                logger.exception("taking %d messages one by one", len(waiting.ledger), extra={"action": "bug"})
                store = self._intake.store_apart
                continue
            if self._stopping.wait(delay):
                break
        return None

    def _publish(self, receipt: Receipt) -> None:
        self._consumer.publish(topic(receipt.store, receipt.device, "receipt"), encode_receipt(receipt))

    def _forget(self, store: str, device: str) -> None:
        """Have the broker let go of what it keeps of a device that is shut out: others would believe it online."""
        logger.info(
            "%s/%s may not speak any more: what the broker kept of it goes",
            store, device, extra={"action": "shut_out_cleared"},
        )  # fmt: skip
        for leaf in PRESENCE:
            self._consumer.publish(topic(store, device, leaf), b"")

    def _report(self, what: str) -> None:
        logger.info(
            "%s: %d batches, %d new entries, %d duplicates, %d dead letters",
            what, self.total.batches, self.total.entries, self.total.duplicates, self.total.dead_letters,
            extra={"action": "ingest_report"},
        )  # fmt: skip
