"""A simulated day is possible, reproducible, and what its model says on average."""

import math
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from deploy.simulation.checkout import queue_up
from deploy.simulation.fleet import DOOR, SIDE_DOOR, fleet
from deploy.simulation.model import DEFAULT_MODEL
from deploy.simulation.samples import people_between
from deploy.simulation.traffic import expected_visitors
from deploy.simulation.visits import store_day
from tests.support.simulation import SATURDAY, happened, ins, profile, simulated


def test_the_same_seed_draws_the_same_day_in_any_order() -> None:
    one, other = simulated(), simulated()
    other.day(SATURDAY + timedelta(days=1))
    assert np.array_equal(happened(one).in_ms, happened(other).in_ms)
    assert np.array_equal(happened(one).queue.paid_ms, happened(other).queue.paid_ms)


def test_another_seed_draws_another_day() -> None:
    assert not np.array_equal(happened(simulated(seed=1)).passers_ms, happened(simulated(seed=2)).passers_ms)


def test_both_doors_together_let_in_every_visitor() -> None:
    day = happened(simulated(visitors=300))
    assert len(ins(day, DOOR)) + len(ins(day, SIDE_DOOR)) == len(day.in_ms)
    assert len(ins(day, SIDE_DOOR)) > 0


def test_visitors_are_what_the_model_expects_on_average() -> None:
    """Over 60 seeds the mean is within four standard errors."""
    store = profile("xidan")
    counts = []
    for seed in range(60):
        day = store_day(store, DEFAULT_MODEL, seed, SATURDAY)
        assert day is not None
        counts.append(len(day.in_ms))
    error = float(np.std(counts, ddof=1)) / math.sqrt(len(counts))
    assert np.mean(counts) == pytest.approx(expected_visitors(store, DEFAULT_MODEL, SATURDAY), abs=4 * error)


def test_a_default_store_sees_a_few_hundred_people_a_day() -> None:
    for store in fleet(8):
        means = [expected_visitors(store, DEFAULT_MODEL, date(2026, 9, 21) + timedelta(days=n)) for n in range(56)]
        assert 180 <= np.mean([mean for mean in means if mean]) <= 360


def test_the_queue_is_served_first_come_first_served() -> None:
    joined = np.array([0, 1_000, 2_000])
    stays = queue_up(np.arange(3), joined, np.array([10.0, 5.0, 5.0]), np.full(3, 1e6), tills=1, last_turn_ms=10**9)
    assert stays.left_ms.tolist() == [0, 10_000, 15_000]
    assert stays.paid_ms.tolist() == [10_000, 15_000, 20_000]


def test_who_runs_out_of_patience_leaves_without_paying_and_frees_the_queue() -> None:
    joined = np.array([0, 1_000, 2_000])
    stays = queue_up(
        np.arange(3), joined, np.array([10.0, 5.0, 5.0]), np.array([100.0, 3.0, 100.0]), tills=1, last_turn_ms=10**9
    )
    assert stays.served.tolist() == [True, False, True]
    assert stays.left_ms.tolist() == [0, 4_000, 10_000]


def test_littles_law_holds_at_the_checkout() -> None:
    """Mean length = rate × mean wait: exact when the whole day is observed finely."""
    queue = happened(simulated(visitors=600)).queue
    grid = np.arange(queue.joined_ms.min(), queue.left_ms.max() + 1, 1_000)
    length = people_between(queue.joined_ms, queue.left_ms, grid).mean()
    rate = len(queue.joined_ms) / (grid[-1] - grid[0])
    assert length == pytest.approx(rate * (queue.left_ms - queue.joined_ms).mean(), rel=0.02)


def test_more_people_buy_when_more_of_them_want_to() -> None:
    eager = replace(profile("xidan"), conversion=0.6)
    few, many = (store_day(store, DEFAULT_MODEL, 1, SATURDAY) for store in (profile("xidan"), eager))
    assert few is not None
    assert many is not None
    assert len(many.queue.group) > 1.3 * len(few.queue.group)
