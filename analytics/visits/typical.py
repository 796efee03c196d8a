"""A typical day: the same weekday over the past eight weeks, quarter-hour by quarter-hour.

Days line up by the store's wall clock. A day on which a camera was blind for long would pull the usual down, so only
days counted nearly in full take part.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import pandas as pd

from analytics import columns as c
from analytics.days import BUCKET, Calendar, Slice, at_wall_minutes, quarter, wall_minutes
from analytics.facts import Crossed, bucket_facts, completenesses, slice_facts
from analytics.queries import Connection
from analytics.stores import Store

WEEKS: Final = 8
#: Fewer days than this are no habit.
DAYS_MIN: Final = 3
#: Least completeness of a day that takes part.
COMPLETE_FROM: Final = 0.9
#: The band holds the middle eight of ten days.
BAND: Final = (0.1, 0.9)


@dataclass(frozen=True, slots=True)
class TypicalDay:
    """What is usual for a weekday.

    Attributes:
        slots: `SLOT` (wall-clock minutes of the business day), `MEDIAN`, `LOW`, `HIGH` of visitors per 15 minutes;
            empty with fewer than `DAYS_MIN` days.
        days: how many days it stands on.
        totals: one row per such day and slot (`BUSINESS_DATE`, `SLOT`, `INS`), for totals up to a time of day.
    """

    slots: pd.DataFrame
    days: int
    totals: pd.DataFrame

    def up_to(self, minutes: int) -> float | None:
        """Return the median over the days of the visitors before wall-clock `minutes`; None without enough days."""
        if self.days < DAYS_MIN:
            return None
        before = self.totals[self.totals[c.SLOT] < minutes]
        dates = self.totals[c.BUSINESS_DATE].unique()
        sums = before.groupby(c.BUSINESS_DATE)[c.INS].sum().reindex(dates, fill_value=0)
        return float(sums.median())


def typical_day(totals: pd.DataFrame) -> TypicalDay:
    """Return the typical day of (`BUSINESS_DATE`, `SLOT`, `INS`) rows that hold every slot of each day."""
    days = int(totals[c.BUSINESS_DATE].nunique())
    if days < DAYS_MIN:
        return TypicalDay(pd.DataFrame(columns=[c.SLOT, c.MEDIAN, c.LOW, c.HIGH]), days, totals)
    grouped = totals.groupby(c.SLOT)[c.INS]
    slots = pd.DataFrame(
        {c.MEDIAN: grouped.median(), c.LOW: grouped.quantile(BAND[0]), c.HIGH: grouped.quantile(BAND[1])}
    )
    return TypicalDay(slots.reset_index(), days, totals)


def read_typical_day(connection: Connection, store: Store, days: Calendar, day: date, *, now: datetime) -> TypicalDay:
    """Return the typical day for the weekday of `day`, from `days` that reach back `WEEKS` weeks.

    Raises:
        DatabaseError: the database could not be asked.
    """
    past = [day - timedelta(weeks=week) for week in range(1, WEEKS + 1)]
    known = days.of(store.store_id)
    slices = [days.whole(known[date_]) for date_ in past if date_ in known]
    if not slices:
        return typical_day(pd.DataFrame(columns=[c.BUSINESS_DATE, c.SLOT, c.INS]))
    facts = slice_facts(connection, slices, now=now)
    whole = [one for one, share in zip(slices, completenesses(facts), strict=True) if (share or 0.0) >= COMPLETE_FROM]
    return typical_day(_filled(bucket_facts(connection, whole), whole, store))


def slot_instants(store: Store, day: date, slots: Sequence[int]) -> list[datetime]:
    """Return when each wall-clock slot falls on `day`."""
    return [at_wall_minutes(store, day, int(slot)) for slot in slots]


def _filled(counted: Sequence[Crossed], slices: Sequence[Slice], store: Store) -> pd.DataFrame:
    """Return every slot of every day; a day that was counted has zeros where nobody came."""
    by_bucket = {(one.slice, one.bucket): one.ins for one in counted}
    filled: dict[tuple[date, int], int] = {}
    for index, one in enumerate(slices):
        for step in range(math.ceil((one.until - one.from_at) / BUCKET)):
            bucket = quarter(one.from_at) + step * BUCKET
            # On the day the clock goes back an hour is told twice: both count for the one on the clock.
            key = one.business_date, wall_minutes(store, one.business_date, bucket)
            filled[key] = filled.get(key, 0) + by_bucket.get((index, bucket), 0)
    return pd.DataFrame([(*key, ins) for key, ins in filled.items()], columns=[c.BUSINESS_DATE, c.SLOT, c.INS])
