"""What the device counted while a line is audited: crossings overheard on their way to the outbox."""

import threading
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from contract.entries import Crossing, Entry
from contract.types import Direction

#: More crossings of one audit than this are not kept: far beyond what an hour at a door brings.
CROSSINGS_MAX: Final = 20_000


class CrossingsHeard:
    """Keeps the crossings of the lines under audit, and of no other; from any thread."""

    def __init__(self) -> None:
        self._kept: dict[str, list[tuple[datetime, Direction]]] = {}
        self._lock = threading.Lock()

    def hear(self, entries: Iterable[Entry]) -> None:
        """Keep the crossings among `entries` whose line is listened to."""
        if not self._kept:
            return
        with self._lock:
            for entry in entries:
                kept = self._kept.get(entry.line) if isinstance(entry, Crossing) else None
                if kept is not None and isinstance(entry, Crossing) and len(kept) < CROSSINGS_MAX:
                    kept.append((entry.at, entry.direction))

    def begin(self, line: str) -> None:
        """Listen to `line` from now on, forgetting what was kept of it."""
        with self._lock:
            self._kept[line] = []

    def crossings(self, line: str) -> list[tuple[datetime, Direction]]:
        """Return what was heard of `line` since `begin`, in the order in which it was written down."""
        with self._lock:
            return list(self._kept.get(line, ()))

    def end(self, line: str) -> None:
        """Listen to `line` no longer."""
        with self._lock:
            self._kept.pop(line, None)
