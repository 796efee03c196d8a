"""How far a day strays from the rate behind it: groups, baskets, products."""

import math

import numpy as np
import pytest

from analytics.statistics.intervals import conversion_interval, share_of
from analytics.statistics.sampling import SALES_MIN, basket, of_conversion, of_mean, of_visitors, product
from analytics.visits.kpis import kpis
from tests.support.facts import NOW, a_row

SIZES, SHARES = np.array([1, 2, 3, 4]), np.array([0.62, 0.26, 0.08, 0.04])
MEAN = float(SIZES @ SHARES)


def groups(rng: np.random.Generator, mean: float) -> np.ndarray:
    return rng.choice(SIZES, rng.poisson(mean / MEAN), p=SHARES)


def test_people_who_come_alone_are_a_plain_count() -> None:
    assert of_visitors(1.0) == 1.0
    assert of_conversion(0.3, 1.0) == pytest.approx(1.0)


def test_days_of_groups_stray_as_far_as_is_said_of_them() -> None:
    rng = np.random.default_rng(5)
    days = np.array([groups(rng, 300).sum() for _ in range(4_000)])
    assert days.var() / days.mean() == pytest.approx(of_visitors(MEAN), rel=0.08)


def test_shares_of_groups_are_held_19_times_in_20() -> None:
    rng = np.random.default_rng(7)
    captured = bought = 0
    for _ in range(1_500):
        came, passed = groups(rng, 250), int(rng.poisson(750))
        people = int(came.sum())
        low, high = share_of((people,) * 3, (passed,) * 3, variance=of_visitors(MEAN)) or (0, 0)
        captured += low <= 0.25 <= high
        sales = int((rng.random(len(came)) < 0.36).sum())
        variance = of_conversion(sales / people, MEAN)
        low, high = conversion_interval(sales, people, variance=variance) or (0, 0)
        bought += low <= 0.36 / MEAN <= high
    assert captured / 1_500 == pytest.approx(0.95, abs=0.02)
    assert bought / 1_500 == pytest.approx(0.95, abs=0.02)


def test_a_group_that_would_have_to_buy_twice_is_taken_for_single_people() -> None:
    assert of_conversion(0.8, 1.5) == 1.0
    assert kpis(a_row(transactions=390, ins=400, buying_units=200.0), as_of=NOW).conversion.high is not None


def test_baskets_differ_by_their_squares_and_what_came_back_is_a_basket_of_nothing() -> None:
    kept = [100.0] * 30
    plain = basket(30, (sum(kept), sum(x * x for x in kept)), (30.0, 30.0), 3_000.0)
    assert plain is not None
    assert plain.net_cv == pytest.approx(0.0, abs=1e-6)
    returned = basket(30, (2_900.0, 290_000.0), (29.0, 29.0), 2_900.0)
    exact = np.array([100.0] * 29 + [0.0])
    assert returned is not None
    assert returned.net_cv == pytest.approx(exact.std(ddof=1) / exact.mean())


def test_too_few_baskets_or_none_that_cost_anything_say_nothing() -> None:
    assert basket(SALES_MIN - 1, (100.0, 900.0), (20.0, 30.0), 90.0) is None
    assert basket(30, (0.0, 0.0), (30.0, 30.0), 0.0) is None
    assert of_mean(100.0, None, 50.0) is None
    assert of_mean(None, 0.8, 50.0) is None
    assert of_mean(100.0, 0.8, 0.0) is None


def test_a_product_is_as_uncertain_as_both_factors_together() -> None:
    low, high = product((0.9, 1 / 0.9), (80.0, 125.0)) or (0, 0)
    assert low * high == pytest.approx(100.0**2)
    assert math.log(high / 100) == pytest.approx(math.hypot(math.log(1 / 0.9), math.log(1.25)))
    assert product((0.0, 1.0), (80.0, 125.0)) is None


def test_sales_per_visitor_has_no_range_where_nothing_is_known_of_baskets() -> None:
    plain = kpis(a_row(), as_of=NOW)
    assert plain.spv.value is not None
    assert plain.spv.low is plain.atv.low is plain.upt.low is None
    assert plain.conversion.low is not None
