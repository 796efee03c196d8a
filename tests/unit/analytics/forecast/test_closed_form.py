from datetime import timedelta

import numpy as np
import pytest

from analytics.forecast.baselines import seasonal_naive
from analytics.forecast.closed_form import INDEX_YEARS, YEAR, ClosedForm
from analytics.forecast.panel import HORIZON, Floats, Panel, panel_of
from analytics.forecast.special_days import with_bridges
from analytics.forecast.stores import HISTORY_DAYS
from tests.support.counts import FIRST, counted, frame, rates

DAYS = 2 * 364 + 84
CUTOFF = DAYS - HORIZON


def panel(**series: Floats) -> Panel:
    return panel_of(frame(series))


def off(forecast: Floats, expected: Floats) -> float:
    known = ~np.isnan(forecast)
    return float(np.abs(forecast - expected)[known].sum() / expected[known].sum())


def test_it_comes_nearer_to_what_is_expected_than_last_week_again() -> None:
    expected = rates(DAYS, season=0.3)
    shops = panel(**{f"s{seed}": counted(expected, seed=seed) for seed in range(6)})
    coming = np.broadcast_to(expected[CUTOFF:], (6, HORIZON, 24))
    mine = off(ClosedForm(shops).forecast(CUTOFF), coming)
    assert mine < 0.6 * off(seasonal_naive(shops, CUTOFF), coming)
    assert mine < 0.1


def test_the_history_of_a_shop_reaches_back_to_the_oldest_year_of_the_index_a_year_ago() -> None:
    expected = rates(HISTORY_DAYS)
    plain = ClosedForm(panel_of(frame({"s": np.where(expected > 0, expected, np.nan)})))
    then = HISTORY_DAYS - YEAR
    expected[then - INDEX_YEARS * YEAR : then - INDEX_YEARS * YEAR + HORIZON] *= 1.5
    lifted = ClosedForm(panel_of(frame({"s": np.where(expected > 0, expected, np.nan)})))
    assert (lifted.index(then) > plain.index(then) + 0.02).all()


def test_what_comes_after_the_origin_changes_nothing() -> None:
    counts = counted(rates(DAYS, season=0.3), seed=1)
    other = counts.copy()
    other[CUTOFF:] *= 7
    assert np.array_equal(
        ClosedForm(panel(a=counts)).forecast(CUTOFF), ClosedForm(panel(a=other)).forecast(CUTOFF), equal_nan=True
    )


def test_closed_hours_and_a_closed_weekday_are_not_forecast() -> None:
    counts = counted(rates(DAYS), seed=1)
    counts[6::7] = np.nan
    forecast = ClosedForm(panel(a=counts)).forecast(CUTOFF)[0]
    weekdays = (np.arange(HORIZON) + CUTOFF) % 7
    assert np.isnan(forecast[:, :9]).all()
    assert np.isnan(forecast[weekdays == 6]).all()
    assert not np.isnan(forecast[weekdays != 6, 9:21]).any()


def test_a_gap_is_no_zero() -> None:
    expected = rates(DAYS)
    counts = counted(expected, seed=2)
    counts[CUTOFF - 10 : CUTOFF - 3] = np.nan
    counts[CUTOFF - 2, 9:14] = np.nan
    forecast = ClosedForm(panel(a=counts)).forecast(CUTOFF)
    assert off(forecast, expected[None, CUTOFF:]) < 0.1


def test_a_holiday_is_forecast_as_it_was_a_year_before_and_leaves_other_days_alone() -> None:
    holidays = [FIRST + timedelta(days=CUTOFF - 364 + 3), FIRST + timedelta(days=CUTOFF + 3)]
    expected = rates(DAYS)
    for day in holidays:
        expected[(day - FIRST).days] *= 0.3
    counts = frame({f"s{seed}": counted(expected, seed=seed, noise=0.05) for seed in range(4)})
    special = ClosedForm(panel_of(counts, dict.fromkeys(holidays, "Day of Rest"))).forecast(CUTOFF)
    unaware = ClosedForm(panel_of(counts)).forecast(CUTOFF)
    coming = np.broadcast_to(expected[CUTOFF:], special.shape)
    assert off(special[:, 3:4], coming[:, 3:4]) < 0.5
    assert off(unaware[:, 3:4], coming[:, 3:4]) > 2
    assert off(np.delete(special, 3, 1), np.delete(coming, 3, 1)) < 0.1


def test_after_a_break_the_level_is_the_new_one() -> None:
    expected = rates(DAYS)
    expected[CUTOFF - 4 :] *= 0.4
    forecast = ClosedForm(panel(a=counted(expected, seed=3, noise=0.05))).forecast(CUTOFF)
    assert off(forecast, expected[None, CUTOFF:]) < 0.15


def test_a_level_forgets_what_lay_before_a_break_within_two_weeks() -> None:
    expected = rates(DAYS)
    expected[CUTOFF - 12 :] *= 0.25
    forecast = ClosedForm(panel(a=counted(expected, seed=3, noise=0.05))).forecast(CUTOFF)
    assert off(forecast, expected[None, CUTOFF:]) < 0.15


def test_the_few_who_came_while_it_was_closed_do_not_say_when_people_come() -> None:
    expected = rates(DAYS)
    closed, weeks = expected.copy(), slice(CUTOFF - 35, CUTOFF - 7)
    closed[weeks, 9:21] = 0.05 * np.roll(closed[weeks, 9:21], 6, axis=1)
    forecast = ClosedForm(panel(a=counted(closed, seed=3, noise=0.05))).forecast(CUTOFF)
    assert off(forecast, expected[None, CUTOFF:]) < 0.15


def test_eight_weeks_are_enough() -> None:
    expected = rates(56 + HORIZON)
    forecast = ClosedForm(panel(a=counted(expected, seed=4))).forecast(56)
    assert off(forecast, expected[None, 56:]) < 0.15


def test_a_store_that_opened_late_stands_beside_old_ones() -> None:
    expected = rates(DAYS)
    late = counted(expected, seed=5)
    late[: CUTOFF - 56] = np.nan
    shops = panel(old=counted(expected, seed=6), late=late)
    assert list(shops.history_days(CUTOFF)) == [CUTOFF, 56]
    assert off(ClosedForm(shops).forecast(CUTOFF), np.broadcast_to(expected[CUTOFF:], (2, HORIZON, 24))) < 0.15


@pytest.mark.parametrize("gap", [2, 6])
def test_days_between_two_close_holidays_bridge_them(gap: int) -> None:
    special = with_bridges({FIRST: "First", FIRST + timedelta(days=gap): "Second", FIRST + timedelta(days=60): "Far"})
    assert len(special) == 3 + gap - 1
    assert {name for name in special.values() if name.startswith("~")} == {"~First"}
