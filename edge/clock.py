"""Clocks: what time it is, passed in so that a test can decide."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Wall time for what is written down, monotonic time for how long something took."""

    def now(self) -> datetime:
        """Return the time of day, in UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds from an arbitrary start; never steps back."""
        ...


def utc_now() -> datetime:
    """Return the box's wall clock, in UTC."""
    return datetime.now(UTC)


class SystemClock:
    """The machine's own clocks."""

    def now(self) -> datetime:
        """Return the time of day, in UTC."""
        return utc_now()

    def monotonic(self) -> float:
        """Return seconds since the machine started."""
        return time.monotonic()
