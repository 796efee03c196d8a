"""Categories: stops against sales, and none of few."""

from datetime import UTC, datetime

import pytest

from analytics.visits.categories import Category, Sold, Stays, Week, categories
from tests.support.zone_watching import evenly

NOW = datetime(2026, 11, 2, tzinfo=UTC)


def stays(count: int, dwell_s: float = 30.0) -> Stays:
    return Stays((dwell_s,) * count, (False,) * count)


def by_name(
    zones: dict[str, list[str]],
    sold: dict[str | None, Sold],
    seen: dict[str, Stays],
    *,
    completeness: float | None = 1.0,
) -> dict[str | None, Category]:
    return {
        one.category: one
        for one in categories(
            zones,
            [Week(sold, seen)],
            as_of=NOW,
            watch=evenly(completeness, *{zone for some in zones.values() for zone in some}),
            group=1.0,
            k=5,
        )
    }


def test_a_category_in_two_zones_has_the_stops_of_both() -> None:
    found = by_name(
        {"bags": ["window", "wall"]},
        {"bags": Sold(20, 24, 900.0, 20)},
        {"window": stays(50, 10), "wall": stays(30, 60)},
    )
    bags = found["bags"]
    assert (bags.visits.value, bags.orders.value, bags.conversion.value) == (80, 20, 0.25)
    assert bags.dwell_p50.value == 10
    assert bags.conversion.low is not None
    assert bags.conversion.low < 0.25


def test_what_lies_nowhere_and_what_has_no_name_are_sold_without_stops() -> None:
    found = by_name({}, {"bags": Sold(20, 24, 900.0, 20), None: Sold(9, 9, 90.0, 9)}, {})
    assert list(found) == ["bags", None]
    assert (found["bags"].visits.value, found["bags"].conversion.value) == (None, None)
    assert found[None].net_sales.value == 90


def test_nobody_looked_is_not_nobody_stopped() -> None:
    sold: dict[str | None, Sold] = {"bags": Sold(20, 24, 900.0, 20)}
    assert by_name({"bags": ["wall"]}, sold, {}, completeness=None)["bags"].visits.value is None
    assert by_name({"bags": ["wall"]}, sold, {})["bags"].visits.value == 0


def test_more_sales_than_stops_are_told_as_they_are() -> None:
    found = by_name({"bags": ["wall"]}, {"bags": Sold(20, 24, 900.0, 20)}, {"wall": stays(10)})
    assert found["bags"].conversion.value == 2.0


def test_few_sales_are_withheld_with_the_next_smallest() -> None:
    sold: dict[str | None, Sold] = {"a": Sold(3, 3, 30.0, 3), "b": Sold(8, 8, 80.0, 8), "c": Sold(50, 60, 500.0, 50)}
    found = by_name({}, sold, {})
    assert [found[name].sales_withheld for name in "abc"] == [True, True, False]
    assert found["a"].net_sales.value is None


@pytest.mark.parametrize("few", [1, 4])
def test_no_difference_of_two_categories_gives_away_a_small_zone(few: int) -> None:
    zones = {"bags": ["window", "wall"], "belts": ["window"]}
    found = by_name(zones, {}, {"window": stays(40), "wall": stays(few)})
    assert found["bags"].visits_withheld or found["belts"].visits_withheld
    shown = [one.visits.value for one in found.values()]
    assert None in shown


def test_a_category_of_one_refund_alone_is_withheld_with_the_next_smallest() -> None:
    sold: dict[str | None, Sold] = {"a": Sold(0, -1, -80.0, 1), "b": Sold(8, 8, 80.0, 8), "c": Sold(50, 60, 500.0, 50)}
    found = by_name({}, sold, {})
    assert [found[name].sales_withheld for name in ("a", "b", "c")] == [True, True, False]
    assert found["a"].net_sales.value is None


def test_a_refund_makes_no_few_sales_enough() -> None:
    """Four sales and one refund are five orders, but still four sales."""
    sold: dict[str | None, Sold] = {"a": Sold(4, 4, 30.0, 5), "b": Sold(8, 8, 80.0, 8), "c": Sold(50, 60, 500.0, 50)}
    assert by_name({}, sold, {})["a"].orders.value is None
