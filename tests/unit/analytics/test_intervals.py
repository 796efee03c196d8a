"""Intervals of shares and ratios."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.statistics.intervals import conversion_interval, poisson_ratio, wilson

counts = st.integers(min_value=0, max_value=100_000)


@given(st.data())
def test_a_wilson_interval_contains_its_share_and_stays_within_0_and_1(data: st.DataObject) -> None:
    trials = data.draw(st.integers(1, 100_000))
    successes = data.draw(st.integers(0, trials))
    low, high = wilson(successes, trials)
    assert 0 <= low <= successes / trials <= high <= 1
    assert low < high


@given(counts, st.integers(1, 100_000))
def test_a_poisson_ratio_interval_contains_its_ratio(numerator: int, denominator: int) -> None:
    low, high = poisson_ratio(numerator, denominator)
    assert 0 <= low <= numerator / denominator <= high


@given(counts, st.integers(1, 100_000))
def test_the_conversion_interval_contains_the_conversion_even_beyond_100_percent(sales: int, visitors: int) -> None:
    interval = conversion_interval(sales, visitors)
    assert interval is not None
    assert interval[0] <= sales / visitors <= interval[1]


def test_ten_errors_in_500_crossings_are_98_percent_give_or_take_1_2_points() -> None:
    low, high = wilson(490, 500)
    assert (high - low) / 2 == pytest.approx(0.0125, abs=0.001)


def test_the_published_example_of_wilson_is_reproduced() -> None:
    # Newcombe (1998), Stat. Med. 17, table I: 81 of 263.
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)


def test_nobody_came_in_gives_no_interval() -> None:
    assert conversion_interval(3, 0) is None


def test_more_sales_than_visitors_are_not_clipped() -> None:
    interval = conversion_interval(30, 20)
    assert interval is not None
    assert interval[1] > 1.5


@pytest.mark.parametrize(("successes", "trials"), [(1, 0), (-1, 4), (5, 4)])
def test_impossible_counts_are_refused(successes: int, trials: int) -> None:
    with pytest.raises(ValueError, match="expected 0 <= successes"):
        wilson(successes, trials)


def test_a_negative_count_has_no_ratio() -> None:
    with pytest.raises(ValueError, match="expected numerator"):
        poisson_ratio(-1, 3)
