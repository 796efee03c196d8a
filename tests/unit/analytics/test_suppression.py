"""No difference of published cells reveals one of fewer than k people: proved by an attacker who knows every sum."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.statistics.suppression import (
    K_EXPORT,
    K_INSIDE,
    Relation,
    protected,
    withheld,
    withheld_by_any,
)

_PEOPLE = st.one_of(st.integers(0, 12), st.integers(0, 400))


def solved(
    relations: Sequence[Relation[Any]], hidden: frozenset[Any], counts: Mapping[Any, int]
) -> dict[Any, Fraction]:
    """Return every withheld cell that follows exactly from the published ones (Gauss–Jordan in fractions)."""
    order = sorted(hidden, key=repr)
    rows: list[list[Fraction]] = []
    for one in relations:
        row = [Fraction(sum(part == key for part in one.parts) - (one.total == key)) for key in order]
        known = sum(counts[key] for key in one.parts if key not in hidden)
        right = -known + (0 if one.total in hidden else counts[one.total])
        rows.append([*row, Fraction(right)])
    pivot = 0
    for column in range(len(order)):
        found = next((index for index in range(pivot, len(rows)) if rows[index][column]), None)
        if found is None:
            continue
        rows[pivot], rows[found] = rows[found], rows[pivot]
        rows[pivot] = [value / rows[pivot][column] for value in rows[pivot]]
        for index, row in enumerate(rows):
            if index != pivot and row[column]:
                rows[index] = [a - row[column] * b for a, b in zip(row, rows[pivot], strict=True)]
        pivot += 1
    alone = ([index for index, value in enumerate(row[:-1]) if value] + [row[-1]] for row in rows)
    return {order[int(one[0])]: Fraction(one[1]) for one in alone if len(one) == 2}


def crosstab(rows: Sequence[int], columns: Sequence[int]) -> Iterator[Relation[Any]]:
    """Yield the relations of a table with the keys (row, column), None standing for all rows or columns."""
    for row in rows:
        yield Relation((row, None), tuple((row, column) for column in columns))
    for column in columns:
        yield Relation((None, column), tuple((row, column) for row in rows))
    yield Relation((None, None), tuple((row, None) for row in rows))
    yield Relation((None, None), tuple((None, column) for column in columns))


def table(values: Sequence[Sequence[int]]) -> tuple[dict[Any, int], list[Relation[Any]]]:
    rows, columns = range(len(values)), range(len(values[0]))
    cells: dict[Any, int] = {(row, column): values[row][column] for row, column in product(rows, columns)}
    cells |= {(row, None): sum(values[row]) for row in rows}
    cells |= {(None, column): sum(values[row][column] for row in rows) for column in columns}
    return {**cells, (None, None): sum(map(sum, values))}, list(crosstab(list(rows), list(columns)))


@given(st.lists(_PEOPLE, max_size=12), st.sampled_from([K_INSIDE, K_EXPORT]))
def test_the_total_less_the_shown_cells_never_leaves_fewer_than_k(people: list[int], k: int) -> None:
    hidden = withheld(people, k=k)
    assert all(hid for hid, count in zip(hidden, people, strict=True) if 0 < count < k)
    left = [count for hid, count in zip(hidden, people, strict=True) if hid]
    assert len(left) != 1 or len(people) == 1
    if sum(people) >= k:
        assert not left or sum(left) >= k
    else:
        assert not left or all(hidden)


@pytest.mark.parametrize(
    ("people", "hidden"),
    [
        ([20, 3, 9, 0], [False, True, True, False]),
        ([1, 2, 40, 8], [True, True, False, True]),
        ([4, 4, 40], [True, True, False]),
        ([3, 0, 0], [True, True, True]),
        ([30, 9], [False, False]),
        ([], []),
    ],
)
def test_what_is_withheld_is_the_least_that_will_do(people: list[int], hidden: list[bool]) -> None:
    assert withheld(people) == hidden


@settings(deadline=None)
@given(st.integers(1, 4).flatmap(lambda n: st.lists(st.lists(_PEOPLE, min_size=n, max_size=n), min_size=1, max_size=5)))
def test_no_sum_of_a_table_of_hours_and_zones_gives_a_small_cell_away(values: list[list[int]]) -> None:
    counts, relations = table(values)
    hidden = protected(counts, relations)
    assert all(key in hidden for key, count in counts.items() if 0 < count < K_INSIDE)
    known = solved(relations, hidden, counts)
    assert not [key for key in known if 0 < counts[key] < K_INSIDE]
    for one in relations:
        left = sum(counts[key] for key in one.parts if key in hidden)
        assert one.total in hidden or left == 0 or left >= K_INSIDE


@pytest.mark.parametrize(
    "values",
    [
        [[9, 20, 9, 4], [20, 4, 9, 1], [20, 3, 50, 9], [4, 0, 1, 0]],
        [[9, 9, 4, 0, 4], [4, 50, 20, 20, 0], [4, 0, 3, 4, 0], [20, 3, 9, 50, 4]],
        [[9, 3, 50, 2], [3, 0, 20, 50], [0, 50, 50, 9], [20, 1, 2, 50]],
    ],
)
def test_rows_less_columns_of_a_table_give_no_cell_away_though_no_sum_has_one_alone(values: list[list[int]]) -> None:
    """Few tables are so: nobody draws one by chance. Two of each row and column are withheld, and one follows yet."""
    counts, relations = table(values)
    hidden = protected(counts, relations, public=[key for key in counts if None in key])
    assert all(key in hidden for key, count in counts.items() if None not in key and 0 < count < K_INSIDE)
    assert solved(relations, hidden, counts) == {}


@settings(deadline=None)
@given(st.lists(st.lists(st.lists(_PEOPLE, min_size=1, max_size=3), min_size=1, max_size=3), min_size=1, max_size=3))
def test_no_difference_over_zones_stores_and_all_gives_a_small_cell_away(stores: list[list[list[int]]]) -> None:
    counts: dict[Any, int] = {}
    relations: list[Relation[Any]] = [Relation("all", tuple((store,) for store in range(len(stores))))]
    for store, zones in enumerate(stores):
        relations.append(Relation((store,), tuple((store, zone) for zone in range(len(zones)))))
        for zone, hours in enumerate(zones):
            relations.append(Relation((store, zone), tuple((store, zone, hour) for hour in range(len(hours)))))
            counts |= {(store, zone, hour): people for hour, people in enumerate(hours)}
            counts[store, zone] = sum(hours)
        counts[store,] = sum(map(sum, zones))
    counts["all"] = sum(counts[store,] for store in range(len(stores)))
    hidden = protected(counts, relations)
    known = solved(relations, hidden, counts)
    assert all(key in hidden for key, count in counts.items() if 0 < count < K_INSIDE)
    assert not [key for key in known if 0 < counts[key] < K_INSIDE]


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(0, 7), min_size=2, max_size=2), min_size=2, max_size=2))
def test_whoever_tries_every_number_of_people_finds_more_than_one(values: list[list[int]]) -> None:
    counts, relations = table(values)
    totals = [(0, None), (1, None), (None, 0), (None, 1), (None, None)]
    hidden = protected(counts, relations, k=3, public=totals)
    leaves = [(row, column) for row, column in product(range(2), range(2))]
    fits = []
    for first in range(15):  # the totals are known, so one number gives the other three
        second, third = counts[0, None] - first, counts[None, 0] - first
        guess = dict(zip(leaves, (first, second, third, counts[1, None] - third), strict=True))
        if min(guess.values()) >= 0 and all(guess[key] == counts[key] for key in leaves if key not in hidden):
            fits.append(guess)
    for key in leaves:
        if 0 < counts[key] < 3 and min(counts[total] for total in totals) >= 3:
            assert len({fit[key] for fit in fits}) > 1


@given(st.lists(st.tuples(_PEOPLE, st.integers(0, 6)), min_size=2, max_size=8))
def test_of_sales_and_of_orders_neither_total_less_the_shown_cells_tells_of_few(cells: list[tuple[int, int]]) -> None:
    sales, orders = [sold for sold, _ in cells], [sold + refunds for sold, refunds in cells]
    hidden = withheld_by_any(sales, orders)
    for counts in (sales, orders):
        assert all(hid for hid, count in zip(hidden, counts, strict=True) if 0 < count < K_INSIDE)
        left = [count for hid, count in zip(hidden, counts, strict=True) if hid]
        assert len(left) != 1
        assert sum(left) == 0 or sum(left) >= K_INSIDE or all(hidden)


def test_a_store_s_own_total_is_shown_and_its_only_part_hides_behind_an_empty_one() -> None:
    counts = {"day": 3, "front": 3, "back": 0}
    assert protected(counts, [Relation("day", ("front", "back"))], public=["day"]) == {"front", "back"}
    assert protected(counts, [Relation("day", ("front", "back"))]) == {"day", "front"}


def test_what_nobody_counted_holds_nobody() -> None:
    counts: dict[str, int | None] = {"day": 40, "a": None, "b": 4, "c": 36}
    assert protected(counts, [Relation("day", ("a", "b", "c"))], public=["day"]) == {"b", "c"}


def test_an_export_withholds_more() -> None:
    assert withheld([8, 30, 50]) == [False, False, False]
    assert withheld([8, 30, 50], k=K_EXPORT) == [True, True, False]
