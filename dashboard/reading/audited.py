"""How well stores count, by their audits: read once a minute for every page."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from analytics.cache import Cache
from analytics.database import Database
from analytics.quality.accuracy import StoreAccuracy, read_accuracy
from analytics.stores import Store

TRUST_S: Final = 60.0


def audited(database: Database, cache: Cache, stores: Sequence[Store], now: datetime) -> Mapping[int, StoreAccuracy]:
    """Return how well each store counts, by its audits, kept for a minute."""
    ids = tuple(store.store_id for store in stores)

    def read() -> Mapping[int, StoreAccuracy]:
        with database.connection() as connection:
            return read_accuracy(connection, ids, now=now)

    return cache.get(("audited", ids), read, for_s=TRUST_S)
