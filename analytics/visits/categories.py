"""Categories: stops in the zones where a category lies, against sales of it. Two counts; nobody is followed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from analytics.days import Slice, by_week
from analytics.figure import Figure, figure, suppressed_where
from analytics.queries import Connection, rows
from analytics.statistics.sampling import of_conversion
from analytics.statistics.suppression import Relation, protected, withheld_by_any
from analytics.visits.dwell import dwell
from analytics.visits.kpis import per_person
from analytics.visits.zone_watch import ZoneWatch


@dataclass(frozen=True, slots=True)
class Sold:
    """What the till sold of one category: sales, units and net of refunds; `every`: orders of any kind."""

    orders: int
    units: float
    net: float
    every: int


@dataclass(frozen=True, slots=True)
class Stays:
    """Stays in one zone: how long each was seen, and whether its end was not."""

    dwell_s: tuple[float, ...]
    censored: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Category:
    """One category; None: lines without one. `zones` is empty where nobody said where it lies.

    Its stops and its sales are withheld apart: `visits_withheld`, `sales_withheld`.
    """

    category: str | None
    zones: tuple[str, ...]
    visits: Figure
    dwell_p50: Figure
    dwell_p90: Figure
    orders: Figure
    units: Figure
    net_sales: Figure
    conversion: Figure
    visits_withheld: bool
    sales_withheld: bool

    @property
    def figures(self) -> tuple[tuple[Figure, bool], ...]:
        """All of its figures, each with whether it is withheld."""
        stops, sales = self.visits_withheld, self.sales_withheld
        return (
            (self.visits, stops), (self.dwell_p50, stops), (self.dwell_p90, stops), (self.orders, sales),
            (self.units, sales), (self.net_sales, sales), (self.conversion, stops or sales),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Week:
    """What was sold of each category, and the stays in each zone, of the days asked within one calendar week."""

    sold: Mapping[str | None, Sold]
    stays: Mapping[str, Stays]


def categories(
    zones: Mapping[str, Sequence[str]],
    weeks: Sequence[Week],
    *,
    as_of: datetime,
    watch: ZoneWatch,
    group: float,
    k: int,
) -> tuple[Category, ...]:
    """Return each category that lies somewhere or was sold, by name, those of no name last.

    `zones` says where each lies; visitors come in groups of `group`, which stop together and buy at most once. Stops of
    fewer than `k` in any of the weeks, and sales of fewer, are withheld with what would give them away: so periods of
    whole weeks that overlap say no more than their weeks. Stops are as complete as the zones' own cameras.
    """
    sold, stays = _sold([one.sold for one in weeks]), _stays([one.stays for one in weeks])
    names = names_of(zones, weeks)
    few = frozenset[str | None]().union(*(hidden_sales(names, one.sold, k=k) for one in weeks))
    hidden = frozenset[str]().union(*(_hidden_stops(zones, one.stays, k=k) for one in weeks))
    return tuple(
        _category(
            name, tuple(zones.get(name or "", ())), sold.get(name), stays, as_of=as_of,
            completeness=watch.of(zones.get(name or "", ())), group=group, hide=(name in hidden, name in few),
        )
        for name in names
    )  # fmt: skip


def read_categories(
    connection: Connection,
    store_id: int,
    slices: Sequence[Slice],
    *,
    as_of: datetime,
    watch: ZoneWatch,
    group: float,
    k: int,
) -> tuple[Category, ...]:
    """Return the categories over the slices; none where the till sends no lines and nobody said what lies where.

    Only of whole calendar weeks no difference tells what is withheld: others are for whoever asks but once.

    Raises:
        DatabaseError: the database could not be asked.
    """
    lies: dict[str, list[str]] = {}
    for category, zone in rows(connection, "zone_categories", store_id=store_id):
        lies.setdefault(category, []).append(zone)
    weeks = [read_week(connection, store_id, week) for week in by_week(slices)]
    return categories(lies, weeks, as_of=as_of, watch=watch, group=group, k=k)


def sales_per_stop(
    sales: float | None, stops: float | None, *, as_of: datetime, completeness: float | None, group: float
) -> Figure:
    """Return sales ÷ stops with its interval; visitors come in groups of `group`, which stop together, one of it pays.

    Above one sale a stop nothing says how groups share them: then as if all came alone.
    """
    told = 0 < (stops or 0.0) >= (sales or 0.0)
    return per_person(
        "category_conversion", sales, stops, as_of=as_of, completeness=completeness,
        variance=of_conversion((sales or 0.0) / (stops or 1.0), group) if told else 1.0,
    )  # fmt: skip


def names_of(zones: Mapping[str, Sequence[str]], weeks: Sequence[Week]) -> list[str | None]:
    """Return each category that lies somewhere or was sold, by name, those of no name last."""
    sold = {name for one in weeks for name in one.sold}
    return [*sorted({*zones, *(name for name in sold if name is not None)}), *([None] if None in sold else [])]


def read_week(connection: Connection, store_id: int, slices: Sequence[Slice]) -> Week:
    """Return what was sold and seen of one week.

    Raises:
        DatabaseError: the database could not be asked.
    """
    begun = {"of_store": store_id, "from_at": [one.from_at for one in slices]}
    sold = {
        category: Sold(*told)
        for category, *told in rows(connection, "sales_by_category", until=[one.till_until for one in slices], **begun)
    }
    seen: dict[str, list[tuple[float, bool]]] = {}
    for zone, dwell_s, censored in rows(connection, "stays_of_slices", until=[one.until for one in slices], **begun):
        seen.setdefault(zone, []).append((dwell_s, censored))
    stays = {zone: Stays(*(tuple(column) for column in zip(*some, strict=True))) for zone, some in seen.items()}
    return Week(sold, stays)


def _sold(weeks: Sequence[Mapping[str | None, Sold]]) -> dict[str | None, Sold]:
    found: dict[str | None, Sold] = {}
    for week in weeks:
        for name, one in week.items():
            before = found.get(name, Sold(0, 0.0, 0.0, 0))
            found[name] = Sold(
                before.orders + one.orders, before.units + one.units, before.net + one.net, before.every + one.every
            )
    return found


def _stays(weeks: Sequence[Mapping[str, Stays]]) -> dict[str, Stays]:
    found: dict[str, Stays] = {}
    for week in weeks:
        for zone, one in week.items():
            before = found.get(zone, Stays((), ()))
            found[zone] = Stays(before.dwell_s + one.dwell_s, before.censored + one.censored)
    return found


def hidden_sales(names: Sequence[str | None], sold: Mapping[str | None, Sold], *, k: int) -> frozenset[str | None]:
    """Return the categories whose sales are withheld."""
    counts = [(sold[name].orders, sold[name].every) if name in sold else (0, 0) for name in names]
    few = withheld_by_any(*([one[which] for one in counts] for which in (0, 1)), k=k)
    return frozenset(name for name, hide in zip(names, few, strict=True) if hide)


def hidden_zones(zones: Mapping[str, Sequence[str]], stays: Mapping[str, Stays], *, k: int) -> frozenset[str]:
    """Return the zones whose stays are withheld; `zones` says where each category lies."""
    return frozenset(name for kind, name in _hidden(zones, stays, k=k) if kind == "zone")


def _hidden_stops(zones: Mapping[str, Sequence[str]], stays: Mapping[str, Stays], *, k: int) -> frozenset[str]:
    """Return the categories whose stops are withheld: those of one zone tell of it, those of several are its sum."""
    # What is known to be one zone's is that zone; hiding a zone hides each category that is nothing but it.
    hidden = _hidden(zones, stays, k=k)
    return frozenset(
        category
        for category, some in zones.items()
        if ("category", category) in hidden or (len(some) == 1 and ("zone", some[0]) in hidden)
    )


def _hidden(zones: Mapping[str, Sequence[str]], stays: Mapping[str, Stays], *, k: int) -> frozenset[tuple[str, str]]:
    every = sorted({zone for some in zones.values() for zone in some})
    people: dict[tuple[str, str], int | None] = {
        ("zone", zone): len(stays[zone].dwell_s) if zone in stays else 0 for zone in every
    }
    relations = []
    for category, some in zones.items():
        people["category", category] = sum(people["zone", zone] or 0 for zone in some)
        relations.append(Relation(("category", category), tuple(("zone", zone) for zone in some)))
    return protected(people, relations, k=k)


def _category(
    name: str | None,
    zones: tuple[str, ...],
    sold: Sold | None,
    stays: Mapping[str, Stays],
    *,
    as_of: datetime,
    completeness: float | None,
    group: float,
    hide: tuple[bool, bool],
) -> Category:
    own = [stays[zone] for zone in zones if zone in stays]
    durations = [one for some in own for one in some.dwell_s]
    looked = bool(zones) and (bool(durations) or (completeness or 0.0) > 0)
    visits = float(len(durations)) if looked else None
    p50, p90 = dwell(durations, [one for some in own for one in some.censored], as_of=as_of, completeness=completeness)
    orders = None if sold is None else float(sold.orders)
    stops, sales = (suppressed_where(few) for few in hide)
    till = 1.0 if sold is not None else None
    units, net = (None, None) if sold is None else (sold.units, sold.net)
    conversion = sales_per_stop(orders, visits, as_of=as_of, completeness=completeness, group=group)
    return Category(
        category=name,
        zones=zones,
        visits=stops(figure("category_visits", visits, as_of=as_of, completeness=completeness)),
        dwell_p50=stops(p50),
        dwell_p90=stops(p90),
        orders=sales(figure("category_orders", orders, as_of=as_of, completeness=till)),
        units=sales(figure("category_units", units, as_of=as_of, completeness=till)),
        net_sales=sales(figure("category_sales", net, as_of=as_of, completeness=till)),
        conversion=stops(sales(conversion)),
        visits_withheld=hide[0],
        sales_withheld=hide[1],
    )
