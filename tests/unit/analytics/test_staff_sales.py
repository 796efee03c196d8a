"""Sales by staff alias: with their intervals, and none of few."""

import math
from datetime import UTC, datetime

import numpy as np
import pytest

from analytics.staff.staff_sales import StaffSales, Tally, staff_sales

NOW = datetime(2026, 11, 2, tzinfo=UTC)


def tally(sales: list[float], refunds: list[float] | None = None) -> Tally:
    every = [*sales, *(refunds or [])]
    units = [1.0] * len(sales) + [-1.0] * len(refunds or [])
    return Tally(
        len(sales), sum(every), sum(one * one for one in every), sum(sales), sum(units), float(len(units)),
        float(len(sales)), len(every),
    )  # fmt: skip


def by_alias(tallies: dict[str | None, Tally], floor_s: dict[str, float] | None = None) -> dict[str | None, StaffSales]:
    return {one.alias: one for one in staff_sales([tallies], floor_s or {}, as_of=NOW, k=5)}


def test_each_alias_has_its_own_average_sale_and_sales_per_hour() -> None:
    found = by_alias({"a1": tally([100.0] * 10), "b2": tally([40.0, 60.0] * 5)}, {"a1": 7200.0})
    assert (found["a1"].atv.value, found["a1"].sales_per_staff_hour.value) == (100.0, 500.0)
    assert (found["b2"].atv.value, found["b2"].sales_per_staff_hour.value) == (50.0, None)
    assert (found["a1"].atv.low, found["a1"].atv.high) == (100.0, 100.0)
    assert found["b2"].upt.value == 1.0


def test_refunds_lower_the_average_sale_and_widen_its_range() -> None:
    plain, refunded = by_alias({"a": tally([50.0] * 20)})["a"], by_alias({"a": tally([50.0] * 20, [-50.0])})["a"]
    assert refunded.atv.value == 47.5
    assert refunded.atv.low is not None
    assert plain.atv.low == 50.0
    assert refunded.atv.low < 47.5


def test_an_alias_of_few_sales_is_withheld_and_the_next_smallest_with_it() -> None:
    found = by_alias({"a": tally([9.0] * 3), "b": tally([9.0] * 8), "c": tally([9.0] * 30), None: tally([9.0] * 40)})
    assert [found[alias].withheld for alias in ("a", "b", "c", None)] == [True, True, False, False]
    assert all(one.value is None for one in found["b"].figures)


def test_an_alias_of_one_refund_alone_is_no_empty_one() -> None:
    found = by_alias({"a": tally([], [-80.0]), "b": tally([9.0] * 8), "c": tally([9.0] * 30)})
    assert [found[alias].withheld for alias in ("a", "b", "c")] == [True, True, False]
    assert found["a"].net_sales.value is None


def test_aliases_stand_in_their_own_order_and_not_by_what_they_sold() -> None:
    found = staff_sales([{"a": tally([1.0] * 9), "b": tally([9.0] * 9)}], {}, as_of=NOW, k=5)
    assert [one.alias for one in found] == ["a", "b"]


@pytest.mark.parametrize("count", [8, 40])
def test_the_range_of_an_average_sale_holds_the_truth_in_95_of_100_cases(count: int) -> None:
    rng = np.random.default_rng(count)
    held, rounds = 0, 600
    for _ in range(rounds):
        one = by_alias({"a": tally(rng.gamma(4, 25, count).tolist())})["a"].atv
        assert one.low is not None
        assert one.high is not None
        held += one.low <= 100 <= one.high
    assert abs(held / rounds - 0.95) <= 0.02 + 2 * math.sqrt(0.95 * 0.05 / rounds)
