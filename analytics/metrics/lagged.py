"""The lag from the door to the till, and what it makes of an hour's sales, from the rows of `lag_bins`."""

import numpy as np
import pandas as pd

from analytics import columns as c
from analytics.metrics.parts import first_store
from analytics.visits.kpis import ratio
from analytics.visits.lag import Counts, Lag, LagDay, credited, estimated_lag, wait_counts


def purchase_lag(bins: pd.DataFrame) -> float | None:
    """Return half of the first store's buyers' time to the till, in seconds."""
    found = _lag(first_store(bins))
    return None if found is None else found.median_s


def conversion_lagged(bins: pd.DataFrame) -> float | None:
    """Return sales credited to the hour of the wall clock that `now` lies in ÷ its visitors, over the days asked."""
    own = first_store(bins)
    lag, asked = _lag(own), _days(own[own["asked"]])
    if lag is None or not asked:
        return None
    hours = [day["this_hour"].to_numpy(bool) for day in asked]
    days = [_lag_day(day) for day in asked]
    bought = sum(float(credited(day, lag)[hour].sum()) for day, hour in zip(days, hours, strict=True))
    came = sum(float(day[c.INS][hour].sum()) for day, hour in zip(asked, hours, strict=True))
    return ratio(bought, came)


def _lag(own: pd.DataFrame) -> Lag | None:
    return estimated_lag([_lag_day(day) for day in _days(own[~own["asked"].astype(bool)])])


def _days(bins: pd.DataFrame) -> list[pd.DataFrame]:
    return [day.sort_values("bin") for _, day in bins.groupby(c.SLICE)]


def _lag_day(day: pd.DataFrame) -> LagDay:
    steps = np.array([wait for waits in day["waits"] for wait in waits], np.intp)
    return LagDay(_counts(day["groups"]), _counts(day["sales"]), wait_counts(steps))


def _counts(column: "pd.Series[float]") -> Counts:
    return np.asarray(column, np.float64)
