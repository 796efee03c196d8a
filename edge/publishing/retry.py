"""When to connect again: pauses that grow until a connection has lasted, and whether somebody else takes our place.

Two agents with one name throw each other out for ever, each with a connection that works. A success that does not last
therefore shortens no pause. Pure: it is told the time.
"""

import random
from typing import Final

from edge.publishing.settings import PublisherSettings

#: So many connections in a row that were accepted and soon ended are no accident.
_QUICK_ENDS: Final = 3


class Retry:
    """The pauses between attempts. Times are monotonic seconds."""

    def __init__(self, settings: PublisherSettings, rng: random.Random) -> None:
        self._settings = settings
        self._rng = rng
        self._backoff = settings.backoff_first_s
        self._accepted_at: float | None = None
        self._quick_ends = 0
        self._taken_over = False

    @property
    def contested(self) -> bool:
        """Return whether another agent seems to use our name: the broker said so, or keeps ending new connections."""
        return self._taken_over or self._quick_ends >= _QUICK_ENDS

    def accepted(self, now: float) -> None:
        """Take note that the broker let us in."""
        self._accepted_at = now

    def lost(self, now: float, *, taken_over: bool = False) -> float:
        """Take note that the connection ended, or never came to be; return how many seconds to wait."""
        if self._accepted_at is not None:
            # While two agents take turns, a connection lasts as long as the other one's pause.
            lasted = now - self._accepted_at >= max(self._settings.settled_s, 2 * self._backoff)
            self._quick_ends = 0 if lasted else self._quick_ends + 1
            if lasted and not taken_over:
                self._backoff = self._settings.backoff_first_s
        self._taken_over = taken_over
        self._accepted_at = None
        pause = self._backoff * self._rng.uniform(0.5, 1.0)
        self._backoff = min(self._backoff * 2, self._settings.backoff_max_s)
        return pause
