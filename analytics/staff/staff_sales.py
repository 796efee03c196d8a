"""Sales by staff alias: from the till's orders, where those concerned agreed to it; never ranked, never live."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from analytics.days import Slice
from analytics.figure import Figure, figure, suppressed_where
from analytics.queries import Connection, rows
from analytics.statistics.intervals import Z95
from analytics.statistics.suppression import withheld_by_any
from analytics.visits.kpis import ratio

_HOUR_S: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Tally:
    """What one alias sold: sums and sums of squares over sales and refunds, and over sales alone (`sold`).

    `every`: orders of any kind.
    """

    transactions: int
    net: float
    net_squared: float
    sold: float
    units: float
    units_squared: float
    units_sold: float
    every: int


@dataclass(frozen=True, slots=True)
class StaffSales:
    """One alias; None: orders that name nobody."""

    alias: str | None
    transactions: Figure
    net_sales: Figure
    atv: Figure
    upt: Figure
    staff_hours: Figure
    sales_per_staff_hour: Figure
    withheld: bool

    @property
    def figures(self) -> tuple[Figure, ...]:
        """All of its figures."""
        return (
            self.transactions, self.net_sales, self.atv, self.upt, self.staff_hours, self.sales_per_staff_hour,
        )  # fmt: skip


def staff_sales(
    tallies: Mapping[str | None, Tally], floor_s: Mapping[str, float], *, as_of: datetime, k: int
) -> tuple[StaffSales, ...]:
    """Return what each alias sold, by alias; one of fewer than `k` sales or orders is withheld with the next."""
    some = tallies.values()
    hidden = withheld_by_any([one.transactions for one in some], [one.every for one in some], k=k)
    return tuple(
        _one(alias, one, floor_s.get(alias) if alias else None, hide=hide, as_of=as_of)
        for (alias, one), hide in zip(tallies.items(), hidden, strict=True)
    )


def read_staff_sales(
    connection: Connection, store_id: int, slices: Sequence[Slice], *, now: datetime, as_of: datetime, k: int
) -> tuple[StaffSales, ...]:
    """Return the sales by alias in the slices; none where the store does not show them.

    Raises:
        DatabaseError: the database could not be asked.
    """
    ((agreed,),) = rows(connection, "staff_figures", store_id=store_id)
    if not agreed or not slices:
        return ()
    begun = {"of_store": store_id, "from_at": [one.from_at for one in slices]}
    sold = rows(connection, "sales_by_staff", until=[one.till_until for one in slices], **begun)
    floor = rows(connection, "floor_time_by_staff", until=[one.until for one in slices], now=now, **begun)
    tallies = {alias: Tally(*(value or 0 for value in sums)) for alias, *sums in sold}
    if not any(tallies):
        return ()
    return staff_sales(tallies, dict(floor), as_of=as_of, k=k)


def _one(alias: str | None, sold: Tally, floor_s: float | None, *, hide: bool, as_of: datetime) -> StaffSales:
    n = float(sold.transactions)
    floor_h = None if floor_s is None else floor_s / _HOUR_S
    worked = 1.0 if floor_h is not None else None
    told = suppressed_where(hide)
    return StaffSales(
        alias=alias,
        transactions=told(figure("transactions", n, as_of=as_of, completeness=1.0)),
        net_sales=told(figure("net_sales", sold.net, as_of=as_of, completeness=1.0)),
        atv=told(_per_sale("atv", (sold.net, sold.net_squared, sold.sold), n, as_of=as_of)),
        upt=told(_per_sale("upt", (sold.units, sold.units_squared, sold.units_sold), n, as_of=as_of)),
        staff_hours=told(figure("staff_hours", floor_h, as_of=as_of, completeness=worked)),
        sales_per_staff_hour=told(
            figure("sales_per_staff_hour", ratio(sold.net, floor_h), as_of=as_of, completeness=worked)
        ),
        withheld=hide,
    )


def _per_sale(definition_id: str, sums: tuple[float, float, float], sales: float, *, as_of: datetime) -> Figure:
    """Return total ÷ sales, `sums` being the total, its squares, and the part of it that sales made.

    Its interval is that of a ratio: each order leaves total − ratio × (1 for a sale, 0 else). Source: W. G. Cochran,
    Sampling Techniques (1977), 6.3; with Student's t for few sales.
    """
    total, squared, of_sales = sums
    value = ratio(total, sales)
    interval = None
    if value is not None and sales > 1:
        spread = max(0.0, squared - 2 * value * of_sales + value * value * sales)
        half = _student(sales - 1) * math.sqrt(spread * sales / (sales - 1)) / sales
        interval = (value - half, value + half)
    return figure(definition_id, value, as_of=as_of, completeness=1.0, interval=interval)


def _student(freedom: float) -> float:
    """Return the two-sided 95 % quantile of Student's t, by its expansion about the normal one.

    Source: Abramowitz and Stegun 26.7.5; within 0.1 % from 4 degrees of freedom on.
    """
    z = Z95
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + sum(term / freedom**power for power, term in enumerate(terms, start=1))
