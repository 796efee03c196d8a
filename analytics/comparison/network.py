"""All stores side by side over a period, each compared with its own days before.

Day pairs of which one side was not counted at all take no part in a comparison: half a week is never compared with a
whole one.
"""

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Final, TypeAlias

import numpy as np
import pandas as pd

from analytics import columns as c
from analytics.comparison.decomposition import Decomposition, Sides, decompose, sides_of_tables
from analytics.comparison.peers import peer_places
from analytics.comparison.ranking import Place, Side, outliers, places
from analytics.days import Calendar, Slice, business_date
from analytics.facts import Table, add_up_table, additive
from analytics.figure import Figure, least_complete
from analytics.periods import Comparison
from analytics.quality.accuracy import UNAUDITED, StoreAccuracy
from analytics.statistics.miscount import merged
from analytics.statistics.sampling import Basket
from analytics.stores import Store
from analytics.visits.kpis import Kpis, change, kpis
from analytics.visits.targets import Progress

#: Facts of slices, in their order; a caller may answer from a cache.
ReadFacts = Callable[[Sequence[Slice]], pd.DataFrame]

#: Visitors in each of the last `SPARK_WEEKS` whole weeks, oldest first; None for one counted in part.
Weeks: TypeAlias = tuple[float | None, ...]

SPARK_WEEKS: Final = 13
_INS: Final = c.ADDITIVE.index(c.INS)
#: Below this completeness on either side a change is not stated: what was not counted would read as a fall.
COMPARABLE_FROM: Final = 0.95


@dataclass(frozen=True, slots=True)
class Compared:
    """A period's figures and the change of those that can be compared (None: they cannot).

    `pairs` of `days` day pairs were counted on both sides.
    """

    now: Kpis
    before: Kpis
    visitors_change: float | None
    sales_change: float | None
    pairs: int
    days: int


@dataclass(frozen=True, slots=True)
class StoreRow:
    """One store's row; `weeks` are its visitors in each of the last `SPARK_WEEKS` whole weeks, oldest first.

    `sides` is what its change in sales is told apart by (`decomposition`), None without sales on both sides;
    `place` is by conversion among the table's stores, `peer_place` among its peers, `outlier` whether its conversion is
    beyond the limits for its size. `estimated` is visitors with the estimates in force, None without any. `met` is how
    far its targets are met over the period, `month` over the month so far.
    """

    store: Store
    compared: Compared
    weeks: Weeks
    sides: Sides | None = None
    place: Place | None = None
    peer_place: Place | None = None
    estimated: Figure | None = None
    outlier: Side | None = None
    audited: StoreAccuracy = UNAUDITED
    met: tuple[Progress, ...] = ()
    month: tuple[Progress, ...] = ()
    #: Facts of its days, of those that can be compared, and of what these are compared with.
    facts: tuple[Table, Table, Table] | None = field(default=None, compare=False, repr=False)


def network(
    read: ReadFacts,
    chosen: Sequence[tuple[Store, Comparison]],
    weeks: Mapping[int, Weeks],
    *,
    now: datetime,
    audited: Mapping[int, StoreAccuracy] = MappingProxyType({}),
) -> tuple[tuple[StoreRow, ...], Compared]:
    """Return a row per store, and all stores together from the sums; `weeks` and `audited` are by store id.

    Net sales of the whole are meaningful only where all stores use one currency: that is the caller's to see.
    """
    parts = [comparison_slices(one) for _, one in chosen]
    facts = additive(read([one for three in parts for slices in three for one in slices]))
    ends = iter(np.cumsum([len(slices) for three in parts for slices in three], dtype=int).tolist())
    rows, at = [], 0
    for store, _ in chosen:
        three = []
        for end in itertools.islice(ends, 3):
            three.append(facts[at:end])
            at = end
        current, comparable, previous = three
        accuracy = audited.get(store.store_id, UNAUDITED)
        own = _compared(current, comparable, previous, now=now, audited=accuracy)
        known = weeks.get(store.store_id, (None,) * SPARK_WEEKS)
        told = sides_of_tables(comparable, previous)
        rows.append(StoreRow(store, own, known, told, audited=accuracy, facts=(current, comparable, previous)))
    return ranked(rows), together(rows, now=now)


def together(rows: Sequence[StoreRow], *, now: datetime) -> Compared:
    """Return stores from the sums of their facts; a ratio of all is never one of ratios."""
    tables = [row.facts for row in rows if row.facts is not None]
    pooled = [np.concatenate(column) for column in zip(*tables, strict=True)] or [np.empty((0, len(c.ADDITIVE)))] * 3
    current, comparable, previous = pooled
    return _compared(current, comparable, previous, now=now, audited=_all_audited(rows))


def why_by_currency(rows: Sequence[StoreRow]) -> Mapping[str, Decomposition]:
    """Return why the stores' net sales changed, by currency; without those of which no store sold on both sides."""
    told: dict[str, list[Sides | None]] = {}
    for row in rows:
        told.setdefault(row.store.currency, []).append(row.sides)
    found = {currency: decompose(told[currency]) for currency in sorted(told)}
    return {currency: one for currency, one in found.items() if one is not None}


def read_weeks(read: ReadFacts, days: Calendar, stores: Sequence[Store], *, now: datetime) -> Mapping[int, Weeks]:
    """Return each store's visitors in the last whole weeks (`weekly`), by store id."""
    parts = [spark_slices(days, store, now) for store in stores]
    facts = read([one for slices in parts for one in slices])
    found, taken = {}, 0
    for store, slices in zip(stores, parts, strict=True):
        found[store.store_id] = weekly(facts.iloc[taken : taken + len(slices)], store, days, now)
        taken += len(slices)
    return found


def ranked(rows: Sequence[StoreRow]) -> tuple[StoreRow, ...]:
    """Return the rows with their places among each other."""
    bases = [row.compared.now for row in rows]
    conversions = [base.conversion for base in bases]
    among_peers = peer_places([row.store for row in rows], conversions)
    found = zip(rows, places(conversions), among_peers, outliers(bases), strict=True)
    return tuple(replace(row, place=one, peer_place=own, outlier=side) for row, one, own, side in found)


def compared(
    current: pd.DataFrame,
    comparable: pd.DataFrame,
    previous: pd.DataFrame,
    *,
    now: datetime,
    audited: StoreAccuracy = UNAUDITED,
) -> Compared:
    """Return the figures of `current` and the changes from `previous` to `comparable`, row by row in pairs."""
    three = (additive(facts) for facts in (current, comparable, previous))
    return _compared(*three, now=now, audited=audited)


def _compared(current: Table, comparable: Table, previous: Table, *, now: datetime, audited: StoreAccuracy) -> Compared:
    both = ~np.isnan(comparable[:, _INS]) & ~np.isnan(previous[:, _INS])
    after, before = (kpis(add_up_table(facts[both]), as_of=now) for facts in (comparable, previous))
    return Compared(
        now=kpis(add_up_table(current), as_of=now, audited=audited),
        before=before,
        visitors_change=_stated(after.footfall, before.footfall),
        sales_change=_stated(after.net_sales, before.net_sales),
        pairs=int(both.sum()),
        days=len(current),
    )


def _all_audited(rows: Sequence[StoreRow]) -> StoreAccuracy:
    """Return how well all stores together were counted; unknown as soon as one that counted was not audited."""
    own = [(row.compared.now, row.audited) for row in rows]
    return StoreAccuracy(
        visitors=merged([(base.footfall.value, one.visitors) for base, one in own]),
        passers=merged([(base.passers_by.value, one.passers) for base, one in own]),
        basket=_all_baskets(own),
    )


def _all_baskets(own: Sequence[tuple[Kpis, StoreAccuracy]]) -> Basket | None:
    """Return how the baskets of all stores differ within each; None where one that sold cannot tell."""
    sold = [(base, one.basket) for base, one in own if base.transactions.value]
    net = units = net_square = units_square = item_square = number = 0.0
    for base, basket in sold:
        if basket is None or not base.atv.value or not base.upt.value:
            return None
        sales = base.transactions.value or 0.0
        number += sales
        net, units = net + sales * base.atv.value, units + sales * base.upt.value
        net_square += sales * (basket.net_cv * base.atv.value) ** 2
        units_square += sales * (basket.units_cv * base.upt.value) ** 2
        item_square += sales * (basket.item_cv * base.atv.value) ** 2
    if not sold or net <= 0 or units <= 0:
        return None
    return Basket(
        *(
            math.sqrt(square * number) / whole
            for square, whole in ((net_square, net), (units_square, units), (item_square, net))
        )
    )


def comparison_slices(one: Comparison) -> tuple[tuple[Slice, ...], tuple[Slice, ...], tuple[Slice, ...]]:
    """Return the three lists of slices that a comparison reads."""
    return one.current, one.comparable, one.previous


def spark_slices(days: Calendar, store: Store, now: datetime) -> tuple[Slice, ...]:
    """Return the business days of the last `SPARK_WEEKS` whole weeks."""
    first, end = _weeks(days, store, now)
    known = days.of(store.store_id)
    return tuple(days.whole(day) for date_, day in known.items() if first <= date_ < end)


def weekly(facts: pd.DataFrame, store: Store, days: Calendar, now: datetime) -> Weeks:
    """Return visitors per whole week, oldest first; None for one counted in part: it would read as a fall."""
    first, _ = _weeks(days, store, now)
    known = days.of(store.store_id)
    weeks: list[list[float]] = [[] for _ in range(SPARK_WEEKS)]
    up, expected = [0.0] * SPARK_WEEKS, [0.0] * SPARK_WEEKS
    columns = (facts[name] for name in (c.BUSINESS_DATE, c.INS, c.UP_S, c.EXPECTED_S))
    for date_, ins, up_s, expected_s in zip(*columns, strict=True):
        week = (date_ - first).days // 7
        weeks[week].append(float(ins))
        up[week] += up_s
        # A camera is not expected before it first counted, yet a week in which it began is none to compare with.
        expected[week] += max(expected_s, (known[date_].closes_at - known[date_].opens_at).total_seconds())
    return tuple(
        None if not week or any(map(math.isnan, week)) or did < COMPARABLE_FROM * should else sum(week)
        for week, did, should in zip(weeks, up, expected, strict=True)
    )


def _weeks(days: Calendar, store: Store, now: datetime) -> tuple[date, date]:
    today = business_date(days, store, now)
    monday = today - timedelta(days=today.weekday())
    return monday - timedelta(weeks=SPARK_WEEKS), monday


def _stated(after: Figure, before: Figure) -> float | None:
    least = least_complete((after.completeness, before.completeness))
    return change(after, before) if least is not None and least >= COMPARABLE_FROM else None
