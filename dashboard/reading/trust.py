"""What the Trust pages read: what was counted of past days, by line or by store, and what changed of them since."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from analytics.cache import Cache
from analytics.database import Database
from analytics.quality.accuracy import StoreAccuracy, read_accuracy
from analytics.quality.reliance import LineDays, read_line_days, read_restated
from analytics.quality.restatements import Restatement, read_restatements
from dashboard.reading.chain import NetworkView
from dashboard.reading.live import LiveView
from dashboard.reading.parts import Parts

#: Days that a store's page shows, and within which a change of a past day is told.
DAYS: Final = 28
RESTATED_WITHIN: Final = timedelta(days=90)
RESTATED_MAX: Final = 40
_KEPT_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class StoreTrust:
    """All of a store's Trust page: its day now, its lines' days from `first` to `last`, and what changed lately."""

    live: LiveView
    first: date
    last: date
    lines: tuple[LineDays, ...]
    restated: tuple[Restatement, ...]
    #: Names of cards whose numbers could not be read.
    failed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ChainTrust:
    """All of the Trust page of all stores; `restated` counts past days that changed within 90 days, by store id."""

    network: NetworkView
    audited: Mapping[int, StoreAccuracy]
    restated: Mapping[int, int]


class TrustReading:
    """Reads through a cache. Every method raises DatabaseUnavailableError while the database does not answer."""

    def __init__(self, database: Database, cache: Cache) -> None:
        self._database = database
        self._cache = cache

    def store(self, live: LiveView) -> StoreTrust:
        """Return what a store's past days are worth."""
        store, last = live.store, live.now.astimezone(live.store.zone).date()
        first = last - timedelta(days=DAYS)
        parts, id_, now = Parts(), store.store_id, live.now
        lines = parts.read("reliance", lambda: self._lines(id_, first, last, now), ())
        restated = parts.read("restated", lambda: self._restated(id_, now), ())
        return StoreTrust(live, first, last, lines, restated, parts.failed)

    def chain(self, network: NetworkView) -> ChainTrust:
        """Return what the figures of stores over a period are worth."""
        ids = tuple(row.store.store_id for row in network.rows)

        def read() -> tuple[Mapping[int, StoreAccuracy], Mapping[int, int]]:
            now = network.now
            with self._database.connection() as connection:
                return (
                    read_accuracy(connection, ids, now=now),
                    read_restated(connection, ids, since=now - RESTATED_WITHIN, until=now),
                )

        return ChainTrust(network, *self._cache.get(("reliance of", ids), read, for_s=_KEPT_S))

    def _lines(self, store_id: int, first: date, last: date, now: datetime) -> tuple[LineDays, ...]:
        def read() -> tuple[LineDays, ...]:
            with self._database.connection() as connection:
                return read_line_days(connection, store_id, first=first, last=last, now=now)

        return self._cache.get(("reliance", store_id, last), read, for_s=_KEPT_S)

    def _restated(self, store_id: int, now: datetime) -> tuple[Restatement, ...]:
        def read() -> tuple[Restatement, ...]:
            with self._database.connection() as connection:
                since = now - RESTATED_WITHIN
                return read_restatements(connection, [store_id], since=since, until=now, limit=RESTATED_MAX)

        return self._cache.get(("restated lately", store_id), read, for_s=_KEPT_S)
