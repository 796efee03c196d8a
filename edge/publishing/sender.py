"""The ledger sender: which runs of the outbox leave now.

A bounded window of runs is under way at any time. A run leaves the window when a receipt covers it, never because the
broker acknowledged it. Without a receipt for some time everything uncovered is sent again, ever more slowly.
Pure: it is told the time and sends nothing itself.
"""

import random
from collections.abc import Iterator

from edge.publishing.outbox import Outbox, Run
from edge.publishing.settings import PublisherSettings


class LedgerSender:
    """Decides what to send from `outbox`. Times are monotonic seconds."""

    def __init__(self, outbox: Outbox, settings: PublisherSettings, rng: random.Random) -> None:
        self._outbox = outbox
        self._settings = settings
        self._rng = rng
        self._epoch = outbox.epoch
        self._under_way: list[tuple[int, int]] = []
        #: Highest seq looked at since the last rewind, and highest ever sent: below it nothing waits for company.
        self._cursor = 0
        self._sent_to = 0
        self._unsent_since: float | None = None
        self._hold_until = 0.0
        self._resend_at = 0.0
        self._resend_delay = settings.resend_after_s

    @property
    def under_way(self) -> int:
        """Return how many runs have been sent that no receipt covers yet."""
        return len(self._under_way)

    def connected(self, now: float) -> None:
        """Start over on a new connection, once its retained receipt has come or is not coming."""
        self._rewind()
        self._resend_delay = self._settings.resend_after_s
        self._hold_until = now + self._settings.receipt_grace_s

    def receipted(self, now: float) -> None:
        """Take note that a receipt was applied to the outbox."""
        self._hold_until = now
        if self._epoch != self._outbox.epoch:
            self._epoch, self._sent_to = self._outbox.epoch, 0
            self._rewind()
            return
        coverage = self._outbox.coverage
        left = [span for span in self._under_way if coverage.missing(*span)]
        if len(left) < len(self._under_way):
            self._resend_delay = self._settings.resend_after_s
            self._resend_at = now + self._resend_delay
        self._under_way = left
        # Uncovered, behind the cursor and not under way: the server has forgotten what it once had.
        forgotten = coverage.missing(self._outbox.pruned_to + 1, self._cursor)
        if forgotten > sum(coverage.missing(*span) for span in left):
            self._rewind()

    def due(self, now: float, *, flush: bool = False) -> Iterator[Run]:
        """Yield the runs to send now, each one under way once it is taken; `flush` waits for no company."""
        if now < self._hold_until:
            return
        if self._under_way and now >= self._resend_at:
            self._rewind()
            self._resend_delay = min(self._resend_delay * 2, self._settings.resend_max_s)
        while len(self._under_way) < self._settings.window and (flush or self._ripe(now)):
            last_seq = self._outbox.last_seq
            run = self._outbox.pending(
                after=self._cursor, entries=self._settings.batch_entries, size=self._settings.batch_bytes
            )
            if run is None:
                self._cursor = max(self._cursor, last_seq)
                return
            self._take(run, now)
            yield run

    def wait_s(self, now: float) -> float:
        """Return how long nothing can become due unless an entry is appended or a receipt comes."""
        if now < self._hold_until:
            return self._hold_until - now
        moments = [self._resend_at] if self._under_way else []
        if len(self._under_way) < self._settings.window and self._outbox.last_seq > self._cursor:
            since = now if self._unsent_since is None else self._unsent_since
            moments.append(since + self._settings.flush_age_s)
        return max(0.0, min(moments, default=now + self._settings.resend_max_s) - now)

    def _ripe(self, now: float) -> bool:
        last_seq = self._outbox.last_seq
        if last_seq <= self._cursor:
            self._unsent_since = None
            return False
        if self._unsent_since is None:
            self._unsent_since = now
        return (
            self._cursor < self._sent_to
            or last_seq - self._cursor >= self._settings.batch_entries
            or now - self._unsent_since >= self._settings.flush_age_s
        )

    def _take(self, run: Run, now: float) -> None:
        if not self._under_way:
            self._resend_at = now + self._resend_delay * self._rng.uniform(1.0, 1.25)
        self._under_way.append((run.first_seq, run.last_seq))
        self._cursor = run.last_seq
        self._sent_to = max(self._sent_to, run.last_seq)

    def _rewind(self) -> None:
        self._under_way.clear()
        self._cursor = 0
