"""Answers kept for a while: many screens of one store cost the database as much as one."""

import logging
import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

from analytics.errors import AnalyticsError, BusyError

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
#: So long who has an old answer waits for its turn to have it made anew, and so long the old one is shown then.
_PATIENCE_S: Final = 0.5


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

    At most `at_once` of those that are `renewed` are made at the same time, beside them `slow_at_once` of those said to
    be slow, and `put_off_at_once` of those that can be put off. None of them may ask for another such one meanwhile.
    """

    def __init__(
        self,
        *,
        entries_max: int = ENTRIES_MAX,
        at_once: int = _AT_ONCE,
        slow_at_once: int = _AT_ONCE,
        put_off_at_once: int = _AT_ONCE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._entries_max = entries_max
        self._lock = threading.Lock()
        self._kept: dict[Hashable, tuple[float, Any]] = {}
        #: By whom an answer is being made or waited for: a lock, and how many they are.
        self._making: dict[Hashable, tuple[threading.Lock, int]] = {}
        self._renewing: set[Hashable] = set()
        self._few, self._slow = threading.BoundedSemaphore(at_once), threading.BoundedSemaphore(slow_at_once)
        self._put_off = threading.BoundedSemaphore(put_off_at_once)
        self._unswept = 0

    def get(self, key: Hashable, make: Callable[[], _T], *, for_s: float | Callable[[_T], float]) -> _T:
        """Return the answer kept under `key`, or make it and keep it for `for_s` seconds, or what it says of itself."""

        def anew() -> _T:
            made = make()
            self.keep(key, made, for_s=for_s(made) if callable(for_s) else for_s)
            return made

        answer: _T = self._once(key, lambda: self.peek(key), anew)
        return answer

    def get_in_turn(
        self, key: Hashable, make: Callable[[], _T], *, for_s: float | Callable[[_T], float], within_s: float
    ) -> _T:
        """Return an answer as `get` does, where it is kept or a turn to make it is free `within_s` seconds.

        However many ask, they hold their threads for no longer than that.

        Raises:
            BusyError: others have the turns.
        """
        found = self.peek(key)
        if found is not None:
            kept: _T = found[0]
            return kept
        if not self._put_off.acquire(timeout=within_s):
            raise BusyError("others are being answered: ask again in a moment")
        try:
            return self.get(key, make, for_s=for_s)
        finally:
            self._put_off.release()

    def renewed(
        self,
        key: Hashable,
        make: Callable[[], _T],
        *,
        for_s: float,
        stale_s: float,
        quick_s: float = QUICK_S,
        mark: Hashable = None,
        slow: bool = False,
    ) -> _T:
        """Return what is kept; older than `for_s`, and up to `stale_s` more, while it is made anew beside its readers.

        Only who asks first, or later than that, waits; and everybody where it is made within `quick_s`. An answer is as
        old as the moment at which its making began. One that took longer, as the one before it did, is shown for longer
        within the same bound: what asks for more than a machine can do is slowed down, not piled up.

        Where others are being made, who has an old one waits for a moment and then is shown that. What is `slow` has a
        turn of its own: it keeps nothing else waiting.

        `mark` stands for what it is made of, as whoever asks knows it: an answer made under another one is old.
        """
        place, asked = ("renewed", key), self._clock()

        def kept() -> _Made | None:
            found = self.peek(place)
            return None if found is None else found[0]

        def holds(made: _Made) -> bool:
            return (made.mark == mark and self._clock() < made.begun + for_s) or self._clock() < made.rests_until

        def made_since() -> tuple[_Made] | None:
            made = kept()
            if made is None:
                return None
            # Whoever waits for one that was begun before they asked may know more than it tells, and has it made once
            # more: not where that takes long.
            long = made.took > quick_s and made.begun + made.took > asked
            return (made,) if made.begun > asked or long or holds(made) else None

        def anew(*, patient: bool = False) -> _Made:
            before, turns = kept(), self._slow if slow else self._few
            if not turns.acquire(timeout=None if patient or before is None else _PATIENCE_S) and before is not None:
                put_off = replace(before, rests_until=self._clock() + _PATIENCE_S)
                self.keep(place, put_off, for_s=before.begun + for_s + stale_s - self._clock())
                return before
            answer, begun, took = self._timed(turns, make)
            # The first that takes long may have looked for what the next one finds kept.
            again = took > quick_s and before is not None and before.took > quick_s
            made = _Made(answer, mark, begun, took, begun + _REST * took if again else begun)
            self.keep(place, made, for_s=for_s + stale_s - took)
            return made

        found = kept()
        if found is None or (found.took <= quick_s and not holds(found)):
            found = self._once(place, made_since, anew)
        elif not holds(found):
            self._renew(place, lambda: self._once(place, made_since, lambda: anew(patient=True)))
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

    def _timed(self, turns: threading.BoundedSemaphore, make: Callable[[], _T]) -> tuple[_T, float, float]:
        """Return an answer made within a turn that was taken and is given back, when it was begun, how long it took."""
        try:
            begun = self._clock()
            answer = make()
            return answer, begun, self._clock() - begun
        finally:
            turns.release()

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
