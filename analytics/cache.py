"""Answers kept for a while: many screens of one store cost the database as much as one."""

import threading
import time
from collections.abc import Callable, Hashable
from typing import Any, Final, TypeVar

_T = TypeVar("_T")

#: Unless said otherwise, more than this many answers are never kept: the oldest go first.
ENTRIES_MAX: Final = 20_000


class Cache:
    """Answers by key. Two who ask for the same at once share one call; a failure is not kept."""

    def __init__(self, *, entries_max: int = ENTRIES_MAX, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._entries_max = entries_max
        self._lock = threading.Lock()
        self._kept: dict[Hashable, tuple[float, Any]] = {}
        self._making: dict[Hashable, threading.Lock] = {}

    def get(self, key: Hashable, make: Callable[[], _T], *, for_s: float) -> _T:
        """Return the answer kept under `key`, or make it and keep it for `for_s` seconds."""
        with self._lock:
            making = self._making.setdefault(key, threading.Lock())
        try:
            with making:
                found = self.peek(key)
                if found is not None:
                    answer: _T = found[0]
                    return answer
                made = make()
                self.keep(key, made, for_s=for_s)
                return made
        finally:
            with self._lock:
                self._making.pop(key, None)

    def peek(self, key: Hashable) -> tuple[Any] | None:
        """Return the answer in a tuple, or None when none is kept or it is too old."""
        with self._lock:
            until, answer = self._kept.get(key, (0.0, None))
        return (answer,) if until > self._clock() else None

    def drop(self, key: Hashable) -> None:
        """Forget an answer that is not true any more."""
        with self._lock:
            self._kept.pop(key, None)

    def keep(self, key: Hashable, answer: object, *, for_s: float) -> None:
        """Keep an answer for `for_s` seconds."""
        with self._lock:
            self._kept.pop(key, None)
            self._kept[key] = (self._clock() + for_s, answer)
            while len(self._kept) > self._entries_max:
                self._kept.pop(next(iter(self._kept)))
