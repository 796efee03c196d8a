"""Targets: what a store wants to reach, and how far it is: on a day so far, or over the days of a period."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, get_args

import pandas as pd

from analytics import columns as c
from analytics.facts import Sums, additive, completeness
from analytics.figure import Figure, quality_of
from analytics.queries import Connection, rows
from analytics.visits.kpis import Kpis, ratio

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
    """How far a store is: `value` of `target`, their ratio (None: nothing was measured), and on which `dates`.

    `due` is the share of the target that is usually reached by now; None where the day is over, or nothing is usual.
    `partial`: some of it was not counted in full.
    """

    metric: Metric
    value: float | None
    target: float
    dates: tuple[date, ...] = ()
    due: float | None = None
    partial: bool = False

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
    """What one day brought; None where nobody measured. `partial`: its visitors were not counted in full."""

    day: date
    visitors: float | None
    transactions: float | None
    net_sales: float | None
    partial: bool

    def of(self, metric: Metric) -> float | None:
        """Return what it brought of a metric."""
        if metric == "visitors":
            return self.visitors
        return self.net_sales if metric == "net_sales" else ratio(self.transactions, self.visitors)


def reached_days(facts: pd.DataFrame) -> list[Reached]:
    """Return what each of some days brought, one row of facts a day."""
    days = zip(facts[c.BUSINESS_DATE], additive(facts).tolist(), strict=True)
    return [reached_on(day, dict(zip(c.ADDITIVE, row, strict=True))) for day, row in days]


def reached_on(day: date, facts: Sums) -> Reached:
    """Return what a day's facts say that targets are of."""
    visitors, transactions, net = (
        None if math.isnan(facts[column]) else float(facts[column]) for column in (c.INS, c.TRANSACTIONS, c.NET_SALES)
    )
    return Reached(day, visitors, transactions, net, partial=quality_of(completeness(facts)) != "measured")


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
            partial = figure.known and figure.quality != "measured"
            found.append(Progress(metric, figure.value, target, (day,), due=usual, partial=partial))
    return tuple(found)


def period_progress(targets: Targets, days: Sequence[Reached]) -> tuple[Progress, ...]:
    """Return how far whole days are together with each target that some of them have.

    Visitors and sales are sums over the days that have a target and were measured. The rate's target is the share of
    those who came that should have bought: each day's target weighs as its visitors.
    """
    found = []
    for metric in METRICS:
        measured = [
            (target, one) for one in days if (target := targets.of(metric, one.day)) and one.of(metric) is not None
        ]
        if not measured:
            continue
        if metric == "conversion":
            value, wanted = _rate(measured)
        else:
            value = sum(one.of(metric) or 0.0 for _, one in measured)
            wanted = sum(target for target, _ in measured)
        if value is not None and wanted:
            # The till counts every sale, whatever the cameras missed.
            partial = metric != "net_sales" and any(one.partial for _, one in measured)
            dates = tuple(one.day for _, one in measured)
            found.append(Progress(metric, value, wanted, dates, partial=partial))
    return tuple(found)


def _rate(days: Sequence[tuple[float, Reached]]) -> tuple[float | None, float | None]:
    came = sum(one.visitors or 0.0 for _, one in days)
    bought = sum(one.transactions or 0.0 for _, one in days)
    wanted = sum(target * (one.visitors or 0.0) for target, one in days)
    return ratio(bought, came), ratio(wanted, came)
