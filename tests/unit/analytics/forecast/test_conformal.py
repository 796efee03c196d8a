import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.forecast.accuracy import Covered
from analytics.forecast.closed_form import ClosedForm
from analytics.forecast.conformal import ORIGINS, bands, scores
from analytics.forecast.forecasters import ClosedFormForecaster, past_scores
from analytics.forecast.panel import HORIZON, panel_of
from tests.support.counts import counted, frame, rates

RANDOM = np.random.default_rng(7)


def test_intervals_hold_what_they_say_when_misses_are_exchangeable() -> None:
    said = np.full((3, HORIZON, 24), 50.0)
    past = [scores(said * RANDOM.lognormal(0, 0.3, said.shape), said) for _ in range(26)]
    covered = {80: Covered(), 95: Covered()}
    for _ in range(20):
        came = said * RANDOM.lognormal(0, 0.3, said.shape)
        for coverage, band in bands(said, past).items():
            covered[coverage].add(came, band, np.ones(said.shape, dtype=bool))
    assert covered[80].coverage == pytest.approx(0.8, abs=0.02)
    assert covered[95].coverage == pytest.approx(0.95, abs=0.015)


def test_few_misses_of_its_own_make_a_store_borrow_from_its_other_hours_and_from_others() -> None:
    said = np.full((2, HORIZON, 24), 50.0)
    past = [scores(said * RANDOM.lognormal(0, 0.3, said.shape), said) for _ in range(4)]
    for one in past:
        one[1] = np.nan
    band = bands(said, past)[80]
    assert not np.isnan(band.low).any()
    assert (band.low[1] < said[1]).all()
    assert (band.high[1] > said[1]).all()


def test_what_was_missed_in_a_lockdown_long_over_widens_nothing() -> None:
    said = np.full((1, HORIZON, 24), 50.0)
    lately = [scores(said * RANDOM.lognormal(0, 0.1, said.shape), said) for _ in range(ORIGINS)]
    long_ago = [scores(said * RANDOM.lognormal(0, 1.0, said.shape), said) for _ in range(18)]
    for coverage, band in bands(said, [*lately, *long_ago]).items():
        alone = bands(said, lately)[coverage]
        assert np.array_equal(band.low, alone.low)
        assert np.array_equal(band.high, alone.high)


def test_without_any_past_there_is_no_interval() -> None:
    said = np.full((1, HORIZON, 24), 50.0)
    assert all(np.isnan(band.low).all() and np.isnan(band.high).all() for band in bands(said, []).values())


@settings(max_examples=15, deadline=None)
@given(st.sets(st.integers(0, 23), max_size=20), st.sets(st.integers(0, 83), max_size=40), st.integers(0, 1000))
def test_nothing_measured_never_becomes_a_number(closed: set[int], dark: set[int], seed: int) -> None:
    counts = counted(rates(98), seed=seed)
    counts[:, sorted(closed)] = np.nan
    counts[sorted(dark)] = np.nan
    model = ClosedFormForecaster(ClosedForm(panel_of(frame({"a": counts, "b": counted(rates(98), seed=seed + 1)}))))
    forecast = model.forecast(84)
    never = np.array([np.isnan(counts[:84][day % 7 :: 7]).all(axis=0) for day in range(84, 98)])
    assert np.isnan(forecast[0][never]).all()
    for band in bands(forecast, past_scores(model.closed.panel, model.past(84))).values():
        assert np.isnan(band.low[0][never]).all()
        known = ~np.isnan(band.low)
        assert (band.low[known] >= 0).all()
        assert (band.low[known] <= forecast[known]).all()
        assert (forecast[known] <= band.high[known]).all()
