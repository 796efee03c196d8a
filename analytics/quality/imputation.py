"""Imputation: how many visitors a line is likely to have missed in the hours in which its camera did not count.

Three methods, none of which needs the line's own day, for a camera is often dark for all of it:

- `weekday`: the median of the same line, weekday and hour over the past 8 weeks, at least 3 of them counted;
- `lines_day`: that × what the store's other lines counted on this day ÷ what is usual for them then;
- `lines_hour`: the same within the hour.

Which is best is found by a back-test: every hour of the last weeks that was counted is hidden and estimated. Its error
is shown as WAPE, and the spread of counted ÷ estimated gives each estimate its 95 % interval. Counts are never touched.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics import columns as c
from analytics.figure import MEASURED_FROM, Figure
from analytics.queries import Connection, frame

Method = Literal["weekday", "lines_day", "lines_hour"]
METHODS: Final[tuple[Method, ...]] = get_args(Method)
#: Changes whenever the same counts would give other estimates.
MODEL_VERSION: Final = "1"
WEEKS: Final = 8
WEEKS_MIN: Final = 3
#: Days on which methods are tried.
TEST_DAYS: Final = 28
#: Fewer hidden hours than this say nothing about an error.
TESTED_MIN: Final = 24
#: The other lines must usually see so many people for their day to say something.
OTHERS_MIN: Final = 10.0
_HOURS: Final = 48

Grid = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class BackTest:
    """How well methods told hidden hours: WAPE by method, and the middle 95 % of counted ÷ estimated of the best."""

    best: Method
    wape: Mapping[Method, float]
    hours: int
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """Visitors that a line is likely to have missed in an hour, `missing` being the share of it that nobody counted."""

    line_id: int
    hour: datetime
    business_date: date
    missing: float
    ins: float
    low: float
    high: float
    method: Method


@dataclass(frozen=True, slots=True)
class _Grids:
    """Line × day × hour of the store's wall clock (48: a business day may end after midnight).

    `whole` is visitors of hours counted in full, else NaN; `usual` is their median over the past weeks.
    """

    lines: tuple[int, ...]
    first: date
    whole: Grid
    usual: Grid


def read_hours(connection: Connection, store_id: int, *, first: date, last: date, now: datetime) -> pd.DataFrame:
    """Return each entrance line's opening hours from `first` less the weeks that methods need, up to `last`.

    Columns: `LINE_ID`, `HOUR` (its start in UTC), `BUSINESS_DATE`, `SLOT` (hour of the business day on the store's
    clock), `INS`, `UP_S`, `EXPECTED_S`.

    Raises:
        DatabaseError: the database could not be asked.
    """
    since = first - timedelta(weeks=WEEKS) - timedelta(days=TEST_DAYS)
    return frame(connection, "line_hours", store_id=store_id, first=since, last=last, now=now)


def back_test(hours: pd.DataFrame, *, until: date) -> BackTest | None:
    """Return how well each method tells the counted hours of `TEST_DAYS` days up to `until`; None where too few are."""
    if hours.empty:
        return None
    grids = _grids(hours)
    days = slice(max(0, (until - grids.first).days + 1 - TEST_DAYS), max(0, (until - grids.first).days + 1))
    told = {method: _estimates(grids, method)[:, days] for method in METHODS}
    truth = grids.whole[:, days]
    tried = {method: ~np.isnan(truth) & ~np.isnan(told[method]) for method in METHODS}
    wape = {
        method: float(np.abs(truth - told[method])[seen].sum() / truth[seen].sum())
        for method, seen in tried.items()
        if seen.sum() >= TESTED_MIN and truth[seen].sum() > 0
    }
    if not wape:
        return None
    best = min(wape, key=lambda method: wape[method])
    seen = tried[best] & (told[best] > 0)
    low, high = np.quantile(truth[seen] / told[best][seen], [0.025, 0.975])
    return BackTest(best, wape, int(seen.sum()), min(1.0, float(low)), max(1.0, float(high)))


def impute(hours: pd.DataFrame, tested: BackTest, *, first: date, last: date) -> list[Estimate]:
    """Return an estimate for each line-hour between two dates that was not counted in full and can be told.

    Where the best method has nothing to go by, the next best of those tested speaks. An hour is estimated for the share
    that is missing; what was counted in it stays beside that.
    """
    grids = _grids(hours)
    order = sorted(tested.wape, key=lambda method: tested.wape[method])
    told = {method: _estimates(grids, method) for method in order}
    index = {line: row for row, line in enumerate(grids.lines)}
    found = []
    wanted = hours[(hours[c.BUSINESS_DATE] >= first) & (hours[c.BUSINESS_DATE] <= last) & (hours[c.EXPECTED_S] > 0)]
    for row in wanted.to_dict("records"):
        missing = 1 - min(1.0, row[c.UP_S] / row[c.EXPECTED_S])
        if missing <= 1 - MEASURED_FROM:
            continue
        cell = index[row[c.LINE_ID]], (row[c.BUSINESS_DATE] - grids.first).days, row[c.SLOT]
        method = next((one for one in order if not np.isnan(told[one][cell])), None)
        if method is None:
            continue
        # An hour of which the shop is open for a part is one of the past weeks that was open for the same part.
        ins = float(told[method][cell]) * missing
        found.append(
            Estimate(
                row[c.LINE_ID],
                row[c.HOUR],
                row[c.BUSINESS_DATE],
                missing,
                ins,
                ins * tested.low,
                ins * tested.high,
                method,
            )
        )
    return found


def with_estimates(counted: Figure, estimated: "pd.Series[float]") -> Figure | None:
    """Return visitors with the estimated ones added, of quality `imputed`; None where nothing was estimated.

    `estimated` has `INS`, `LOW` and `HIGH`, summed. The interval holds the estimates' error alone, as if all erred the
    same way, which is the cautious reading. A figure that nobody counted stays unknown.
    """
    if counted.value is None or not estimated[c.INS] > 0:
        return None
    value = counted.value + estimated[c.INS]
    low, high = counted.value + estimated[c.LOW], counted.value + estimated[c.HIGH]
    return Figure(value, low, high, "imputed", counted.completeness, "footfall_imputed", counted.as_of)


def read_estimated(connection: Connection, store_ids: Sequence[int], *, first: date, last: date) -> pd.DataFrame:
    """Return the estimates in force per store and business day: `STORE_ID`, `BUSINESS_DATE`, `INS`, `LOW`, `HIGH`.

    Raises:
        DatabaseError: the database could not be asked.
    """
    found = frame(connection, "estimated_days", store_ids=list(store_ids), first=first, last=last)
    return found.astype(dict.fromkeys([c.INS, c.LOW, c.HIGH], float))


def _grids(hours: pd.DataFrame) -> _Grids:
    lines = tuple(sorted(hours[c.LINE_ID].unique()))
    first, last = hours[c.BUSINESS_DATE].min(), hours[c.BUSINESS_DATE].max()
    whole = np.full((len(lines), (last - first).days + 1, _HOURS), np.nan)
    full = hours[(hours[c.EXPECTED_S] > 0) & (hours[c.UP_S] >= MEASURED_FROM * hours[c.EXPECTED_S])]
    rows = np.searchsorted(lines, full[c.LINE_ID])
    days = [(day - first).days for day in full[c.BUSINESS_DATE]]
    whole[rows, days, full[c.SLOT].to_numpy(int)] = full[c.INS].to_numpy(float)
    return _Grids(lines, first, whole, _usual(whole))


def _usual(whole: Grid) -> Grid:
    """Return the median of each cell's same weekday and hour over the past weeks; NaN with fewer than `WEEKS_MIN`."""
    past = np.full((WEEKS, *whole.shape), np.nan)
    for week in range(1, WEEKS + 1):
        past[week - 1, :, 7 * week :] = whole[:, : max(0, whole.shape[1] - 7 * week)]
    known = (~np.isnan(past)).sum(axis=0)
    usual = np.full(whole.shape, np.nan)
    enough = known >= WEEKS_MIN
    usual[enough] = np.nanmedian(past[:, enough], axis=0)
    return usual


def _estimates(grids: _Grids, method: Method) -> Grid:
    """Return what a method says of every cell, never looking at the cell's own line on that day."""
    if method == "weekday":
        return grids.usual
    both = ~np.isnan(grids.whole) & ~np.isnan(grids.usual)
    seen, usual = np.where(both, grids.whole, 0.0), np.where(both, grids.usual, 0.0)
    if method == "lines_day":
        seen, usual = seen.sum(axis=2, keepdims=True), usual.sum(axis=2, keepdims=True)
    others_seen, others_usual = seen.sum(axis=0) - seen, usual.sum(axis=0) - usual
    told = others_usual >= OTHERS_MIN
    factor = np.full(others_seen.shape, np.nan)
    factor[told] = others_seen[told] / others_usual[told]
    return grids.usual * factor
