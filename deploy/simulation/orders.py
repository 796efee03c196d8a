"""The till's orders of one store-day: a sale for each purchase, refunds, voids, tests, online orders.

Money is in hundredths of the store's currency.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, Literal

import numpy as np

from deploy.simulation.baskets import Baskets, Line
from deploy.simulation.days import generator
from deploy.simulation.fleet import StoreProfile
from deploy.simulation.model import Model
from deploy.simulation.traffic import Floats, Millis
from deploy.simulation.visits import StoreDay

SOURCE: Final = "simulated-till"
_MEMBER: Final = "member-"

OrderKind = Literal["sale", "refund", "void"]
Channel = Literal["in_store", "online"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One order. A refund's amounts and units are negative; `net` = `gross` − `discount`, tax stands beside it."""

    store: str
    external_id: str
    kind: OrderKind
    business_date: date
    closed_ms: int
    gross: int
    discount: int
    tax: int
    currency: str
    units: int
    channel: Channel = "in_store"
    register: str | None = None
    original_external_id: str | None = None
    customer_ref: str | None = None
    is_test: bool = False
    staff_ref: str | None = None
    lines: tuple[Line, ...] = ()

    @property
    def net(self) -> int:
        """Return what was paid, without tax."""
        return self.gross - self.discount

    @property
    def member(self) -> int | None:
        """Return the number of the customer, where the sale carries a reference."""
        return None if self.customer_ref is None else int(self.customer_ref.removeprefix(_MEMBER))

    @property
    def counts(self) -> bool:
        """Return whether it belongs to in-store sales."""
        return self.kind != "void" and not self.is_test and self.channel == "in_store"


def day_orders(store: StoreProfile, model: Model, seed: int, store_day: StoreDay) -> list[Order]:
    """Return the day's orders by closing time."""
    rng = generator(seed, store.code, store_day.day.business_date, "till")
    baskets = Baskets(store_day, generator(seed, store.code, store_day.day.business_date, "baskets"))
    draw = _drawer(store, model, seed, store_day, rng)
    served = store_day.queue.served
    sold = draw("s", store_day.queue.paid_ms[served], _members(model, int(served.sum()), rng))
    groups = store_day.queue.group[served].tolist()
    sales = [
        replace(sale, lines=baskets.lines(sale.units, sale.net, group), staff_ref=baskets.served_by(sale.closed_ms))
        for sale, group in zip(sold, groups, strict=True)
    ]
    orders = [*sales, *_refunds(model, store_day, sales, rng)]
    orders += draw("v", _moments(store_day, rng.poisson(model.void_share * len(sales)), rng), kind="void")
    online_ms = _moments(store_day, rng.poisson(model.online_share * len(sales)), rng)
    online = draw("o", online_ms, _members(model, len(online_ms), rng), channel="online")
    orders += [replace(order, lines=baskets.lines(order.units, order.net, None)) for order in online]
    if rng.random() < model.test_share:
        orders += draw("t", np.array([store_day.day.opens_ms - 1_200_000]), is_test=True)
    return sorted(orders, key=lambda order: (order.closed_ms, order.external_id))


def member_chances(model: Model) -> Floats:
    """Return how likely a sale with a reference is each member's, by number: shape (members,)."""
    return np.diff(np.sqrt(np.arange(model.members + 1) / model.members))


def _drawer(
    store: StoreProfile, model: Model, seed: int, store_day: StoreDay, rng: np.random.Generator
) -> Callable[..., Iterator[Order]]:
    """Return a function that draws one order for each closing time, numbered under a prefix."""
    business_date = store_day.day.business_date

    def draw(
        prefix: str,
        closed_ms: Millis,
        members: list[str | None] | None = None,
        *,
        kind: OrderKind = "sale",
        channel: Channel = "in_store",
        is_test: bool = False,
    ) -> Iterator[Order]:
        count = len(closed_ms)
        units = 1 + rng.poisson(model.extra_units, count)
        price = store.price * rng.lognormal(0.0, model.price_sigma, count)
        gross = np.maximum(np.rint(price * 100).astype(np.int64), 1) * units
        rate = np.where(rng.random(count) < model.discount_share, rng.choice(model.discount_rates, count), 0.0)
        discount = np.rint(gross * rate).astype(np.int64)
        tax = np.rint((gross - discount) * store.tax).astype(np.int64)
        till = rng.integers(1, store.tills + 1, count)
        for number, closed in enumerate(closed_ms.tolist()):
            yield Order(
                store=store.code,
                external_id=f"{seed}-{store.code}-{business_date:%Y%m%d}-{prefix}{number + 1:04d}",
                kind=kind,
                business_date=business_date,
                closed_ms=closed,
                gross=int(gross[number]),
                discount=int(discount[number]),
                tax=int(tax[number]),
                currency=store.currency,
                units=int(units[number]),
                channel=channel,
                register=f"till-{till[number]}" if channel == "in_store" else None,
                customer_ref=members[number] if members else None,
                is_test=is_test,
            )

    return draw


def _members(model: Model, count: int, rng: np.random.Generator) -> list[str | None]:
    numbers = (rng.random(count) ** 2 * model.members).astype(np.int64).tolist()
    is_member = (rng.random(count) < model.member_share).tolist()
    return [f"{_MEMBER}{number:05d}" if known else None for number, known in zip(numbers, is_member, strict=True)]


def _moments(store_day: StoreDay, count: int, rng: np.random.Generator) -> Millis:
    return np.sort(rng.integers(store_day.day.opens_ms, store_day.day.closes_ms, count))


def _refunds(model: Model, store_day: StoreDay, sales: list[Order], rng: np.random.Generator) -> Iterator[Order]:
    chosen = rng.random(len(sales)) < model.refund_share
    waits_ms = rng.integers(600_000, 10_800_000, len(sales))
    for sale, refunded, wait_ms in zip(sales, chosen.tolist(), waits_ms.tolist(), strict=True):
        closed_ms = sale.closed_ms + wait_ms
        if refunded and closed_ms < store_day.day.closes_ms:
            yield Order(
                store=sale.store,
                external_id=sale.external_id + "-r",
                kind="refund",
                business_date=sale.business_date,
                closed_ms=closed_ms,
                gross=-sale.gross,
                discount=-sale.discount,
                tax=-sale.tax,
                currency=sale.currency,
                units=-sale.units,
                register=sale.register,
                original_external_id=sale.external_id,
                customer_ref=sale.customer_ref,
                staff_ref=sale.staff_ref,
                lines=tuple(line.returned for line in sale.lines),
            )
