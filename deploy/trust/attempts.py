"""Attempts with codes: how often an address may be wrong before it has to wait. In memory, bounded."""

from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

#: So many wrong codes from one address in the window lock it out for the rest of it.
WRONG_MAX: Final = 5
WINDOW_S: Final = 900.0
#: Wrong codes from everywhere in a minute: a botnet has many addresses.
ALL_MAX: Final = 60
ALL_WINDOW_S: Final = 60.0
_ADDRESSES_MAX: Final = 10_000


@dataclass(slots=True)
class Attempts:
    """Wrong attempts by address; `monotonic` is the clock. Not shared between threads without a lock."""

    monotonic: Callable[[], float]
    _wrong: OrderedDict[str, deque[float]] = field(default_factory=OrderedDict)
    _all: deque[float] = field(default_factory=lambda: deque(maxlen=ALL_MAX))

    def wait_s(self, address: str) -> float:
        """Return how long `address` has to wait before its next attempt; 0: it may try."""
        now = self.monotonic()
        waits = [0.0]
        if len(self._all) == ALL_MAX:
            waits.append(self._all[0] + ALL_WINDOW_S - now)
        times = self._wrong.get(address)
        if times is not None and len(times) == WRONG_MAX:
            waits.append(times[0] + WINDOW_S - now)
        return max(waits)

    def wrong(self, address: str) -> bool:
        """Note a wrong attempt; return whether it locks the address out from now on."""
        now = self.monotonic()
        times = self._wrong.setdefault(address, deque(maxlen=WRONG_MAX))
        self._wrong.move_to_end(address)
        times.append(now)
        self._all.append(now)
        while len(self._wrong) > _ADDRESSES_MAX:
            self._wrong.popitem(last=False)
        return self.wait_s(address) > 0

    def right(self, address: str) -> None:
        """Forget what an address had wrong."""
        self._wrong.pop(address, None)
