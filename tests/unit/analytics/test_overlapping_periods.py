"""Whoever asks for every period there is works out no small cell: of ways, categories and aliases over time.

What is told over all periods is one system of equations in the single cells. The smuggler solves it.
"""

import itertools
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from analytics.comparison.decomposition import sides_of_tables, sold_on_both
from analytics.facts import additive
from analytics.staff.staff_sales import Tally, staff_sales
from analytics.visits.categories import Sold, Stays, Week, categories
from analytics.visits.movement import Step, shown_steps
from api.access import Access
from api.windows import shareable
from tests.support.facts import a_row
from tests.support.zone_watching import evenly

NOW: Final = datetime(2026, 11, 2, tzinfo=UTC)
K: Final = 5
NAMES: Final = ("a", "b", "c", "d")
#: People by part of time and cell.
Table = Sequence[Sequence[int]]
Published = dict[str, float | None]
tables = st.lists(st.lists(st.integers(0, 14), min_size=4, max_size=4), min_size=2, max_size=5)


def of_ways(parts: Table) -> Published:
    told = shown_steps([[Step("hall", name, n) for name, n in zip(NAMES, part, strict=True)] for part in parts], k=K)
    return {str(step.to_zone): float(step.people) for step in told}


def of_categories(parts: Table) -> Published:
    weeks = [Week({name: Sold(n, n, 1.0 * n, n) for name, n in zip(NAMES, part, strict=True)}, {}) for part in parts]
    found = categories({}, weeks, as_of=NOW, watch=evenly(1.0), group=1.0, k=K)
    return {str(one.category): one.orders.value for one in found}


def of_stops(parts: Table) -> Published:
    weeks = [
        Week({}, {name: Stays((9.0,) * n, (False,) * n) for name, n in zip(NAMES, part, strict=True)}) for part in parts
    ]
    found = categories({name: [name] for name in NAMES}, weeks, as_of=NOW, watch=evenly(1.0, *NAMES), group=1.0, k=K)
    return {str(one.category): one.visits.value for one in found}


def of_aliases(parts: Table) -> Published:
    weeks: list[dict[str | None, Tally]] = [
        {name: Tally(n, n, n, n, n, n, n, n) for name, n in zip(NAMES, part, strict=True) if n} for part in parts
    ]  # fmt: skip
    return {str(one.alias): one.transactions.value for one in staff_sales(weeks, {}, as_of=NOW, k=K)}


def worked_out(parts: Table, publish: Callable[[Table], Published], *, totals: bool) -> list[tuple[int, int, float]]:
    """Return the small cells that follow from what is published of every run of parts, and of their totals."""
    count = len(parts)
    rows: list[list[float]] = []
    told: list[float] = []
    for first in range(count):
        for last in range(first + 1, count + 1):
            published = publish(parts[first:last])
            for cell, name in enumerate(NAMES):
                value = published.get(name)
                if value is not None:
                    rows.append(
                        [float(first <= part < last and at == cell) for part in range(count) for at in range(4)]
                    )
                    told.append(value)
        if totals:
            rows.append([float(part == first) for part in range(count) for _ in range(4)])
            told.append(sum(parts[first]))
    return [(place // 4, place % 4, value) for place, value in solved(rows, told, 4 * count) if 0 < round(value) < K]


def solved(rows: Sequence[Sequence[float]], told: Sequence[float], unknown: int) -> list[tuple[int, float]]:
    """Return the unknowns that follow from the equations, with what they are."""
    system = np.array(rows, dtype=float).reshape(-1, unknown)
    _, strengths, directions = np.linalg.svd(system, full_matrices=True)
    free = directions[int((strengths > 1e-9).sum()) :]
    values = np.linalg.lstsq(system, np.array(told, dtype=float), rcond=None)[0] if rows else np.zeros(unknown)
    known = np.abs(free).max(axis=0, initial=0.0) < 1e-9
    return [(place, float(values[place])) for place in range(unknown) if known[place]]


#: The store's own sales are told of any day; all stops together are told nowhere.
@pytest.mark.parametrize(("publish", "totals"), [(of_categories, True), (of_aliases, True), (of_stops, False)])
@example(parts=[[2, 5, 4, 0], [0, 14, 5, 9], [14, 14, 0, 1]])
@example(parts=[[0, 0, 0, 5], [0, 1, 0, 0], [5, 0, 5, 0]])
@given(parts=tables)
def test_no_periods_of_whole_weeks_give_away_a_small_week(
    publish: Callable[[Table], Published], totals: bool, parts: list[list[int]]
) -> None:
    assert worked_out(parts, publish, totals=totals) == []


@given(parts=tables)
def test_no_periods_of_days_give_away_a_way_that_few_went(parts: list[list[int]]) -> None:
    # A way is told over the days on which it may be: what is told over a period is told of its days, too.
    for first in range(len(parts)):
        days = [of_ways([part]) for part in parts[first:]]
        summed = {name: sum(day.get(name) or 0.0 for day in days) for name in NAMES if any(name in day for day in days)}
        assert of_ways(parts[first:]) == summed
    assert worked_out(parts[:1], of_ways, totals=True) == []


def test_the_smuggler_would_find_what_is_judged_over_the_whole_period_only() -> None:
    def careless(parts: Table) -> Published:
        return of_categories([[sum(part[cell] for part in parts) for cell in range(4)]])

    week = [3, 9, 12, 30]
    assert worked_out([week, [8, 9, 12, 30]], careless, totals=True) != []
    assert worked_out([week, [8, 9, 12, 30]], of_categories, totals=True) == []


def sales_of_days(sold: Sequence[int], see: Callable[[pd.DataFrame], pd.DataFrame]) -> list[tuple[int, float]]:
    """Return the days whose sales follow from every comparison of some days with as many before, as `see` shows them.

    Each tells the two sums of which its parts are made (`/v1/stores/{id}/change`), and of which days they are.
    """
    facts = pd.DataFrame([a_row(transactions=n, refunds=0, net_sales=100.0 * n, units=2 * n) for n in sold])
    seen = additive(see(facts))
    rows: list[list[float]] = []
    told: list[float] = []
    for first, last in itertools.combinations(range(len(sold) + 1), 2):
        for shift in range(1, first + 1):
            after, before = (seen[first - by : last - by] for by in (0, shift))
            found = sides_of_tables(after, before)
            if found is None:
                continue
            both = [place for place, one in enumerate(sold_on_both(after, before)) if one]
            for begin, side in ((first, found.after), (first - shift, found.before)):
                rows.append([float(day - begin in both) for day in range(len(sold))])
                told.append(side.transactions)
    return solved(rows, told, len(sold))


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(0, 24), min_size=2, max_size=6))
def test_no_comparisons_of_days_give_away_a_day_of_few_outside_the_company(sold: list[int]) -> None:
    outside = Access(1, None, outside=True)
    told = sales_of_days(sold, lambda facts: shareable(facts, outside)[0])
    assert [place for place, value in told if 0 < round(value) < outside.k] == []
    shown = {place for place, few in enumerate(sold) if not 0 < few < outside.k}
    assert {place for place, value in told if round(value)} <= shown


def test_within_the_company_a_store_s_own_days_are_no_secret() -> None:
    told = sales_of_days([3, 8, 20], lambda facts: facts)
    assert [(place, round(value)) for place, value in told] == [(0, 3), (1, 8), (2, 20)]
