"""Answers kept for a while: many screens of one store cost the database as much as one."""

import logging
import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
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
#: What takes long again and again is begun anew after so many times as long: no answer keeps a processor busy.
_REST: Final = 3.0


@dataclass(frozen=True, slots=True)
class _Made:
    """An answer that is renewed: what it was made of, when that began, how long it took, in seconds of the clock."""

    answer: Any
    mark: Hashable
    begun: float
    took: float
    rests_until: float


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
        #: By whom an answer is being made or waited for: a lock, and how many they are.
        self._making: dict[Hashable, tuple[threading.Lock, int]] = {}
        self._renewing: set[Hashable] = set()
        self._few = threading.BoundedSemaphore(at_once)
        self._unswept = 0

    def get(self, key: Hashable, make: Callable[[], _T], *, for_s: float) -> _T:
        """Return the answer kept under `key`, or make it and keep it for `for_s` seconds."""

        def anew() -> _T:
            made = make()
            self.keep(key, made, for_s=for_s)
            return made

        answer: _T = self._once(key, lambda: self.peek(key), anew)
        return answer

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

        Only who asks first, or later than that, waits; and everybody where it is made within `quick_s`. An answer is as
        old as the moment at which its making began. One that took longer, as the one before it did, is shown for longer
        within the same bound: what asks for more than a machine can do is slowed down, not piled up.

        `mark` stands for what it is made of, as whoever asks knows it: an answer made under another one is old.
        """
        place, asked = ("renewed", key), self._clock()

        def kept() -> _Made | None:
            found = self.peek(place)
            return None if found is None else found[0]

        def fresh(made: _Made) -> bool:
            return made.mark == mark and self._clock() < made.begun + for_s

        def made_since() -> tuple[_Made] | None:
            made = kept()
            if made is None:
                return None
            # Whoever waits for one that was begun before they asked may know more than it tells, and has it made once
            # more: not where that takes long.
            long = made.took > quick_s and made.begun + made.took > asked
            return (made,) if made.begun > asked or long or fresh(made) else None

        def anew() -> _Made:
            before = kept()
            with self._few:
                begun = self._clock()
                answer = make()
                took = self._clock() - begun
            # The first that takes long may have looked for what the next one finds kept.
            slow = took > quick_s and before is not None and before.took > quick_s
            made = _Made(answer, mark, begun, took, begun + _REST * took if slow else begun)
            self.keep(place, made, for_s=for_s + stale_s - took)
            return made

        found = kept()
        if found is None or (found.took <= quick_s and not fresh(found)):
            found = self._once(place, made_since, anew)
        elif self._clock() >= found.rests_until and not fresh(found):
            self._renew(place, lambda: self._once(place, made_since, anew))
        answer: _T = found.answer
        return answer

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

    def _once(self, key: Hashable, find: Callable[[], tuple[_T] | None], make: Callable[[], _T]) -> _T:
        """Return what `find` finds, or have it made; one at a time for each key."""
        with self._lock:
            making, others = self._making.get(key, (threading.Lock(), 0))
            self._making[key] = (making, others + 1)
        try:
            with making:
                found = find()
                return make() if found is None else found[0]
        finally:
            with self._lock:
                making, others = self._making.pop(key)
                if others > 1:
                    self._making[key] = (making, others - 1)

    def _renew(self, key: Hashable, make: Callable[[], object]) -> None:
        """Have an answer made anew by a thread of its own, by one at a time."""
        with self._lock:
            if key in self._renewing:
                return
            self._renewing.add(key)

        def renew() -> None:
            try:
                make()
            except AnalyticsError as error:
                # Whoever asks once the answer is too old is told.
                _log.warning("an answer could not be renewed: %s", error, extra={"action": "renew_failed"})
            except Exception:  # noqa: BLE001  # this thread's root: nobody waits whom it could be raised to
                _log.exception("a fault of ours: an answer could not be renewed", extra={"action": "bug"})
            finally:
                with self._lock:
                    self._renewing.discard(key)

        threading.Thread(target=renew, name="renew", daemon=True).start()
