"""Regions and formats add up their stores' days: rates are ratios of sums, and what is not known adds nothing."""

from datetime import UTC, datetime

import numpy as np
import pytest

from analytics import columns as c
from analytics.comparison.groups import by_format, by_region
from analytics.comparison.network import StoreRow, Weeks, ranked, together
from analytics.comparison.ranking import LIMIT_Z, funnel_of, judged
from analytics.facts import Table
from analytics.stores import Store
from analytics.visits.kpis import kpis
from tests.support.facts import a_row

NOW = datetime(2026, 11, 21, 6, 7, tzinfo=UTC)


def table(*days: dict[str, float]) -> Table:
    return np.array([[a_row(**day)[name] for name in c.ADDITIVE] for day in days], dtype=float)


def a_store(
    number: int, region: str | None, kind: str | None = None, *, ins: float = 400, sales: float = 92,
    before: float = 400, currency: str = "EUR", weeks: Weeks = (7.0,) * 13,
) -> StoreRow:  # fmt: skip
    day = {c.INS: ins, c.TRANSACTIONS: sales, c.NET_SALES: 100.0 * sales}
    facts = (table(day), table(day), table({**day, c.INS: before}))
    store = Store(number, f"s{number}", f"S {number}", "UTC", currency, region, kind)
    row = StoreRow(store, together([], now=NOW), weeks, facts=facts)
    return StoreRow(store, together([row], now=NOW), weeks, facts=facts)


def test_a_regions_rates_are_those_of_its_sums_not_the_mean_of_its_stores() -> None:
    rows = [a_store(1, "North", ins=1000, sales=100, before=500), a_store(2, "North", ins=100, sales=40, before=100)]
    (north,) = by_region(rows, now=NOW)
    now = north.compared.now
    assert now.footfall.value == 1100
    assert now.conversion.value == pytest.approx(140 / 1100), "not (10% + 40%) / 2"
    assert now.atv.value == pytest.approx(100)
    assert now.conversion.low is not None
    assert now.conversion.high is not None
    assert now.conversion.low < 140 / 1100 < now.conversion.high
    assert north.compared.visitors_change == pytest.approx(1100 / 600 - 1)


def test_all_regions_add_up_to_the_chain_and_formats_to_their_region() -> None:
    rows = [a_store(n, ["East", "West", None][n % 3], ["mall", "street"][n % 2], ins=100 + n) for n in range(12)]
    found = by_region(rows, now=NOW)
    assert [group.name for group in found] == ["East", "West", None]
    everyone = together(rows, now=NOW).now.footfall.value
    assert sum(group.compared.now.footfall.value or 0 for group in found) == everyone
    for group in found:
        inner = [part.compared.now.footfall.value or 0 for part in group.parts]
        assert [part.name for part in group.parts] == ["mall", "street"]
        assert sum(inner) == group.compared.now.footfall.value
    assert [group.name for group in by_format(rows, now=NOW)] == ["mall", "street"]


def test_a_region_of_one_format_has_no_branches() -> None:
    (east,) = by_region([a_store(1, "East", "mall"), a_store(2, "East", "mall")], now=NOW)
    assert east.parts == ()


def test_a_store_counted_in_part_of_the_weeks_does_not_bend_its_regions_line() -> None:
    (east,) = by_region([a_store(1, "East"), a_store(2, "East", weeks=(None, *(9.0,) * 12))], now=NOW)
    assert (east.weeks, east.weeks_of) == ((7.0,) * 13, 1)
    (none,) = by_region([a_store(1, "East", weeks=(None,) * 13)], now=NOW)
    assert (none.weeks, none.weeks_of) == ((None,) * 13, 0)


def test_a_region_younger_than_thirteen_weeks_has_a_line_from_its_first_week_on() -> None:
    young: Weeks = (*(None,) * 5, *(7.0,) * 8)
    late: Weeks = (*(None,) * 6, *(9.0,) * 7)
    (east,) = by_region(
        [a_store(1, "East", weeks=young), a_store(2, "East", weeks=young), a_store(3, "East", weeks=late)], now=NOW
    )
    assert (east.weeks, east.weeks_of) == ((*(None,) * 5, *(14.0,) * 8), 2)


def test_sales_in_two_currencies_are_not_added_up() -> None:
    (both,) = by_region([a_store(1, "East"), a_store(2, "East", currency="CNY")], now=NOW)
    assert (both.currency, both.why) == (None, None)


def test_the_limits_that_are_drawn_are_those_that_judge() -> None:
    rows = [a_store(n, "East", ins=200 + 40 * n, sales=(200 + 40 * n) * 0.2) for n in range(20)]
    rows.append(a_store(20, "East", ins=900, sales=600))
    bases = [row.compared.now for row in rows]
    limits = funnel_of(bases)
    assert limits is not None
    for row, base in zip(ranked(rows), bases, strict=True):
        counts = judged(base)
        assert counts is not None
        low, high = limits.at(counts[1])
        beyond = not low <= counts[0] / counts[1] <= high
        assert (row.outlier is not None) == beyond, row.store.code
    assert limits.usual == pytest.approx(0.2)
    narrow, wide = (limits.at(n)[1] - limits.at(n)[0] for n in (5000, 50))
    assert wide > narrow
    assert limits.at(1)[0] == 0.0, "no limit below nobody"
    assert LIMIT_Z == 3.0
    assert funnel_of([kpis(a_row(), as_of=NOW)] * 3) is None
