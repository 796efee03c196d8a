"""Whoever asks for every period there is works out no small cell: of ways, categories and aliases over time.

What is told over all periods is one system of equations in the single cells. The smuggler solves it.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from analytics.staff.staff_sales import Tally, staff_sales
from analytics.visits.categories import Sold, Stays, Week, categories
from analytics.visits.movement import Step, shown_steps

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
    found = categories({}, weeks, as_of=NOW, completeness=1.0, k=K)
    return {str(one.category): one.orders.value for one in found}


def of_stops(parts: Table) -> Published:
    weeks = [
        Week({}, {name: Stays((9.0,) * n, (False,) * n) for name, n in zip(NAMES, part, strict=True)}) for part in parts
    ]
    found = categories({name: [name] for name in NAMES}, weeks, as_of=NOW, completeness=1.0, k=K)
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
    system, values = np.array(rows).reshape(-1, 4 * count), np.array(told)
    _, strengths, directions = np.linalg.svd(system, full_matrices=True)
    free = directions[int((strengths > 1e-9).sum()) :]
    solved = np.linalg.lstsq(system, values, rcond=None)[0] if rows else np.zeros(4 * count)
    known = np.abs(free).max(axis=0, initial=0.0) < 1e-9
    return [
        (part, cell, float(solved[4 * part + cell]))
        for part in range(count)
        for cell in range(4)
        if known[4 * part + cell] and 0 < round(float(solved[4 * part + cell])) < K
    ]


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
