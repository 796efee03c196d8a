"""The rates behind a simulated store's days: what a ratio of a day is one draw of.

Of a count the truth is what happened. Of a ratio it is the rate that days like this one have in the long run: 31 sales
among 100 visitors do not make it 31 %. Two that follow from the model are exact; the others are drawn, for the queue at
the till bends them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from deploy.simulation.fleet import StoreProfile
from deploy.simulation.model import Model
from deploy.simulation.orders import day_orders
from deploy.simulation.visits import store_day

#: Days drawn for each store and weekday, by seeds that no fleet is run with.
DRAWS: Final = 60
_SEEDS_FROM: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """What one store's days of one ISO weekday have in the long run; `atv` and `spv` in its currency."""

    store: str
    weekday: int
    capture_rate: float
    conversion: float
    atv: float
    upt: float
    spv: float


def rates_of(stores: Iterable[StoreProfile], model: Model, *, around: date) -> list[Rates]:
    """Return the rates of each store and weekday on which it opens, in the week of `around`."""
    monday = around - timedelta(days=around.weekday())
    week = [monday + timedelta(days=ahead) for ahead in range(7)]
    return [
        found for store in stores for day in week if (found := _rates(store, model, day, DRAWS)) is not None
    ]  # fmt: skip


def _rates(store: StoreProfile, model: Model, day: date, draws: int) -> Rates | None:
    visitors = transactions = units = net = 0
    for seed in range(_SEEDS_FROM, _SEEDS_FROM + draws):
        drawn = store_day(store, model, seed, day)
        if drawn is None:
            return None
        orders = [order for order in day_orders(store, model, seed, drawn) if order.counts]
        visitors += len(drawn.group)
        transactions += sum(order.kind == "sale" for order in orders)
        units += sum(order.units for order in orders)
        net += sum(order.net for order in orders)
    return Rates(
        store=store.code,
        weekday=day.isoweekday(),
        capture_rate=1 / (1 + store.passers_per_visitor),
        conversion=transactions / visitors,
        atv=net / transactions / 100,
        upt=units / transactions,
        spv=net / visitors / 100,
    )
