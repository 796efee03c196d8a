"""Like-for-like: how much of a change is not due to new, closed or badly counted stores.

The same stores, open for at least 12 months, over the same days a year before (`holidays`: weekday on
weekday, holiday on holiday), both sides counted in full.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

import numpy as np
import pandas as pd

from analytics import columns as c
from analytics.comparison.decomposition import COUNTED_FROM, Decomposition, decompose, sides_of_tables
from analytics.comparison.holidays import compared_day, country_of, known_holidays
from analytics.days import Calendar, Slice, calendar
from analytics.facts import Table, add_up_table, additive, completeness
from analytics.figure import Figure, figure, least_complete
from analytics.periods import Comparison, Period, comparison
from analytics.queries import Connection, rows
from analytics.stores import Store
from analytics.visits.kpis import ratio

_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class LikeForLike:
    """The stores that take part out of `of`, and what changed in them against a year before.

    `visitors_change` is a share, None without a store; `why` is the change in net sales by currency. `holidays` says
    whether holidays could be aligned, `young` which stores were not open for long enough; the others that take no part
    were not counted in full. `completeness` is the worse side's. All of it is as known at `as_of`.
    """

    stores: tuple[Store, ...]
    of: int
    visitors_change: float | None
    why: Mapping[str, Decomposition]
    holidays: bool
    as_of: datetime
    young: tuple[Store, ...] = ()
    completeness: float | None = None

    def figure(self) -> Figure:
        """Return the change in visitors as a figure, without an interval: how far both years err alike nobody knows."""
        return figure("like_for_like", self.visitors_change, as_of=self.as_of, completeness=self.completeness)


def year_before(days: Calendar, store: Store, chosen: Period, *, now: datetime) -> Comparison:
    """Return a store's period beside the same days a year before, holidays aligned."""
    country = country_of(store.timezone)
    return comparison(days, store, chosen, now=now, counterpart=lambda day: compared_day(day, country))


def read_years_before(
    connection: Connection, stores: Sequence[Store], periods: Sequence[Period], *, now: datetime
) -> list[tuple[Store, Comparison]]:
    """Return each store's period beside the same days a year before (`year_before`), a period for each store.

    Raises:
        DatabaseError: the database could not be asked.
    """
    if not stores:
        return []
    ids = [store.store_id for store in stores]
    # A store far east or west is on another date.
    first = min(one.first for one in periods) - 2 * _DAY
    last = max(one.last for one in periods) + 2 * _DAY
    from_day, to_day = span_before(stores, first, last)
    spans = [(first, last), (from_day, min(to_day, first - _DAY))]
    read_days = [calendar(connection, ids, first=one, last=other) for one, other in spans]
    days = Calendar(day for part in read_days for store_id in ids for day in part.of(store_id).values())
    return [(store, year_before(days, store, one, now=now)) for store, one in zip(stores, periods, strict=True)]


def span_before(stores: Sequence[Store], first: date, last: date) -> tuple[date, date]:
    """Return the first and the last of the days that the stores' days between two dates are compared with.

    With a day more, as a day's sales end where the next one begins.
    """
    countries = {country_of(store.timezone) for store in stores}
    dates = [first + number * _DAY for number in range((last - first).days + 1)]
    found = [compared_day(day, country) for day in dates for country in countries]
    return min(found, default=first), max(found, default=last) + _DAY


def like_for_like(
    read: Callable[[Sequence[Slice]], pd.DataFrame],
    chosen: Sequence[tuple[Store, Comparison]],
    *,
    since: Mapping[int, date],
    as_of: datetime,
) -> LikeForLike:
    """Return the stores' periods against a year before (`year_before`); `since` is each store's first day."""
    taking = [(store, one) for store, one in chosen if one.previous and open_long(one, since.get(store.store_id))]
    wanted = [piece for _, one in taking for piece in (*one.comparable, *one.previous)]
    facts = additive(read(wanted)) if wanted else np.empty((0, len(c.ADDITIVE)))
    kept: list[tuple[Store, Table, Table]] = []
    taken = 0
    for store, one in taking:
        count = len(one.comparable)
        after, before = facts[taken : taken + count], facts[taken + count : taken + 2 * count]
        taken += 2 * count
        if in_full(_days(after)) and in_full(_days(before)):
            kept.append((store, after, before))
    by_currency: dict[str, list[tuple[Table, Table]]] = {}
    for store, after, before in kept:
        by_currency.setdefault(store.currency, []).append((after, before))
    why = {currency: _why(by_currency[currency]) for currency in sorted(by_currency)}
    both = [add_up_table(np.concatenate(one)) for one in zip(*(pair for _, *pair in kept), strict=True)]
    came = ratio(*(one[c.INS] for one in both)) if both else None
    old = {store.store_id for store, _ in taking}
    return LikeForLike(
        stores=tuple(store for store, _, _ in kept),
        of=len(chosen),
        visitors_change=None if came is None else came - 1,
        why={currency: one for currency, one in why.items() if one is not None},
        holidays=known_holidays(),
        as_of=as_of,
        young=tuple(store for store, _ in chosen if store.store_id not in old),
        completeness=least_complete([completeness(one) for one in both]),
    )


def open_long(one: Comparison, since: date | None) -> bool:
    """Return whether a store was open for 12 months before the period and on every day it is compared with."""
    if since is None or not one.comparable:
        return False
    first = min(piece.business_date for piece in one.comparable)
    year_earlier = first.replace(year=first.year - 1, day=min(first.day, 28) if first.month == 2 else first.day)  # noqa: PLR2004
    return since <= min(year_earlier, *(piece.business_date for piece in one.previous))


def in_full(days: Iterable[Mapping[Any, float]]) -> bool:
    """Return whether every day was counted in full."""
    shares = [completeness(day) for day in days]
    return bool(shares) and all(share is not None and share >= COUNTED_FROM for share in shares)


def read_since(connection: Connection, store_ids: Sequence[int]) -> Mapping[int, date]:
    """Return each store's first day: as it was said, else the first on which it counted or sold.

    Raises:
        DatabaseError: the database could not be asked.
    """
    return {store_id: day for store_id, day in rows(connection, "since", store_ids=list(store_ids)) if day is not None}


def _days(facts: Table) -> Iterator[Mapping[str, float]]:
    return (dict(zip(c.ADDITIVE, row, strict=True)) for row in facts.tolist())


def _why(pairs: Sequence[tuple[Table, Table]]) -> Decomposition | None:
    return decompose(sides_of_tables(after, before) for after, before in pairs)
