"""Hourly counts with a known make-up, for tests of the forecast."""

from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

FIRST = date(2023, 1, 2)  # a Monday
_OPEN = range(9, 21)


def rates(days: int, *, level: float = 60.0, season: float = 0.0) -> npt.NDArray[np.float64]:
    """Return (days, 24) expected visitors: a weekly shape, open 9 to 21, with a yearly swing of `season`."""
    hours = np.zeros(24)
    hours[list(_OPEN)] = [0.4, 0.6, 0.9, 1.2, 1.1, 1.0, 1.0, 1.2, 1.4, 1.2, 0.8, 0.4]
    week = np.array([0.8, 0.8, 0.9, 1.0, 1.2, 1.5, 0.8])
    day = np.arange(days)
    year = 1 + season * np.sin(2 * np.pi * day / 365.25)
    return np.asarray(level * (week[day % 7] * year)[:, None] * hours[None, :])


def counted(expected: npt.NDArray[np.float64], *, seed: int, noise: float = 0.1) -> npt.NDArray[np.float64]:
    """Return Poisson counts of the rates, each day higher or lower by `noise`; closed hours are NaN."""
    random = np.random.default_rng(seed)
    day = random.lognormal(0.0, noise, len(expected))[:, None]
    return np.where(expected > 0, random.poisson(expected * day), np.nan)


def frame(series: dict[str, npt.NDArray[np.float64]], first: date = FIRST) -> pd.DataFrame:
    """Return the hourly frame of (days, 24) arrays."""
    hours = pd.date_range(first, periods=len(next(iter(series.values()))) * 24, freq="h")
    return pd.DataFrame({name: one.reshape(-1) for name, one in series.items()}, index=hours)
