"""Sales by staff alias: from the till's orders, where those concerned agreed to it; never ranked, never live."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Final

from analytics.days import Slice, by_week
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

    def plus(self, other: "Tally") -> "Tally":
        """Return both together."""
        return Tally(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))


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
    weeks: Sequence[Mapping[str | None, Tally]], floor_s: Mapping[str, float], *, as_of: datetime, k: int
) -> tuple[StaffSales, ...]:
    """Return what each alias sold in the weeks, by alias; those without one come last.

    One of fewer than `k` sales or orders in any of the weeks is withheld, with the next of that week: so periods of
    whole weeks that overlap say no more than their weeks.
    """
    tallies: dict[str | None, Tally] = {}
    for week in weeks:
        for alias, one in week.items():
            tallies[alias] = tallies[alias].plus(one) if alias in tallies else one
    # In one order whatever is asked: of two that would do, every period withholds the same.
    aliases = sorted(tallies, key=lambda alias: (alias is None, alias or ""))
    hidden = {alias for week in weeks for alias in _hidden(week, aliases, k=k)}
    return tuple(
        _one(alias, tallies[alias], floor_s.get(alias) if alias else None, hide=alias in hidden, as_of=as_of)
        for alias in aliases
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
    weeks = [_read_week(connection, store_id, week) for week in by_week(slices)]
    if not any(alias for week in weeks for alias in week):
        return ()
    begun = {"of_store": store_id, "from_at": [one.from_at for one in slices]}
    floor = rows(connection, "floor_time_by_staff", until=[one.until for one in slices], now=now, **begun)
    return staff_sales(weeks, dict(floor), as_of=as_of, k=k)


def _read_week(connection: Connection, store_id: int, slices: Sequence[Slice]) -> dict[str | None, Tally]:
    sold = rows(
        connection, "sales_by_staff", of_store=store_id, from_at=[one.from_at for one in slices],
        until=[one.till_until for one in slices],
    )  # fmt: skip
    return {alias: Tally(*(value or 0 for value in sums)) for alias, *sums in sold}


def _hidden(week: Mapping[str | None, Tally], aliases: Sequence[str | None], *, k: int) -> list[str | None]:
    """Return who is withheld; who sold nothing in the week may have to hide who sold little."""
    sold = [(week[alias].transactions, week[alias].every) if alias in week else (0, 0) for alias in aliases]
    few = withheld_by_any(*([one[which] for one in sold] for which in (0, 1)), k=k)
    return [alias for alias, hide in zip(aliases, few, strict=True) if hide]


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
