"""What the Devices page reads: every box as it stands now, and the server's own work that is not done."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from analytics.cache import Cache
from analytics.clock import Clock
from analytics.database import Database
from analytics.fleet.fleet import FleetBox, read_fleet
from analytics.fleet.jobs import UnwellJob, unwell_jobs
from analytics.stores import Store

#: Seconds for which an answer is kept.
LIVE_S: Final = 0.5
#: Ingest looks every ten minutes.
JOBS_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class FleetView:
    """All of the Devices page: boxes with their stores, and the server's own work that is not done."""

    now: datetime
    boxes: tuple[tuple[Store, FleetBox], ...]
    jobs: tuple[UnwellJob, ...] = ()


class FleetReading:
    """Reads through a cache. Every method raises DatabaseUnavailableError while the database does not answer."""

    def __init__(self, database: Database, cache: Cache, clock: Clock) -> None:
        self._database = database
        self._cache = cache
        self._clock = clock

    def boxes(self) -> tuple[datetime, tuple[FleetBox, ...]]:
        """Return now and every box as it stands then."""
        return self._cache.get("fleet", self._read_fleet, for_s=LIVE_S)

    def unwell_jobs(self) -> tuple[UnwellJob, ...]:
        """Return which of the database's own work is not done in time."""
        return self._cache.get("jobs", self._read_jobs, for_s=JOBS_S)

    def _read_jobs(self) -> tuple[UnwellJob, ...]:
        with self._database.connection() as connection:
            return unwell_jobs(connection, now=self._clock())

    def _read_fleet(self) -> tuple[datetime, tuple[FleetBox, ...]]:
        now = self._clock()
        with self._database.connection() as connection:
            return now, read_fleet(connection, now=now)
