"""The balance: who came in must have gone out by the end of the day, so Σ in - Σ out is a signal between audits.

Both sums err. From each, and from what audits found (or, unaudited, from what a well-placed line does: `ASSUMED`),
follows an interval of the people behind it; the day is in balance when one number of people explains both.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from analytics.days import BusinessDay, Calendar
from analytics.figure import MEASURED_FROM, Figure, figure
from analytics.quality.accuracy import StoreAccuracy
from analytics.queries import Connection, rows
from analytics.statistics.miscount import ASSUMED, Interval, Miscount, difference, truth_interval

#: Staff come before the doors open and leave after they close, and so do the last customers.
_MARGIN: Final = timedelta(hours=2)
#: A shop that is never empty has no end of day at which the sums could meet.
_OPEN_AT_MOST: Final = timedelta(hours=20)
#: The last finished days that are looked at for one that was counted in full.
_DAYS_BACK: Final = 7


@dataclass(frozen=True, slots=True)
class LineBalance:
    """What one line counted on the day; people may come by one door and leave by another."""

    line: str
    ins: int
    outs: int


@dataclass(frozen=True, slots=True)
class Balance:
    """A finished business day's sums, staff included; [low, high] is what Σ in - Σ out may plausibly be."""

    business_date: date
    ins: int
    outs: int
    low: float
    high: float
    lines: tuple[LineBalance, ...] = ()

    @property
    def difference(self) -> int:
        """Σ in - Σ out."""
        return self.ins - self.outs

    @property
    def plausible(self) -> bool:
        """Whether the known errors explain the difference."""
        return self.low <= self.difference <= self.high

    def figure(self, *, as_of: datetime) -> Figure:
        """Return Σ in - Σ out as a figure; its interval is of people in less people out, who should be nobody."""
        told = float(self.difference)
        return figure("balance", told, as_of=as_of, completeness=1.0, interval=(told - self.high, told - self.low))


def plausible_difference(
    ins: float, outs: float, *, visitors: Miscount | None = None, leavers: Miscount | None = None
) -> tuple[float, float]:
    """Return between which values Σ in - Σ out may lie when as many people came in as went out, 95 %.

    With [l, u] the interval of people in less people out (MOVER), 0 lies in it exactly when the counted difference
    lies in the range returned.
    """
    low, _, high = difference(_people(ins, visitors), _people(outs, leavers))
    return ins - outs - high, ins - outs - low


def explained_drift(ins: float, outs: float, accuracy: StoreAccuracy) -> float:
    """Return by how many people Σ out may exceed Σ in, so far, for no other reason than the lines' known errors."""
    low, _ = plausible_difference(ins, outs, visitors=accuracy.visitors, leavers=accuracy.leavers)
    return max(0.0, -low)


def read_balance(
    connection: Connection, days: Calendar, store_id: int, *, now: datetime, accuracy: StoreAccuracy
) -> Balance | None:
    """Return the balance of the last finished business day; None unless every camera counted all of it.

    Raises:
        DatabaseError: the database could not be asked.
    """
    known = sorted(days.of(store_id).values(), key=lambda one: one.business_date)
    finished = [day for day in known if day.hours_known and day.closes_at + _MARGIN <= now]
    if not finished or now - finished[-1].closes_at > timedelta(days=_DAYS_BACK):
        return None
    day = finished[-1]
    from_at, until = _window(known, day)
    if day.closes_at - day.opens_at > _OPEN_AT_MOST or not _watched(connection, day):
        return None
    found = [
        LineBalance(line, ins, outs)
        for _, line, role, ins, outs in rows(
            connection, "line_traffic", store_ids=[store_id], from_at=from_at, until=until
        )
        if role == "entrance"
    ]
    return balance(day.business_date, found, accuracy)


def balance(business_date: date, lines: Sequence[LineBalance], accuracy: StoreAccuracy) -> Balance | None:
    """Return the balance of a day from its lines; None where nobody crossed."""
    ins, outs = sum(one.ins for one in lines), sum(one.outs for one in lines)
    if not ins + outs:
        return None
    low, high = plausible_difference(ins, outs, visitors=accuracy.visitors, leavers=accuracy.leavers)
    return Balance(business_date, ins, outs, low, high, tuple(lines))


def _people(count: float, miscount: Miscount | None) -> Interval:
    return truth_interval([(count, ASSUMED)]) if miscount is None else miscount.truth_of(count)


def _watched(connection: Connection, day: BusinessDay) -> bool:
    cameras = rows(connection, "entrance_uptime", store_id=day.store_id, from_at=day.opens_at, until=day.closes_at)
    return bool(cameras) and all(up_s >= expected_s * MEASURED_FROM for expected_s, up_s in cameras)


def _window(days: Sequence[BusinessDay], day: BusinessDay) -> tuple[datetime, datetime]:
    """Return the day with its margins, which end half-way to the neighbouring days."""
    at = days.index(day)
    from_at, until = day.opens_at - _MARGIN, day.closes_at + _MARGIN
    if at > 0:
        from_at = max(from_at, _middle(days[at - 1].closes_at, day.opens_at))
    if at + 1 < len(days):
        until = min(until, _middle(day.closes_at, days[at + 1].opens_at))
    return from_at, until


def _middle(one: datetime, other: datetime) -> datetime:
    return (one + (other - one) / 2).astimezone(UTC)
