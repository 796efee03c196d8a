"""Asking one till, round by round: what it told us of, what changed since, and once a day the last days as a whole."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from ingest.database import Database
from ingest.errors import TillAwayError, TillRefusesError
from ingest.orders.book import Terms
from ingest.tills.keeping import Kept, keep
from ingest.tills.protocol import Document, Till
from ingest.tills.register import GIVEN_UP_AFTER, Due, TillRegister
from ingest.tills.settings import AskedSettings, kind_of

logger = logging.getLogger(__name__)

_DUE_AT_ONCE: Final = 100
_DAY: Final = timedelta(days=1)
#: After an answer that says no, or none: how long nothing is asked, unless the till says.
_PAUSE: Final = timedelta(minutes=1)
#: The first question of all reads so far back.
_FIRST_DAYS: Final = 30


class TillAsker:
    """Asks `till` as `settings` say. `terms` says on which terms orders are taken at the moment."""

    def __init__(
        self, settings: AskedSettings, till: Till, database: Database, *, now: Callable[[], datetime],
        terms: Callable[[], Terms],
    ) -> None:  # fmt: skip
        self.name = settings.name
        self._settings = settings
        self._till = till
        self._database = database
        self._now = now
        self._terms = terms
        self._register = TillRegister(database, settings.name, kind_of(settings))
        self._paused_until: datetime | None = None
        self._poll_due_at: datetime | None = None

    def round(self) -> Kept:
        """Do what is due; what the till does not answer is noted and tried again later.

        Raises:
            DatabaseError: the database does not answer.
        """
        now = self._now()
        done = Kept()
        if self._paused_until is not None and now < self._paused_until:
            return done
        try:
            self._fetch_due(done)
            if self._poll_due_at is None or now >= self._poll_due_at:
                self._poll(done)
                self._poll_due_at = now + timedelta(minutes=self._settings.poll_min)
        except (TillAwayError, TillRefusesError) as error:
            pause = error.after_s if isinstance(error, TillAwayError) else None
            self._paused_until = self._now() + (_PAUSE if pause is None else timedelta(seconds=pause))
            self._register.failed(str(error), self._now())
            logger.warning("till %s: %s", self.name, error, extra={"action": "till_failed"})
        return done

    def reconcile(self, days: int) -> Kept:
        """Read everything of the last `days` again, and the hours worked, now.

        Raises:
            TillAwayError, TillRefusesError: the till does not answer.
            DatabaseError: the database does not answer.
        """
        done = Kept()
        now = self._now()
        self._read(None, now - timedelta(days=days), done, keep_cursor=True)
        self._register.keep_shifts(list(self._till.shifts(now - timedelta(days=days))))
        self._register.answered(None, now, reconciled=True)
        return done

    def _poll(self, done: Kept) -> None:
        progress = self._register.progress()
        now = self._now()
        days = self._settings.reconcile_days if progress.cursor else _FIRST_DAYS
        self._read(progress.cursor, now - timedelta(days=days), done, keep_cursor=False)
        if progress.reconciled_at is None or now - progress.reconciled_at >= _DAY:
            done.add(self.reconcile(days))

    def _read(self, cursor: str | None, since: datetime, done: Kept, *, keep_cursor: bool) -> None:
        asked_at = self._now()
        for page in self._till.changed(cursor, since):
            self._keep(page.documents, done, asked_at)
            # What comes after is read from here on, also if the process ends now.
            self._register.answered(None if keep_cursor else page.cursor, self._now())
        self._register.answered(None, self._now())

    def _fetch_due(self, done: Kept) -> None:
        for due in self._register.due(self._now(), _DUE_AT_ONCE):
            asked_at = self._now()
            try:
                document = self._till.fetch(due.document)
            except (TillAwayError, TillRefusesError) as error:
                self._register.postpone(due, str(error), asked_at)
                raise
            if document is None:
                self._register.settle([due.document], [], self._now(), asked_at=asked_at)
            else:
                self._keep([document], done, asked_at, due=due)

    def _keep(self, documents: Sequence[Document], done: Kept, asked_at: datetime, due: Due | None = None) -> None:
        kept = keep(documents, self._till.understand, self._database, self._terms())
        now = self._now()
        for number, reason in kept.not_yet:
            if due is None:
                self._register.wait_for(number, reason, now)
            elif now - due.noticed_at < GIVEN_UP_AFTER:
                self._register.postpone(due, reason, now)
            else:
                kept.refused.append((number, f"still not complete after a day: {reason}"))
        self._register.settle(kept.taken, kept.refused, now, asked_at=asked_at)
        for number, reason in kept.refused:
            logger.warning(
                "till %s: document %s not taken: %s", self.name, number, reason,
                extra={"action": "till_document_refused"},
            )  # fmt: skip
        done.add(kept)
