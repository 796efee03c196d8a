"""Places are ranges: who cannot be told apart is level; who is far from what its size explains is said."""

import time
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.comparison.ranking import Place, level, outliers, places
from analytics.figure import Figure, figure
from analytics.visits.kpis import Kpis, kpis
from tests.support.facts import a_row

NOW = datetime(2026, 11, 21, 6, 7, tzinfo=UTC)


def share(low: float, high: float, *, completeness: float = 1.0) -> Figure:
    return figure("conversion", (low + high) / 2, as_of=NOW, completeness=completeness, interval=(low, high))


def shop(visitors: float, sales: float, **more: float) -> Kpis:
    return kpis(a_row(ins=visitors, transactions=sales, **more), as_of=NOW)


def test_stores_whose_intervals_overlap_are_level() -> None:
    found = places([share(0.3, 0.4), share(0.1, 0.2), share(0.18, 0.25), share(0.24, 0.31)])
    assert found == (Place(1, 2, 4), Place(3, 4, 4), Place(2, 4, 4), Place(1, 3, 4))
    assert level(share(0.1, 0.2), share(0.2, 0.3))
    assert not level(share(0.1, 0.2), share(0.21, 0.3))


def test_a_store_counted_in_part_or_without_an_interval_has_no_place_and_takes_none() -> None:
    unknown = figure("conversion", None, as_of=NOW, completeness=None)
    found = places([share(0.3, 0.4), share(0.8, 0.9, completeness=0.5), unknown, share(0.1, 0.2)])
    assert found == (Place(1, 1, 2), None, None, Place(2, 2, 2))
    assert level(unknown, share(0.1, 0.2)) is None
    assert places([]) == ()


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 0.3)), min_size=1, max_size=25))
def test_places_are_what_counting_by_hand_gives(ends: list[tuple[float, float]]) -> None:
    figures = [share(low, low + width) for low, width in ends]
    for one, place in zip(figures, places(figures), strict=True):
        surely_above = sum(other.low > one.high for other in figures)  # type: ignore[operator]
        surely_below = sum(other.high < one.low for other in figures)  # type: ignore[operator]
        assert place == Place(1 + surely_above, len(figures) - surely_below, len(figures))


def test_stores_that_differ_by_chance_alone_are_no_outliers() -> None:
    random = np.random.default_rng(7)
    sizes = random.integers(50, 5000, 400)
    alike = [shop(float(size), float(random.binomial(size, 0.22))) for size in sizes]
    assert sum(side is not None for side in outliers(alike)) <= 6


def test_stores_that_differ_of_themselves_are_no_outliers_but_one_far_off_is() -> None:
    random = np.random.default_rng(8)
    sizes = random.integers(400, 5000, 60)
    own = np.clip(random.normal(0.22, 0.03, 60), 0.05, 0.6)
    stores = [shop(float(size), float(random.binomial(size, rate))) for size, rate in zip(sizes, own, strict=True)]
    found = outliers([*stores, shop(2000.0, 1000.0), shop(2000.0, 60.0), shop(12.0, 5.0)])
    assert found[-3:] == ("high", "low", None)
    assert sum(side is not None for side in found[:-3]) <= 2


def test_few_stores_or_more_sales_than_visitors_are_not_judged() -> None:
    assert outliers([shop(400.0, 90.0)] * 7) == (None,) * 7
    stores = [shop(400.0, 80.0 + index) for index in range(10)]
    assert outliers([*stores, shop(100.0, 150.0), shop(400.0, 300.0, up_s=10_000.0)])[-2:] == (None, None)


@pytest.mark.parametrize("count", [400])
def test_four_hundred_stores_are_ranked_at_once(count: int) -> None:
    random = np.random.default_rng(9)
    stores = [shop(1000.0, float(random.integers(150, 300))) for _ in range(count)]
    began = time.process_time()
    placed = places([one.conversion for one in stores])
    assert len(outliers(stores)) == len(placed) == count
    assert time.process_time() - began < 0.5
