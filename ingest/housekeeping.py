"""Housekeeping by one worker at a time: daily `maintain()`, chunk sizes, what is gone; often days and old pictures."""

import logging
import random
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Final

from ingest.backoff import pauses
from ingest.chunks import resize
from ingest.database import Database
from ingest.erasing import forget_gone
from ingest.errors import DatabaseError, GivenUpError
from ingest.jobs import MAINTAIN, look_after, noted
from ingest.pictures import delete_old
from ingest.restating import EVER, Restated, restate

logger = logging.getLogger(__name__)

_DAY_S: Final = 86_400.0
#: A set-up picture is deleted at most so long after its day is over; it is not shown any more from then on. And a past
#: day that has changed is counted from the rollups at most so long, until it is kept anew.
_OFTEN_S: Final = 600.0
#: What is asked of today is read from raw rows for at most so long after a quarter-hour could be counted.
_ALWAYS_S: Final = 60.0
#: Any number does, as long as all workers use the same one.
_LOCK: Final = 7_066_656


class Housekeeping:
    """Runs on a connection of its own, so that counting never waits for it."""

    def __init__(
        self, url: str, *, now: Callable[[], datetime], rng: random.Random, chunk_memory_mb: int | None = None
    ) -> None:
        self._database = Database(url, name="footfall-housekeeping")
        self._now = now
        self._rng = rng
        self._chunk_memory_mb = chunk_memory_mb
        self._restated_since = EVER

    def run(self, stopping: threading.Event) -> None:
        """Keep house now and every day until `stopping` is set; a failure is tried again, at most hourly."""
        delays = pauses(self._rng, first_s=10.0, most_s=3_600.0)
        while not stopping.is_set():
            try:
                self.once()
            except DatabaseError as error:
                if stopping.is_set():
                    break
                logger.warning("housekeeping failed, trying again: %s", error, extra={"action": "housekeeping_failed"})
                stopping.wait(next(delays))
                continue
            delays = pauses(self._rng, first_s=10.0, most_s=3_600.0)
            for minute in range(int(_DAY_S / _ALWAYS_S)):
                often = self._often if minute % int(_OFTEN_S / _ALWAYS_S) == 0 else ()
                for part in (self.count_quarter_hours, *often):
                    if not stopping.is_set():
                        self._try(part)
                if stopping.wait(_ALWAYS_S):
                    break
        self._database.close()

    def give_up(self) -> None:
        """Have what is being done now ended half done, from any thread: it begins anew, as after a power cut."""
        self._database.cancel()

    def delete_pictures(self) -> int:
        """Delete the set-up pictures whose day is over, and what the disk has of them; return how many.

        Raises:
            DatabaseError: it did not work out.
        """
        try:
            with self._database.transaction() as cursor:
                deleted = delete_old(cursor, self._now())
            if deleted:
                with self._database.autocommit() as cursor:
                    cursor.execute("VACUUM setup_picture")
                logger.info("deleted %d set-up pictures", deleted, extra={"action": "pictures_deleted"})
        finally:
            self._database.close()
        return deleted

    def count_quarter_hours(self) -> bool:
        """Count quarter-hours that are over or have changed; return False where another worker is at it.

        Raises:
            DatabaseError: it did not work out.
        """
        return self._alone("CALL count_quarter_hours(%(now)s)")

    def keep_days(self) -> bool:
        """Count past days that are new or have changed; return False where another worker is at it.

        Raises:
            DatabaseError: it did not work out.
        """
        return self._alone("CALL keep_store_days(%(now)s)")

    def restate(self) -> Restated | None:
        """Record what changed of past days (`ingest.restating`); None where another worker is at it.

        Raises:
            DatabaseError: it did not work out.
        """
        try:
            if not self._locked():
                return None
            done = restate(self._database, now=self._now(), since=self._restated_since)
        finally:
            self._give_back()
        self._restated_since = done.since
        if done.first or done.changed:
            logger.info("recorded %d past days, %d anew", done.first, done.changed, extra={"action": "days_recorded"})
        return done

    def once(self) -> bool:
        """Do the daily part; return False where another worker is at it.

        Raises:
            DatabaseError: it did not work out.
        """
        with noted(self._database, MAINTAIN, self._now()):
            done = self._alone("CALL maintain(%(now)s)")
        if done:
            resize(self._database, self._now(), memory_mb=self._chunk_memory_mb)
            forget_gone(self._database, self._now())
            self._database.close()
            logger.info("housekeeping done", extra={"action": "housekeeping_done"})
        return done

    def look_after_jobs(self) -> bool:
        """Have TimescaleDB's overdue jobs done; return False where another worker is at it.

        Raises:
            DatabaseError: the database did not answer.
        """
        try:
            if not self._locked():
                return False
            look_after(self._database, self._now())
        finally:
            self._give_back()
        return True

    @property
    def _often(self) -> tuple[Callable[[], object], ...]:
        return self.keep_days, self.restate, self.delete_pictures, self.look_after_jobs

    @staticmethod
    def _try(part: Callable[[], object]) -> None:
        try:
            part()
        except GivenUpError as error:
            logger.info("housekeeping goes on later: %s", error, extra={"action": "housekeeping_given_up"})
        except DatabaseError as error:
            logger.warning("housekeeping failed: %s", error, extra={"action": "housekeeping_failed"})

    def _alone(self, statement: str) -> bool:
        try:
            if not self._locked():
                return False
            # The procedures commit on their way: no transaction around them.
            with self._database.autocommit() as cursor:
                cursor.execute(statement, {"now": self._now()})
        finally:
            self._give_back()
        return True

    def _give_back(self) -> None:
        """Give the lock back and close: no connection idles for a day.

        Closing alone gives it back, too, but only when the server has noticed: too late for what is asked next.
        """
        try:
            with self._database.autocommit() as cursor:
                cursor.execute("SELECT pg_advisory_unlock_all()")
        except DatabaseError as error:
            logger.debug("the lock goes with the connection: %s", error, extra={"action": "lock_lost"})
        self._database.close()

    def _locked(self) -> bool:
        """Take the lock of the session; False: another worker has it."""
        with self._database.autocommit() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%(lock)s)", {"lock": _LOCK})
            return cursor.fetchone() == (True,)
