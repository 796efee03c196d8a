"""Whoever asks for every period there is, and for the hours of every day, works out no queue of few.

All that is told is one system of equations in the single hours of single days. The smuggler solves it.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from analytics.days import Slice
from analytics.periods import Period
from analytics.statistics.time_cells import withheld_in_time
from analytics.visits.queue_cells import Cell, is_told, told_hours
from analytics.visits.queue_hours import in_parts
from analytics.visits.queueing import QueueExit

K: Final = 5
HOURS: Final = 4
MONDAY: Final = date(2026, 11, 2)
NOW: Final = datetime(2026, 12, 1, tzinfo=UTC)
#: People who left the queue by day and hour.
Table = Sequence[Sequence[int]]
#: A calendar week and two days.
tables = st.lists(
    st.lists(st.sampled_from([0, 0, 1, 2, 3, 5, 6, 9]), min_size=HOURS, max_size=HOURS), min_size=9, max_size=9
)


def cells(table: Table, *, gave_up: int = 0) -> list[list[Cell]]:
    """Return days of which in each hour as many as `gave_up` of the first left unserved, all of them known."""
    return [
        [
            Cell(hour, tuple(QueueExit("till", NOW, 9.0, at >= gave_up) for at in range(count)), ())
            for hour, count in enumerate(day)
        ]
        for day in table
    ]


def slices(count: int) -> list[Slice]:
    found = []
    for number in range(count):
        day = MONDAY + timedelta(days=number)
        opens = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
        found.append(Slice(1, day, opens, opens + timedelta(hours=HOURS), opens + timedelta(hours=HOURS)))
    return found


def of_hours(days: list[list[Cell]], first: int, last: int) -> Iterator[Sequence[Cell]]:
    """Yield the cells of each hour that is told over the days from `first` to `last`, both included."""
    own = slices(len(days))[first : last + 1]
    period = Period(own[0].business_date, own[-1].business_date, 7)
    parts = in_parts(own, [True] * len(own), period, today=NOW.date())
    yield from told_hours([[days[first + place] for place in part] for part in parts], k=K).values()


def told_of(days: list[list[Cell]], count: str) -> Iterator[Sequence[Cell]]:
    """Yield sets of cells whose sum of a count is told: of days, of hours of days, and of hours over all periods."""
    for day in days:
        # The days' own totals and hours, as programs are told of the funnel.
        if count == "joins":
            yield day
            few = withheld_in_time([one.joins for one in day], k=K)
            yield from ([cell] for cell, hide in zip(day, few, strict=True) if not hide)
        elif is_told(day, k=K):
            yield day
    for first in range(len(days)):
        for last in range(first, len(days)):
            yield from (some for some in of_hours(days, first, last) if some)


def worked_out(table: Table, count: str) -> list[float]:
    """Return the small cells that follow from all that is told of a count."""
    days = cells(table, gave_up=2)
    flat = [cell for day in days for cell in day]
    place = {id(cell): at for at, cell in enumerate(flat)}
    known = [getattr(cell, count) for cell in flat]
    sums = {frozenset(place[id(cell)] for cell in some) for some in told_of(days, count)}
    system = np.array([[float(at in one) for at in range(len(flat))] for one in sums])
    _, strengths, directions = np.linalg.svd(system, full_matrices=True)
    free = directions[int((strengths > 1e-9).sum()) :]
    fixed = np.abs(free).max(axis=0, initial=0.0) < 1e-9
    return [value for value, told in zip(known, fixed, strict=True) if told and 0 < value < K]


@pytest.mark.parametrize("count", ["joins", "waited"])
@settings(max_examples=15)
@example(table=[[1, 6, 9, 9]] + [[6, 6, 9, 9]] * 8)
@example(table=[[0, 0, 9, 1]] * 7 + [[9, 9, 9, 9]] * 2)
@example(table=[[3, 0, 0, 0]] + [[0, 0, 0, 9]] * 8)
@given(table=tables)
def test_no_periods_and_hours_together_give_away_a_queue_of_few(count: str, table: list[list[int]]) -> None:
    assert worked_out(table, count) == []


def test_the_smuggler_would_find_what_is_judged_by_the_week_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    # One quiet opening hour: the week's hour, less that of the six other days, is its neighbour that hides it.
    table = [[2, 6, 9, 9]] + [[6, 6, 9, 9]] * 8
    assert worked_out(table, "joins") == []
    monkeypatch.setattr("analytics.visits.queue_cells._telling", lambda *_: set())
    assert worked_out(table, "joins") == [2]


def test_a_quiet_shop_s_week_is_told_by_the_hour_though_no_day_of_it_is() -> None:
    days = cells([[2, 1, 3, 2]] * 7)
    assert [len(some) for some in of_hours(days, 0, 6)] == [7, 7, 7, 7]
    assert [len(some) for some in of_hours(days, 0, 5)] == [0, 0, 0, 0]


def test_a_day_of_few_is_left_out_of_its_week() -> None:
    days = cells([[6, 6, 6, 6]] * 6 + [[2, 0, 0, 0]])
    assert [len(some) for some in of_hours(days, 0, 6)] == [6, 6, 6, 6]
