"""Access: what a key allows, and how often it may ask."""

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from analytics.queries import Connection, rows
from analytics.statistics.suppression import K_EXPORT, K_INSIDE
from analytics.stores import Store
from api.errors import KeyRefusedError, ProblemError
from contract.api_keys import matches, shown

#: Beyond so many keys the rates of those that asked longest ago are forgotten.
_KEYS_MAX: Final = 10_000


@dataclass(frozen=True, slots=True)
class Access:
    """Whoever asks: the figures of all stores (`store_id` None) or of one; `outside` is not of the company.

    `staff`: sales by staff alias, too.
    """

    key_id: int
    store_id: int | None
    outside: bool
    staff: bool = False

    @property
    def k(self) -> int:
        """Least people in a cell that may be shown."""
        return K_EXPORT if self.outside else K_INSIDE

    def may_see(self, store: Store) -> bool:
        """Whether the store's figures may be shown."""
        return self.store_id is None or self.store_id == store.store_id


def access_of(connection: Connection, key: str) -> Access:
    """Return what a key allows.

    Raises:
        KeyRefusedError: it is none of ours, revoked, or not for figures.
        DatabaseError: the database could not be asked.
    """
    found = rows(connection, "reader_key", prefix=shown(key))
    if not found or not matches(key, bytes(found[0][1])):
        raise KeyRefusedError(
            "this API key is not known here or was revoked: footfall keys create --scope kpis makes one"
        )
    key_id, _, store_id, scopes, outside = found[0]
    if "kpis" not in scopes:
        raise KeyRefusedError("this API key is not for figures: footfall keys create --scope kpis makes one")
    return Access(key_id, store_id, outside, staff="staff" in scopes and not outside)


class Rates:
    """A bucket of requests per key that fills at `per_s` up to twice that."""

    def __init__(self, per_s: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_s = per_s
        self._most = max(1.0, 2 * per_s)
        self._clock = clock
        self._lock = threading.Lock()
        self._left: dict[int, tuple[float, float]] = {}

    def take(self, key_id: int) -> None:
        """Take one request.

        Raises:
            ProblemError: none is left; says in how many seconds one is.
        """
        with self._lock:
            now = self._clock()
            left, at = self._left.pop(key_id, (self._most, now))
            left = min(self._most, left + (now - at) * self._per_s)
            taken = left >= 1
            self._left[key_id] = (left - taken, now)
            while len(self._left) > _KEYS_MAX:
                self._left.pop(next(iter(self._left)))
        if not taken:
            wait_s = math.ceil((1 - left) / self._per_s)
            raise ProblemError(
                429,
                "too-many-requests",
                f"this key may ask {self._per_s:g} times a second: ask again in {wait_s} s",
                retry_after_s=wait_s,
            )
