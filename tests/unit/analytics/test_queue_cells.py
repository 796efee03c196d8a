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

from analytics.days import BusinessDay, Calendar
from analytics.periods import Period
from analytics.statistics.time_cells import withheld_in_time
from analytics.stores import Store
from analytics.visits.queue_cells import Cell, is_told, told_hours
from analytics.visits.queue_hours import parts_of
from analytics.visits.queueing import QueueExit

K: Final = 5
HOURS: Final = 4
MONDAY: Final = date(2026, 11, 2)
NOW: Final = datetime(2026, 12, 1, tzinfo=UTC)
STORE: Final = Store(1, "north", "North", "UTC", "EUR", "")
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


def opened(count: int) -> Calendar:
    """Return so many days from 22:00 to 2:00, and as many to come; their tills close at 3:00, the morning after."""
    opens = [datetime(2026, 11, 2, 22, tzinfo=UTC) + timedelta(days=number) for number in range(2 * count)]
    return Calendar(BusinessDay(1, at.date(), at, at + timedelta(hours=HOURS)) for at in opens)


def of_hours(days: list[list[Cell]], first: int, last: int, before: datetime = NOW) -> Iterator[Sequence[Cell]]:
    """Yield the cells of each hour that is told `before` a moment, over the days from `first` to `last` that are over.

    Both ends are included.
    """
    known = opened(len(days))
    every = [known.whole(day) for day in known.of(1).values()][: len(days)]
    period = Period(every[first].business_date, every[last].business_date, 7)
    own = [one for one in every[first : last + 1] if one.till_until < before]
    parts = parts_of(own, days[first : first + len(own)], known, store=STORE, period=period, before=before)
    yield from told_hours(parts, k=K).values()


def told_of(days: list[list[Cell]], count: str, moments: Sequence[datetime]) -> Iterator[Sequence[Cell]]:
    """Yield sets of cells whose sum of a count is told: of days, of hours of days, and of hours over all periods.

    Periods are asked for at each of some moments.
    """
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
            for before in moments:
                yield from (some for some in of_hours(days, first, last, before) if some)


def worked_out(table: Table, count: str, moments: Sequence[datetime] = (NOW,)) -> list[float]:
    """Return the small cells that follow from all that is told of a count."""
    days = cells(table, gave_up=2)
    flat = [cell for day in days for cell in day]
    place = {id(cell): at for at, cell in enumerate(flat)}
    known = [getattr(cell, count) for cell in flat]
    sums = {frozenset(place[id(cell)] for cell in some) for some in told_of(days, count, moments)}
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
@example(table=[[0, 0, 0, 0]] * 4 + [[0, 1, 9, 0], [1, 0, 0, 9], [9, 0, 1, 2], [9, 2, 3, 1], [5, 9, 5, 1]])
@given(table=tables)
def test_no_periods_and_hours_together_give_away_a_queue_of_few(count: str, table: list[list[int]]) -> None:
    assert worked_out(table, count) == []


def test_the_smuggler_would_find_what_is_judged_by_the_week_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    # One quiet opening hour: the week's hour, less that of the six other days, is its neighbour that hides it.
    table = [[2, 6, 9, 9]] + [[6, 6, 9, 9]] * 8
    assert worked_out(table, "joins") == []
    monkeypatch.setattr("analytics.visits.queue_cells._telling", lambda *_: set())
    assert worked_out(table, "joins") == [2]


@pytest.mark.parametrize(
    ("count", "table"),
    [
        ("joins", [[2, 6, 9, 9]] * 9),
        ("waited", [[2, 6, 9, 9]] * 9),
        ("waited", [[6, 6, 9, 9]] * 3 + [[2, 6, 9, 9]] + [[6, 6, 9, 9]] * 5),
    ],
)
def test_nor_does_who_asks_day_by_day_while_the_week_goes_on(count: str, table: list[list[int]]) -> None:
    # At 0:10 on each, so on Monday, too, while Sunday's till is still open.
    moments = [datetime(2026, 11, 3, 0, 10, tzinfo=UTC) + timedelta(days=ahead) for ahead in range(10)]
    assert worked_out(table, count, moments) == []


@pytest.mark.parametrize("ahead", range(8))
def test_a_week_is_judged_as_one_only_once_its_last_till_is_closed(ahead: int) -> None:
    known = opened(7)
    every = [known.whole(day) for day in known.of(1).values()][:7]
    before = datetime(2026, 11, 2, 0, 10, tzinfo=UTC) + timedelta(days=ahead)
    own = [one for one in every if one.till_until < before]
    days, period = cells([[9] * HOURS] * len(own)), Period(MONDAY, MONDAY + timedelta(days=6), 7)
    parts = parts_of(own, days, known, store=STORE, period=period, before=before)
    assert [len(part) for part in parts] == [1] * max(0, ahead - 1)
    later = datetime(2026, 11, 9, 3, 1, tzinfo=UTC)
    whole = parts_of(every, cells([[9] * HOURS] * 7), known, store=STORE, period=period, before=later)
    assert [len(part) for part in whole] == [7]


def test_a_week_without_one_of_its_days_is_no_whole_one_and_one_on_which_the_shop_is_closed_is() -> None:
    known = opened(7)
    days, every = cells([[9] * HOURS] * 6), [known.whole(day) for day in known.of(1).values()]
    period = Period(MONDAY, MONDAY + timedelta(days=6), 7)
    gone = parts_of(every[1:7], days, known, store=STORE, period=period, before=NOW)
    assert [len(part) for part in gone] == [1] * 6
    closed = Calendar(day for day in known.of(1).values() if day.business_date != MONDAY)
    assert [len(part) for part in parts_of(every[1:7], days, closed, store=STORE, period=period, before=NOW)] == [6]


def test_a_quiet_shop_s_week_is_told_by_the_hour_though_no_day_of_it_is() -> None:
    days = cells([[2, 1, 3, 2]] * 7)
    assert [len(some) for some in of_hours(days, 0, 6)] == [7, 7, 7, 7]
    assert [len(some) for some in of_hours(days, 0, 5)] == [0, 0, 0, 0]


def test_a_day_of_few_is_left_out_of_its_week() -> None:
    days = cells([[6, 6, 6, 6]] * 6 + [[2, 0, 0, 0]])
    assert [len(some) for some in of_hours(days, 0, 6)] == [6, 6, 6, 6]
