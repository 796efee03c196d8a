"""Store-days drawn in memory: what the pages would show of them, without broker, ingest and database between.

The figures come from the same functions; only the sums of facts are made here. So the intervals can be held against
thousands of store-days in seconds. That the sums arrive as they were counted is `deploy.simulation.check`'s business.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd

from analytics import columns as c
from analytics.quality.accuracy import LineAccuracy, StoreAccuracy, store_accuracy
from analytics.statistics.miscount import Tally
from analytics.statistics.sampling import ORDERS, Basket, basket
from analytics.visits.kpis import kpis
from contract.entries import Audit, AuditTally
from deploy.simulation.cases import Case, cases_of
from deploy.simulation.crossings import LineCrossings
from deploy.simulation.fleet import STREET, StoreProfile
from deploy.simulation.model import Model
from deploy.simulation.orders import Order
from deploy.simulation.outages import Outage
from deploy.simulation.rates import Rates, rates_of
from deploy.simulation.store import SimulatedStore
from deploy.simulation.visits import StoreDay


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
        found += _cases(profile.code, drawn, behind)
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


def _cases(store: str, drawn: Sequence[_Drawn], behind: dict[tuple[str, int], Rates]) -> list[Case]:
    accuracy = replace(_accuracy(drawn), basket=_basket(drawn))
    found: list[Case] = []
    for one in drawn:
        day = one.happened.day.business_date
        true = Counter(
            footfall=len(one.happened.in_ms),
            passers_by=len(one.happened.passers_ms),
            transactions=sum(order.kind == "sale" for order in one.orders),
            net_sales=sum(order.net for order in one.orders),
        )
        shown = kpis(
            _facts(one), as_of=datetime.fromtimestamp(one.happened.day.closes_ms / 1000, UTC), audited=accuracy
        )
        found += cases_of(store, day, shown, true, behind.get((store, day.isoweekday())))
    return found


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
