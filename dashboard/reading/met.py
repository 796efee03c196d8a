"""How far stores are with their targets over the month so far, and the targets themselves."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from analytics.cache import Cache
from analytics.database import Database
from analytics.days import Calendar
from analytics.facts import slice_facts
from analytics.periods import month_so_far
from analytics.quality.accuracy import UNAUDITED, StoreAccuracy
from analytics.stores import Store
from analytics.visits.targets import Progress, Reached, Targets, period_progress, reached_days, read_targets
from dashboard.reading.facts import TORN_DAY_S, WHOLE_DAY_S

#: Seconds after which targets that were just set are seen.
TARGETS_S: Final = 10.0


class Met:
    """Reads through a cache. Every method raises DatabaseUnavailableError while the database does not answer."""

    def __init__(self, database: Database, cache: Cache) -> None:
        self._database = database
        self._cache = cache

    def targets(self, stores: Sequence[Store]) -> Mapping[int, Targets]:
        """Return the targets of those stores that have any."""
        ids = tuple(store.store_id for store in stores)

        def read() -> Mapping[int, Targets]:
            with self._database.connection() as connection:
                return read_targets(connection, ids)

        return self._cache.get(("targets", ids), read, for_s=TARGETS_S)

    def months(
        self, stores: Sequence[Store], days: Calendar, now: datetime, audited: Mapping[int, StoreAccuracy]
    ) -> Mapping[int, tuple[Progress, ...]]:
        """Return how far those stores that have targets are over the month so far; `days` goes back 31 days at least.

        What the days brought is kept as long as a past day's facts, and told as of when it was read; which targets
        they are held against is read anew.
        """
        targets = self.targets(stores)
        spans = {one.store_id: month_so_far(days, one, now=now) for one in stores if one.store_id in targets}
        keys = {store_id: ("month", store_id, span[:1], span[-1:]) for store_id, span in spans.items()}
        kept = {store_id: self._cache.peek(key) for store_id, key in keys.items()}
        found: dict[int, tuple[datetime, tuple[Reached, ...]]] = {
            store_id: one[0] for store_id, one in kept.items() if one is not None
        }
        missing = [store_id for store_id, one in kept.items() if one is None]
        if missing:
            with self._database.connection() as connection:
                facts = slice_facts(connection, [one for store_id in missing for one in spans[store_id]], now=now)
            told = reached_days(facts)
            for store_id in missing:
                days_there = len(spans[store_id])
                own, told = tuple(told[:days_there]), told[days_there:]
                whole = not any(one.partial for one in own)
                found[store_id] = now, own
                self._cache.keep(keys[store_id], found[store_id], for_s=WHOLE_DAY_S if whole else TORN_DAY_S)
        return {
            store_id: period_progress(targets[store_id], own, as_of=at, audited=audited.get(store_id, UNAUDITED))
            for store_id, (at, own) in found.items()
        }
