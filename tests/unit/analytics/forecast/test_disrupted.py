import numpy as np
import pytest

from analytics.forecast.closed_form import ClosedForm
from analytics.forecast.disrupted import disrupted
from analytics.forecast.panel import HORIZON, Floats, panel_of
from tests.support.counts import counted, frame, rates

YEAR = 364
DAYS = 3 * YEAR
SHUT = slice(YEAR + 100, YEAR + 150)


def totals(level: Floats, *, seed: int = 1, series: int = 5) -> Floats:
    random = np.random.default_rng(seed)
    week = np.resize([0.8, 0.8, 0.9, 1.0, 1.2, 1.5, 0.8], len(level))
    noise = random.lognormal(0, 0.1, (series, len(level)))
    return np.asarray(random.lognormal(4, 1, series)[:, None] * level * week * noise)


def test_a_lockdown_and_the_fortnights_about_it_are_disrupted_and_nothing_else() -> None:
    level = np.ones(DAYS)
    level[SHUT] = 0.3
    found = np.flatnonzero(disrupted(totals(level)))
    assert abs(found[0] - (SHUT.start - 14)) <= 3
    assert abs(found[-1] - (SHUT.stop - 1 + 14)) <= 3
    assert len(found) == found[-1] - found[0] + 1


def test_a_season_that_is_low_every_year_is_none() -> None:
    level = 1 + 0.7 * np.sin(2 * np.pi * np.arange(DAYS) / YEAR)
    assert not disrupted(totals(level)).any()


@pytest.mark.parametrize("since", [60, 200, 400, 600])
def test_a_fall_that_lasts_is_a_new_level_with_seasons_of_its_own(since: int) -> None:
    level = np.ones(DAYS)
    level[-since:] = 0.6
    season = np.where(np.arange(DAYS) % YEAR >= YEAR - 30, 1.5, 1.0)
    assert not disrupted(totals(level)).any()
    assert not disrupted(totals(level * season)).any()


def test_a_lockdown_before_a_fall_that_lasts_is_told_from_it() -> None:
    level = np.ones(DAYS)
    level[SHUT], level[-200:] = 0.3, 0.6
    found = np.flatnonzero(disrupted(totals(level)))
    assert abs(found[0] - (SHUT.start - 14)) <= 3
    assert abs(found[-1] - (SHUT.stop - 1 + 14)) <= 3


def test_one_store_of_many_that_is_shut_disrupts_nothing() -> None:
    counts = totals(np.ones(DAYS))
    counts[0, SHUT] *= 0.1
    assert not disrupted(counts).any()


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("days", [1, 3, 20, YEAR - 1, YEAR, YEAR + 1])
def test_short_and_unknown_histories_tell_of_no_disruption(days: int) -> None:
    counts = totals(np.ones(days))
    assert not disrupted(counts).any()
    assert not disrupted(np.where(counts > 0, np.nan, counts)).any()
    assert not disrupted(np.zeros_like(counts)).any()


def test_the_lockdown_of_a_year_ago_is_not_forecast_again() -> None:
    expected = rates(DAYS)
    cutoff = 2 * YEAR + 99
    expected[SHUT] *= 0.1
    shops = panel_of(frame({f"s{seed}": counted(expected, seed=seed) for seed in range(4)}))
    closed = ClosedForm(shops)
    assert closed.disrupted(cutoff)[SHUT].all()
    forecast = closed.forecast(cutoff)
    coming = np.broadcast_to(expected[cutoff : cutoff + HORIZON], forecast.shape)
    known = ~np.isnan(forecast)
    assert np.abs(forecast - coming)[known].sum() < 0.08 * coming[known].sum()
