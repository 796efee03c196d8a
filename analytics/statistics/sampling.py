"""Sampling: how far a day strays from the rate behind it. People come in groups, and baskets differ.

Groups are taken to arrive one by one, and the companions of the first to be Poisson distributed: of a mean size m a
group's mean square is then m² + m - 1. One sale at most is a group's. Measured on the fleet simulator, where groups are
drawn otherwise, intervals that know of them cover as stated (docs/truth.md).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from analytics.queries import Connection, rows
from analytics.statistics.intervals import Z95

#: Fewer sales than this say too little of how baskets differ.
SALES_MIN: Final = 20
#: How many of a store's last sales and refunds are looked at.
ORDERS: Final = 200


@dataclass(frozen=True, slots=True)
class Basket:
    """How a store's last baskets differ: standard deviation ÷ mean of their net amount and of their units.

    `item_cv` is that of net less units × the price of a mean item, ÷ the mean net: how a mean item's price strays.
    One that was brought back is a basket of nothing.
    """

    net_cv: float
    units_cv: float
    item_cv: float


def of_visitors(mean_size: float) -> float:
    """Return the variance of a day's visitors per visitor: 1 when all come alone, more when they come in groups."""
    return mean_size + 1 - 1 / mean_size


def of_conversion(rate: float, mean_size: float) -> float:
    """Return the variance of sales ÷ visitors against the binomial one, for groups that buy at most once each.

    1 where they would have to buy more than once.
    """
    bought = rate * mean_size
    if bought >= 1:
        return 1.0
    squares = 1 + (mean_size - 1) / mean_size**2
    return (1 - 2 * bought + bought * squares) / (1 - rate)


def of_mean(mean: float | None, cv: float | None, number: float | None) -> tuple[float, float] | None:
    """Return the 95 % interval of the mean of `number` baskets whose like differ by `cv`; None where that is unknown.

    On the log scale, so that it stays above 0.
    """
    if mean is None or mean <= 0 or cv is None or not number or number <= 0:
        return None
    spread = math.exp(Z95 * cv / math.sqrt(number))
    return mean / spread, mean * spread


def product(first: tuple[float, float], second: tuple[float, float]) -> tuple[float, float] | None:
    """Return the interval of a product of two independent factors; None where one reaches down to 0.

    On the log scale half-widths add in squares about the intervals' middles: a value may lie beside its interval.
    """
    if min(*first, *second) <= 0:
        return None
    middle = math.sqrt(first[0] * first[1] * second[0] * second[1])
    spread = math.exp(math.hypot(math.log(first[1] / first[0]), math.log(second[1] / second[0])) / 2)
    return middle / spread, middle * spread


def read_baskets(connection: Connection, store_ids: Sequence[int], *, now: datetime) -> Mapping[int, Basket]:
    """Return how the last baskets before `now` differ, of each store that sold enough; the others are missing.

    Raises:
        DatabaseError: the database could not be asked.
    """
    found = {
        store_id: basket(sales, (net, net_squares), (units, units_squares), products)
        for store_id, sales, net, net_squares, units, units_squares, products in rows(
            connection, "baskets", store_ids=list(store_ids), until=now, orders=ORDERS
        )
    }
    return {store_id: one for store_id, one in found.items() if one is not None}


def basket(sales: int, net: tuple[float, float], units: tuple[float, float], products: float) -> Basket | None:
    """Return how baskets differ; None where they are too few to say.

    `net` and `units` are sum and sum of squares, `products` the sum of net × units; refunds are taken from each.
    """
    if sales < SALES_MIN or net[0] <= 0 or units[0] <= 0:
        return None
    of_net, of_units, of_both = (
        sales * square / (one * other) - 1
        for square, one, other in (
            (net[1], net[0], net[0]), (units[1], units[0], units[0]), (products, net[0], units[0])
        )
    )  # fmt: skip
    net_cv, units_cv, item_cv = (
        math.sqrt(max(0.0, squared) * sales / (sales - 1))
        for squared in (of_net, of_units, of_net + of_units - 2 * of_both)
    )
    return Basket(net_cv, units_cv, item_cv)
