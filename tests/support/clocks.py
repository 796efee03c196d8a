"""A clock that a test moves, and waiting for something real without a fixed sleep."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta


@dataclass
class ManualClock:
    """Wall and monotonic time that move together, by hand."""

    wall: datetime = field(default=datetime(2026, 11, 21, 12, 0, tzinfo=UTC))
    elapsed_s: float = 0.0

    def now(self) -> datetime:
        return self.wall

    def monotonic(self) -> float:
        return self.elapsed_s

    def advance(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.elapsed_s += seconds


def wait_until(condition: Callable[[], bool], *, what: str, within_s: float = 15.0) -> None:
    """Poll `condition` until it holds; fail with `what` when it does not in time."""
    deadline = time.monotonic() + within_s
    poll = threading.Event()
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"did not happen within {within_s:g} s: {what}")
        poll.wait(0.01)
