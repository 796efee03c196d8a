"""A few database connections shared by request threads; each heals by itself."""

import queue
from collections.abc import Callable
from typing import Final, TypeVar

from ingest.database import Database
from ingest.errors import UnavailableError

_T = TypeVar("_T")
_WAIT_S: Final = 5.0


class Pool:
    """At most `size` connections, opened when first needed."""

    def __init__(self, url: str, *, size: int, name: str) -> None:
        self._idle: queue.LifoQueue[Database] = queue.LifoQueue()
        for _ in range(size):
            self._idle.put(Database(url, name=name))

    def run(self, work: Callable[[Database], _T]) -> _T:
        """Return what `work` returns, given a connection; it must be safe to repeat.

        It is done once more where a connection turns out to be dead: after a restart of the server every idle one is.

        Raises:
            UnavailableError: the server does not answer, or every connection is busy for long.
            DatabaseError: what `work` raises.
        """
        try:
            database = self._idle.get(timeout=_WAIT_S)
        except queue.Empty:
            raise UnavailableError("all database connections are busy: try again, or raise their number") from None
        try:
            try:
                return work(database)
            except UnavailableError:
                return work(database)
        finally:
            self._idle.put(database)

    def close(self) -> None:
        """Close the idle connections."""
        while True:
            try:
                self._idle.get_nowait().close()
            except queue.Empty:
                return
