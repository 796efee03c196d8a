"""Intervals of quantiles hold the truth as often as they say, also where neighbours agree and stays are cut short."""

import numpy as np
import pytest

from analytics.statistics.quantiles import clustering, quantile_interval

Z90 = 1.2815515655446004


def drawn_coverage(p: float, number: int, *, size: int, repeats: int = 1_500) -> float:
    """Return how often the interval of a lognormal's quantile holds it; stays come in groups of `size`, some cut."""
    rng = np.random.default_rng(3)
    truth = float(np.exp(0.9 * (Z90 if p == 0.9 else 0.0)))
    held = []
    for _ in range(repeats):
        stays = np.repeat(np.exp(0.9 * rng.standard_normal(number // size)), size)
        cut = np.repeat(rng.exponential(8.0, number // size), size)
        seen, censored = np.minimum(stays, cut), cut < stays
        found = quantile_interval(
            seen.tolist(), censored.tolist(), p, variance=clustering((seen > np.median(seen)).astype(float))
        )
        if found is not None:
            held.append(found[0] <= truth <= found[1])
    return float(np.mean(held))


@pytest.mark.parametrize("p", [0.5, 0.9])
@pytest.mark.parametrize("size", [1, 2])
def test_a_quantile_s_interval_holds_it_in_95_of_100_cases(p: float, size: int) -> None:
    assert 0.93 <= drawn_coverage(p, 200, size=size) <= 0.975


def test_without_regard_to_groups_it_would_not() -> None:
    rng = np.random.default_rng(5)
    held = []
    for _ in range(1_000):
        stays = np.repeat(np.exp(0.9 * rng.standard_normal(100)), 2)
        low, high = quantile_interval(stays.tolist(), [False] * 200, 0.5) or (0.0, 0.0)
        held.append(low <= 1.0 <= high)
    assert np.mean(held) < 0.90


def test_a_median_needs_twenty_values_and_a_90th_percentile_a_hundred() -> None:
    for p, number in ((0.5, 20), (0.9, 100)):
        assert quantile_interval(list(range(number - 1)), [False] * (number - 1), p) is None
        low, high = quantile_interval(list(range(number)), [False] * number, p) or (0.0, 0.0)
        assert low < p * number < high


def test_stays_that_were_mostly_cut_short_have_no_upper_end() -> None:
    assert quantile_interval([1.0] * 3 + [2.0] * 17, [False] * 3 + [True] * 17, 0.5) is None
    assert quantile_interval([2.0] * 30, [True] * 30, 0.5) is None


def test_neighbours_that_agree_say_less_than_strangers() -> None:
    rng = np.random.default_rng(7)
    alone = rng.random((200, 200)) < 0.4
    assert np.mean([clustering(one.astype(float)) for one in alone]) < 1.25
    assert np.mean([clustering(np.repeat(one, 2).astype(float)) for one in alone]) == pytest.approx(2.1, abs=0.2)
    assert clustering([1.0] * 50) == 1.0
    assert clustering([1.0, 0.0]) == 1.0


def test_what_is_no_share_or_no_flag_each_is_refused() -> None:
    with pytest.raises(ValueError, match="0 < p < 1"):
        quantile_interval([1.0], [False], 1.0)
    with pytest.raises(ValueError, match="as many flags"):
        quantile_interval([1.0], [], 0.5)
