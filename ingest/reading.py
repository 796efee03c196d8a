"""Reading ahead: the next deliveries are taken and decoded while those before them are being stored.

Storing is mostly waiting for the database: decoding in between costs the worker no time of its own.
"""

import logging
import queue
import threading
from collections.abc import Callable
from typing import Final

from contract.codec import decode
from contract.errors import ContractError
from contract.messages import LedgerBatch
from contract.topics import parse
from ingest.deliveries import Delivery, Waiting

logger = logging.getLogger(__name__)

_POLL_S: Final = 0.2


def read(delivery: Delivery) -> LedgerBatch | ContractError:
    """Return the batch in a ledger message, or why there is none."""
    try:
        return decode(delivery.payload, LedgerBatch, parse(delivery.topic))
    except ContractError as error:
        return error


class ReadAhead:
    """One set of deliveries ahead of whoever stores; `run` is a thread's work, `next` anybody else's.

    `take` returns what waits, perhaps nothing after a while.
    """

    def __init__(self, take: Callable[[], Waiting]) -> None:
        self._take = take
        self._ahead: queue.Queue[Waiting] = queue.Queue(maxsize=1)

    def run(self, stopping: threading.Event) -> None:
        """Take and read until `stopping`; what was read and not stored by then is not acknowledged either."""
        while not stopping.is_set():
            waiting = self._take()
            if not waiting:
                continue
            try:
                waiting.read.extend(map(read, waiting.ledger))
            except Exception:
                # Composition root of this thread: it must not die. Who stores meets the fault again and deals with it.
                logger.exception("reading %d messages", len(waiting.ledger), extra={"action": "bug"})
                waiting.read.clear()
            while not stopping.is_set():
                try:
                    self._ahead.put(waiting, timeout=_POLL_S)
                    break
                except queue.Full:
                    continue

    def next(self, timeout_s: float) -> Waiting | None:
        """Return the next set, None where there is none within `timeout_s`."""
        try:
            return self._ahead.get(timeout=timeout_s)
        except queue.Empty:
            return None
