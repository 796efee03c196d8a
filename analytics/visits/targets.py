"""Targets: what a store wants to reach, and how far it is: on a day so far, or over the days of a period."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal, get_args

import numpy as np
import pandas as pd

from analytics import columns as c
from analytics.facts import Sums, add_up_table, additive, completeness
from analytics.figure import Figure, quality_of
from analytics.quality.accuracy import StoreAccuracy
from analytics.queries import Connection, rows
from analytics.visits.kpis import Kpis, kpis, ratio

Metric = Literal["visitors", "conversion", "net_sales"]
METRICS: Final[tuple[Metric, ...]] = get_args(Metric)
WEEKDAYS: Final = 7
#: Which figure a target is of.
DEFINITION_OF: Final[Mapping[Metric, str]] = {
    "visitors": "footfall", "conversion": "conversion", "net_sales": "net_sales",
}  # fmt: skip

_FIGURES: Final[Mapping[Metric, Callable[[Kpis], Figure]]] = {
    "visitors": lambda base: base.footfall,
    "conversion": lambda base: base.conversion,
    "net_sales": lambda base: base.net_sales,
}
#: What a day must tell for a metric to be measured on it.
_NEEDS: Final[Mapping[Metric, tuple[str, ...]]] = {
    "visitors": (c.INS,), "conversion": (c.INS, c.TRANSACTIONS), "net_sales": (c.NET_SALES,),
}  # fmt: skip


def figure_of(metric: Metric, base: Kpis) -> Figure:
    """Return the figure that a target is of."""
    return _FIGURES[metric](base)


@dataclass(frozen=True, slots=True)
class Plan:
    """Targets of a metric from `valid_from` on, Monday to Sunday; None: none on that weekday.

    `visitors` are people a day, `conversion` a share, `net_sales` money a day in the store's currency.
    """

    metric: Metric
    valid_from: date
    by_weekday: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Targets:
    """All plans of a store, past and to come."""

    plans: tuple[Plan, ...] = ()

    def plan(self, metric: Metric, day: date) -> Plan | None:
        """Return the plan that holds on a day: the one that began last."""
        begun = [plan for plan in self.plans if plan.metric == metric and plan.valid_from <= day]
        return max(begun, key=lambda plan: plan.valid_from, default=None)

    def of(self, metric: Metric, day: date) -> float | None:
        """Return the target of a day; None: there is none."""
        plan = self.plan(metric, day)
        return None if plan is None else plan.by_weekday[day.weekday()]


NO_TARGETS: Final = Targets()


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a store is: `reached` of `target`, their ratio (None: nothing was measured), and on which `dates`.

    `due` is the share of the target that is usually reached by now; None where the day is over, or nothing is usual.
    """

    metric: Metric
    reached: Figure
    target: float
    dates: tuple[date, ...] = ()
    due: float | None = None

    @property
    def value(self) -> float | None:
        """What was reached."""
        return self.reached.value

    @property
    def partial(self) -> bool:
        """Whether some of it was not counted in full."""
        return self.reached.known and self.reached.quality != "measured"

    @property
    def share(self) -> float | None:
        """The value as a share of the target."""
        return None if self.value is None else ratio(self.value, self.target)

    @property
    def days(self) -> int:
        """On how many days."""
        return len(self.dates)


@dataclass(frozen=True, slots=True)
class Reached:
    """What one day brought, by its facts."""

    day: date
    facts: Sums

    @property
    def partial(self) -> bool:
        """Whether its visitors were not counted in full."""
        return quality_of(completeness(self.facts)) != "measured"

    def known(self, metric: Metric) -> bool:
        """Return whether anybody measured a metric on it."""
        return not any(math.isnan(self.facts[column]) for column in _NEEDS[metric]) and (
            metric != "conversion" or self.facts[c.INS] > 0
        )


def reached_days(facts: pd.DataFrame) -> list[Reached]:
    """Return what each of some days brought, one row of facts a day."""
    days = zip(facts[c.BUSINESS_DATE], additive(facts).tolist(), strict=True)
    return [Reached(day, dict(zip(c.ADDITIVE, row, strict=True))) for day, row in days]


def read_targets(connection: Connection, store_ids: Sequence[int]) -> dict[int, Targets]:
    """Return the targets of stores that have any.

    Raises:
        DatabaseError: the database could not be asked.
    """
    found: dict[int, list[Plan]] = {}
    for store_id, metric, valid_from, by_weekday in rows(connection, "targets", store_ids=list(store_ids)):
        found.setdefault(store_id, []).append(Plan(metric, valid_from, tuple(by_weekday)))
    return {store_id: Targets(tuple(plans)) for store_id, plans in found.items()}


def day_progress(targets: Targets, day: date, base: Kpis, *, due: float | None) -> tuple[Progress, ...]:
    """Return how far a day is with each target that it has; `due` is the share of a day's visitors usual by now."""
    found = []
    for metric in METRICS:
        target, figure = targets.of(metric, day), figure_of(metric, base)
        if target:
            # A rate is not reached bit by bit, and sales follow the visitors by no usual day of their own.
            usual = due if metric == "visitors" else None
            found.append(Progress(metric, figure, target, (day,), due=usual))
    return tuple(found)


def period_progress(
    targets: Targets, days: Sequence[Reached], *, as_of: datetime, audited: StoreAccuracy
) -> tuple[Progress, ...]:
    """Return how far whole days are together with each target that some of them have.

    What was reached is that of the days that have a target and were measured, from their sums. The rate's target is the
    share of those who came that should have bought: each day's target weighs as its visitors.
    """
    found, sums = [], dict[tuple[date, ...], Kpis]()
    for metric in METRICS:
        measured = [(target, one) for one in days if (target := targets.of(metric, one.day)) and one.known(metric)]
        dates = tuple(one.day for _, one in measured)
        if not measured:
            continue
        if dates not in sums:
            sums[dates] = _sum([one for _, one in measured], as_of, audited)
        wanted = _rate(measured) if metric == "conversion" else sum(target for target, _ in measured)
        if wanted:
            found.append(Progress(metric, figure_of(metric, sums[dates]), wanted, dates))
    return tuple(found)


def _sum(days: Sequence[Reached], as_of: datetime, audited: StoreAccuracy) -> Kpis:
    table = np.array([[one.facts[column] for column in c.ADDITIVE] for one in days], dtype=float)
    return kpis(add_up_table(table), as_of=as_of, audited=audited)


def _rate(days: Sequence[tuple[float, Reached]]) -> float | None:
    came = [one.facts[c.INS] for _, one in days]
    return ratio(sum(target * one for (target, _), one in zip(days, came, strict=True)), sum(came))
