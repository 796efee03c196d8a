"""Restatements: what changed of a closed business day, from what to what, when and why.

Ingest records each closed day's facts, and records them again when what is known of the day changes (`known_day`). Both
versions are turned into figures by the formulas of `visits.kpis`, so a change is stated in every figure it shows in.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, Final, Literal, get_args

import pandas as pd

from analytics import columns as c
from analytics.days import Slice
from analytics.facts import completeness, with_unknowns
from analytics.figure import Figure, figure
from analytics.queries import Connection, rows
from analytics.visits.kpis import Kpis, kpis

ReasonName = Literal[
    "late_counts", "gap_filled", "late_uptime", "loss_stated", "audit_entered", "order_late", "order_edited",
    "order_voided", "order_erased", "refund_late", "hours_changed", "doors_changed", "unexplained",
]  # fmt: skip
REASONS: Final[tuple[ReasonName, ...]] = get_args(ReasonName)
_LIMIT: Final = 500


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
        at: when the last of what changed it came.
        changes: empty where only the intervals did, by an audit.
    """

    store_id: int
    business_date: date
    first_at: datetime
    at: datetime
    reasons: tuple[Reason, ...]
    changes: tuple[Change, ...]

    def figures(self, change: Change) -> tuple[Figure, Figure]:
        """Return what one of its changes was, as of when the day was recorded as closed, and what it is, as figures."""
        told = ((change.before, self.first_at), (change.after, self.at))
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
    return tuple(
        Restatement(
            store_id=store_id,
            business_date=day,
            first_at=first_at,
            at=at,
            reasons=tuple(Reason(one["reason"], int(one["rows"])) for one in reasons),
            changes=_changes(before.iloc[place], after.iloc[place], at),
        )
        for place, (store_id, day, at, reasons, _, _, first_at) in enumerate(found)
    )


def _changes(before: "pd.Series[Any]", after: "pd.Series[Any]", at: datetime) -> tuple[Change, ...]:
    old, new = _values(before, at), _values(after, at)
    return tuple(Change(name, old[name], new[name]) for name in new if old[name] != new[name])


def _values(facts: "pd.Series[Any]", at: datetime) -> dict[str, float | None]:
    summed = facts[list(c.ADDITIVE)].astype(float)
    base = kpis(summed, as_of=at)
    values = {field.name: getattr(base, field.name).value for field in fields(Kpis)}
    return {**values, "completeness": completeness(summed)}
