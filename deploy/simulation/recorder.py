"""The recorder: writes a simulated box's ledger into its outbox, up to a moment.

History, catching up after a stop and live recording are one thing: append what is due and not yet there.
"""

import logging
from collections import Counter
from datetime import date, datetime
from pathlib import Path

import msgspec

from contract.entries import Crossing
from deploy.simulation.days import local_date, to_ms
from deploy.simulation.fleet import Box
from deploy.simulation.journal import Mark, load, save
from deploy.simulation.ledger import DayLedger
from deploy.simulation.store import SimulatedStore, Totals
from deploy.simulation.traffic import next_open_day
from edge.publishing.outbox import Outbox

logger = logging.getLogger(__name__)


class Recorder:
    """One box of one store and its outbox.

    A new one begins with `first_day`, or, without one, at `now`; one with a journal continues.

    Raises:
        JournalError: the journal was written with another seed.
    """

    def __init__(
        self, store: SimulatedStore, box: Box, outbox: Outbox, journal: Path, *, first_day: date | None, now: datetime
    ) -> None:
        self.store = store
        self.box = box
        self.outbox = outbox
        self._journal = journal
        self._mark = self._begin(first_day, now)
        save(journal, self._mark)
        self._ledger = self._load()

    @property
    def mark(self) -> Mark:
        """Return the day in progress and where it began."""
        return self._mark

    @property
    def position(self) -> int:
        """Return how many entries of the day in progress the outbox holds, those left out included."""
        return self.outbox.last_seq - self._mark.first_seq + 1

    def advance(self, now: datetime) -> int:
        """Append what is due of the day in progress, then turn to the next day if it is over; return how many."""
        due = self._ledger.due(to_ms(now))
        fresh = self._ledger.entries[self.position : due]
        if fresh:
            self.outbox.append(fresh)
        self._turn(now)
        return len(fresh)

    def days_behind(self, now: datetime) -> int:
        """Return how many calendar days hold something due: 0 when everything up to `now` is written."""
        days = (local_date(self.store.profile, now) - self._mark.day).days
        return max(0, days) + (self._ledger.due(to_ms(now)) > self.position)

    def _turn(self, now: datetime) -> None:
        while self.position >= len(self._ledger.entries) and self._mark.day < local_date(self.store.profile, now):
            first_seq = self._mark.first_seq + len(self._ledger.entries)
            day = next_open_day(self.store.profile, self._mark.day).business_date
            self._mark = msgspec.structs.replace(self._mark, day=day, first_seq=first_seq)
            save(self._journal, self._mark)
            self._ledger = self._load()

    def _begin(self, first_day: date | None, now: datetime) -> Mark:
        known = load(self._journal, Mark, seed=self.store.seed)
        if known is not None and known.epoch == self.outbox.epoch:
            return known
        today = local_date(self.store.profile, now)
        if known is not None or self.outbox.last_seq:
            logger.warning(
                "%s/%s: the outbox is not the one that the journal knows; continuing from now",
                self.store.profile.code, self.box.device, extra={"action": "simulation_continues_from_now"},
            )  # fmt: skip
            first_day = None
        skipped = 0
        if first_day is None:
            skipped = self.store.ledger(today, self.box, live=True, totals={}).due(to_ms(now))
        return Mark(
            seed=self.store.seed, epoch=self.outbox.epoch, began=first_day or today, began_at=skipped,
            live_from=today, day=first_day or today, first_seq=self.outbox.last_seq + 1 - skipped,
        )  # fmt: skip

    def _load(self) -> DayLedger:
        """Return the ledger of the day in progress, its registers counting on from the outbox's totals."""
        held = {line: (total.in_total, total.out_total) for line, total in self.outbox.totals().items()}
        if not self.position:
            return self._draw(held)
        before = _crossings(self._draw({}), self.position)
        lines = {info.line for info in self.box.lines}
        return self._draw(
            {
                line: (held.get(line, (0, 0))[0] - before[line, "in"], held.get(line, (0, 0))[1] - before[line, "out"])
                for line in lines
            }
        )

    def _draw(self, totals: Totals) -> DayLedger:
        live = self._mark.day >= self._mark.live_from
        return self.store.ledger(self._mark.day, self.box, live=live, totals=totals)


def _crossings(ledger: DayLedger, count: int) -> Counter[tuple[str, str]]:
    return Counter((entry.line, entry.direction) for entry in ledger.entries[:count] if isinstance(entry, Crossing))
