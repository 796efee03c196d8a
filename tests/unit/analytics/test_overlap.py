"""Two cameras on one door are found by the moments of their crossings, and two busy doors are not taken for one."""

import numpy as np
import pytest

from analytics.quality.overlap import overlaps


def poisson(per_hour: float, seed: int, hours: float = 10) -> list[float]:
    rng = np.random.default_rng(seed)
    return [float(at) for at in rng.uniform(0, hours * 3600, rng.poisson(per_hour * hours))]


def seen_again(moments: list[float], seed: int, *, share: float = 0.95) -> list[float]:
    """The same people at a second camera, a moment later, some of them missed."""
    rng = np.random.default_rng(seed)
    return [at + 1.5 + rng.normal(0, 0.5) for at in moments if rng.random() < share]


@pytest.mark.parametrize("per_hour", [10, 60, 300])
def test_two_cameras_on_one_door_are_found(per_hour: float) -> None:
    front = poisson(per_hour, 1)
    (found,) = overlaps({"front": front, "side": seen_again(front, 2)})
    assert (found.first, found.second) == ("front", "side")
    assert found.share > 0.8
    assert found.by_chance < found.near / 2


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("per_hour", [10, 60, 300])
def test_two_doors_are_not_taken_for_one_however_busy(per_hour: float, seed: int) -> None:
    assert overlaps({"front": poisson(per_hour, 2 * seed), "side": poisson(per_hour, 2 * seed + 1)}) == ()


def test_two_doors_that_a_bus_fills_at_the_same_time_are_not_taken_for_one() -> None:
    rng = np.random.default_rng(5)
    busses = np.arange(20) * 1_500.0
    crowd = {door: [float(at + rng.uniform(0, 240)) for at in busses for _ in range(12)] for door in ("front", "side")}
    assert overlaps(crowd) == ()


def test_a_few_crossings_say_nothing() -> None:
    front = poisson(60, 1)[:19]
    assert overlaps({"front": front, "side": seen_again(front, 2, share=1)}) == ()
    assert overlaps({}) == ()


def test_of_three_doors_the_two_that_overlap_are_named() -> None:
    front = poisson(60, 1)
    found = overlaps({"front": front, "back": poisson(60, 9), "side": seen_again(front, 2)})
    assert [(one.first, one.second) for one in found] == [("front", "side")]
