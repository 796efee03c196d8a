import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from analytics.forecast.numbers import best_factor

PAIRS = st.lists(st.tuples(st.floats(-100, 100), st.floats(-100, 100)), min_size=1, max_size=30)


@given(PAIRS, st.floats(-10, 10))
def test_no_other_factor_leaves_less(pairs: list[tuple[float, float]], other: float) -> None:
    wanted, given_ = np.array(pairs).T
    given_ = np.where(np.abs(given_) < 1e-3, 0.0, given_)
    best = best_factor(wanted, given_)
    if np.isnan(best):
        assert (given_ == 0).all()
        return
    assert np.abs(wanted - best * given_).sum() <= np.abs(wanted - other * given_).sum() + 1e-6


def test_what_is_not_known_takes_no_part() -> None:
    nan = float("nan")
    assert best_factor(np.array([2.0, nan, 5.0]), np.array([1.0, 1.0, nan])) == 2.0
    assert np.isnan(best_factor(np.array([nan]), np.array([1.0])))
