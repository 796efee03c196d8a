"""Business days, periods and typical days on the store's own clock."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from analytics import columns as c
from analytics.days import BusinessDay, Calendar, at_wall_minutes, business_date, quarter, wall_minutes
from analytics.periods import Period, comparison, period
from analytics.stores import Store
from analytics.visits.typical import typical_day

BERLIN = Store(1, "berlin", "Berlin", "Europe/Berlin", "EUR")
KATHMANDU = Store(1, "thamel", "Thamel", "Asia/Kathmandu", "NPR")


def days_of(store: Store, first: date, count: int, opens_min: int = 540, closes_min: int = 1260) -> Calendar:
    zone = ZoneInfo(store.timezone)

    def at(day: date, minutes: int) -> datetime:
        wall = datetime.combine(day, datetime.min.time()) + timedelta(minutes=minutes)
        return wall.replace(tzinfo=zone).astimezone(UTC)

    dates = [first + timedelta(days=step) for step in range(count)]
    return Calendar(BusinessDay(1, day, at(day, opens_min), at(day, closes_min)) for day in dates)


def test_a_business_day_goes_on_after_midnight() -> None:
    days = days_of(BERLIN, date(2026, 11, 16), 7, 600, 1560)
    at_one = datetime(2026, 11, 21, 0, 30, tzinfo=UTC)
    assert business_date(days, BERLIN, at_one) == date(2026, 11, 20)
    assert wall_minutes(BERLIN, date(2026, 11, 20), at_one) == 25 * 60 + 30


def test_kathmandu_lies_5_45_ahead() -> None:
    at = at_wall_minutes(KATHMANDU, date(2026, 11, 21), 10 * 60)
    assert at == datetime(2026, 11, 21, 4, 15, tzinfo=UTC)
    assert quarter(at) == at


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 11, 1), 24)])
def test_a_day_has_23_24_or_25_hours(day: date, hours: int) -> None:
    begin, end = at_wall_minutes(BERLIN, day, 0), at_wall_minutes(BERLIN, day + timedelta(days=1), 0)
    assert end - begin == timedelta(hours=hours)


def test_the_same_wall_time_lines_up_across_the_change_of_the_clock() -> None:
    for day in (date(2026, 10, 24), date(2026, 10, 25), date(2026, 10, 26)):
        assert wall_minutes(BERLIN, day, at_wall_minutes(BERLIN, day, 780)) == 780


def test_a_running_day_is_compared_up_to_the_same_time_of_day() -> None:
    days = days_of(BERLIN, date(2026, 10, 19), 14)
    now = datetime(2026, 10, 26, 12, 7, tzinfo=UTC)  # 13:07 in winter time; a week before it was summer time
    seen = comparison(days, BERLIN, period("today", date(2026, 10, 26)), now=now)
    assert seen.current[0].until == now
    assert seen.comparable[0].until == datetime(2026, 10, 26, 12, 0, tzinfo=UTC)
    assert seen.previous[0].until == datetime(2026, 10, 19, 11, 0, tzinfo=UTC)


def test_a_finished_day_is_compared_as_a_whole() -> None:
    days = days_of(BERLIN, date(2026, 11, 9), 10)
    seen = comparison(days, BERLIN, period("yesterday", date(2026, 11, 18)), now=datetime(2026, 11, 18, 12, tzinfo=UTC))
    assert [one.business_date for one in seen.previous] == [date(2026, 11, 10)]
    assert seen.previous[0] == days.whole(days.of(1)[date(2026, 11, 10)])


def test_periods_compare_whole_weeks_back() -> None:
    today = date(2026, 11, 18)
    assert period("this_week", today) == Period(date(2026, 11, 16), today, 7)
    assert period("last_week", today) == Period(date(2026, 11, 9), date(2026, 11, 15), 7)
    assert period("four_weeks", today) == Period(date(2026, 10, 21), date(2026, 11, 17), 28)
    custom = period("custom", today, first=date(2026, 11, 1), last=date(2026, 11, 10))
    assert custom.shift_days == 14


def test_a_custom_period_needs_both_dates_in_order() -> None:
    with pytest.raises(ValueError, match="expected a first and a last date"):
        period("custom", date(2026, 11, 18), first=date(2026, 11, 2), last=date(2026, 11, 1))


def test_sales_count_until_an_hour_after_closing_but_never_into_the_next_day() -> None:
    days = days_of(BERLIN, date(2026, 11, 16), 2)
    first = days.of(1)[date(2026, 11, 16)]
    assert days.till_until(first) == first.closes_at + timedelta(hours=1)
    round_the_clock = days_of(BERLIN, date(2026, 11, 16), 2, 0, 1440)
    assert round_the_clock.till_until(round_the_clock.of(1)[date(2026, 11, 16)]) == datetime(
        2026, 11, 16, 23, tzinfo=UTC
    )


def slots(*days: list[int]) -> pd.DataFrame:
    rows = [
        (date(2026, 9, 5) + timedelta(weeks=week), 540 + 15 * index, ins)
        for week, day in enumerate(days)
        for index, ins in enumerate(day)
    ]
    return pd.DataFrame(rows, columns=[c.BUSINESS_DATE, c.SLOT, c.INS])


def test_a_typical_day_is_the_median_of_the_weeks() -> None:
    typical = typical_day(slots([1, 4], [3, 4], [9, 10]))
    assert typical.slots[c.MEDIAN].tolist() == [3, 4]
    assert typical.up_to(555) == 3
    assert typical.up_to(570) == 7
    assert (typical.slots[c.LOW] <= typical.slots[c.MEDIAN]).all()
    assert (typical.slots[c.MEDIAN] <= typical.slots[c.HIGH]).all()


def test_two_weeks_are_no_habit() -> None:
    typical = typical_day(slots([1, 4], [3, 4]))
    assert typical.up_to(570) is None
    assert typical.slots.empty
