"""Cases: a figure as it is shown beside the truth about it, one for each store-day and KPI (and zone, or hour)."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

from analytics.figure import Figure
from deploy.simulation.rates import Rates
from deploy.simulation.truth import TruthRow

#: Figures whose truth is what happened on the day, beside what makes it of the day's sums.
COUNTS: Final = (
    "footfall", "buying_units", "passers_by", "transactions", "net_sales", "staff_hours", "star",
)  # fmt: skip
#: Figures whose truth is the rate behind the day.
RATES: Final = (
    "capture_rate", "conversion", "buying_unit_conversion", "atv", "upt", "aur", "spv", "engagement_rate", "engagement",
    "dwell_p50", "dwell_p90", "queue_rate", "abandonment", "wait_p50", "wait_p90", "repeat_rate", "conversion_hour",
    "conversion_lagged", "purchase_lag_p50",
)  # fmt: skip
#: What the till or the time clock says goes by no camera.
_NOT_SEEN: Final = frozenset({"transactions", "net_sales", "atv", "upt", "aur", "repeat_rate", "staff_hours"})
_TIMES: Final = frozenset({"wait_p50", "wait_p90"})
#: Told of hours, and of which hourly numbers (`rates`) their truth is made.
_BY_HOUR: Final = {"conversion_hour": "sold", "conversion_lagged": "bought"}

#: Days of which waits are told together: a rush makes all waits of a day long.
WEEK: Final = 7

Day = tuple[str, date]
#: A KPI, and the zone or the hour of the day of which it is told, or 9-11 for three; "" for the whole store-day.
Named = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One figure of one store-day.

    `whole`: the day was counted in full, so the figure claims to hold the truth. `weight`: what a ratio is of, where
    it is told of parts of a day: only so weighted do these make the day.
    """

    store: str
    business_date: date
    kpi: str
    part: str = ""
    truth: float
    shown: float
    low: float | None
    high: float | None
    whole: bool
    weight: float = 1.0

    @property
    def inside(self) -> bool | None:
        """Whether the stated interval holds the truth; None where none is stated."""
        return None if self.low is None or self.high is None else self.low <= self.truth <= self.high


def true_days(truth: Iterable[TruthRow]) -> dict[Day, dict[str, float]]:
    """Return what truly happened on each store-day, by KPI; money in the store's currency."""
    sums: dict[Day, Counter[str]] = {}
    served: dict[Day, Counter[str]] = {}
    for row in truth:
        day = sums.setdefault((row.store, row.business_date), Counter())
        hour = _summed(row)
        day.update(hour)
        if hour["footfall"] and hour["floor_s"]:
            served.setdefault((row.store, row.business_date), Counter()).update(hour)
    return {day: _truths(one, served.get(day, Counter())) for day, one in sums.items()}


def cases_of(
    store: str,
    day: date,
    shown: Mapping[Named, Figure],
    true: Mapping[str, float],
    rates: Rates | None,
    *,
    came: Mapping[str, float] = MappingProxyType({}),
) -> list[Case]:
    """Return the cases of one store-day; a figure that is not known, or of which no truth is, is none.

    Nor is a time of 0: where most need not wait at all, no interval of their median could miss it. `came` are the
    visitors that were counted of each part of which it is told by hours.
    """
    found = []
    for (kpi, part), one in shown.items():
        truth = _truth(kpi, part, true, rates)
        if one.value is None or truth is None or (truth == 0 and kpi in _TIMES):
            continue
        found.append(
            Case(
                store=store, business_date=day, kpi=kpi, part=part, truth=truth, shown=one.value, low=one.low,
                high=one.high, whole=kpi in _NOT_SEEN or one.quality == "measured",
                weight=came[part] if kpi in _BY_HOUR else 1.0,
            )
        )  # fmt: skip
    return found


def _truth(kpi: str, part: str, true: Mapping[str, float], rates: Rates | None) -> float | None:
    if kpi in true:
        return true[kpi]
    if rates is None:
        return None
    if kpi in _BY_HOUR:
        return _of_hours(_BY_HOUR[kpi], part, rates.of)
    return rates.of.get(f"{kpi}:{part}" if part else kpi)


def _of_hours(sales: str, part: str, rates: Mapping[str, float]) -> float | None:
    first, _, last = part.partition("-")
    hours = range(int(first), int(last or first) + 1)
    came = sum(rates.get(f"came:{hour}", 0.0) for hour in hours)
    return sum(rates.get(f"{sales}:{hour}", 0.0) for hour in hours) / came if came else None


def _summed(row: TruthRow) -> Counter[str]:
    """Return an hour's true sums by what they are of."""
    found: Counter[str] = Counter()
    for measure, number in row.true.items():
        kind, _, place = measure.partition(":")
        if place == "street":
            found["passers_by"] += number if kind in {"in", "out"} else 0
        elif kind == "in":
            found["footfall"] += number
        else:
            found[kind] += number
    return found


def _truths(one: Counter[str], served: Counter[str]) -> dict[str, float]:
    found = {kpi: float(one[kpi]) for kpi in ("footfall", "passers_by", "transactions")}
    found |= {"net_sales": one["net_sales"] / 100, "buying_units": one["group_12ths"] / 12}
    if one["floor_s"]:
        found["staff_hours"] = one["floor_s"] / 3600
    if served["floor_s"]:
        found["star"] = served["footfall"] * 3600 / served["floor_s"]
    if one["referenced"]:
        found["repeat_rate"] = one["repeat_ppm"] / 1e6 / one["referenced"]
    return found
