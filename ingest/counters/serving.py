"""The service that counters of other makers push to: HTTP, MQTT, and the way into the ledger."""

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Final

from ingest.counters.app import create_app
from ingest.counters.bridge import Bridge
from ingest.counters.hearing import Listener
from ingest.counters.taking import Taker
from ingest.database import Database
from ingest.errors import DatabaseError
from ingest.pool import Pool
from ingest.settings import CountersSettings

logger = logging.getLogger(__name__)

_HEARTBEAT_S: Final = 20.0
_TIDY_S: Final = 3_600.0
_DATABASE_AWAY_S: Final = 5.0
_CONNECTIONS: Final = 4


class CounterService:
    """Everything but the HTTP server, which serves `app`."""

    def __init__(self, settings: CountersSettings, *, now: Callable[[], datetime]) -> None:
        url = settings.database_url.get_secret_value()
        self._bridge = Bridge(url, now=now)
        self._wake = threading.Event()
        self._stopping = threading.Event()
        taker = Taker(now=now, taken=self._wake.set)
        self.app = create_app(Pool(url, size=_CONNECTIONS, name="footfall-counters-http"), taker, now=now)
        self.listener = (
            Listener(settings, Database(url, name="footfall-counters-mqtt"), taker) if settings.broker_url else None
        )
        self._threads = [threading.Thread(target=self._carry, name="counters-bridge")]
        if self.listener:
            self._threads.append(
                threading.Thread(target=self.listener.run, args=(self._stopping,), name="counters-broker")
            )

    def start(self) -> None:
        """Start hearing and carrying."""
        for each in self._threads:
            each.start()

    def stop(self) -> None:
        """Stop; what waits in the outbox goes with the next start."""
        self._stopping.set()
        self._wake.set()
        for each in self._threads:
            each.join()
        self._bridge.close()

    def _carry(self) -> None:
        beat_at = tidy_at = time.monotonic()
        while not self._stopping.is_set():
            pause = _HEARTBEAT_S
            try:
                # First who they are, so that their lines are described before the first crossing comes.
                if time.monotonic() >= beat_at:
                    self._bridge.heartbeat()
                    beat_at = time.monotonic() + _HEARTBEAT_S
                self._bridge.deliver()
                if time.monotonic() >= tidy_at:
                    self._bridge.tidy()
                    tidy_at = time.monotonic() + _TIDY_S
            except DatabaseError as error:
                logger.warning("counters wait: %s", error, extra={"action": "counters_wait"})
                pause = _DATABASE_AWAY_S
            except Exception:
                # Root of this thread: a fault with one run must not silence all counters.
                logger.exception("counters: a fault of ours", extra={"action": "bug"})
                pause = _DATABASE_AWAY_S
            self._wake.wait(min(pause, max(0.1, beat_at - time.monotonic())))
            self._wake.clear()
