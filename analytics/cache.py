"""Answers kept for a while: many screens of one store cost the database as much as one."""

import logging
import threading
import time
from collections.abc import Callable, Hashable
from typing import Any, Final, TypeVar

from analytics.errors import AnalyticsError

_T = TypeVar("_T")
_log = logging.getLogger(__name__)

#: Unless said otherwise, more than this many answers are never kept: the oldest go first.
ENTRIES_MAX: Final = 20_000
#: Unless said otherwise, nobody who has something made waits for others.
_AT_ONCE: Final = 1_000
#: So many answers are kept before those that are too old are swept out.
_SWEEP_EVERY: Final = 500
#: Who asks for what is made this quickly has it made anew rather than see an old one.
QUICK_S: Final = 0.25
#: What is renewed beside its readers is kept for so many times as long as it took: no answer keeps a processor busy.
_REST: Final = 3.0


class Cache:
    """Answers by key. Two who ask for the same at once share one call; a failure is not kept.

    At most `at_once` of those that are `renewed` are made at the same time. None of them may ask for another meanwhile.
    """

    def __init__(
        self,
        *,
        entries_max: int = ENTRIES_MAX,
        at_once: int = _AT_ONCE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._entries_max = entries_max
        self._lock = threading.Lock()
        self._kept: dict[Hashable, tuple[float, Any]] = {}
        self._making: dict[Hashable, threading.Lock] = {}
        self._renewing: set[Hashable] = set()
        self._few = threading.BoundedSemaphore(at_once)
        self._unswept = 0

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

    def renewed(
        self,
        key: Hashable,
        make: Callable[[], _T],
        *,
        for_s: float,
        stale_s: float,
        quick_s: float = QUICK_S,
        mark: Hashable = None,
    ) -> _T:
        """Return what is kept; older than `for_s`, and up to `stale_s` more, while it is made anew beside its readers.

        Only who asks first, or later than that, waits; and everybody where it is made within `quick_s`. An answer that
        took longer is kept for longer: what asks for more than a machine can do is slowed down, not piled up.

        `mark` stands for what it is made of, as whoever asks knows it: an answer made under another one is old.
        """
        fresh, resting, stale = ("fresh", key), ("resting", key), ("stale", key)

        def timed() -> tuple[_T, float]:
            with self._few:
                started = self._clock()
                made = make()
                took = self._clock() - started
            self.keep(fresh, (mark, made), for_s=for_s)
            if took > quick_s:
                self.keep(resting, (made, took), for_s=_REST * took)
            return made, took

        kept = self.peek(fresh)
        if kept is not None and kept[0][0] == mark:
            answer: _T = kept[0][1]
            return answer
        rested, found = self.peek(resting), self.peek(stale)
        if rested is not None:
            found = rested
        elif found is not None and found[0][1] > quick_s:
            self._renew(stale, timed, for_s + stale_s)
        else:
            self.drop(stale)
            found = (self.get(stale, timed, for_s=for_s + stale_s),)
        old: _T = found[0][0]
        return old

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
            now = self._clock()
            self._kept[key] = (now + for_s, answer)
            self._unswept += 1
            if self._unswept >= _SWEEP_EVERY:
                self._kept = {one: kept for one, kept in self._kept.items() if kept[0] > now}
                self._unswept = 0
            while len(self._kept) > self._entries_max:
                self._kept.pop(next(iter(self._kept)))

    def _renew(self, key: Hashable, make: Callable[[], object], for_s: float) -> None:
        """Have an answer made anew by a thread of its own, by one at a time."""
        with self._lock:
            if key in self._renewing:
                return
            self._renewing.add(key)

        def renew() -> None:
            try:
                self.keep(key, make(), for_s=for_s)
            except AnalyticsError as error:
                # Whoever asks once the answer is too old is told.
                _log.warning("an answer could not be renewed: %s", error, extra={"action": "renew_failed"})
            except Exception:  # noqa: BLE001  # this thread's root: nobody waits whom it could be raised to
                _log.exception("a fault of ours: an answer could not be renewed", extra={"action": "bug"})
            finally:
                with self._lock:
                    self._renewing.discard(key)

        threading.Thread(target=renew, name="renew", daemon=True).start()
