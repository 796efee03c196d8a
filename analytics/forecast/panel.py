"""The panel: hourly counts of several series by local wall clock, and the names of special days.

One panel holds the series that share a holiday calendar. NaN is "not measured" or "closed", and stays NaN all the way:
nothing that was not measured is ever taken for 0.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.forecast.errors import CountsError

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

#: Forecasts reach this many days beyond the cutoff.
HORIZON: Final = 14
HOURS: Final = 24
#: A series gets a forecast from this many days of history on.
HISTORY_MIN: Final = 56


@dataclass(frozen=True, slots=True)
class Panel:
    """Hourly counts.

    Attributes:
        series: names, S of them.
        first: the day of column 0; columns are consecutive days.
        counts: (S, D, 24) visitors per local hour, NaN where not measured or closed.
        special: a name for each day that is none like the others ("Good Friday", "~Boxing Day"), "" for all others;
            D + `HORIZON` of them.
    """

    series: tuple[str, ...]
    first: date
    counts: Floats
    special: tuple[str, ...]

    @property
    def days(self) -> int:
        """Number of days."""
        return int(self.counts.shape[1])

    def day(self, index: int) -> date:
        """Return the date of a column; columns beyond the last are days to come."""
        return self.first + timedelta(days=index)

    def history_days(self, cutoff: int) -> npt.NDArray[np.int64]:
        """Return (S,): days before `cutoff` from the first measured one on; 0 for a series without any."""
        seen: Flags = np.any(~np.isnan(self.counts[:, :cutoff]), axis=2)
        return np.where(np.any(seen, axis=1), cutoff - np.argmax(seen, axis=1), 0)


def panel_of(counts: pd.DataFrame, special: Mapping[date, str] | None = None) -> Panel:
    """Return the panel of an hourly frame: index local wall-clock hours without zone, one column a series.

    Hours that are missing from the index become NaN. Days before the first and after the last measured hour of all
    series are left out.
    """
    hours = pd.DatetimeIndex(counts.index)
    first, last = hours.min().normalize(), hours.max().normalize()
    whole = pd.date_range(first, last + pd.Timedelta(hours=HOURS - 1), freq="h")
    table = counts.reindex(whole).to_numpy(dtype=np.float64).T
    days = len(whole) // HOURS
    start = first.date()
    names = tuple(str(name) for name in counts.columns)
    return Panel(names, start, table.reshape(len(names), days, HOURS), special_names(start, days, special or {}))


def special_names(first: date, days: int, special: Mapping[date, str]) -> tuple[str, ...]:
    """Return the special name ("" for none) of `days` + `HORIZON` days from `first` on."""
    return tuple(special.get(first + timedelta(days=step), "") for step in range(days + HORIZON))


def only(panel: Panel, rows: Sequence[int]) -> Panel:
    """Return the panel of some of its series, by position."""
    return Panel(tuple(panel.series[row] for row in rows), panel.first, panel.counts[list(rows)], panel.special)


def until(panel: Panel, last: date) -> Panel:
    """Return the panel as it stood at the end of the day `last`; the whole panel if it ends before.

    Raises:
        CountsError: it only begins after that day.
    """
    days = (last - panel.first).days + 1
    if days < 1:
        raise CountsError(f"expected a day from {panel.first} on, where the counts begin, got {last}")
    days = min(days, panel.days)
    return Panel(panel.series, panel.first, panel.counts[:, :days], panel.special[: days + HORIZON])
