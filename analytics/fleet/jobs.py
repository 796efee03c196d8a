"""Jobs: which of the database's own work is not done in time, as ingest has noted it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from analytics.queries import Connection, rows

JobKind = Literal["maintain", "refresh", "compress", "delete", "other"]
#: Beyond twice its interval, a job may take so long before it is called overdue (as `ingest.jobs.GRACE`).
GRACE: Final = timedelta(minutes=45)
_KINDS: Final[dict[str, JobKind]] = {
    "maintain": "maintain",
    "policy_refresh_continuous_aggregate": "refresh",
    "policy_compression": "compress",
    "policy_retention": "delete",
}


@dataclass(frozen=True, slots=True)
class UnwellJob:
    """Work that fails or is overdue; `of` is the table or rollup that it is about. `error` None: it is overdue."""

    kind: JobKind
    of: str
    done_at: datetime | None
    error: str | None


def unwell_jobs(connection: Connection, *, now: datetime) -> tuple[UnwellJob, ...]:
    """Return the jobs that are not done in time, by name; judged now, so also where ingest does not run.

    Raises:
        DatabaseError: the database could not be asked.
    """
    found = []
    for name, done_at, error in rows(connection, "unwell_jobs", now=now, grace=GRACE):
        # Such as "policy_compression crossing (1003)": what it does, what with, its number.
        words = [word for word in name.split(" ") if not word.startswith("(")]
        kind = _KINDS.get(words[0], "other")
        found.append(UnwellJob(kind, name if kind == "other" else " ".join(words[1:]), done_at, error))
    return tuple(found)
