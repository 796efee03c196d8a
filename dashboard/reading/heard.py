"""Heard: whether anything has come in of the stores that somebody looks at, asked of all of them at once."""

import threading
import time
from collections.abc import Callable, Mapping
from typing import Final

from analytics.cache import Cache
from analytics.clock import Clock
from analytics.database import Database
from analytics.heard import read_heard

#: Seconds for which an answer is kept: what was committed is known so long afterwards.
HEARD_S: Final = 0.25
#: A store that nobody has asked about for so many seconds is not looked at any more.
_WATCHED_S: Final = 5.0


class Heard:
    """Asks about all stores that are looked at in one question. Knows nothing of who may see them."""

    def __init__(
        self, database: Database, cache: Cache, clock: Clock, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._database = database
        self._cache = cache
        self._clock = clock
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._asked_at: dict[int, float] = {}

    def mark(self, store_id: int) -> str | None:
        """Return what stays the same until something comes in of a store; None: there is no such store.

        Raises:
            DatabaseUnavailableError: the database does not answer.
        """
        with self._lock:
            self._asked_at[store_id] = self._monotonic()
        found = self._heard()
        if store_id not in found:
            # Looked at since all were asked about.
            self._cache.drop("heard")
            found = self._heard()
        return found.get(store_id)

    def _heard(self) -> Mapping[int, str]:
        def read() -> Mapping[int, str]:
            now = self._monotonic()
            with self._lock:
                self._asked_at = {one: at for one, at in self._asked_at.items() if now - at < _WATCHED_S}
                watched = list(self._asked_at)
            with self._database.connection() as connection:
                return read_heard(connection, watched, now=self._clock())

        return self._cache.get("heard", read, for_s=HEARD_S)
