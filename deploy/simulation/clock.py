"""A clock that runs faster than time, or at another time, for trials."""

from datetime import datetime, timedelta

from edge.clock import Clock, SystemClock


class FastClock:
    """Wall time that passes `speed` times as fast from `start`, by default now; monotonic time stays real."""

    def __init__(self, speed: float, *, start: datetime | None = None, real: Clock | None = None) -> None:
        self._real = real or SystemClock()
        self._speed = speed
        self._start = start or self._real.now()
        self._start_s = self._real.monotonic()

    def now(self) -> datetime:
        """Return the simulated time of day, in UTC."""
        return self._start + timedelta(seconds=(self._real.monotonic() - self._start_s) * self._speed)

    def monotonic(self) -> float:
        """Return real seconds from an arbitrary start."""
        return self._real.monotonic()
