"""How well the share of re-entries is told: simulated weeks of a door with known re-entries, many times over."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from analytics.visits.reentry import WITHIN_S, DoorDay, estimated

_OPEN_S: Final = 11 * 3_600
_WEEK: Final = 7


@dataclass(frozen=True, slots=True)
class Door:
    """A door as it might be.

    Attributes:
        a_day: visits begun per day, give or take 15 % from day to day.
        returns: the share of those who go out that come back.
        away_s: how long they are away, on average (gamma of shape 2).
        groups: the share of visits made by two or three together, who do everything together.
        swing: how much arrivals swing around the shape of the day, as a standard deviation of their logarithm;
            each swing lasts about an hour and comes on no other day.
    """

    a_day: float = 300.0
    returns: float = 0.06
    away_s: float = 180.0
    groups: float = 0.0
    swing: float = 0.0


DOORS: Final[dict[str, tuple[int, Door]]] = {
    "nobody returns, 300 a day, 4 weeks": (28, Door(returns=0.0)),
    "6 % return, 300 a day, 4 weeks": (28, Door()),
    "6 % return, 300 a day, 12 weeks": (84, Door()),
    "6 % return, 900 a day, 12 weeks": (84, Door(a_day=900)),
    "15 % return, 300 a day, 12 weeks": (84, Door(returns=0.15)),
    "6 % return, 3 in 10 visits by groups, 12 weeks": (84, Door(a_day=200, groups=0.3)),
    "6 % return, arrivals swing by 10 %, 12 weeks": (84, Door(swing=0.1)),
    "6 % return, arrivals swing by 20 %, 12 weeks": (84, Door(swing=0.2)),
}


def run(*, trials: int = 100, seed: int = 1) -> dict[str, Any]:
    """Return for each door the mean truth, the estimate's bias and spread, half its interval, and how often it holds.

    `bias_error` is the standard error of `bias`: the simulation's own uncertainty.
    """
    return {name: measured(door, days, trials=trials, seed=seed) for name, (days, door) in DOORS.items()}


def measured(door: Door, days: int, *, trials: int, seed: int) -> dict[str, float]:
    """Return what `trials` estimates from `days` each are worth; see `run`."""
    rows = []
    for trial in range(trials):
        random = np.random.default_rng([seed, trial])
        made = [door_day(random, door, number) for number in range(days)]
        found = estimated([day for day, _ in made])
        if found is None:
            raise ValueError(f"expected days enough for an estimate, got {days}")
        true = sum(returned for _, returned in made) / sum(len(day.ins) for day, _ in made)
        rows.append((true, found.share, found.low, found.high))
    true, share, low, high = np.array(rows).T
    return {
        "trials": trials,
        "true": float(true.mean()),
        "bias": float((share - true).mean()),
        "bias_error": float((share - true).std() / np.sqrt(trials)),
        "half_interval": float((high - low).mean() / 2),
        "covered": float(((low <= true) & (true <= high)).mean()),
    }


def door_day(random: Generator, door: Door, number: int) -> tuple[DoorDay, int]:
    """Return the crossings of the day `number` (0 is a Monday), and how many of the entries were re-entries in time."""
    ins: list[float] = []
    outs: list[float] = []
    sizes: list[float] = []
    returned = 0
    for arrival in _arrivals(random, door, number):
        people = int(random.integers(2, 4)) if random.random() < door.groups else 1
        at_s, away_s = arrival, 0.0
        while at_s < _OPEN_S:
            ins += (at_s + random.normal(0, 0.4, people)).tolist()
            returned += people if 0 < away_s <= WITHIN_S else 0
            at_s += 60 * 12 * random.lognormal(0, 0.7)
            outs += (at_s + random.normal(0, 0.4, people)).tolist()
            sizes += [float(people)] * people
            if random.random() >= door.returns:
                break
            away_s = random.gamma(2, door.away_s / 2)
            at_s += away_s
    inside, left = _open(ins), _open(outs)
    day = DoorDay(
        number % _WEEK, np.sort(np.array(ins)[inside]), np.array(outs)[left], np.array(sizes)[left], float(_OPEN_S)
    )
    return day, returned


def _arrivals(random: Generator, door: Door, number: int) -> NDArray[np.float64]:
    """Return moments: two peaks on weekdays, one at the weekend, times what the day has of its own."""
    minutes = np.arange(_OPEN_S // 60)
    hours = minutes / 60
    if number % _WEEK < 5:  # noqa: PLR2004 - Monday to Friday
        shape = 0.35 + np.exp(-(((hours - 3) / 1.2) ** 2)) + 1.2 * np.exp(-(((hours - 8) / 1.5) ** 2))
    else:
        shape = 0.35 + 1.3 * np.exp(-(((hours - 5.5) / 2.2) ** 2))
    keep = np.exp(-1 / 60)
    swing, level = np.empty(len(minutes)), random.normal()
    for minute in minutes:
        level = keep * level + np.sqrt(1 - keep**2) * random.normal()
        swing[minute] = level
    shape = shape * np.exp(door.swing * swing)
    counts = random.poisson(shape / shape.sum() * door.a_day * random.lognormal(0, 0.15))
    return np.asarray(np.repeat(minutes, counts) * 60.0 + random.uniform(0, 60, counts.sum()), np.float64)


def _open(moments: list[float]) -> NDArray[np.bool_]:
    at_s = np.array(moments)
    return np.asarray((at_s >= 0) & (at_s < _OPEN_S), np.bool_)
