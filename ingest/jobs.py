"""Jobs: the work that the database has to have done, watched, and called by us where its own scheduler fails.

On PostgreSQL minors of November 2026 every background job of TimescaleDB fails before it begins, while a CALL of the
same job works. Rollups would stop following late rows without a word, so what is left undone is called from here.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from ingest.database import Database
from ingest.errors import DatabaseError, GivenUpError
from ingest.sql_blocks import load_blocks

logger = logging.getLogger(__name__)

_SQL: Final = load_blocks("jobs")
MAINTAIN: Final = "maintain"
_MAINTAIN_EVERY: Final = timedelta(days=1)
#: Beyond twice its interval, a job may take so long before it is called overdue.
GRACE: Final = timedelta(minutes=45)


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work as it was seen last; `unwell_since` None: it is done in time.

    `scheduler_error` is why TimescaleDB's scheduler fails it; while ingest calls it instead, that is no harm.
    """

    name: str
    every: timedelta
    seen_at: datetime
    done_at: datetime | None
    error: str | None
    scheduler_error: str | None
    unwell_since: datetime | None

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON, instants as text and the interval in seconds."""
        moments = {name: at and at.isoformat() for name, at in asdict(self).items() if isinstance(at, datetime)}
        return {**asdict(self), **moments, "every": self.every.total_seconds()}


def listed(database: Database, now: datetime) -> list[Job]:
    """Return all work that was seen, as it stands at `now`.

    Raises:
        DatabaseError: the database did not answer.
    """
    with database.transaction() as cursor:
        cursor.execute(_SQL["list"], {"now": now, "grace": GRACE})
        return [Job(*row) for row in cursor.fetchall()]


def look_after(database: Database, now: datetime, *, at_once: bool = False) -> int:
    """See how TimescaleDB's jobs went, call what is due (`at_once`: all of it), and warn; return how many were called.

    Raises:
        DatabaseError: the database did not answer. A job that fails is noted instead.
    """
    numbers = _see(database, now)
    with database.transaction() as cursor:
        cursor.execute(_SQL["due"], {"names": list(numbers), "now": now})
        due = list(numbers) if at_once else [name for (name,) in cursor.fetchall()]
    for name in due:
        job_id, every = numbers[name]
        with suppress(DatabaseError), noted(database, name, now, every), database.autocommit() as cursor:
            cursor.execute("CALL run_job(%(job_id)s)", {"job_id": job_id})
    _warn(database, now)
    return len(due)


@contextmanager
def noted(database: Database, name: str, now: datetime, every: timedelta = _MAINTAIN_EVERY) -> Iterator[None]:
    """Write down how the work in the block went; that it was given up half done says nothing about it.

    Raises:
        DatabaseError: the block's.
    """
    called = {"name": name, "now": now, "every": every}
    try:
        yield
    except GivenUpError:
        raise
    except DatabaseError as error:
        with suppress(DatabaseError), database.transaction() as cursor:
            cursor.execute(_SQL["called"], {**called, "error": str(error)})
        raise
    with database.transaction() as cursor:
        cursor.execute(_SQL["called"], {**called, "error": None})


def _see(database: Database, now: datetime) -> dict[str, tuple[int, timedelta]]:
    """Take note of how the scheduler's jobs went; return number and interval of each by name."""
    with database.transaction() as cursor:
        cursor.execute(_SQL["timescale"])
        if cursor.fetchone() != (True,):
            return {}
        cursor.execute(_SQL["scheduled"])
        jobs = cursor.fetchall()
        names, every = [job[1] for job in jobs], [job[2] for job in jobs]
        done, errors = [job[3] for job in jobs], [job[4] for job in jobs]
        cursor.execute(
            _SQL["seen"], {"names": names, "every": every, "done_at": done, "errors": errors, "now": now}
        )  # fmt: skip
        cursor.execute(_SQL["gone"], {"names": [*names, MAINTAIN]})
    return {name: (job_id, interval) for job_id, name, interval, *_ in jobs}


def _warn(database: Database, now: datetime) -> None:
    with database.transaction() as cursor:
        cursor.execute(_SQL["judged"], {"now": now, "grace": GRACE})
        unwell = [(name, error) for name, new, error in cursor.fetchall() if new]
    for name, error in unwell:
        logger.error(
            "the database's job %s is not done: %s. See: footfall db jobs",
            name, error or "it has not succeeded for twice its time", extra={"action": "job_unwell"},
        )  # fmt: skip
