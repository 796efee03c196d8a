"""The funnel of each zone: visit → stop → buy of what lies there → buy again. Each is counted on its own.

Nobody is followed: stays come from the camera, sales from the lines of orders whose category lies in the zone. What
rests on fewer than k is withheld, stage by stage, with a neighbour that would give it away; so are a zone's sales where
less those of one of its categories they would be a few people's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Final, Literal

from analytics.days import Slice, by_week
from analytics.figure import Figure, figure, suppressed_where
from analytics.queries import Connection, rows
from analytics.statistics.suppression import withheld, withheld_by_any
from analytics.visits.categories import (
    Stays,
    Week,
    hidden_sales,
    hidden_zones,
    names_of,
    read_week,
    sales_per_stop,
)
from analytics.visits.dwell import dwell
from analytics.visits.funnel import TOLERANCE, repeat_figures
from analytics.visits.kpis import share_figure
from analytics.visits.stages import Repeat
from analytics.visits.zone_watch import ZoneWatch

ZoneStageName = Literal["visit", "stop", "buy", "buy_again"]

_NAMES: Final[tuple[ZoneStageName, ...]] = ("visit", "stop", "buy", "buy_again")


@dataclass(frozen=True, slots=True)
class ZoneCounts:
    """What is counted of one zone. `stopped`: whether each stay was long enough to be a stop, in order of their ends.

    `sales` are those with one of its `categories`, each category's own beside it; `every`: orders of any kind.
    `few_seen` and `few_sold`: what is told of its categories keeps back its stays, or its sales.
    """

    zone: str
    stopped: tuple[bool, ...]
    categories: Mapping[str, int]
    sales: int | None = None
    every: int = 0
    repeat: Repeat | None = None
    stays: Stays = field(default_factory=lambda: Stays((), ()))
    few_seen: bool = False
    few_sold: bool = False


@dataclass(frozen=True, slots=True)
class ZoneStage:
    """One stage: how many, and which share of the one before; without its number where that is `withheld`."""

    name: ZoneStageName
    count: Figure
    rate: Figure | None
    withheld: bool
    rate_withheld: bool


@dataclass(frozen=True, slots=True)
class ZoneFunnel:
    """One zone's stages in order; `excess`: (sales, visits) where more was sold than anybody was there to buy.

    How long stays were is withheld with the visits.
    """

    zone: str
    categories: tuple[str, ...]
    stages: tuple[ZoneStage, ...]
    dwell_p50: Figure
    dwell_p90: Figure
    excess: tuple[float, float] | None


def zone_funnels(
    weeks: Sequence[Sequence[ZoneCounts]], *, as_of: datetime, watch: ZoneWatch, group: float, k: int
) -> tuple[ZoneFunnel, ...]:
    """Return the funnel of each zone over the weeks, each of which holds all zones in one order.

    Visitors come in groups of `group`, which stop together and buy at most once. What is withheld in a week is withheld
    in all: so periods of whole weeks that overlap say no more than their weeks. Each is as complete as its own camera.
    """
    hidden = [_hidden(week, k) for week in weeks]
    return tuple(
        _funnel(
            _together(of_weeks),
            tuple(any(week[place][stage] for week in hidden) for stage in range(len(_NAMES))),
            as_of=as_of,
            completeness=watch.of([of_weeks[0].zone]),
            group=group,
        )
        for place, of_weeks in enumerate(zip(*weeks, strict=True))
    )


def read_zone_funnels(
    connection: Connection,
    store_id: int,
    slices: Sequence[Slice],
    *,
    as_of: datetime,
    watch: ZoneWatch,
    group: float,
    k: int,
) -> tuple[ZoneFunnel, ...]:
    """Return the funnels of a store's engagement zones over the slices, by name; stays are kept 90 days.

    Raises:
        DatabaseError: the database could not be asked.
    """
    after = {zone: long for zone, role, long in rows(connection, "zones", store_id=store_id) if role == "engagement"}
    lies: dict[str, list[str]] = {}
    for category, zone in rows(connection, "zone_categories", store_id=store_id):
        lies.setdefault(category, []).append(zone)
    parts = by_week(slices)
    read = [read_week(connection, store_id, one) for one in parts]
    names = names_of(lies, read)
    weeks = [
        _week(
            week,
            _sold(connection, store_id, one),
            after,
            lies,
            hidden=(hidden_zones(lies, week.stays, k=k), hidden_sales(names, week.sold, k=k)),
        )
        for one, week in zip(parts, read, strict=True)
    ]
    return zone_funnels(weeks, as_of=as_of, watch=watch, group=group, k=k)


def _sold(connection: Connection, store_id: int, slices: Sequence[Slice]) -> dict[str, tuple[int, int, int, int]]:
    """Return by zone its sales, orders of any kind, sales with a reference, and those to somebody who came again."""
    begun = {"of_store": store_id, "from_at": [one.from_at for one in slices]}
    until = [one.till_until for one in slices]
    return {zone: (one, *told) for zone, one, *told in rows(connection, "sales_by_zone", until=until, **begun)}


def _week(
    week: Week,
    sold: Mapping[str, tuple[int, int, int, int]],
    after: Mapping[str, float],
    lies: Mapping[str, Sequence[str]],
    *,
    hidden: tuple[frozenset[str], frozenset[str | None]],
) -> list[ZoneCounts]:
    found = []
    for zone, long in after.items():
        own = {
            name: week.sold[name].orders if name in week.sold else 0 for name, zones in lies.items() if zone in zones
        }
        sales, every, referenced, repeated = sold.get(zone, (0 if own and week.sold else None, 0, 0, 0))
        stays = week.stays.get(zone)
        found.append(
            ZoneCounts(
                zone=zone,
                stopped=() if stays is None else tuple(one >= long for one in stays.dwell_s),
                categories=own,
                sales=sales,
                every=every,
                repeat=Repeat(referenced, repeated) if referenced else None,
                stays=Stays((), ()) if stays is None else stays,
                few_seen=zone in hidden[0],
                few_sold=not hidden[1].isdisjoint(own),
            )
        )
    return found


def _hidden(week: Sequence[ZoneCounts], k: int) -> list[tuple[bool, ...]]:
    """Return for each zone of a week which of its stages are withheld."""
    repeats = [one.repeat or Repeat(0, 0) for one in week]
    told = zip(
        week,
        withheld([len(one.stopped) for one in week], k=k),
        withheld([sum(one.stopped) for one in week], k=k),
        withheld_by_any([one.sales or 0 for one in week], [one.every for one in week], k=k),
        withheld_by_any([one.referenced for one in repeats], [one.repeated for one in repeats], k=k),
        strict=True,
    )
    found: list[tuple[bool, ...]] = []
    for one, few_visits, few_stops, few_sales, few_again in told:
        seen, sold = few_visits or one.few_seen, few_sales or one.few_sold or _tells_apart(one, k)
        found.append((seen, seen or few_stops, sold, sold or few_again))
    return found


def _together(weeks: Sequence[ZoneCounts]) -> ZoneCounts:
    """Return one zone's counts of all weeks."""
    sales = [one.sales for one in weeks if one.sales is not None]
    repeats = [one.repeat for one in weeks if one.repeat is not None]
    again = Repeat(sum(one.referenced for one in repeats), sum(one.repeated for one in repeats))
    return ZoneCounts(
        zone=weeks[0].zone,
        stopped=tuple(stop for one in weeks for stop in one.stopped),
        categories={name: sum(one.categories[name] for one in weeks) for name in weeks[0].categories},
        sales=sum(sales) if sales else None,
        every=sum(one.every for one in weeks),
        repeat=again if repeats else None,
        stays=Stays(
            tuple(long for one in weeks for long in one.stays.dwell_s),
            tuple(cut for one in weeks for cut in one.stays.censored),
        ),
    )


def _funnel(
    one: ZoneCounts,
    hide: tuple[bool, ...],
    *,
    as_of: datetime,
    completeness: float | None,
    group: float,
) -> ZoneFunnel:
    stops = sum(one.stopped)
    looked = bool(one.stopped) or (completeness or 0.0) > 0
    sales = None if one.sales is None else float(one.sales)
    counted = partial(figure, as_of=as_of, completeness=completeness)
    visit, stop = counted("zone_visits", float(len(one.stopped))), counted("engaged", float(stops))
    if not looked:
        visit, stop = counted("zone_visits", None), counted("engaged", None)
    stopped = share_figure("engagement", one.stopped, as_of=as_of, completeness=completeness)
    till = figure("category_orders", sales, as_of=as_of, completeness=None if sales is None else 1.0)
    bought = sales_per_stop(sales, stop.value, as_of=as_of, completeness=completeness, group=group)
    p50, p90 = dwell(one.stays.dwell_s, one.stays.censored, as_of=as_of, completeness=completeness)
    again, rate = repeat_figures(one.repeat, as_of=as_of, completeness=till.completeness)
    told: tuple[tuple[Figure, Figure | None], ...] = ((visit, None), (stop, stopped), (till, bought), (again, rate))
    # A rate tells of both of its sides.
    rates = (False, hide[0], hide[1], hide[2])
    return ZoneFunnel(
        zone=one.zone,
        categories=tuple(one.categories),
        stages=tuple(
            ZoneStage(
                name,
                suppressed_where(few)(count),
                None if share is None else suppressed_where(few or other)(share),
                few,
                few or other,
            )
            for name, (count, share), few, other in zip(_NAMES, told, hide, rates, strict=True)
        ),
        dwell_p50=suppressed_where(hide[0])(p50),
        dwell_p90=suppressed_where(hide[0])(p90),
        excess=None if hide[0] or hide[2] else _excess(visit, till),
    )


def _excess(visit: Figure, sold: Figure) -> tuple[float, float] | None:
    if visit.value is None or sold.value is None or sold.value <= visit.value * (1 + TOLERANCE) + 1:
        return None
    return sold.value, visit.value


def _tells_apart(one: ZoneCounts, k: int) -> bool:
    """Whether a zone's sales, less those of one of its categories or beside all of them, tell of a few."""
    if one.sales is None or len(one.categories) < 2:  # noqa: PLR2004  # one is the zone's sales themselves
        return False
    apart = [one.sales - orders for orders in one.categories.values()]
    return any(0 < number < k for number in (*apart, sum(one.categories.values()) - one.sales))
