"""Dwell from stays of which some were not seen to the end."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.visits.dwell import dwell, dwell_quantile
from tests.support.facts import NOW

stays = st.lists(st.floats(0.1, 1e4), min_size=1, max_size=60)


@given(stays)
def test_without_censoring_it_is_the_sample_quantile(durations: list[float]) -> None:
    expected = float(np.quantile(durations, 0.5, method="inverted_cdf"))
    assert dwell_quantile(durations, [False] * len(durations), 0.5) == pytest.approx(expected)


@given(st.lists(st.tuples(st.floats(0.1, 1e4), st.booleans()), min_size=1, max_size=60))
def test_a_censored_stay_never_makes_the_median_shorter(pairs: list[tuple[float, bool]]) -> None:
    durations, censored = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    taken_as_ended = dwell_quantile(durations, [False] * len(durations), 0.5)
    known = dwell_quantile(durations, censored, 0.5)
    assert taken_as_ended is not None
    assert known is None or known >= taken_as_ended


def test_the_textbook_example_is_reproduced() -> None:
    # Freireich's 6-MP arm (1963): median remission 23 weeks.
    ended = [6, 6, 6, 7, 10, 13, 16, 22, 23]
    cut = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    assert dwell_quantile([*ended, *cut], [False] * 9 + [True] * 12, 0.5) == 23


def test_too_many_censored_stays_leave_the_long_stay_unknown() -> None:
    p50, p90 = dwell([10, 20, 30, 40], [False, False, True, True], as_of=NOW, completeness=1.0)
    assert p50.value == 20
    assert p90.value is None


def test_no_stay_has_no_dwell() -> None:
    assert dwell_quantile([], [], 0.5) is None


def test_flags_must_match_the_stays() -> None:
    with pytest.raises(ValueError, match="as many flags"):
        dwell_quantile([1.0], [], 0.5)
