"""Pacing: a clip gives its frames at the moments they are due, as a camera would."""

from collections.abc import Callable
from datetime import datetime
from threading import Event

from edge.sources.protocol import Clock


class Pace:
    """Waits for moments of the wall clock until it is closed."""

    def __init__(self, clock: Clock, wait: Callable[[float], bool] | None = None) -> None:
        """Go by `clock`. `wait` sleeps for so many seconds and returns True to stop (default: until `close`)."""
        self.clock = clock
        self._closed = Event()
        self._wait = wait or self._closed.wait

    @property
    def closed(self) -> bool:
        """Whether nobody waits any more."""
        return self._closed.is_set()

    def reached(self, moment: datetime) -> bool:
        """Return True once it is `moment`, at once if it is past, or False if there is nothing to wait for any more."""
        return not self._wait(max(0.0, (moment - self.clock()).total_seconds()))

    def close(self) -> None:
        """Wait no more."""
        self._closed.set()
