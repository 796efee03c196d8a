"""Staffing, sales by alias and categories from the rows of their sources; nothing is withheld here."""

from collections.abc import Iterable, Iterator
from typing import Final

import pandas as pd

from analytics import columns as c
from analytics.figure import Figure
from analytics.metrics.parts import MOMENT, Pure, first_store
from analytics.staff.staff_sales import StaffSales, Tally, staff_sales
from analytics.staff.staffing import DayCell, HourCell, StaffedHour, Staffing, Target, best_weekday, staffing
from analytics.visits.categories import Category, Sold, Stays, Week, categories
from analytics.visits.kpis import ratio
from analytics.visits.zone_watch import Watched, ZoneWatch

_TALLY: Final = (
    "transactions", "net", "net_squared", "sold", "units", "units_squared", "units_sold", "every",
)  # fmt: skip
_DAY: Final = ("visitors", "transactions", "floor_h")
_CELL: Final = ("business_date", "hour", "open_s", "visitors", "completeness", "floor_s")
_SOLD: Final = ("orders", "units", "net_sales", "every")


def of_all(name: str) -> Pure:
    """Return the figure `name` of all stores' hours together, of the source `staffed_hours`."""

    def value(hours: pd.DataFrame) -> float | None:
        found: float | None = getattr(staffing(_cells(hours), None, as_of=MOMENT, k=0), name).value
        return found

    return value


def star_target(days: pd.DataFrame) -> float | None:
    """Return the first store's target, of the source `served_days`."""
    own = first_store(days)
    cells = zip(own[c.BUSINESS_DATE], *(own[name].astype(float) for name in _DAY), strict=True)
    found = best_weekday([DayCell(*cell) for cell in cells])
    return None if found is None else found.star


def of_the_week(name: str) -> Pure:
    """Return the figure `name` of the first store's usual week, of the source `judged_hours`."""

    def value(hours: pd.DataFrame) -> float | None:
        found: float | None = getattr(_week(hours), name).value
        return found

    return value


def of_this_hour(name: str) -> Pure:
    """Return the figure `name` of the hour of the first store's usual week that `now` lies in."""

    def value(hours: pd.DataFrame) -> float | None:
        own = first_store(hours)
        now = {(cell.business_date.isoweekday(), cell.hour) for cell in _cells(own[own["this_hour"]])}
        found: StaffedHour | None = next((one for one in _week(hours).hours if (one.weekday, one.hour) in now), None)
        told: float | None = None if found is None else getattr(found, name).value
        return told

    return value


def sales_per_staff_hour(sold: pd.DataFrame) -> float | None:
    """Return net sales ÷ staff hours over the aliases whose hours are known, of the source `staff_sales`."""
    known = [one for one in _aliases(sold) if one.staff_hours.known]
    return ratio(_sum(one.net_sales for one in known), _sum(one.staff_hours for one in known))


def of_categories(name: str) -> Pure:
    """Return the sum of the figure `name` over all categories, of the source `category_rows`."""

    def value(rows: pd.DataFrame) -> float | None:
        return _sum(getattr(one, name) for one in _categories(rows))

    return value


def category_conversion(rows: pd.DataFrame) -> float | None:
    """Return sales ÷ stops over the categories that lie in a zone."""
    lying = [one for one in _categories(rows) if one.zones]
    return ratio(_sum(one.orders for one in lying), _sum(one.visits for one in lying))


def _week(hours: pd.DataFrame) -> Staffing:
    own = first_store(hours)
    star = None if own.empty else _known(own["target"].iloc[0])
    target = None if star is None else Target(weekday=0, conversion=0.0, star=star, days=0)
    return staffing(_cells(own), target, as_of=MOMENT, k=0)


def _cells(hours: pd.DataFrame) -> list[HourCell]:
    return [
        HourCell(day, int(hour), open_s, _known(visitors), _known(complete), _known(floor_s))
        for day, hour, open_s, visitors, complete, floor_s in hours[list(_CELL)].itertuples(index=False, name=None)
    ]


def _aliases(sold: pd.DataFrame) -> Iterator[StaffSales]:
    for _, own in sold.groupby(c.STORE_ID):
        told = [(_name(alias), sums) for alias, *sums in own[["alias", *_TALLY]].itertuples(index=False, name=None)]
        floor = {_name(alias): _known(floor_s) for alias, floor_s in zip(own["alias"], own["floor_s"], strict=True)}
        worked = {alias: floor_s for alias, floor_s in floor.items() if alias is not None and floor_s is not None}
        yield from staff_sales([{alias: Tally(*sums) for alias, sums in told}], worked, as_of=MOMENT, k=0)


def _categories(rows: pd.DataFrame) -> Iterator[Category]:
    for _, own in rows.groupby(c.STORE_ID):
        lies, till = own[own[c.ZONE].notna()], own[own[c.ZONE].isna()]
        zones: dict[str, list[str]] = {}
        for category, zone in lies[["category", c.ZONE]].drop_duplicates().itertuples(index=False, name=None):
            zones.setdefault(category, []).append(zone)
        yield from categories(
            zones, [Week(_sold(till), _stays(lies))], as_of=MOMENT, watch=_watch(lies), group=1.0, k=0
        )


def _watch(lies: pd.DataFrame) -> ZoneWatch:
    looked = lies.groupby(c.ZONE)["looked"].any()
    return ZoneWatch([{str(zone): Watched(1.0, float(yes), 0) for zone, yes in looked.items()}], {})


def _stays(lies: pd.DataFrame) -> dict[str, Stays]:
    stops = lies[lies[c.DWELL_S].notna()].drop_duplicates([c.ZONE, "stop"])
    return {
        str(zone): Stays(tuple(some[c.DWELL_S]), tuple(some[c.CENSORED].astype(bool)))
        for zone, some in stops.groupby(c.ZONE)
    }


def _sold(till: pd.DataFrame) -> dict[str | None, Sold]:
    found: dict[str | None, Sold] = {}
    for category, some in till.groupby("category", dropna=False):
        orders, units, net, every = (float(some[name].astype(float).sum()) for name in _SOLD)
        found[_name(category)] = Sold(round(orders), units, net, round(every))
    return found


def _name(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _known(value: float | None) -> float | None:
    return None if value is None or pd.isna(value) else float(value)


def _sum(figures: Iterable[Figure]) -> float | None:
    known = [one.value for one in figures if one.value is not None]
    return float(sum(known)) if known else None
