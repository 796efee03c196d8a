"""Weekdays as lists write them."""

import itertools

import pytest

from analytics.weekdays import DAYS, alike, span_of, write_span


@pytest.mark.parametrize(("first", "last"), list(itertools.product(range(7), repeat=2)))
def test_a_span_is_read_as_it_is_written_also_over_a_sunday(first: int, last: int) -> None:
    days = span_of(*[*write_span(first, last).split("-"), ""][:2])
    assert days == [day % 7 for day in range(first, (last if last >= first else last + 7) + 1)]


def test_neighbours_that_say_the_same_are_one_run_and_a_gap_ends_it() -> None:
    assert alike([(0, "a"), (1, "a"), (3, "a"), (4, "b"), (5, "b")]) == [(0, 1, "a"), (3, 3, "a"), (4, 5, "b")]
    assert alike(enumerate("x" * len(DAYS))) == [(0, 6, "x")]
