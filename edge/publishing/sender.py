"""The ledger sender: which runs of the outbox leave now.

A bounded window of runs is under way at any time. A run leaves the window when a receipt covers it, never because the
broker acknowledged it. Without a receipt for some time everything uncovered is sent again, ever more slowly; receipts
put that off, but not for a run that later ones have overtaken: a broker that nobody listened to has thrown it away.

A long backlog drains beside what is counted now, once a receipt has shown that ingest answers: new entries leave at
once, the backlog oldest first with a small window and at a bounded pace. Without that proof nothing new is sent past
the backlog, so that an outage leaves few entries of which nobody knows whether they arrived.
Pure: it is told the time and sends nothing itself.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

from edge.publishing.drain import Drain
from edge.publishing.outbox import Outbox, Run
from edge.publishing.settings import PublisherSettings


@dataclass(frozen=True, slots=True)
class _UnderWay:
    """A run that has been sent; `late`: of a backlog that drains beside new entries.

    `overtaken`: one that was sent after it has been received.
    """

    first: int
    last: int
    sent_at: float
    late: bool
    overtaken: bool = False


class LedgerSender:
    """Decides what to send from `outbox`. Times are monotonic seconds."""

    def __init__(self, outbox: Outbox, settings: PublisherSettings, rng: random.Random) -> None:
        self._outbox = outbox
        self._settings = settings
        self._rng = rng
        self._epoch = outbox.epoch
        self._under_way: list[_UnderWay] = []
        #: Highest seq looked at since the last rewind, and highest ever sent: below it nothing waits for company.
        self._cursor = 0
        self._sent_to = 0
        #: The backlog behind the cursor, while there is one.
        self._drain: Drain | None = None
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
        missing = self._outbox.coverage.missing
        arrived = [run for run in self._under_way if not missing(run.first, run.last)]
        if arrived:
            newest = self._under_way.index(arrived[-1])
            self._under_way = [
                replace(run, overtaken=run.overtaken or place < newest)
                for place, run in enumerate(self._under_way)
                if run not in arrived
            ]
            self._put_off(now)
            self._progressed(arrived, now)
        if self._forgotten():
            self._rewind()

    def due(self, now: float, *, flush: bool = False) -> Iterator[Run]:
        """Yield the runs to send now, each one under way once it is taken; `flush` waits for no company."""
        if now < self._hold_until:
            return
        if self._under_way and now >= self._resend_at:
            self._rewind()
            self._resend_delay = min(self._resend_delay * 2, self._settings.resend_max_s)
        while self._count(late=False) < self._settings.window and (flush or self._ripe(now)):
            last_seq = self._outbox.last_seq
            run = self._outbox.pending(
                after=self._cursor, entries=self._settings.batch_entries, size=self._settings.batch_bytes
            )
            if run is None:
                self._cursor = max(self._cursor, last_seq)
                break
            self._take(run, now)
            self._cursor = run.last_seq
            yield run
        yield from self._backlog(now)

    def _backlog(self, now: float) -> Iterator[Run]:
        drain = self._drain
        while drain is not None and self._count(late=True) < self._settings.drain_window and now >= drain.next_at:
            run = self._outbox.pending(after=drain.cursor, entries=drain.entries, size=drain.size)
            if run is None or run.first_seq > drain.until:
                drain = self._drain = None
                return
            self._take(run, now, late=True)
            drain.took(run, now)
            yield run

    def _progressed(self, arrived: list[_UnderWay], now: float) -> None:
        """Take note of runs that ingest has: it answers, and so fast."""
        if self._drain is not None:
            for run in arrived:
                if run.late:
                    self._drain.answered(now - run.sent_at)
        elif self._outbox.last_seq - self._cursor > self._settings.drain_from:
            self._drain = Drain(self._settings, cursor=self._cursor, until=self._outbox.last_seq)
            self._cursor = self._outbox.last_seq
            self._unsent_since = None

    def _put_off(self, now: float) -> None:
        """Wait longer before sending again: runs arrive. One that was overtaken waits no longer than it would have."""
        overtaken = [run.sent_at for run in self._under_way if run.overtaken]
        if overtaken:
            self._resend_at = min(overtaken) + self._resend_delay
        else:
            self._resend_delay = self._settings.resend_after_s
            self._resend_at = now + self._resend_delay

    def _forgotten(self) -> bool:
        """Return whether something is uncovered, behind a cursor and not under way: the server has lost it."""
        missing, pruned_to = self._outbox.coverage.missing, self._outbox.pruned_to
        looked_at = missing(pruned_to + 1, self._cursor)
        if self._drain is not None:
            looked_at -= missing(max(pruned_to, self._drain.cursor) + 1, self._drain.until)
        return looked_at > sum(missing(run.first, run.last) for run in self._under_way)

    def _count(self, *, late: bool) -> int:
        return sum(run.late is late for run in self._under_way)

    def wait_s(self, now: float) -> float:
        """Return how long nothing can become due unless an entry is appended or a receipt comes."""
        if now < self._hold_until:
            return self._hold_until - now
        moments = [self._resend_at] if self._under_way else []
        if self._drain is not None and self._count(late=True) < self._settings.drain_window:
            moments.append(self._drain.next_at)
        if self._count(late=False) < self._settings.window and self._outbox.last_seq > self._cursor:
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

    def _take(self, run: Run, now: float, *, late: bool = False) -> None:
        if not self._under_way:
            self._resend_at = now + self._resend_delay * self._rng.uniform(1.0, 1.25)
        self._under_way.append(_UnderWay(run.first_seq, run.last_seq, now, late))
        self._sent_to = max(self._sent_to, run.last_seq)

    def _rewind(self) -> None:
        self._under_way.clear()
        self._cursor = 0
        self._drain = None
