"""Cases: a figure as it is shown beside the truth about it, one for each store-day and KPI."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from analytics.days import Calendar, calendar
from analytics.facts import slice_facts
from analytics.quality.accuracy import UNAUDITED, read_accuracy
from analytics.stores import Store, all_stores
from analytics.visits.kpis import Kpis, kpis
from deploy.simulation.rates import Rates
from deploy.simulation.truth import TruthRow

#: Figures whose truth is what happened on the day; money in hundredths.
COUNTS: Final = ("footfall", "passers_by", "transactions", "net_sales")
#: Figures whose truth is the rate behind the day.
RATES: Final = ("capture_rate", "conversion", "atv", "upt", "spv")
_OF_THE_TILL: Final = frozenset({"transactions", "net_sales", "atv", "upt"})
#: Sales of a day come until this long after closing.
_SETTLES: Final = timedelta(hours=2)

Day = tuple[str, date]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One figure of one store-day. `whole`: the day was counted in full, so the figure claims to hold the truth."""

    store: str
    business_date: date
    kpi: str
    truth: float
    shown: float
    low: float | None
    high: float | None
    whole: bool

    @property
    def inside(self) -> bool | None:
        """Whether the stated interval holds the truth; None where none is stated."""
        return None if self.low is None or self.high is None else self.low <= self.truth <= self.high


def read_cases(
    connection: Any,
    truth: Sequence[TruthRow],
    rates: Iterable[Rates],
    *,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> list[Case]:
    """Return the cases of every finished store-day of the truth, as pages, the KPI API and the command show it.

    Raises:
        DatabaseError: the database could not be asked.
    """
    true = true_days(truth)
    behind = {(one.store, one.weekday): one for one in rates}
    now = max(row.hour for row in truth) + _SETTLES
    stores = [one for one in all_stores(connection) if any(one.code == code for code, _ in true)]
    found: list[Case] = []
    for done, store in enumerate(stores):
        progress(done, len(stores))
        dates = [day for code, day in true if code == store.code]
        days = calendar(connection, [store.store_id], first=min(dates), last=max(dates) + timedelta(days=7))
        for day, shown in _shown(connection, store, days, set(dates), now):
            found += cases_of(store.code, day, shown, true[store.code, day], behind.get((store.code, day.isoweekday())))
    progress(len(stores), len(stores))
    return found


def true_days(truth: Iterable[TruthRow]) -> dict[Day, Counter[str]]:
    """Return what truly happened on each store-day, by KPI; money in the store's currency."""
    found: dict[Day, Counter[str]] = {}
    for row in truth:
        day = found.setdefault((row.store, row.business_date), Counter())
        for measure, number in row.true.items():
            kind, _, place = measure.partition(":")
            if place == "street":
                day["passers_by"] += number
            elif kind == "in":
                day["footfall"] += number
            elif kind in {"transactions", "net_sales"}:
                day[kind] += number
    return found


def cases_of(store: str, day: date, shown: Kpis, true: Mapping[str, float], rates: Rates | None) -> list[Case]:
    """Return the cases of one store-day; a figure that is not known is none."""
    truths = {kpi: float(true.get(kpi, 0)) for kpi in COUNTS}
    truths["net_sales"] /= 100
    if rates is not None:
        truths |= {kpi: getattr(rates, kpi) for kpi in RATES}
    found = []
    for kpi, truth in truths.items():
        one = getattr(shown, kpi)
        if one.value is None:
            continue
        # What the till says goes by no camera.
        whole = kpi in _OF_THE_TILL or one.quality == "measured"
        found.append(
            Case(
                store=store, business_date=day, kpi=kpi, truth=truth, shown=one.value, low=one.low, high=one.high,
                whole=whole,
            )
        )  # fmt: skip
    return found


def _shown(connection: Any, store: Store, days: Calendar, dates: set[date], now: datetime) -> list[tuple[date, Kpis]]:
    slices = [
        days.whole(day)
        for date_, day in days.of(store.store_id).items()
        if date_ in dates and days.till_until(day) < now
    ]
    if not slices:
        return []
    audited = read_accuracy(connection, [store.store_id], now=now).get(store.store_id, UNAUDITED)
    facts = slice_facts(connection, slices, now=now)
    return [
        (one.business_date, kpis(row, as_of=one.till_until, audited=audited))
        for one, (_, row) in zip(slices, facts.iterrows(), strict=True)
    ]
