"""Level × weekly shape: how the last weeks of each series look, and how high they stand.

The shape is how the weeks' sum lies over the week, younger weeks weighing more, special days left out: a week of few
tells little of it. The level is a mean of days that forgets, of which those far from the middle one count as if they
were less far: so a street that closed is believed once half of the weight lies after that. Sooner, when the last days
all lie far off on one side (it closed just now, a camera moved), the level is taken from those days alone.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from analytics.forecast.baselines import WEEK
from analytics.forecast.numbers import median_over, or_else, ratio_of_sums
from analytics.forecast.panel import HOURS, Flags, Floats

WEEKS: Final = 10
#: Weight of a week against the next younger one, in the shape.
WEEK_KEEPS: Final = 0.85
#: Weight of a day against the next younger one, in the level.
DAY_KEEPS: Final = 0.88
#: A break: at least so many days in a row that are off by more than this, as a logarithm, and by more than chance.
BREAK_DAYS: Final = 3
BREAK_LOG: Final = 0.3
_CHANCE: Final = 3.0
#: A day says something about the level when so much of its usual traffic falls into hours that were measured.
_DAY_SEEN: Final = 0.7
_ROUNDS: Final = 3


@dataclass(frozen=True, slots=True)
class Weekly:
    """The weekly pattern before a cutoff.

    Attributes:
        shape: (S, 7, 24); entry 0 is the weekday of the cutoff. NaN where no normal day was measured.
        level: (S,) shape × level = visitors per hour.
        week_levels: (S, `WEEKS`) level of each week, oldest first, NaN where not measured.
    """

    shape: Floats
    level: Floats
    week_levels: Floats

    @property
    def week(self) -> Floats:
        """The week to come: (S, 7, 24)."""
        return np.asarray(self.shape * self.level[:, None, None])


def weekly(counts: Floats, normal: Flags) -> Weekly:
    """Return the pattern of the `WEEKS` weeks that end with `counts` (S, D, 24); `normal` (D,) days take part."""
    days = WEEKS * WEEK
    short = max(0, days - counts.shape[1])
    recent = np.pad(counts[:, -days:], ((0, 0), (short, 0), (0, 0)), constant_values=np.nan)
    use = np.pad(normal[-days:], (short, 0))
    recent = np.where(use[None, :, None], recent, np.nan)
    shape, week_levels = _shape(recent.reshape(-1, WEEKS, WEEK, HOURS))
    return Weekly(shape, _level(recent, shape), week_levels)


def _shape(weeks: Floats) -> tuple[Floats, Floats]:
    known = ~np.isnan(weeks)
    weights = known * WEEK_KEEPS ** np.arange(WEEKS - 1, -1, -1)[None, :, None, None]
    counted = (np.where(known, weeks, 0.0) * weights).sum(axis=1)
    levels = np.ones(weeks.shape[:2])
    shape = levels
    for _ in range(_ROUNDS):
        total = (weights * np.maximum(or_else(levels, 1.0), 1e-9)[:, :, None, None]).sum(axis=1)
        shape = np.where(total > 0, counted / np.maximum(total, 1e-12), np.nan)
        levels = ratio_of_sums(weeks, np.broadcast_to(shape[:, None], weeks.shape), (2, 3))
    return shape, levels


def _level(recent: Floats, shape: Floats) -> Floats:
    """Return the level (S,) of the days (S, D, 24)."""
    expected = np.tile(shape, (1, WEEKS, 1))
    known = ~np.isnan(recent) & ~np.isnan(expected)
    seen = np.where(known, expected, 0.0).sum(axis=2)
    usual = np.where(np.isnan(expected), 0.0, expected).sum(axis=2)
    counted = np.where(known, recent, 0.0).sum(axis=2)
    good = (seen > _DAY_SEEN * usual) & (seen > 0)
    weights = good * DAY_KEEPS ** np.arange(recent.shape[1] - 1, -1, -1)
    total = (seen * weights).sum(axis=1)
    level = np.where(total > 0, (counted * weights).sum(axis=1) / np.maximum(total, 1e-12), np.nan)
    logs = np.where(good, np.log(np.maximum(counted, 0.5) / np.where(good, seen, 1.0)), np.nan)
    near = seen * np.exp(_near_the_middle(logs, weights, usual))
    held = np.where(total > 0, (np.where(good, near, 0.0) * weights).sum(axis=1) / np.maximum(total, 1e-12), np.nan)
    return or_else(_after_break(logs, good, weights, (level[:, None] * usual)), held)


def _near_the_middle(logs: Floats, weights: Floats, usual: Floats) -> Floats:
    """Return the days' levels `logs` (S, D), none further from their weighted median than a break would be."""
    order = np.argsort(logs, axis=1)
    below = np.cumsum(np.take_along_axis(weights, order, 1), axis=1)
    half = np.argmax(below >= below[:, -1:] / 2, axis=1)
    middle = or_else(np.take_along_axis(logs, order, 1)[np.arange(len(logs)), half], 0.0)[:, None]
    far = np.maximum(BREAK_LOG, _CHANCE / np.sqrt(np.maximum(np.exp(middle) * usual, 1.0)))
    return np.clip(or_else(logs, 0.0), middle - far, middle + far)


def _after_break(logs: Floats, good: Flags, weights: Floats, expected: Floats) -> Floats:
    """Return (S,) the level since a break, NaN where there is none."""
    mean = np.where(good, logs * weights, 0.0).sum(axis=1) / np.maximum(weights.sum(axis=1), 1e-12)
    far = np.maximum(BREAK_LOG, _CHANCE / np.sqrt(np.maximum(or_else(expected, 0.0), 1.0)))
    level = np.full(len(logs), np.nan)
    for sign in (1.0, -1.0):
        off = ~good | (sign * (logs - mean[:, None]) > far)
        run = np.cumprod(off[:, ::-1], axis=1)[:, ::-1].astype(bool) & good
        broken = run.sum(axis=1) >= BREAK_DAYS
        level[broken] = np.exp(median_over(np.where(run[broken], logs[broken], np.nan), 1))
    return level
