"""What the Devices pages read: every box as it stands now, the alarms, and the server's own work that is not done."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from analytics.cache import Cache
from analytics.clock import Clock
from analytics.database import Database
from analytics.fleet.alarms import Alarm, looked_for_at, read_alarms
from analytics.fleet.fleet import FleetBox, read_fleet
from analytics.fleet.jobs import UnwellJob, unwell_jobs
from analytics.stores import Store

#: Seconds for which an answer is kept.
LIVE_S: Final = 1.5
#: Ingest looks every ten minutes.
JOBS_S: Final = 30.0
ALARMS_S: Final = 5.0
#: An alarm that ended longer ago is shown no more.
ENDED_WITHIN: Final = timedelta(days=7)
#: Findings are looked for every five minutes; after so long without it nobody looks.
LOOKED_WITHIN: Final = timedelta(minutes=20)


@dataclass(frozen=True, slots=True)
class FleetView:
    """All of the Devices page: boxes with their stores, and the server's own work that is not done."""

    now: datetime
    boxes: tuple[tuple[Store, FleetBox], ...]
    jobs: tuple[UnwellJob, ...] = ()


@dataclass(frozen=True, slots=True)
class AlarmsView:
    """All of the Alarms page; `looked_at` is up to when alarms were looked for, None: never."""

    now: datetime
    looked_at: datetime | None
    alarms: tuple[tuple[Store, Alarm], ...]

    @property
    def overdue(self) -> bool:
        """Whether nobody looks for alarms: then the list tells how it was."""
        return self.looked_at is None or self.now - self.looked_at > LOOKED_WITHIN


class FleetReading:
    """Reads through a cache. Every method raises DatabaseUnavailableError while the database does not answer."""

    def __init__(self, database: Database, cache: Cache, clock: Clock) -> None:
        self._database = database
        self._cache = cache
        self._clock = clock

    def boxes(self) -> tuple[datetime, tuple[FleetBox, ...]]:
        """Return now and every box as it stands then."""
        return self._cache.get("fleet", self._read_fleet, for_s=LIVE_S)

    def alarms(self) -> tuple[datetime, datetime | None, tuple[Alarm, ...]]:
        """Return now, up to when alarms were looked for, and those that last or ended lately."""
        return self._cache.get("alarms", self._read_alarms, for_s=ALARMS_S)

    def unwell_jobs(self) -> tuple[UnwellJob, ...]:
        """Return which of the database's own work is not done in time."""
        return self._cache.get("jobs", self._read_jobs, for_s=JOBS_S)

    def _read_alarms(self) -> tuple[datetime, datetime | None, tuple[Alarm, ...]]:
        now = self._clock()
        with self._database.connection() as connection:
            return now, looked_for_at(connection), read_alarms(connection, since=now - ENDED_WITHIN)

    def _read_jobs(self) -> tuple[UnwellJob, ...]:
        with self._database.connection() as connection:
            return unwell_jobs(connection, now=self._clock())

    def _read_fleet(self) -> tuple[datetime, tuple[FleetBox, ...]]:
        now = self._clock()
        with self._database.connection() as connection:
            return now, read_fleet(connection, now=now)
