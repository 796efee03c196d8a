"""Store-days drawn in memory: what the pages would show of them, without broker, ingest and database between.

The figures come from the same functions; only the sums of facts are made here. So the intervals can be held against
thousands of store-days in seconds. That the sums arrive as they were counted is `deploy.simulation.check`'s business.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

import numpy as np
import pandas as pd

from analytics import columns as c
from analytics.figure import Figure, figure
from analytics.quality.accuracy import LineAccuracy, StoreAccuracy, store_accuracy
from analytics.statistics.miscount import Tally
from analytics.statistics.sampling import ORDERS, Basket, basket
from analytics.visits.kpis import kpis
from analytics.visits.lag import LagDay, estimated_lag, lag_day, lag_figure
from analytics.visits.queueing import QueueExit
from analytics.visits.stages import Repeat, repeat
from analytics.visits.store_day import ZoneDay, zone_day
from contract.entries import Audit, AuditTally
from deploy.simulation.cases import WEEK, Case, cases_of
from deploy.simulation.crossings import LineCrossings
from deploy.simulation.days import to_instant
from deploy.simulation.fleet import CHECKOUT, ENGAGEMENT_ZONES, STREET, StoreProfile
from deploy.simulation.model import Model
from deploy.simulation.orders import Order, member_chances
from deploy.simulation.outages import Outage
from deploy.simulation.rates import ENGAGED_AFTER_S, Rates, rates_of
from deploy.simulation.shown import Seen, figures_of, waits_of
from deploy.simulation.store import SimulatedStore
from deploy.simulation.visits import StoreDay

#: As the database has it (`sale_moments`, `analytics.days`): who was served pays within so long; the till is open for
#: so long after the doors.
_SERVED_WITHIN_MS: Final = 600_000
_TILL_AFTER_S: Final = 3_600.0


@dataclass(frozen=True, slots=True)
class _Drawn:
    """One store-day: what happened, what each line counted, the audits, the sales."""

    happened: StoreDay
    counted: dict[str, LineCrossings]
    audits: tuple[Audit, ...]
    orders: list[Order]


def drawn_cases(
    stores: Sequence[StoreProfile],
    model: Model,
    *,
    seeds: Iterable[int],
    first: date,
    days: int,
    progress: Callable[[int], None] = lambda _: None,
) -> list[Case]:
    """Return the cases of each store over `days` days from `first` on, drawn anew for each seed.

    `progress` is told how many stores' stretches of days are done. A store's intervals come from the audits of its own
    stretch.
    """
    behind = {
        (one.store, one.weekday): one for one in rates_of(stores, model, around=first + timedelta(days=days // 2))
    }
    found: list[Case] = []
    for done, (seed, profile) in enumerate(((seed, one) for seed in seeds for one in stores), start=1):
        drawn = list(_draw(SimulatedStore(profile, model, seed), first, days))
        found += _cases(profile.code, drawn, model, behind)
        progress(done)
    return found


def _draw(store: SimulatedStore, first: date, days: int) -> Iterator[_Drawn]:
    for ahead in range(days):
        happened = store.day(first + timedelta(days=ahead))
        if happened is None:
            continue
        sights = [seen for box in store.profile.boxes for seen in store.sights(happened, box).values()]
        yield _Drawn(
            happened,
            {one.crossed.line: one.counted(Outage()) for one in sights},
            store.audits(happened, sights),
            [order for order in store.orders(happened.day.business_date) if order.counts],
        )


def _cases(store: str, drawn: Sequence[_Drawn], model: Model, behind: dict[tuple[str, int], Rates]) -> list[Case]:
    accuracy = replace(_accuracy(drawn), basket=_basket(drawn))
    known: set[int] = set()
    found: list[Case] = []
    for one in drawn:
        day = one.happened.day.business_date
        true = {
            "footfall": float(len(one.happened.in_ms)),
            "buying_units": float(len(one.happened.size)),
            "passers_by": float(len(one.happened.passers_ms)),
            "transactions": float(sum(order.kind == "sale" for order in one.orders)),
            "net_sales": sum(order.net for order in one.orders) / 100,
        }
        again, chance = _returns(one.orders, model, known)
        if chance is not None:
            true["repeat_rate"] = chance
        base = kpis(_facts(one), as_of=to_instant(one.happened.day.closes_ms), audited=accuracy)
        zones, engaged = _zones(one.happened)
        seen = Seen(zones=zones, engaged=engaged, exits=_exits(one.happened), repeat=again)
        shown = figures_of(base, seen, accuracy)
        found += cases_of(store, day, shown, true, behind.get((store, day.isoweekday())))
    return [*found, *_weeks(store, drawn, behind.get((store, 0)))]


def _weeks(store: str, drawn: Sequence[_Drawn], rates: Rates | None) -> Iterator[Case]:
    """Yield what is told of whole weeks, and on the last day the store's lag."""
    for at in range(0, len(drawn) - WEEK + 1, WEEK):
        week = [one.happened for one in drawn[at : at + WEEK]]
        exits = [left for happened in week for left in _exits(happened)]
        shown = waits_of(exits, as_of=to_instant(week[-1].day.closes_ms), completeness=1.0)
        yield from cases_of(store, week[-1].day.business_date, shown, {}, rates)
    last = drawn[-1].happened.day
    lag = lag_figure(
        estimated_lag([_lag_day(one) for one in drawn]), as_of=to_instant(last.closes_ms), completeness=1.0
    )  # fmt: skip
    yield from cases_of(store, last.business_date, {("purchase_lag_p50", ""): lag}, {}, rates)


def _lag_day(one: _Drawn) -> LagDay:
    """Return when people were counted and sales closed, each with the wait of who was served last before it."""
    day, queue = one.happened.day, one.happened.queue
    order = np.argsort(queue.left_ms[queue.served], kind="stable")
    left_ms = queue.left_ms[queue.served][order]
    waits_s = ((queue.left_ms - queue.joined_ms)[queue.served] / 1000)[order]
    sold_ms = np.array([sale.closed_ms for sale in one.orders if sale.kind == "sale"], np.int64)
    before = np.searchsorted(left_ms, sold_ms, side="right") - 1
    known = (before >= 0) & (sold_ms - left_ms[before] < _SERVED_WITHIN_MS)
    came = [
        (line.at_ms[chosen], line.group_size[chosen])
        for name, line in one.counted.items()
        if name != STREET
        for chosen in [line.inward & ~line.staff & _open(one, line.at_ms)]
    ]
    return lag_day(
        (np.concatenate([at_ms for at_ms, _ in came]) - day.opens_ms) / 1000,
        np.concatenate([sizes for _, sizes in came]).astype(float),
        (sold_ms - day.opens_ms) / 1000,
        np.where(known, waits_s[before], 0.0),
        length_s=(day.closes_ms - day.opens_ms) / 1000 + _TILL_AFTER_S,
    )


def _zones(happened: StoreDay) -> tuple[list[ZoneDay], Figure]:
    """Return each zone's day, and how many stays were an engagement."""
    now = to_instant(happened.day.closes_ms)
    zones, engaged = [], 0
    for zone, stays in zip(ENGAGEMENT_ZONES, happened.zones, strict=True):
        order = np.argsort(stays.end_ms, kind="stable")
        dwell_s = ((stays.end_ms - stays.start_ms) / 1000)[order]
        stopped = dwell_s >= ENGAGED_AFTER_S
        engaged += int(stopped.sum())
        rows = pd.DataFrame({c.DWELL_S: dwell_s, c.CENSORED: False, c.ENGAGED: stopped})
        zones.append(zone_day(zone, rows, hidden=False, now=now, completeness=1.0))
    return zones, figure("engaged", float(engaged), as_of=now, completeness=1.0)


def _exits(happened: StoreDay) -> list[QueueExit]:
    queue = happened.queue
    order = np.argsort(queue.left_ms, kind="stable")
    waits_s = ((queue.left_ms - queue.joined_ms) / 1000)[order]
    left = zip(queue.left_ms[order].tolist(), waits_s.tolist(), queue.served[order].tolist(), strict=True)
    return [QueueExit(CHECKOUT, to_instant(at), wait_s, served) for at, wait_s, served in left]


def _returns(orders: Sequence[Order], model: Model, known: set[int]) -> tuple[Repeat | None, float | None]:
    """Return the day's repeat sales, and how likely each was one in the mean; who bought is added to the `known`."""
    sold: defaultdict[int, list[bool]] = defaultdict(list)
    chances, chance = member_chances(model), 0.0
    for order in orders:
        if order.kind == "sale" and order.member is not None:
            chance += float(chances[list(known)].sum())
            sold[order.member].append(order.member in known)
            known.add(order.member)
    pairs = [(len(one), sum(one)) for one in sold.values()]
    sales, repeated = (sum(column) for column in zip(*pairs, strict=True)) if pairs else (0, 0)
    sums = (sum(n * n for n, _ in pairs), sum(n * r for n, r in pairs), sum(r * r for _, r in pairs))
    return repeat(sales, repeated, *sums), chance / sales if sales else None


def _facts(one: _Drawn) -> "pd.Series[float]":
    doors = [line for name, line in one.counted.items() if name != STREET]
    came = [(line.inward & ~line.staff & _open(one, line.at_ms)) for line in doors]
    groups = np.concatenate([line.group_size[chosen] for line, chosen in zip(doors, came, strict=True)])
    seconds = (one.happened.day.closes_ms - one.happened.day.opens_ms) / 1000
    return pd.Series(
        {
            c.INS: sum(int(chosen.sum()) for chosen in came),
            c.OUTS: sum(int((~line.inward & ~line.staff & _open(one, line.at_ms)).sum()) for line in doors),
            c.STAFF_INS: sum(int((line.inward & line.staff & _open(one, line.at_ms)).sum()) for line in doors),
            c.PASSERS: len(one.counted[STREET].at_ms),
            c.GROUPED_INS: len(groups),
            c.BUYING_UNITS: float((1 / groups).sum()),
            c.UP_S: seconds, c.EXPECTED_S: seconds, c.DOORS_DOWN: 0,
            c.STREET_UP_S: seconds, c.STREET_EXPECTED_S: seconds, c.STREETS_DOWN: 0,
            c.TRANSACTIONS: sum(order.kind == "sale" for order in one.orders),
            c.REFUNDS: sum(order.kind == "refund" for order in one.orders),
            c.NET_SALES: sum(order.net for order in one.orders) / 100,
            c.UNITS: sum(order.units for order in one.orders),
        },
        dtype=float,
    )  # fmt: skip


def _open(one: _Drawn, at_ms: "np.typing.NDArray[np.int64]") -> "np.typing.NDArray[np.bool_]":
    return np.asarray((at_ms >= one.happened.day.opens_ms) & (at_ms < one.happened.day.closes_ms), np.bool_)


def _accuracy(drawn: Sequence[_Drawn]) -> StoreAccuracy:
    audits: defaultdict[str, list[Audit]] = defaultdict(list)
    for one in drawn:
        for audit in one.audits:
            audits[audit.line].append(audit)
    traffic: Counter[tuple[str, bool]] = Counter()
    for one in drawn:
        for line in one.counted.values():
            traffic[line.line, True] += int(line.inward.sum())
            traffic[line.line, False] += int((~line.inward).sum())
    names = {name for name, _ in traffic}
    roles = {name: "pass_by" if name == STREET else "entrance" for name in names}
    return store_accuracy(
        [
            LineAccuracy(
                line, roles[line], tuple(_tally(one.ins) for one in some), tuple(_tally(one.outs) for one in some)
            )
            for line, some in audits.items()
        ],
        [(name, roles[name], traffic[name, True], traffic[name, False]) for name in sorted(names)],
    )


def _basket(drawn: Sequence[_Drawn]) -> Basket | None:
    """Return how the last orders' baskets differ, as the database says of a store."""
    orders = [order for one in drawn for order in one.orders][-ORDERS:]
    net, units = (np.array([getattr(order, name) for order in orders], float) for name in ("net", "units"))
    return basket(
        sum(order.kind == "sale" for order in orders),
        (float(net.sum()), float((net * abs(net)).sum())),
        (float(units.sum()), float((units * abs(units)).sum())),
        float((net * abs(units)).sum()),
    )


def _tally(one: AuditTally) -> Tally:
    return Tally(one.truth, one.counted, one.matched)
