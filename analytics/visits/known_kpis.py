"""One store's figures over business days, as known now or at a moment of the past."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from analytics.as_of import known_at
from analytics.days import Slice, calendar
from analytics.facts import add_up, slice_facts
from analytics.figure import Figure
from analytics.quality.accuracy import UNAUDITED, read_accuracy
from analytics.queries import Connection
from analytics.staff.staffing import TARGET_WEEKS, read_staffing, target_slices
from analytics.statistics.suppression import K_INSIDE
from analytics.stores import Store
from analytics.visits.kpis import Kpis, kpis

#: Business days begin and end so far from midnight UTC of their date at most.
_AROUND = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class KnownKpis:
    """The figures of `days` business days that had begun; the quality of each says how far they are known.

    `floor` holds those of staff; none where nobody's hours are known.
    """

    days: int
    base: Kpis
    floor: tuple[Figure, ...] = ()


def read_kpis(
    connection: Connection, store: Store, *, first: date, last: date, now: datetime, as_of: datetime | None = None
) -> KnownKpis:
    """Return the store's figures from `first` to `last`, both included; `as_of` None: as known now.

    Raises:
        DatabaseError: the database could not be asked.
    """
    if as_of is None or as_of >= now:
        known = _read(connection, store, first, last, now)
        return replace(known, floor=_floor(connection, store, first, last, now))
    since = datetime.combine(first, time.min, UTC) - _AROUND
    until = datetime.combine(last, time.min, UTC) + timedelta(days=1) + _AROUND
    with known_at(connection, as_of, since=since, until=until):
        known = _read(connection, store, first, last, as_of)
        if not _floor(connection, store, first, last, as_of, aimed=False):
            return known
    # Their target looks back from the moment, whatever days are asked about.
    with known_at(connection, as_of, since=min(since, as_of - timedelta(weeks=TARGET_WEEKS) - _AROUND)):
        return replace(known, floor=_floor(connection, store, first, last, as_of))


def _read(connection: Connection, store: Store, first: date, last: date, now: datetime) -> KnownKpis:
    begun = _begun(connection, store, first, last, now)
    audited = read_accuracy(connection, [store.store_id], now=now).get(store.store_id, UNAUDITED)
    return KnownKpis(len(begun), kpis(add_up(slice_facts(connection, begun, now=now)), as_of=now, audited=audited))


def _floor(
    connection: Connection, store: Store, first: date, last: date, now: datetime, *, aimed: bool = True
) -> tuple[Figure, ...]:
    """Return the figures of staff; unless `aimed` without the store's target, which needs weeks more of rows."""
    begun = _begun(connection, store, first, last, now)
    since = (now - timedelta(weeks=TARGET_WEEKS)).date()
    before = target_slices(_begun(connection, store, since, now.date(), now), now=now) if aimed else []
    audited = read_accuracy(connection, [store.store_id], now=now).get(store.store_id, UNAUDITED)
    seen = read_staffing(connection, store, begun, before, now=now, as_of=now, k=K_INSIDE, audited=audited)
    return seen.figures if seen.staff_hours.known else ()


def _begun(connection: Connection, store: Store, first: date, last: date, now: datetime) -> list[Slice]:
    """Return the business days from `first` to `last` that had begun at `now`."""
    # A day's sales end with the next day's opening at the latest: the days after it are read, too.
    days = calendar(connection, [store.store_id], first=first, last=last + timedelta(days=7))
    return [
        days.up_to(day, now)
        for date_, day in days.of(store.store_id).items()
        if first <= date_ <= last and day.opens_at < now
    ]
