"""A city's sensors, drawn: years of hourly pedestrians with what such data really has in it, for trying the forecast.

Shared seasons and weather, weekdays by place, a lockdown with a slow return, streets that close, sensors that die (as
zeros or as nothing), that are moved to another level, that begin late, and days of events.
"""

from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
_HOURS = np.arange(24)


def city(
    sensors: int, days: int, *, seed: int = 1, first: date = date(2019, 1, 1), lockdown: bool = True
) -> pd.DataFrame:
    """Return hourly counts of `sensors` over `days`, index local hours, one column a sensor; NaN: not measured."""
    random = np.random.default_rng(seed)
    shared = _shared(random, days, first, lockdown=lockdown)
    columns = {f"sensor {number:02d}": _sensor(random, shared, days, first) for number in range(sensors)}
    hours = pd.date_range(first, periods=days * 24, freq="h")
    return pd.DataFrame({name: one.reshape(-1) for name, one in columns.items()}, index=hours)


def as_csv(counts: pd.DataFrame) -> str:
    """Return the frame in long form, hours that were not measured left out."""
    long = counts.rename_axis("ds").reset_index().melt("ds", var_name="unique_id", value_name="y").dropna()
    return long[["unique_id", "ds", "y"]].to_csv(index=False)


def _shared(random: np.random.Generator, days: int, first: date, *, lockdown: bool) -> Floats:
    day = np.arange(days)
    year = 1 + 0.12 * np.sin(2 * np.pi * (day + first.timetuple().tm_yday) / 365.25)
    weather = np.exp(0.06 * _red(random, days))
    level = np.ones(days)
    if lockdown and days > 700:
        level[450:560] = 0.15
        level[560:] = 1 - 0.7 * np.exp(-np.arange(days - 560) / 180)
    return np.asarray(year * weather * level)


def _red(random: np.random.Generator, days: int, keeps: float = 0.6) -> Floats:
    noise = random.normal(size=days)
    for at in range(1, days):
        noise[at] += keeps * noise[at - 1]
    return np.asarray(noise * np.sqrt(1 - keeps**2))


def _sensor(random: np.random.Generator, shared: Floats, days: int, first: date) -> Floats:
    weekend = random.uniform(0.4, 1.5)
    week = np.array([1.0, 1.02, 1.05, 1.05, 1.15, weekend, 0.85 * weekend])
    peaks = random.normal((8.5, 13.0, 17.5), 0.4)
    heights = random.uniform(0.1, 1.0, 3)
    shape = sum(
        height * np.exp(-0.5 * ((_HOURS - peak) / 1.8) ** 2) for height, peak in zip(heights, peaks, strict=True)
    )
    weekday = (np.arange(days) + first.weekday()) % 7
    own = np.exp(0.05 * _red(random, days, 0.9)) * _events(random, days)
    rate = random.lognormal(5.6, 0.9) * (shared * week[weekday] * own * _shifts(random, days))[:, None] * shape[None, :]
    hourly = random.gamma(60.0, 1 / 60.0, rate.shape)
    return _faults(random, random.poisson(rate * hourly).astype(float))


def _shifts(random: np.random.Generator, days: int) -> Floats:
    """Return the level: now and then a street opens or closes, or a camera is moved."""
    level = np.ones(days)
    for at in random.integers(0, days, random.poisson(days / 700)):
        level[at:] *= random.lognormal(0.0, 0.35)
    return level


def _events(random: np.random.Generator, days: int) -> Floats:
    factor = np.ones(days)
    factor[random.integers(0, days, random.poisson(days / 120))] = random.uniform(1.5, 4.0)
    return factor


def _faults(random: np.random.Generator, counts: Floats) -> Floats:
    days = len(counts)
    if random.random() < 0.2:
        counts[: random.integers(days // 4, 5 * days // 7)] = np.nan  # it began late
    for at in random.integers(0, days, random.poisson(days / 400)):
        counts[at : at + random.integers(2, 45)] = np.nan if random.random() < 0.6 else 0.0
    if random.random() < 0.06:
        counts[days - random.integers(20, 200) :] = np.nan  # it was taken down
    counts[random.random(counts.shape) < 0.004] = np.nan
    return counts
