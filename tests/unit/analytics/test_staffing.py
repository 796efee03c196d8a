"""Staffing: what is told of visitors against staff hours, and what is not."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.staff.power_hours import power_hours
from analytics.staff.staffing import DayCell, HourCell, Staffing, Target, best_weekday, staffing

MONDAY = date(2026, 10, 5)
NOW = datetime(2026, 11, 2, tzinfo=UTC)
TARGET = Target(weekday=3, conversion=0.3, star=10.0, days=8)


def cell(
    day: int = 0, hour: int = 10, *, visitors: float | None = 20, staff: float | None = 2, completeness: float = 1.0
) -> HourCell:
    floor_s = None if staff is None else staff * 3600
    return HourCell(MONDAY + timedelta(days=day), hour, 3600, visitors, completeness, floor_s)


def weeks(hour: int = 10, *, visitors: float = 20, staff: float | None = 2, many: int = 4) -> list[HourCell]:
    return [cell(7 * week, hour, visitors=visitors, staff=staff) for week in range(many)]


def told(cells: list[HourCell], *, target: Target | None = TARGET, k: int = 5) -> Staffing:
    return staffing(cells, target, as_of=NOW, k=k)


def test_star_is_a_ratio_of_sums_over_hours_with_a_visitor() -> None:
    seen = told([cell(visitors=30, staff=2), cell(hour=11, visitors=10, staff=1), cell(hour=12, visitors=0, staff=4)])
    assert seen.star.value == pytest.approx(40 / 3)
    assert seen.staff_hours.value == 7, "an hour without visitors is worked all the same"


def test_days_of_which_nobodys_hours_are_known_say_nothing_and_are_not_zero() -> None:
    unknown = told([cell(staff=None)])
    assert (unknown.star.value, unknown.staff_hours.value) == (None, None)
    partly = told([cell(visitors=30), cell(1, visitors=50, staff=None)])
    assert partly.star.value == 15
    assert partly.staff_hours.completeness == 0.5
    assert partly.staff_hours.quality == "partial"


def test_what_was_not_counted_is_neither_busy_nor_empty() -> None:
    seen = told([cell(visitors=None, completeness=0.0), cell(hour=11, visitors=30)])
    assert seen.star.value == 15


def test_the_target_is_the_star_of_the_weekday_that_converts_best() -> None:
    days = [DayCell(MONDAY + timedelta(days=7 * week), 100, 20, 10) for week in range(6)]
    days += [DayCell(MONDAY + timedelta(days=7 * week + 2), 90, 27, 15) for week in range(6)]
    days += [DayCell(MONDAY + timedelta(days=7 * week + 5), 10, 9, 1) for week in range(5)]
    found = best_weekday(days)
    assert found is not None
    assert (found.weekday, found.star, found.days) == (3, 6.0, 6), "Saturdays are too few"
    assert found.conversion == pytest.approx(0.3)
    assert best_weekday(days[:5]) is None


def test_an_hour_is_short_or_has_staff_to_spare_only_beyond_its_range() -> None:
    cells = weeks(10, visitors=60) + weeks(11, visitors=20) + weeks(12, visitors=10, staff=4) + weeks(13, staff=None)
    by_hour = {one.hour: one for one in told(cells).hours}
    assert {hour: one.verdict for hour, one in by_hour.items()} == {10: "short", 11: "enough", 12: "spare", 13: None}
    assert by_hour[10].needed.value == 6.0
    assert by_hour[10].on_floor.value == 2.0
    assert told(cells).hours_short.value == 1
    assert told(cells).hours_spare.value == 1
    assert all(one.verdict is None for one in told(cells, target=None).hours)
    assert told(cells, target=None).hours_short.value is None


def test_one_on_the_floor_is_never_called_spare() -> None:
    (hour,) = told(weeks(visitors=2, staff=1)).hours
    assert hour.verdict == "enough"


def test_weeks_that_differ_widen_what_is_needed() -> None:
    calm = told([cell(7 * week, visitors=20) for week in range(6)]).hours[0].needed
    torn = told([cell(7 * week, visitors=40 * (week % 2)) for week in range(6)]).hours[0].needed
    assert calm.value == torn.value == 2.0
    assert calm.low is not None
    assert torn.low is not None
    assert torn.low < calm.low


def test_a_usual_week_needs_three_weeks_that_were_counted() -> None:
    assert told(weeks(many=2)).hours == ()
    assert told(weeks(many=2)).power_hours.value is None
    assert told([*weeks(many=2), cell(21, completeness=0.5)]).hours == ()
    assert [one.weeks for one in told([*weeks(many=3), cell(21, completeness=0.5)]).hours] == [3]


def test_one_hour_that_was_not_counted_in_full_makes_the_whole_partial() -> None:
    assert told(weeks(many=8)).star.quality == "measured"
    assert told([*weeks(many=80), cell(hour=9, completeness=0.9)]).star.quality == "partial"


def test_small_hours_are_withheld_with_what_would_give_them_away() -> None:
    cells = weeks(10, visitors=1) + weeks(11, visitors=3) + weeks(12, visitors=9)
    hours = {one.hour: one for one in told(cells).hours}
    assert [hours[hour].withheld for hour in (10, 11, 12)] == [True, True, False]
    assert (hours[10].visitors.value, hours[10].star.value, hours[10].verdict) == (None, None, None)


@given(st.lists(st.integers(5, 30), min_size=2, max_size=7))
def test_a_small_hour_of_one_day_cannot_be_worked_out_from_a_usual_one(others: list[int]) -> None:
    shown = set()
    for small in range(1, 5):
        seen = told([cell(7 * week, visitors=count) for week, count in enumerate([small, *others])])
        (hour,) = seen.hours
        shown.add((hour.visitors.value, hour.star.value, hour.needed.value, hour.needed.low, hour.needed.high))
    assert len(shown) == 1


@given(st.lists(st.integers(0, 8), min_size=4, max_size=4))
def test_no_two_overlapping_usual_weeks_give_back_one_days_staff(quarters: list[int]) -> None:
    cells = [cell(7 * week, staff=count / 4) for week, count in enumerate(quarters)]
    (longer,), (shorter,) = told(cells).hours, told(cells[:3]).hours
    for hour, some in ((longer, quarters), (shorter, quarters[:3])):
        assert hour.on_floor.value is not None
        assert hour.on_floor.value * 2 == round(hour.on_floor.value * 2)
        assert abs(hour.on_floor.value - sum(some) / 4 / len(some)) <= 0.25
        # Visitors are whole: their ratio with the exact mean would be the exact mean.
        assert hour.star.value == (20 / hour.on_floor.value if hour.on_floor.value else None)


def test_power_hours_are_the_fewest_that_hold_their_share() -> None:
    assert power_hours({(1, 10): 30, (1, 11): 20, (2, 10): 25, (2, 11): 25}) == {(1, 10), (2, 10)}
    assert power_hours({(1, 10): 0}) == frozenset()
    assert power_hours({}) == frozenset()


@given(st.dictionaries(st.tuples(st.integers(1, 7), st.integers(0, 24)), st.integers(0, 50), max_size=9))
def test_no_smaller_set_of_hours_holds_as_much(visitors: dict[tuple[int, int], int]) -> None:
    found = power_hours({hour: float(count) for hour, count in visitors.items()})
    total = sum(visitors.values())
    assert sum(visitors[hour] for hour in found) >= 0.4 * total
    fewer = sorted(visitors.values(), reverse=True)[: max(0, len(found) - 1)]
    assert not found or sum(fewer) < 0.4 * total


def test_the_range_of_what_is_needed_holds_the_truth_in_95_of_100_cases() -> None:
    rng = np.random.default_rng(1)
    held = 0
    for _ in range(400):
        seen = told([cell(7 * week, visitors=float(count)) for week, count in enumerate(rng.poisson(30, 8))])
        need = seen.hours[0].needed
        assert need.low is not None
        assert need.high is not None
        held += need.low - 0.05 <= 3.0 <= need.high + 0.05
    assert held >= 370
