"""Bounce: the share who turn round at once is told without bias, by heads, and not where it says nothing."""

from datetime import UTC, datetime

import numpy as np
import pytest

from analytics.visits.bounce import WITHIN_S, bounce, bounce_figure
from analytics.visits.reentry import DAYS_MIN, DoorDay

NOW = datetime(2026, 11, 21, tzinfo=UTC)
OPEN_S = 39_600.0


def a_day(random: np.random.Generator, number: int, *, share: float, pairs: float = 0.0) -> tuple[DoorDay, int, int]:
    """A day with a rush that comes at the same time each day; how many entered, and how many of them turned round."""
    groups = int(random.poisson(220))
    at = np.sort(np.where(random.random(groups) < 0.5, random.uniform(0, OPEN_S, groups),
                          random.normal(OPEN_S / 2, 2_000, groups).clip(0, OPEN_S)))  # fmt: skip
    stays = np.where(random.random(groups) < share, random.uniform(15, 100, groups), random.gamma(2.2, 420, groups))
    sizes = np.where(random.random(groups) < pairs, 2, 1)
    ins, outs, own = (np.repeat(one, sizes) for one in (at, at + stays, sizes.astype(float)))
    order = np.argsort(outs)
    seen = outs[order] < OPEN_S
    day = DoorDay(number % 7, ins, outs[order][seen], own[order][seen], OPEN_S, own)
    return day, len(ins), int(np.repeat(stays < WITHIN_S, sizes).sum())


@pytest.mark.parametrize(("share", "pairs"), [(0.0, 0.0), (0.12, 0.0), (0.12, 0.4)])
def test_the_share_who_turn_round_is_told_without_bias(share: float, pairs: float) -> None:
    errors, held = [], 0
    for trial in range(12):
        random = np.random.default_rng([trial, 3])
        made = [a_day(random, number, share=share, pairs=pairs) for number in range(35)]
        true = sum(turned for *_, turned in made) / sum(came for _, came, _ in made)
        found = bounce([day for day, *_ in made])
        assert found is not None
        errors.append(found.share - true)
        held += found.low <= true <= found.high
    assert abs(np.mean(errors)) < 3 * np.std(errors) / np.sqrt(len(errors)) + 0.005
    assert held >= 9


def test_too_few_days_say_nothing_and_are_not_zero() -> None:
    random = np.random.default_rng(1)
    told = bounce_figure(
        [a_day(random, number, share=0.1)[0] for number in range(DAYS_MIN - 1)], counted=1.0, as_of=NOW
    )
    assert (told.value, told.low, told.definition_id) == (None, None, "bounce_rate")
    assert bounce([]) is None
