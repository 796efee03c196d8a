"""Reliance: of each entrance line's past days, how much was counted and how much is estimated.

A day without opening hours, or before its camera was first expected to count, is none; a day of which nothing was
counted has the share 0.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from analytics import columns as c
from analytics.facts import JUST_PARTIAL
from analytics.figure import MEASURED_FROM
from analytics.queries import Connection, frame, rows


@dataclass(frozen=True, slots=True)
class LineDay:
    """One line's business day: counted share of its opening time, hours estimated, and visitors estimated in them."""

    business_date: date
    share: float
    estimated_h: float = 0.0
    estimated: float = 0.0


@dataclass(frozen=True, slots=True)
class Estimated:
    """Visitors that an entrance line is likely to have missed in `hours` of a day, beside those that it counted.

    [low, high] is their 95 % interval; `off` the error (WAPE) on hours that were counted and hidden from the method.
    """

    line: str
    business_date: date
    hours: float
    visitors: float
    low: float
    high: float
    off: float


@dataclass(frozen=True, slots=True)
class LineDays:
    """One entrance line's days in order."""

    line: str
    days: tuple[LineDay, ...]

    @property
    def estimated_h(self) -> float:
        """Hours that were estimated."""
        return sum(day.estimated_h for day in self.days)

    @property
    def estimated(self) -> float:
        """Visitors that were estimated."""
        return sum(day.estimated for day in self.days)


def counted_share(lines: Sequence[LineDays]) -> float:
    """Return the counted share over all lines and days; as long as one day is not whole, it is not called whole."""
    days = [day.share for line in lines for day in line.days]
    share = sum(days) / len(days)
    return share if all(day >= MEASURED_FROM for day in days) else min(share, JUST_PARTIAL)


def read_line_days(
    connection: Connection, store_id: int, *, first: date, last: date, now: datetime
) -> tuple[LineDays, ...]:
    """Return each entrance line's finished business days between two dates, both included, by the line's name.

    Raises:
        DatabaseError: the database could not be asked.
    """
    names = dict(rows(connection, "line_codes", store_id=store_id))
    span = {"store_id": store_id, "first": first, "last": last}
    hours = frame(connection, "line_hours", **span, now=now)
    told = {
        (line, day): (hours_, ins) for line, day, hours_, ins, *_ in rows(connection, "estimated_line_days", **span)
    }
    summed = hours.groupby([c.LINE_ID, c.BUSINESS_DATE])[[c.UP_S, c.EXPECTED_S]].sum()
    days: dict[int, list[LineDay]] = {}
    for (line, day), (up_s, expected_s) in zip(summed.index, summed.to_numpy(), strict=True):
        share = min(1.0, float(up_s) / float(expected_s))
        days.setdefault(line, []).append(LineDay(day, share, *told.get((line, day), ())))
    found = [LineDays(names[line], tuple(own)) for line, own in days.items()]
    return tuple(sorted(found, key=lambda one: one.line))


def read_estimated_lines(connection: Connection, store_id: int, *, first: date, last: date) -> list[Estimated]:
    """Return what is estimated of each line's days between two dates, both included, by day and line.

    Raises:
        DatabaseError: the database could not be asked.
    """
    names = dict(rows(connection, "line_codes", store_id=store_id))
    told = rows(connection, "estimated_line_days", store_id=store_id, first=first, last=last)
    found = [Estimated(names[line], *rest) for line, *rest in told]
    return sorted(found, key=lambda one: (one.business_date, one.line))


def read_restated(
    connection: Connection, store_ids: Sequence[int], *, since: datetime, until: datetime
) -> Mapping[int, int]:
    """Return how many past days of each store changed from `since` up to `until`; stores without one are missing.

    Raises:
        DatabaseError: the database could not be asked.
    """
    return dict(rows(connection, "restated_stores", store_ids=list(store_ids), since=since, until=until))
