"""Like-for-like: how much of a change is not due to new, closed or badly counted stores.

The same stores, open for at least 12 months, over the same days a year before (`holidays`: weekday on
weekday, holiday on holiday), both sides counted in full.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import pandas as pd

from analytics import columns as c
from analytics.comparison.decomposition import COUNTED_FROM, Decomposition, decompose, sides
from analytics.comparison.holidays import compared_day, country_of, known_holidays
from analytics.days import Calendar, Slice
from analytics.facts import add_up, completeness
from analytics.periods import Comparison, Period, comparison
from analytics.queries import Connection, rows
from analytics.stores import Store
from analytics.visits.kpis import ratio

#: How far back days are needed beyond the period's first.
BACK_DAYS: Final = 385


@dataclass(frozen=True, slots=True)
class LikeForLike:
    """The stores that take part out of `of`, and what changed in them against a year before.

    `visitors_change` is a share, None without a store; `why` is the change in net sales by currency. `holidays` says
    whether holidays could be aligned.
    """

    stores: tuple[Store, ...]
    of: int
    visitors_change: float | None
    why: Mapping[str, Decomposition]
    holidays: bool


def year_before(days: Calendar, store: Store, chosen: Period, *, now: datetime) -> Comparison:
    """Return a store's period beside the same days a year before, holidays aligned."""
    country = country_of(store.timezone)
    return comparison(days, store, chosen, now=now, counterpart=lambda day: compared_day(day, country))


def like_for_like(
    read: Callable[[Sequence[Slice]], pd.DataFrame],
    chosen: Sequence[tuple[Store, Comparison]],
    *,
    since: Mapping[int, date],
) -> LikeForLike:
    """Return the stores' periods against a year before (`year_before`); `since` is each store's first day."""
    taking = [(store, one) for store, one in chosen if one.previous and open_long(one, since.get(store.store_id))]
    facts = read([piece for _, one in taking for piece in (*one.comparable, *one.previous)])
    kept: list[tuple[Store, pd.DataFrame, pd.DataFrame]] = []
    taken = 0
    for store, one in taking:
        count = len(one.comparable)
        after, before = facts.iloc[taken : taken + count], facts.iloc[taken + count : taken + 2 * count]
        taken += 2 * count
        if in_full(after) and in_full(before):
            kept.append((store, after, before))
    by_currency: dict[str, list[tuple[pd.DataFrame, pd.DataFrame]]] = {}
    for store, after, before in kept:
        by_currency.setdefault(store.currency, []).append((after, before))
    why = {currency: _why(by_currency[currency]) for currency in sorted(by_currency)}
    came = ratio(*(_visitors([pair[side] for _, *pair in kept]) for side in (0, 1)))
    return LikeForLike(
        stores=tuple(store for store, _, _ in kept),
        of=len(chosen),
        visitors_change=None if came is None else came - 1,
        why={currency: one for currency, one in why.items() if one is not None},
        holidays=known_holidays(),
    )


def open_long(one: Comparison, since: date | None) -> bool:
    """Return whether a store was open for 12 months before the period and on every day it is compared with."""
    if since is None or not one.comparable:
        return False
    first = min(piece.business_date for piece in one.comparable)
    year_earlier = first.replace(year=first.year - 1, day=min(first.day, 28) if first.month == 2 else first.day)  # noqa: PLR2004
    return since <= min(year_earlier, *(piece.business_date for piece in one.previous))


def in_full(facts: pd.DataFrame) -> bool:
    """Return whether every day was counted in full."""
    shares = [completeness(row) for _, row in facts.iterrows()]
    return bool(shares) and all(share is not None and share >= COUNTED_FROM for share in shares)


def read_since(connection: Connection, store_ids: Sequence[int]) -> Mapping[int, date]:
    """Return each store's first day: as it was said, else the first on which it counted or sold.

    Raises:
        DatabaseError: the database could not be asked.
    """
    return {store_id: day for store_id, day in rows(connection, "since", store_ids=list(store_ids)) if day is not None}


def _why(pairs: Sequence[tuple[pd.DataFrame, pd.DataFrame]]) -> Decomposition | None:
    found = [sides(after, before) for after, before in pairs]
    return decompose([one for one in found if one is not None])


def _visitors(facts: Sequence[pd.DataFrame]) -> float | None:
    return float(add_up(pd.concat(facts))[c.INS]) if facts else None
