"""Zones over past days: each summed over the days on which it may be told.

So periods that overlap differ by whole told days, as with ways (`movement`): no difference of theirs is a day of few.
"""

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import pandas as pd

from analytics import columns as c
from analytics.days import Slice
from analytics.queries import Connection, frame, rows
from analytics.statistics.suppression import withheld
from analytics.visits.store_day import ZoneDay, zone_day
from analytics.visits.zone_watch import ZoneWatch


def read_past_zones(
    connection: Connection, slices: Sequence[Slice], *, now: datetime, watch: ZoneWatch
) -> tuple[ZoneDay, ...]:
    """Return each engagement zone over slices of one store, a business day each and in order; there is one at least.

    Raises:
        DatabaseError: the database could not be asked.
    """
    store_id = slices[0].store_id
    known = [zone for zone, role, _ in rows(connection, "zones", store_id=store_id) if role == "engagement"]
    stays = frame(connection, "zone_stays", store_id=store_id, from_at=slices[0].from_at, until=slices[-1].until)
    return past_zones(known, stays, slices, now=now, watch=watch)


def past_zones(
    zones: Sequence[str], stays: pd.DataFrame, slices: Sequence[Slice], *, now: datetime, watch: ZoneWatch
) -> tuple[ZoneDay, ...]:
    """Return each zone's stays of the days on which it may be told; one with none of these is withheld.

    `stays` also has `AT`, when each ended. Days left out count as not counted.
    """
    begins = [one.from_at.timestamp() for one in slices]
    moments = np.array([at.timestamp() for at in stays[c.AT]], dtype=float)
    # What ended before the first opening, in its quarter-hour, is of the first day.
    day = np.maximum(np.searchsorted(begins, moments, side="right") - 1, 0)
    counts = [
        [int(((stays[c.ZONE] == zone).to_numpy() & (day == which)).sum()) for zone in zones]
        for which in range(len(slices))
    ]
    hidden = np.array([withheld(count) for count in counts], dtype=bool).reshape(len(slices), len(zones))
    return tuple(
        _past_zone(zone, stays, day, hidden[:, place], now=now, completeness=watch.of([zone]))
        for place, zone in enumerate(zones)
    )


def _past_zone(
    zone: str, stays: pd.DataFrame, day: np.ndarray, hidden: np.ndarray, *, now: datetime, completeness: float | None
) -> ZoneDay:
    own = stays[(stays[c.ZONE] == zone).to_numpy()]
    told = own[~hidden[day[(stays[c.ZONE] == zone).to_numpy()]]]
    counted = None if completeness is None else completeness * (1.0 - float(hidden.mean()))
    return zone_day(zone, told, hidden=len(told) == 0 and bool(hidden.any()), now=now, completeness=counted)
