"""The facts of slices, each asked for once, and past days from the cache."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import pandas as pd

from analytics import columns as c
from analytics.cache import Cache
from analytics.comparison.network import COMPARABLE_FROM
from analytics.database import Database
from analytics.days import Slice
from analytics.facts import slice_facts

#: A past day that was counted in full, and one that history may still be filling in.
WHOLE_DAY_S: Final = 600.0
TORN_DAY_S: Final = 20.0


#: So many slices are read at a time: a year of a whole chain is 300 000, whose rows are not to lie in memory at once.
AT_ONCE: Final = 20_000
#: So many are kept at most, of about 1 kB each: the longest period with a name, and what it is compared with, of 400
#: stores are 26 000.
KEPT_MAX: Final = 40_000


class Facts:
    """Facts of slices; those of past days are kept apart from other answers, which they would outnumber."""

    def __init__(self, database: Database, *, kept_max: int = KEPT_MAX) -> None:
        self._database = database
        self._kept_max = kept_max
        self._kept = Cache(entries_max=kept_max)

    def of(self, slices: Sequence[Slice], *, now: datetime) -> pd.DataFrame:
        """Return the facts of the slices in order, past days as they are kept; of `AT_ONCE` each is asked for once.

        Raises:
            DatabaseError: the database could not be asked.
        """
        # What does not fit would put out all that is kept, and then itself.
        keep = len(slices) <= self._kept_max
        parts = [self._some(slices[at : at + AT_ONCE], now, keep=keep) for at in range(0, max(1, len(slices)), AT_ONCE)]
        return parts[0] if len(parts) == 1 else pd.concat(parts, ignore_index=True)

    def _some(self, slices: Sequence[Slice], now: datetime, *, keep: bool) -> pd.DataFrame:
        kept = {one: self._kept.peek(one) for one in dict.fromkeys(slices)}
        missing = [one for one, found in kept.items() if found is None]
        with self._database.connection() as connection:
            fresh = slice_facts(connection, missing, now=now)
        found: dict[Slice, tuple[Any, ...]] = {one: row[0] for one, row in kept.items() if row is not None}
        shares = zip(fresh[c.UP_S], fresh[c.EXPECTED_S], strict=True)
        for one, row, (up, expected) in zip(missing, fresh.itertuples(index=False, name=None), shares, strict=True):
            found[one] = row
            if keep and one.over(now):
                whole = expected > 0 and up >= COMPARABLE_FROM * expected
                self._kept.keep(one, row, for_s=WHOLE_DAY_S if whole else TORN_DAY_S)
        return pd.DataFrame.from_records([found[one] for one in slices], columns=list(fresh.columns))
