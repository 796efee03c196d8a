"""The back-test: what it prints, on made-up counts, odd ones, a drawn city and (slow) real streets."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from analytics.forecast.auckland import COUNTRY, SUBDIVISION, auckland
from analytics.forecast.backtest import as_dict, backtest, cutoffs_of
from analytics.forecast.closed_form import ClosedForm
from analytics.forecast.conformal import denominators
from analytics.forecast.errors import CountsError, TooShortError
from analytics.forecast.features import Matrix
from analytics.forecast.forecasters import (
    CLOSED_FORM,
    LIGHTGBM,
    NAIVE,
    ClosedFormForecaster,
    Forecaster,
    SeasonalNaive,
    judged,
)
from analytics.forecast.forecasters import LightgbmForecaster as Trees
from analytics.forecast.panel import HORIZON, Floats, Panel, panel_of, until
from analytics.forecast.residual import TAKEN, Fold, ResidualModel, Taken, train
from analytics.forecast.special_days import public_holidays, with_bridges
from deploy.cli.main import app
from tests.support.city import as_csv, city
from tests.support.counts import counted, frame, rates

KEYS = {"series", "wape", "wape_all", "mase", "coverage", "chosen"}


def told(panel: Panel, *, cutoffs: int = 4, trees: bool = False) -> dict[str, Any]:
    models: dict[str, Forecaster] = {
        NAIVE: SeasonalNaive(panel), CLOSED_FORM: ClosedFormForecaster(ClosedForm(panel)),
    }  # fmt: skip
    if trees:
        models[LIGHTGBM] = Trees(ClosedForm(panel))
    return as_dict(backtest(panel, models, cutoffs=cutoffs_of(panel, cutoffs)))


def made_up(days: int = 420, stores: int = 4) -> pd.DataFrame:
    return frame({f"store {n}": counted(rates(days, season=0.2), seed=n) for n in range(stores)})


def test_errors_are_what_anybody_would_work_out_by_hand() -> None:
    """Last week again, of counts that rise by one a week: each of the first week's hours is one too few, then two."""
    days = 7 * 12
    counts = np.repeat(np.arange(days) // 7 + 10.0, 24).reshape(days, 24)
    found = told(panel_of(frame({"a": counts})), cutoffs=1)
    came = counts[-HORIZON:]
    assert found["wape"][NAIVE] == pytest.approx((7 * 12 * 1 + 7 * 12 * 2) / came[:, 9:21].sum(), abs=1e-4)
    assert found["wape_all"][NAIVE] == pytest.approx((7 * 24 * 3) / came.sum(), abs=1e-4)
    assert found["mase"][NAIVE] == pytest.approx(1.5, abs=1e-4)
    assert found["series"] == 1
    assert found["series_forecasts"] == 1


def test_it_sees_nothing_after_a_cutoff() -> None:
    counts = made_up()
    before = told(panel_of(counts))
    changed = counts.copy()
    changed.iloc[-24:] *= 50
    after = told(panel_of(changed))
    assert before["first_cutoff"] == after["first_cutoff"]
    assert after["wape"][CLOSED_FORM] > before["wape"][CLOSED_FORM]
    cut = panel_of(counts.iloc[: -24 * HORIZON])
    panel = panel_of(counts)
    assert np.array_equal(ClosedForm(panel).forecast(cut.days), ClosedForm(cut).forecast(cut.days), equal_nan=True)


def test_an_earlier_year_is_judged_as_it_would_have_been_then() -> None:
    counts = made_up()
    whole = panel_of(counts)
    last = whole.day(299)
    cut = until(whole, last)
    assert cut.day(cut.days - 1) == last
    mine, other = told(cut), told(panel_of(counts.iloc[: 300 * 24]))
    del mine["cpu_s_per_100"], other["cpu_s_per_100"]
    assert mine == other
    assert until(whole, whole.day(10_000)).days == whole.days
    with pytest.raises(CountsError, match="expected a day from 2023-01-02 on"):
        until(whole, whole.day(-1))


def test_a_short_series_is_left_out_and_named_and_none_long_enough_is_refused() -> None:
    counts = made_up()
    counts["young"] = np.where(np.arange(len(counts)) > len(counts) - 24 * 40, 5.0, np.nan)
    found = told(panel_of(counts))
    assert found["too_short"] == ["young"]
    assert found["series"] == 4
    assert "young" not in found["wape_of"]
    with pytest.raises(TooShortError, match="at least 56 days before a cutoff"):
        told(panel_of(made_up(days=40)))


def odd(counts: pd.DataFrame, what: str) -> pd.DataFrame:
    hour = np.arange(len(counts))
    one = counts.iloc[:, 0]
    random = np.random.default_rng(1)
    return {
        "hours missing": counts.where(random.random(counts.shape) > 0.3),
        "nobody ever": counts.assign(empty=0.0),
        "dead from some day on": counts.assign(dead=one.where(hour < 24 * 200, 0.0)),
        "gone long ago": counts.assign(gone=one.where(hour < 24 * 150)),
        "a year of nothing": counts.mask(pd.Series((hour >= 24 * 90) & (hour <= 24 * 300), counts.index)),
        "an enormous day": counts * np.where(hour // 24 == 380, 1_000, 1)[:, None],
        "one lonely count": counts.assign(lonely=np.where(hour == 500, 3.0, np.nan)),
    }[what]


@pytest.mark.parametrize(
    "what",
    [
        "hours missing", "nobody ever", "dead from some day on", "gone long ago", "a year of nothing",
        "an enormous day", "one lonely count",
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("error")
def test_odd_data_neither_stop_it_nor_become_numbers_that_are_none(what: str) -> None:
    found = told(panel_of(odd(made_up(), what)))
    assert found.keys() >= KEYS
    for model in (NAIVE, CLOSED_FORM):
        assert 0 < found["wape"][model] < 5_000
        assert np.isfinite(found["mase"][model])
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_a_young_city_gets_its_trees_as_soon_as_there_is_enough_to_learn_from() -> None:
    """Not half a year after the first cutoff that had too little behind it."""
    panel = panel_of(made_up())
    trees = Trees(ClosedForm(panel))
    trees.forecast(cutoffs_of(panel, 12)[0])
    assert trees.trained_before is None
    trees.forecast(panel.days)
    assert trees.trained_before == panel.days


def test_the_command_prints_the_promised_keys_without_a_country(tmp_path: Path) -> None:
    path = tmp_path / "city.csv"
    path.write_text(as_csv(city(3, 200, lockdown=False)), encoding="utf-8")
    command = ["analytics", "backtest", "--csv", str(path), "--cutoffs", "3", "--closed-form-only", "--json"]
    command += ["--until", "2019-07-01"]
    said = CliRunner().invoke(app, command)
    assert said.exit_code == 0, said.output
    found = json.loads(said.stdout)
    assert found.keys() >= KEYS
    assert found["coverage"].keys() == {"80", "95"}
    assert found["chosen"] == CLOSED_FORM
    assert found["last_cutoff"] == "2019-06-18"
    assert set(found["wape"]) == set(found["wape_all"]) == set(found["mase"]) >= {NAIVE, CLOSED_FORM}
    assert "no --country: public holidays are forecast like other days" in said.stderr


@pytest.fixture(scope="module")
def streets() -> Panel:
    """Six of Auckland's sites."""
    counts = auckland().iloc[:, ::4]
    return panel_of(counts, with_bridges(public_holidays(COUNTRY, SUBDIVISION, range(2018, 2028))))


@pytest.mark.slow
def test_of_real_streets_both_models_beat_last_week_again_by_their_margins(streets: Panel) -> None:
    """A year of fortnights of six sites; trees learn from six here, so theirs is less than of all 21."""
    found = told(streets, cutoffs=26, trees=True)
    assert found["below_naive"][CLOSED_FORM] > 0.12
    assert found["below_naive"][LIGHTGBM] > found["below_naive"][CLOSED_FORM]
    assert found["worse_than_naive"] == {CLOSED_FORM: [], LIGHTGBM: []}
    assert 0.77 <= found["coverage"]["80"] <= 0.83
    assert 0.93 <= found["coverage"]["95"] <= 0.97
    assert found["cpu_s_per_100"][LIGHTGBM] < 15


@pytest.mark.slow
def test_trees_are_judged_only_on_time_that_they_never_saw(streets: Panel) -> None:
    closed = ClosedForm(streets)
    origin = streets.days - HORIZON
    model = train(closed, origin)
    assert isinstance(model, ResidualModel)
    assert model.honest(origin)
    blocks = [fold.held_out for fold in model.folds]
    assert len(frozenset.union(*blocks)) == sum(len(block) for block in blocks), "each origin is left out once"
    seen = min(frozenset.union(*blocks)) - 140
    assert not model.honest(seen)
    forecast = model.forecast(origin, Taken())
    assert (forecast[~np.isnan(forecast)] >= 0).all()
    later = Panel(streets.series, streets.first, streets.counts.copy(), streets.special)
    later.counts[:, origin:] = 1e6
    again = train(ClosedForm(later), origin)
    assert again is not None
    assert np.allclose(again.forecast(origin, Taken()), forecast, equal_nan=True), "what comes after it changes nothing"
    before = [one for one in judged(origin) if model.honest(one)]
    assert again.taken(before) == model.taken(before)


class Says:
    """A model that says the same share for every hour of a series."""

    def __init__(self, *shares: float) -> None:
        self.shares = shares

    def predict(self, rows: Matrix, num_threads: int) -> Floats:
        return np.repeat(self.shares, len(rows) // len(self.shares)) * min(num_threads, 1)


def learned(came: tuple[float, ...], said: tuple[float, ...]) -> Taken:
    """Return how far trees are followed that say `said`, where each series came so far above the closed form."""
    drawn = panel_of(made_up(stores=3))
    panel = Panel(drawn.series, drawn.first, drawn.counts.copy(), drawn.special)
    closed = ClosedForm(panel)
    for one in judged(panel.days):
        forecast = closed.forecast(one)
        panel.counts[:, one : one + HORIZON] = forecast + np.array(came)[:, None, None] * denominators(forecast)
    model = ResidualModel(closed, panel.days, (Fold(Says(*said), frozenset()),), 1)
    return model.taken(judged(panel.days))


def test_trees_that_were_right_are_followed_and_those_that_were_wrong_are_not() -> None:
    """Of counts that always come a tenth above the closed form, trees say a tenth, or a tenth less."""
    tenth = (0.1, 0.1, 0.1)
    right, wrong = learned(tenth, (0.1,)).shared, learned(tenth, (-0.1,)).shared
    assert 0.8 < right < 1.0, "all of it, but for what was believed before"
    assert right > learned(tenth, (0.5,)).shared > wrong > 0
    assert wrong == pytest.approx(TAKEN * 13 / (13 + 26))
    assert learned(tenth, (0.0,)) == Taken()


def test_what_trees_say_of_all_and_of_each_is_followed_by_its_own_merit() -> None:
    """Series lie 10 % apart, as said; that all of them would lie 20 % higher was wrong."""
    found = learned((-0.1, 0.0, 0.1), (0.1, 0.2, 0.3))
    assert found.own > 0.8
    assert found.shared == pytest.approx(TAKEN * 13 / (13 + 26))


def test_of_no_past_as_much_is_taken_as_is_believed_before() -> None:
    panel = panel_of(made_up(stores=1))
    assert ResidualModel(ClosedForm(panel), panel.days, (), 1).taken([]) == Taken(TAKEN, TAKEN)


def test_with_less_than_a_year_there_is_nothing_to_learn_from() -> None:
    panel = panel_of(made_up(days=200))
    assert train(ClosedForm(panel), panel.days) is None
