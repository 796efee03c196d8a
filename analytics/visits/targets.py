"""Targets: what a store wants to reach, and how far it is: on a day so far, or over the days of a period."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, get_args

from analytics.figure import Figure
from analytics.queries import Connection, rows
from analytics.visits.kpis import Kpis, ratio

Metric = Literal["visitors", "conversion", "net_sales"]
METRICS: Final[tuple[Metric, ...]] = get_args(Metric)
WEEKDAYS: Final = 7

_FIGURES: Final[Mapping[Metric, Callable[[Kpis], Figure]]] = {
    "visitors": lambda base: base.footfall,
    "conversion": lambda base: base.conversion,
    "net_sales": lambda base: base.net_sales,
}


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
    """How far a store is: `value` of `target`, their ratio (None: nothing was measured), and on how many `days`.

    `due` is the share of the target that is usually reached by now; None where the day is over, or nothing is usual.
    `partial`: some of it was not counted in full.
    """

    metric: Metric
    value: float | None
    target: float
    days: int = 1
    due: float | None = None
    partial: bool = False

    @property
    def share(self) -> float | None:
        """The value as a share of the target."""
        return None if self.value is None else ratio(self.value, self.target)


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
        target, figure = targets.of(metric, day), _FIGURES[metric](base)
        if target:
            # A rate is not reached bit by bit, and sales follow the visitors by no usual day of their own.
            usual = due if metric == "visitors" else None
            found.append(Progress(metric, figure.value, target, due=usual, partial=_partial(figure)))
    return tuple(found)


def period_progress(targets: Targets, days: Sequence[tuple[date, Kpis]]) -> tuple[Progress, ...]:
    """Return how far whole days are together with each target that some of them have.

    Visitors and sales are sums over the days that have a target and were measured. The rate's target is the share of
    those who came that should have bought: each day's target weighs as its visitors.
    """
    found = []
    for metric in METRICS:
        measured = [
            (target, base, _FIGURES[metric](base))
            for day, base in days
            if (target := targets.of(metric, day)) and _FIGURES[metric](base).known
        ]
        if not measured:
            continue
        partial = any(_partial(figure) for *_, figure in measured)
        if metric == "conversion":
            value, wanted = _rate([(target, base) for target, base, _ in measured])
        else:
            value, wanted = (
                sum(figure.value or 0.0 for *_, figure in measured),
                sum(target for target, *_ in measured),
            )
        if value is not None and wanted:
            found.append(Progress(metric, value, wanted, days=len(measured), partial=partial))
    return tuple(found)


def _rate(days: Sequence[tuple[float, Kpis]]) -> tuple[float | None, float | None]:
    came = sum(base.footfall.value or 0.0 for _, base in days)
    bought = sum(base.transactions.value or 0.0 for _, base in days)
    wanted = sum(target * (base.footfall.value or 0.0) for target, base in days)
    return ratio(bought, came), ratio(wanted, came)


def _partial(figure: Figure) -> bool:
    return figure.known and figure.quality != "measured"
