"""Re-entry: the share is right on average, its interval holds, and it is withheld where it says nothing."""

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import pytest

from analytics.figure import figure
from analytics.visits.reentry import DAYS_MIN, DoorDay, Reentry, estimated, reentry, unique_visits
from deploy.bench.reentry import Door, door_day, measured

NOW = datetime(2026, 11, 21, 6, 7, tzinfo=UTC)


def some_days(door: Door, days: int, seed: int = 1) -> list[DoorDay]:
    random = np.random.default_rng(seed)
    return [door_day(random, door, number)[0] for number in range(days)]


@pytest.mark.parametrize("returns", [0.0, 0.08])
def test_independent_arrivals_with_known_re_entries_are_told_without_bias(returns: float) -> None:
    told = measured(Door(a_day=150, returns=returns), 28, trials=15, seed=2)
    assert abs(told["bias"]) < 3 * told["bias_error"] + 0.005
    assert told["covered"] >= 0.75, "of 15 intervals of 95 % hardly more than 3 fail"


@pytest.mark.slow
def test_nineteen_in_twenty_intervals_hold_the_truth() -> None:
    told = measured(Door(a_day=150), 28, trials=200, seed=3)
    assert 0.91 <= told["covered"] <= 0.985
    assert abs(told["bias"]) < 0.01


def test_a_group_that_comes_back_together_is_counted_by_its_heads() -> None:
    told = measured(Door(a_day=80, returns=0.08, groups=0.5), 28, trials=15, seed=4)
    assert abs(told["bias"]) < 3 * told["bias_error"] + 0.005


def test_a_share_that_could_be_anything_is_withheld() -> None:
    few = some_days(Door(a_day=150), 17)
    found = estimated(few)
    assert found is not None
    assert found.high - found.low > 0.2
    assert reentry(few) is None
    assert reentry(some_days(Door(a_day=150), DAYS_MIN - 1)) is None


@pytest.mark.parametrize("days", [[], [DoorDay(0, np.empty(0), np.empty(0), np.empty(0), 36_000.0)] * 20])
def test_a_door_that_nobody_uses_tells_nothing(days: Sequence[DoorDay]) -> None:
    assert reentry(days) is None


def test_a_share_and_its_interval_stay_within_none_and_all() -> None:
    found = reentry(some_days(Door(a_day=150, returns=0.0), 84, seed=5))
    assert found is not None
    assert 0 <= found.low <= found.share <= found.high <= 1


def test_what_is_left_is_a_figure_of_its_own_and_the_visitors_stay() -> None:
    footfall = figure("footfall", 400.0, as_of=NOW, completeness=1.0)
    left = unique_visits(footfall, Reentry(0.05, 0.01, 0.09, 80, 30_000))
    assert (left.definition_id, left.value, left.low, left.high) == ("unique_visits", 380.0, 364.0, 396.0)
    assert footfall.value == 400
    assert unique_visits(footfall, None).value is None
    unknown = figure("footfall", None, as_of=NOW, completeness=None)
    assert unique_visits(unknown, Reentry(0.05, 0.01, 0.09, 80, 30_000)).value is None
