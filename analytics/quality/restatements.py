"""Restatements: what changed of a closed business day, from what to what, when and why.

Ingest records each closed day's facts, and records them again when what is known of the day changes (`known_day`). Both
versions are turned into figures by the formulas of `visits.kpis`, so a change is stated in every figure it shows in.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any, Final, Literal, get_args

import pandas as pd

from analytics import columns as c
from analytics.days import Slice
from analytics.facts import completeness, with_unknowns
from analytics.figure import Figure, figure
from analytics.queries import Connection, rows
from analytics.statistics.suppression import K_INSIDE
from analytics.visits.kpis import OF_SALES, Kpis, kpis

ReasonName = Literal[
    "late_counts", "gap_filled", "late_uptime", "loss_stated", "audit_entered", "order_late", "order_edited",
    "order_voided", "order_erased", "refund_late", "hours_changed", "doors_changed", "unexplained",
]  # fmt: skip
REASONS: Final[tuple[ReasonName, ...]] = get_args(ReasonName)
_LIMIT: Final = 500
#: Orders that are gone: voided by the till, or deleted from the database, of which no note is taken.
_GONE: Final[frozenset[ReasonName]] = frozenset({"order_voided", "unexplained"})
_OF_ORDERS: Final[frozenset[ReasonName]] = frozenset(
    {"order_late", "order_edited", "order_voided", "order_erased", "refund_late"}
)
_SOLD: Final = (c.TRANSACTIONS, c.REFUNDS, c.NET_SALES, c.UNITS)


@dataclass(frozen=True, slots=True)
class Reason:
    """What came or changed, and how many rows or orders of it (0: not known)."""

    name: ReasonName
    rows: int


@dataclass(frozen=True, slots=True)
class Change:
    """One figure before and after; None: it was, or is, not known."""

    definition_id: str
    before: float | None
    after: float | None


@dataclass(frozen=True, slots=True)
class Restatement:
    """One change of a closed business day.

    Attributes:
        first_at: when the day was recorded as closed.
        before_at: as of when it was as before this change: when it was last recorded.
        at: when the last of what changed it came.
        changes: empty where only the intervals did, by an audit.
        withheld: whether changes of sales are left out: once they changed by fewer than `K_INSIDE` orders, some of them
            gone, what was known of the day before and after would tell of these.
    """

    store_id: int
    business_date: date
    first_at: datetime
    before_at: datetime
    at: datetime
    reasons: tuple[Reason, ...]
    changes: tuple[Change, ...]
    withheld: bool = False

    def figures(self, change: Change) -> tuple[Figure, Figure]:
        """Return what one of its changes was, as of when the day was last recorded, and what it is, as figures."""
        told = ((change.before, self.before_at), (change.after, self.at))
        before, after = (figure(change.definition_id, value, as_of=at, completeness=None) for value, at in told)
        return before, after


def read_told_as_now(connection: Connection, store_id: int, days: Sequence[Slice], *, at: datetime) -> set[date]:
    """Return the days whose quarter-hours, as of `at`, say what is known of them now and perhaps not what was then.

    Their single rows are gone, and they were not recorded by then, or have changed since. The others of that age did
    not change: what is known now was known then.

    Raises:
        DatabaseError: the database could not be asked.
    """
    dates, starts = [one.business_date for one in days], [one.from_at for one in days]
    return {day for (day,) in rows(connection, "told_as_now", store_id=store_id, dates=dates, from_at=starts, at=at)}


def read_restatements(
    connection: Connection, store_ids: Sequence[int], *, since: datetime, until: datetime, limit: int = _LIMIT
) -> tuple[Restatement, ...]:
    """Return what changed from `since` up to `until`, the latest first.

    Raises:
        DatabaseError: the database could not be asked.
    """
    found = rows(connection, "restatements", store_ids=list(store_ids), since=since, until=until, limit=limit)
    if not found:
        return ()
    before, after = (with_unknowns(pd.DataFrame([row[place] for row in found])) for place in (4, 5))
    told = [
        Restatement(
            store_id, day, first_at, datetime.fromisoformat(old["known_at"]), at,
            tuple(Reason(one["reason"], int(one["rows"])) for one in noted), (),
        )
        for store_id, day, at, noted, old, _, first_at, _ in found
    ]  # fmt: skip
    facts = [(before.iloc[place], after.iloc[place]) for place in range(len(found))]
    few = {_day(one) for one, sides in zip(told, facts, strict=True) if _few_gone(one.reasons, *sides)}
    return tuple(
        replace(one, changes=_changes(*sides, one.at, withheld=_day(one) in few), withheld=_day(one) in few)
        for one, sides, (*_, asked) in zip(told, facts, found, strict=True)
        if asked
    )


def _day(one: Restatement) -> tuple[int, date]:
    return one.store_id, one.business_date


def _few_gone(reasons: Sequence[Reason], before: "pd.Series[Any]", after: "pd.Series[Any]") -> bool:
    """Return whether sales changed by few orders, some of them gone: what they were would be read off the change."""
    old, new = (facts[list(_SOLD)].astype(float).fillna(0.0) for facts in (before, after))
    if (old == new).all() or not any(one.name in _GONE for one in reasons):
        return False
    noted = sum(one.rows for one in reasons if one.name in _OF_ORDERS)
    counted = float((new - old)[[c.TRANSACTIONS, c.REFUNDS]].abs().sum())
    return max(noted, counted) < K_INSIDE


def _changes(before: "pd.Series[Any]", after: "pd.Series[Any]", at: datetime, *, withheld: bool) -> tuple[Change, ...]:
    old, new = _values(before, at), _values(after, at)
    told = [name for name in new if not (withheld and name in OF_SALES)]
    return tuple(Change(name, old[name], new[name]) for name in told if old[name] != new[name])


def _values(facts: "pd.Series[Any]", at: datetime) -> dict[str, float | None]:
    summed = facts[list(c.ADDITIVE)].astype(float)
    base = kpis(summed, as_of=at)
    values = {field.name: getattr(base, field.name).value for field in fields(Kpis)}
    return {**values, "completeness": completeness(summed)}
