"""Comparison, power hours, occupancy and stays against plain Python that uses nothing of ours."""

import math
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.comparison.decomposition import Sides, Sums, decompose
from analytics.comparison.ranking import places
from analytics.figure import figure
from analytics.staff.power_hours import power_hours
from analytics.visits.dwell import dwell_quantile
from analytics.visits.occupancy import occupancy
from tests.support.plain_comparing import places_among
from tests.support.plain_floor import effects, fewest_hours, people_inside, stay_quantile

NOW = datetime(2026, 11, 21, tzinfo=UTC)
side = st.tuples(st.integers(1, 5_000), st.integers(1, 900), st.integers(1, 90_000)).map(
    lambda one: (float(one[0]), float(one[1]), float(one[2]))
)
counts = st.lists(st.integers(0, 40), min_size=1, max_size=9)


@given(side, side)
def test_a_change_in_sales_falls_apart_as_by_hand(
    before: tuple[float, float, float], after: tuple[float, float, float]
) -> None:
    found = decompose([Sides(Sums(*before), Sums(*after), 0.0, 0.0, 1, 1)])
    assert found is not None
    scale = abs(after[2] - before[2]) + before[2] + after[2]
    assert (found.visitors, found.conversion, found.basket) == pytest.approx(effects(before, after), abs=1e-7 * scale)
    assert math.isclose(found.visitors + found.conversion + found.basket, after[2] - before[2], abs_tol=1e-7 * scale)


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 10)), min_size=1, max_size=8))
def test_places_are_as_by_hand(stores: list[tuple[int, int]]) -> None:
    intervals = [(float(low), float(low + width)) for low, width in stores]
    told = [figure("conversion", low, as_of=NOW, completeness=1.0, interval=(low, high)) for low, high in intervals]
    named = {str(number): one for number, one in enumerate(intervals)}
    wanted = [places_among(name, named)[:2] for name in named]
    assert [None if one is None else (one.best, one.worst) for one in places(told)] == wanted


@given(counts)
def test_no_smaller_set_of_hours_holds_the_share(visitors: list[int]) -> None:
    found = power_hours({(1, hour): float(count) for hour, count in enumerate(visitors)})
    assert len(found) == fewest_hours([float(one) for one in visitors], 0.4)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=20))
def test_who_is_inside_is_as_by_hand(flows: list[tuple[int, int]]) -> None:
    assert occupancy(flows, since=NOW, as_of=NOW, completeness=1.0).people.value == people_inside(flows)


@given(
    st.lists(st.tuples(st.integers(1, 12).map(float), st.booleans()), min_size=1, max_size=14),
    st.sampled_from([0.5, 0.9]),
)
def test_quantiles_of_stays_are_as_by_hand(stays: list[tuple[float, bool]], p: float) -> None:
    assert dwell_quantile([one for one, _ in stays], [cut for _, cut in stays], p) == stay_quantile(stays, p)
