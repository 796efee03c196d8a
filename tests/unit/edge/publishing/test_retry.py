"""The pauses between attempts to connect, and the suspicion of a second agent."""

import random

from edge.publishing.retry import Retry
from edge.publishing.settings import PublisherSettings

SETTINGS = PublisherSettings(backoff_first_s=1, backoff_max_s=30, settled_s=10)


def retry() -> Retry:
    return Retry(SETTINGS, random.Random(1))  # noqa: S311


def test_a_connection_that_lasted_makes_the_pauses_short_again() -> None:
    pauses, now = retry(), 0.0
    for _ in range(8):
        pauses.lost(now)
    pauses.accepted(now)
    assert pauses.lost(now + 3_600) <= 1
    assert not pauses.contested


def test_connections_that_end_soon_make_the_pauses_grow_and_raise_suspicion() -> None:
    rivals, now, paused, suspected = retry(), 0.0, [], []
    for _ in range(10):
        rivals.accepted(now)
        paused.append(rivals.lost(now + 1))
        suspected.append(rivals.contested)
    assert suspected == [False, False, *[True] * 8]
    assert paused[0] <= 1
    assert min(paused[6:]) >= 15


def test_two_agents_in_turns_do_not_reset_each_other() -> None:
    first, second = retry(), retry()
    now, pause = 0.0, 0.0
    for turn in range(40):
        # Each comes back after its pause and thereby ends the other's connection.
        comes, goes = (first, second) if turn % 2 else (second, first)
        comes.accepted(now)
        pause = goes.lost(now)
        now += pause
    assert pause >= 15
    assert first.contested
    assert second.contested


def test_a_takeover_that_the_broker_names_is_known_at_once_and_resets_nothing() -> None:
    known = retry()
    for _ in range(6):
        known.lost(0.0)
    known.accepted(0.0)
    assert known.lost(1_000.0, taken_over=True) >= 15
    assert known.contested
    known.accepted(2_000.0)
    known.lost(9_000.0)
    assert not known.contested


def test_a_broker_that_is_away_is_no_rival() -> None:
    alone = retry()
    for _ in range(20):
        alone.lost(0.0)
    assert not alone.contested
