"""The pace of a long backlog: how much of it may be under way beside what is counted now. Pure: it is told the time."""

from typing import Final

from edge.publishing.outbox import Run
from edge.publishing.settings import PublisherSettings

#: However slow the way is, a batch is not smaller: each costs a receipt.
_ENTRIES_MIN: Final = 50


class Drain:
    """A backlog from beyond seq `cursor` to `until`. Times are monotonic seconds."""

    def __init__(self, settings: PublisherSettings, *, cursor: int, until: int) -> None:
        self._settings = settings
        self.cursor = cursor
        self.until = until
        self.next_at = 0.0
        self.entries = settings.batch_entries

    @property
    def size(self) -> int:
        """Return the most bytes of the next batch."""
        return self._settings.batch_bytes * self.entries // self._settings.batch_entries

    def took(self, run: Run, now: float) -> None:
        """Take note that `run` leaves: the next one waits for its time."""
        self.cursor = run.last_seq
        self.next_at = max(now, self.next_at) + len(run.entries) / self._settings.drain_entries_s

    def answered(self, after_s: float) -> None:
        """Take note of how long a receipt took: slow ones mean that live values stand in a queue behind batches."""
        if after_s > self._settings.slow_receipt_s:
            self.entries = max(min(_ENTRIES_MIN, self._settings.batch_entries), self.entries // 2)
        elif after_s < self._settings.slow_receipt_s / 4:
            self.entries = min(self._settings.batch_entries, self.entries * 2)
