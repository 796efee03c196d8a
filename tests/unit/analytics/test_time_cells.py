"""Cells of time: whatever is published of a day, at every grain and at every moment, tells of no few people."""

from collections.abc import Sequence
from itertools import product

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from analytics.statistics.time_cells import (
    counted_sum,
    levels_told,
    told_together,
    withheld_hours,
    withheld_in_time,
)

K = 5
counts = st.lists(st.one_of(st.none(), st.integers(0, 12)), min_size=1, max_size=12)
days = st.lists(st.lists(st.one_of(st.none(), st.integers(0, 9)), min_size=1, max_size=4), min_size=1, max_size=8)


def people(cells: Sequence[int | None]) -> int:
    return sum(cell or 0 for cell in cells)


def test_the_sum_of_what_nobody_counted_is_not_known_and_never_zero() -> None:
    assert counted_sum([None, None]) is None
    assert counted_sum([]) is None
    assert counted_sum([None, 0]) == 0
    assert counted_sum([None, 3, 2]) == 5


def test_a_small_last_cell_takes_those_before_it_along_and_no_more() -> None:
    assert withheld_in_time([20, 20, 3]) == [False, True, True]
    assert withheld_in_time([20, 3, 1, 2, 20]) == [False, True, True, True, False]


@given(counts)
def test_no_small_cell_is_shown(cells: list[int | None]) -> None:
    for count, hidden in zip(cells, withheld_in_time(cells, k=K), strict=True):
        assert hidden or not 0 < (count or 0) < K


@given(counts)
def test_the_total_less_what_is_shown_is_nobody_or_enough_in_several_cells(cells: list[int | None]) -> None:
    hidden = [count for count, away in zip(cells, withheld_in_time(cells, k=K), strict=True) if away]
    if hidden and people(cells) >= K:
        assert people(hidden) >= K
        assert len(hidden) >= 2
    elif hidden:
        # A total of few says how many; when they came it must not say.
        assert len(hidden) == len([count for count in cells if count is not None])


@given(counts)
def test_more_than_one_answer_remains_for_each_small_cell(cells: list[int | None]) -> None:
    """Whoever knows the rule and every shown cell: the small one may still be any of several numbers."""
    hidden = withheld_in_time(cells, k=K)
    where = [index for index, away in enumerate(hidden) if away]
    if len(where) > 3 or people(cells) < K:
        return
    total = people([cells[index] for index in where])
    found: dict[int, set[int]] = {index: set() for index in where}
    for guess in product(range(total + 1), repeat=len(where)):
        if sum(guess) != total:
            continue
        tried = list(cells)
        for index, count in zip(where, guess, strict=True):
            tried[index] = count
        if withheld_in_time(tried, k=K) == hidden:
            for index, count in zip(where, guess, strict=True):
                found[index].add(count)
    for index in where:
        if 0 < (cells[index] or 0) < K:
            assert len(found[index]) > 1


def test_what_is_withheld_is_told_together_with_those_it_is_withheld_with() -> None:
    assert told_together([20, 3, 1, 2, 20, 30], k=K) == [range(1, 4)]
    assert told_together([4, 4, 20, 4, 4], k=K) == [range(2), range(3, 5)]
    assert told_together([9, 9, 9, 9], [2, 0, 7, 9], k=K) == [range(3)], "an empty hour between them goes along"
    assert told_together([9, 3, 9], [9, 9, 3], k=K) == [range(1, 3)]
    assert told_together([9, 9], [2, 2], k=K) == [], "of few in all nothing is told but the day's own total"


pairs = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=8)


@given(pairs)
@example([(3, 9), (9, 3), (9, 9), (2, 9), (9, 2)])
def test_runs_tell_with_totals_and_single_hours_of_no_hour_of_few(hours: list[tuple[int, int]]) -> None:
    """Totals, hours shown of each count, and sums of runs are equations: solved, they say nothing small."""
    flows = [[hour[which] for hour in hours] for which in (0, 1)]
    runs = told_together(*flows, k=K)
    for flow in flows:
        shown = [at for at, away in enumerate(withheld_in_time(flow, k=K)) if not away]
        spans = [range(len(flow)), *runs, *(range(at, at + 1) for at in shown)]
        for run in runs:
            left = people([flow[at] for at in run if at not in shown])
            assert left == 0 or left >= K
        rows = [[float(place in span) for place in range(len(flow))] for span in spans]
        _, strengths, directions = np.linalg.svd(np.array(rows), full_matrices=True)
        free = directions[int((strengths > 1e-9).sum()) :]
        known = np.abs(free).max(axis=0, initial=0.0) < 1e-9
        # Of a day of few in all the only hour there is follows from the day's own total.
        assert not [at for at, count in enumerate(flow) if known[at] and 0 < count < K and len(flow) > 1]


@given(pairs)
def test_runs_and_the_hours_told_alone_are_the_whole_day(hours: list[tuple[int, int]]) -> None:
    flows = [[hour[which] for hour in hours] for which in (0, 1)]
    runs = told_together(*flows, k=K)
    in_runs = {at for run in runs for at in run}
    assert len(in_runs) == sum(map(len, runs))
    few_in_all = any(0 < people(flow) < K for flow in flows)
    away = {at for flow in flows for at, hidden in enumerate(withheld_in_time(flow, k=K)) if hidden}
    assert few_in_all or away <= in_runs


@given(days)
def test_quarters_do_not_tell_what_hours_withhold(hours: list[list[int | None]]) -> None:
    hidden_hours, hidden_quarters = withheld_hours(hours, k=K)
    for quarters, hour_hidden, hidden in zip(hours, hidden_hours, hidden_quarters, strict=True):
        if hour_hidden:
            assert all(away or count is None for count, away in zip(quarters, hidden, strict=True))
        else:
            left = people([count for count, away in zip(quarters, hidden, strict=True) if away])
            assert left == 0 or left >= K
        for count, away in zip(quarters, hidden, strict=True):
            assert away or not 0 < (count or 0) < K


flows = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=8)


@given(flows)
@example([(3, 0), (0, 3), (4, 4), (9, 9)])
def test_who_is_inside_tells_with_who_came_and_went_of_no_hour_of_few(hours: list[tuple[int, int]]) -> None:
    """Sums of those who came in and went out, told hours, and who is inside after each told hour are equations."""
    ins, outs = ([hour[which] for hour in hours] for which in (0, 1))
    count = len(hours)
    rows = [[1.0] * count + [0.0] * count, [0.0] * count + [1.0] * count]
    for offset, flow in ((0, ins), (count, outs)):
        shown = [at for at, away in enumerate(withheld_in_time(flow, k=K)) if not away]
        rows += [[float(place == offset + at) for place in range(2 * count)] for at in shown]
    for at, told in enumerate(levels_told((ins, outs), k=K)):
        if told:
            rows.append(
                [float(place <= at) for place in range(count)] + [-float(place <= at) for place in range(count)]
            )
    _, strengths, directions = np.linalg.svd(np.array(rows), full_matrices=True)
    free = directions[int((strengths > 1e-9).sum()) :]
    known = np.abs(free).max(axis=0, initial=0.0) < 1e-9
    # Of a day of few in all the only hour there is follows from the day's own total.
    assert [
        value for value, fixed in zip([*ins, *outs], known, strict=True) if fixed and 0 < value < K and count > 1
    ] == []


def test_of_a_flow_of_few_nothing_is_told_after_its_first() -> None:
    assert levels_told(([9, 9, 9, 9], [9, 9, 9, 9]), untold=[0, 0, 2, 0], k=K) == [True, True, False, False]
    assert levels_told(([9, 9, 9, 9], [0, 0, 2, 0]), k=K) == [False] * 4, "its total is told"
    assert levels_told(([3, 0, 4, 9], [9, 9, 9, 9]), k=K) == [False, False, True, True]
