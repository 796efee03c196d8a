"""What past weeks of single moments tell of a store's day: re-entries, and the hour in which buyers came in."""

from collections.abc import Callable, Hashable
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from analytics.cache import Cache
from analytics.database import Database
from analytics.days import BusinessDay, Calendar
from analytics.directory import Directory
from analytics.figure import Figure
from analytics.quality.accuracy import StoreAccuracy
from analytics.statistics.suppression import K_INSIDE
from analytics.stores import Store
from analytics.visits.bounce import bounce_figure
from analytics.visits.hours import Hour, read_hours
from analytics.visits.lag import Lag, read_lag
from analytics.visits.reentry import DAYS, Reentry, read_door_days, reentry

#: Weeks of single moments are read for it, and it is about past days only: what comes late to them shows so much later.
PAST_S: Final = 3 * 3600.0
#: What was prepared is prepared again after so long, while it is still kept: a round of all stores takes a while.
AGAIN_S: Final = PAST_S - 1800.0
HOURS_S: Final = 60.0
#: So many days are looked back over: those of re-entries, and what days on and around a change of hours may add.
BACK_DAYS: Final = DAYS + 9


class PastWeeks:
    """Reads through a cache. Methods raise DatabaseUnavailableError while the database is away."""

    def __init__(self, database: Database, cache: Cache, directory: Directory) -> None:
        self._database = database
        self._cache = cache
        self._directory = directory

    def prepare(self, store: Store, days: Calendar, now: datetime) -> None:
        """Read what is told of the weeks before the day that a store's page shows, and one that begins within `PAST_S`.

        `days` goes back `BACK_DAYS`. What was prepared within `AGAIN_S` is not read again.
        """
        coming = days.next_opening(store.store_id, now)
        soon = coming if coming is not None and coming.opens_at <= now + timedelta(seconds=PAST_S) else None
        for day in (days.latest_opened(store.store_id, now), soon):
            if day is None:
                continue
            place = (store.store_id, day.business_date)
            self._ahead(("returning", *place), partial(self._read_returning, store, days, day, now))
            self._ahead(("lag", *place), partial(self._read_lag, store, days, day, now))

    def returning(self, store: Store, day: BusinessDay, now: datetime) -> tuple[Reentry | None, Figure]:
        """Return the share of re-entries over the weeks before a day, and the bounce rate."""

        def read() -> tuple[Reentry | None, Figure]:
            return self._read_returning(store, self._directory.calendar([store], BACK_DAYS, now), day, now)

        return self._cache.get(("returning", store.store_id, day.business_date), read, for_s=PAST_S)

    def hours(
        self, store: Store, days: Calendar, day: BusinessDay, now: datetime, audited: StoreAccuracy
    ) -> tuple[Hour, ...]:
        """Return the hours of a day as far as it has gone."""

        def read() -> tuple[Hour, ...]:
            lag = self._lag(store, days, day, now)
            seen = days.up_to(day, now)
            with self._database.connection() as connection:
                return tuple(read_hours(connection, store, [seen], lag, now=now, k=K_INSIDE, audited=audited))

        return self._cache.get(("hours", store.store_id, day.business_date), read, for_s=HOURS_S)

    def _ahead(self, key: Hashable, read: Callable[[], object]) -> None:
        if self._cache.peek(("ahead", key)) is None:
            self._cache.keep(key, read(), for_s=PAST_S)
            self._cache.keep(("ahead", key), True, for_s=AGAIN_S)

    def _lag(self, store: Store, days: Calendar, day: BusinessDay, now: datetime) -> Lag | None:
        key = ("lag", store.store_id, day.business_date)
        return self._cache.get(key, lambda: self._read_lag(store, days, day, now), for_s=PAST_S)

    def _read_returning(
        self, store: Store, days: Calendar, day: BusinessDay, now: datetime
    ) -> tuple[Reentry | None, Figure]:
        with self._database.connection() as connection:
            doors = read_door_days(connection, store, days, day.business_date, now=now)
        return reentry(doors.days), bounce_figure(doors.days, counted=doors.counted, as_of=day.opens_at)

    def _read_lag(self, store: Store, days: Calendar, day: BusinessDay, now: datetime) -> Lag | None:
        with self._database.connection() as connection:
            return read_lag(connection, days, store.store_id, day.business_date, now=now)
