"""The rates behind a simulated store's days: what a ratio, or a quantile, of a day is one draw of.

Of a count the truth is what happened. Of a ratio it is the rate that days like this one have in the long run: 31 sales
among 100 visitors do not make it 31 %. The capture rate follows from the model; the others are drawn, for the queue at
the till bends them.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

import numpy as np

from deploy.simulation.fleet import ENGAGEMENT_ZONES, StoreProfile
from deploy.simulation.model import Model
from deploy.simulation.orders import Order, day_orders
from deploy.simulation.traffic import Floats, Millis
from deploy.simulation.visits import StoreDay, store_day

#: Days drawn for each store and weekday, by seeds that no fleet is run with.
DRAWS: Final = 60
_SEEDS_FROM: Final = 1_000_000
#: A stay at least this long is an engagement: what the database takes where nobody said otherwise.
ENGAGED_AFTER_S: Final = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """What one store's days of one ISO weekday (0: of a whole week) have in the long run; money in its currency, in s.

    `of` is by KPI; of one that is told of each zone, by `kpi:part`. Of each hour of the day, beyond 24 after midnight,
    `came:hour`, `sold:hour` and `bought:hour`: visitors, sales, and sales to those who came in within it, a day.
    """

    store: str
    weekday: int
    of: dict[str, float]


@dataclass(slots=True)
class _Sums:
    """What is added up over the days drawn, and by the hour."""

    whole: Counter[str] = field(default_factory=Counter)
    days: int = 0
    came: Counter[int] = field(default_factory=Counter)
    sold: Counter[int] = field(default_factory=Counter)
    bought: Counter[int] = field(default_factory=Counter)
    stays_s: defaultdict[str, list[Floats]] = field(default_factory=lambda: defaultdict(list))

    def add(self, drawn: StoreDay, orders: Sequence[Order]) -> None:
        queue, first = drawn.queue, np.searchsorted(drawn.group, drawn.queue.group)
        self.whole.update(
            visitors=len(drawn.group),
            groups=len(drawn.size),
            transactions=sum(order.kind == "sale" for order in orders),
            units=sum(order.units for order in orders),
            net=sum(order.net for order in orders),
            joins=len(queue.group),
            abandoned=int((~queue.served).sum()),
        )
        for zone, stays in zip(ENGAGEMENT_ZONES, drawn.zones, strict=True):
            self.stays_s[zone].append((stays.end_ms - stays.start_ms) / 1000)
        self.stays_s["wait"].append((queue.left_ms - queue.joined_ms)[queue.served] / 1000)
        entered_ms = drawn.in_ms[first[queue.served]]
        self.stays_s["lag"].append((queue.paid_ms[queue.served] - entered_ms) / 1000)
        self.days += 1
        self.came.update(_hours(drawn, drawn.in_ms))
        self.sold.update(_hours(drawn, queue.paid_ms[queue.served]))
        self.bought.update(_hours(drawn, entered_ms))

    def rates(self) -> Iterator[tuple[str, float]]:
        """Yield each rate but the capture rate."""
        one = self.whole
        for kpi, part, of in (
            ("conversion", "transactions", "visitors"), ("buying_unit_conversion", "transactions", "groups"),
            ("upt", "units", "transactions"), ("queue_rate", "joins", "visitors"),
            ("abandonment", "abandoned", "joins"),
        ):  # fmt: skip
            yield kpi, one[part] / one[of]
        for kpi, of in (("atv", "transactions"), ("aur", "units"), ("spv", "visitors")):
            yield kpi, one["net"] / one[of] / 100
        engaged = 0
        for zone in ENGAGEMENT_ZONES:
            stays = np.concatenate(self.stays_s[zone])
            engaged += int((stays >= ENGAGED_AFTER_S).sum())
            yield f"engagement:{zone}", float((stays >= ENGAGED_AFTER_S).mean())
            yield from _quantiles("dwell", f":{zone}", stays)
        yield "engagement_rate", engaged / one["visitors"]
        for name, hours in (("came", self.came), ("sold", self.sold), ("bought", self.bought)):
            for hour, count in hours.items():
                yield f"{name}:{hour}", count / self.days


def rates_of(stores: Iterable[StoreProfile], model: Model, *, around: date) -> list[Rates]:
    """Return the rates of each store and weekday on which it opens, in the week of `around`, and of the whole week."""
    monday = around - timedelta(days=around.weekday())
    week = [monday + timedelta(days=ahead) for ahead in range(7)]
    return [rates for store in stores for rates in _rates(store, model, week)]


def _rates(store: StoreProfile, model: Model, week: Sequence[date]) -> Iterator[Rates]:
    waits: list[Floats] = []
    lags: list[Floats] = []
    for day in week:
        sums = _Sums()
        for seed in range(_SEEDS_FROM, _SEEDS_FROM + DRAWS):
            drawn = store_day(store, model, seed, day)
            if drawn is not None:
                sums.add(drawn, [order for order in day_orders(store, model, seed, drawn) if order.counts])
        if sums.whole:
            told = {"capture_rate": 1 / (1 + store.passers_per_visitor), **dict(sums.rates())}
            yield Rates(store=store.code, weekday=day.isoweekday(), of=told)
            waits += sums.stays_s["wait"]
            lags += sums.stays_s["lag"]
    whole = dict(_quantiles("wait", "", np.concatenate(waits)))
    yield Rates(
        store=store.code, weekday=0, of={**whole, "purchase_lag_p50": float(np.median(np.concatenate(lags)))}
    )  # fmt: skip


def _quantiles(name: str, part: str, seconds: Floats) -> Iterator[tuple[str, float]]:
    for p in (50, 90):
        yield f"{name}_p{p}{part}", float(np.quantile(seconds, p / 100))


def _hours(drawn: StoreDay, at_ms: Millis) -> Counter[int]:
    """Return how many there were in each hour of the wall clock, on a day without a change of clocks."""
    hours = (drawn.day.opens_min * 60_000 + at_ms - drawn.day.opens_ms) // 3_600_000
    last = (drawn.day.opens_min * 60_000 + drawn.day.closes_ms - drawn.day.opens_ms - 1) // 3_600_000
    return Counter(np.minimum(hours, last).tolist())
