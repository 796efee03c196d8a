"""The directory: stores and their business days, kept for a while, since every answer begins with them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from analytics.as_of import at_moment
from analytics.cache import Cache
from analytics.database import Database
from analytics.days import Calendar, calendar
from analytics.stores import Store, all_stores

#: Seconds for which it is kept.
STORES_S: Final = 10.0
CALENDAR_S: Final = 60.0
#: So many days ahead are known: the next opening of a store may be after a holiday.
_AHEAD_DAYS: Final = 14


class Directory:
    """Stores and calendars through a cache. Methods raise DatabaseUnavailableError while the database is away."""

    def __init__(self, database: Database, cache: Cache) -> None:
        self._database = database
        self._cache = cache

    def stores(self) -> tuple[Store, ...]:
        """Return every store by name."""
        return self._cache.get("stores", self._read_stores, for_s=STORES_S)

    def forget_stores(self) -> None:
        """Read the stores anew when they are asked for next: one was opened or changed here."""
        self._cache.drop("stores")

    def calendar(
        self, stores: Sequence[Store], back_days: int, now: datetime, *, known: datetime | None = None
    ) -> Calendar:
        """Return the business days of the stores from `back_days` ago to two weeks ahead, by the hours of now.

        With `known` by the hours that were set at that moment.
        """
        ids = tuple(store.store_id for store in stores)
        today = now.date()

        def read() -> Calendar:
            span = {"first": today - timedelta(days=back_days), "last": today + timedelta(days=_AHEAD_DAYS)}
            with self._database.connection() as connection, at_moment(connection, known):
                return calendar(connection, ids, **span)

        return self._cache.get(("calendar", ids, back_days, today, known), read, for_s=CALENDAR_S)

    def _read_stores(self) -> tuple[Store, ...]:
        with self._database.connection() as connection:
            return all_stores(connection)
