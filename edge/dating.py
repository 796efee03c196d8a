"""Dating: entries from before the box's clock was set are held, and dated once it is.

A box without a battery clock wakes in 1970, or at another time long past, until NTP sets it: what it counts meanwhile
has the right distances and the wrong date. The monotonic clock says by how much the wall clock was then set.
"""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from msgspec.structs import replace

from contract.entries import Entry, Flow, Heat, Loss
from edge.clock import Clock
from edge.publishing.rollup import loss_of

logger = logging.getLogger(__name__)

#: No box of this software has run before.
PLAUSIBLE_FROM: Final = datetime(2026, 1, 1, tzinfo=UTC)
#: Entries held at most; beyond it the oldest go, and a loss says so.
HELD_MAX: Final = 10_000
_QUARTER_S: Final = 900


class Dating:
    """Holds entries while `clock` is implausible. Not shared between threads."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._held: list[Entry] = []
        #: Wall clock less monotonic clock when it was last implausible; None: it never was.
        self._wrong: timedelta | None = None

    def dated(self, entries: Sequence[Entry]) -> list[Entry]:
        """Return what can be stored now: `entries`, and before them those held so far, with the date that they had."""
        now = self._clock.now()
        offset = now - datetime.fromtimestamp(0, UTC) - timedelta(seconds=self._clock.monotonic())
        if now < PLAUSIBLE_FROM:
            self._hold(entries, offset)
            return []
        if self._wrong is None:
            return list(entries)
        late = [*self._held, *entries]  # a frame may have been captured before the clock was set
        shift = offset - self._wrong
        if self._held:
            logger.warning(
                "the clock was set, by %s: %d entries from before are dated anew",
                shift, len(self._held), extra={"action": "clock_set"},
            )  # fmt: skip
            self._held = []
        return [_shifted(entry, shift) if entry.at < PLAUSIBLE_FROM else entry for entry in late]

    def _hold(self, entries: Sequence[Entry], offset: timedelta) -> None:
        if self._wrong is None:
            logger.warning(
                "the clock says %s: entries wait in memory until it is set. Check NTP",
                self._clock.now().isoformat(), extra={"action": "clock_implausible"},
            )  # fmt: skip
        elif offset != self._wrong:
            self._held = [_shifted(entry, offset - self._wrong) for entry in self._held]
        self._wrong = offset
        self._held += entries
        over = len(self._held) - HELD_MAX
        if over > 0:
            # The loss takes the place of one more.
            lost, kept = self._held[: over + 1], self._held[over + 1 :]
            singles = sum(not isinstance(entry, Loss) for entry in lost)
            self._held = [loss_of(lost, singles, "backlog"), *kept]


def _shifted(entry: Any, shift: timedelta) -> Entry:
    """Return `entry`, later by `shift`; a sum of a quarter-hour stays one."""
    if isinstance(entry, Heat | Flow):
        moved = (entry.at + shift).timestamp() // _QUARTER_S * _QUARTER_S
        return replace(entry, at=datetime.fromtimestamp(moved, UTC))
    if isinstance(entry, Loss):
        return replace(entry, at=entry.at + shift, until=entry.until + shift)
    moved_entry: Entry = replace(entry, at=entry.at + shift)
    return moved_entry
