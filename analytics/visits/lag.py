"""Lag: how long it takes from the door to the till, and in which hour the buyers of an hour's sales came in.

Nobody is followed. Sales are taken to be visitors of earlier minutes, each delayed by a lognormal lag, so that

    sales per bin ~ Poisson( share who buy, by hour since opening × entries convolved with the lag )

whose likelihood is highest at the store's own lag (median and spread, on a grid). What tells it are the first sales
after opening and the last after closing, and every rush that reaches the till a while after the door.

A sale is then spread over the minutes before it, in proportion to entries × lag (the expectation step of maximum
likelihood deconvolution; Richardson 1972, Lucy 1974): what is summed over the day stays what was sold.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from analytics.days import Calendar, Slice
from analytics.facts import completenesses, slice_facts
from analytics.figure import MEASURED_FROM, Figure, figure
from analytics.queries import Connection, rows

Counts = NDArray[np.float64]

BIN_S: Final = 300.0
#: The lag is looked for over so many days, of which so many must have been counted in full, with so many sales.
DAYS: Final = 42
DAYS_MIN: Final = 7
SALES_MIN: Final = 150
#: Nobody is taken to be inside for longer.
_LONGEST_BINS: Final = 48
_BINS_PER_HOUR: Final = int(3_600 / BIN_S)
_MEDIANS_S: Final = tuple(float(one) for one in np.geomspace(90, 5_400, 36))
_SIGMAS: Final = (0.3, 0.45, 0.6, 0.75, 0.9, 1.1)
#: Half the 95 % quantile of χ² with one degree of freedom: how far the log-likelihood may fall.
_PROFILE: Final = 1.920729
_HALF: Final = 0.5
_NOBODY: Final = 1e-12
_Z90: Final = 1.2815515655446004


@dataclass(frozen=True, slots=True)
class LagDay:
    """Entries and sales per `BIN_S` since opening, until the till closes; both of one length.

    Entries are of buying units, where groups are told apart. One of a group pays: counted by the person, entries stray
    further than those who might buy, and what strays is best explained by a lag that is too long and too wide.
    """

    ins: Counts
    sales: Counts


@dataclass(frozen=True, slots=True)
class Lag:
    """Half of the buyers pay within `median_s` of coming in; [low_s, high_s] is its interval, `sigma` its spread."""

    median_s: float
    low_s: float
    high_s: float
    sigma: float

    @property
    def nearly_all(self) -> timedelta:
        """Within so long nine in ten buyers have paid."""
        return timedelta(seconds=self.median_s * math.exp(_Z90 * self.sigma))

    @property
    def shares(self) -> Counts:
        """The share of buyers who pay in the bin in which they came in, in the next one, and so on."""
        return lag_shares(self.median_s, self.sigma)


def lag_shares(median_s: float, sigma: float) -> Counts:
    """Return the lognormal lag by bins, adding up to 1."""
    edges = np.maximum((np.arange(_LONGEST_BINS + 1) - _HALF) * BIN_S, 1e-9)
    below = np.array([_HALF * math.erfc(-math.log(edge / median_s) / (sigma * math.sqrt(2))) for edge in edges])
    shares = np.diff(below)
    # What is told by rounding alone is nobody.
    shares[shares <= _NOBODY] = 0.0
    return np.asarray(shares / shares.sum(), np.float64)


def estimated_lag(days: Sequence[LagDay]) -> Lag | None:
    """Return the lag that makes the days' sales most likely; None where there are too few days or sales."""
    if len(days) < DAYS_MIN or sum(float(day.sales.sum()) for day in days) < SALES_MIN:
        return None
    told = {
        (median_s, sigma): _likelihood(days, lag_shares(median_s, sigma))
        for median_s in _MEDIANS_S
        for sigma in _SIGMAS
    }
    median_s, sigma = max(told, key=lambda one: told[one])
    best = told[median_s, sigma]
    likely = [m for m in _MEDIANS_S if max(told[m, s] for s in _SIGMAS) >= best - _PROFILE]
    # The truth may lie between two points of the grid.
    step = _MEDIANS_S[1] / _MEDIANS_S[0]
    return Lag(median_s, min(likely) / math.sqrt(step), max(likely) * math.sqrt(step), sigma)


def credited(day: LagDay, lag: Lag) -> Counts:
    """Return how many of the day's sales are credited to each bin in which people came in; their sum is the sales'.

    A sale before which nobody came in stays where it is.
    """
    shares = lag.shares
    exposed = _convolved(day.ins, shares)
    explained = exposed > 0
    per_head = np.divide(day.sales, exposed, out=np.zeros_like(day.sales), where=explained)
    back = np.convolve(per_head[::-1], shares)[: len(per_head)][::-1]
    return np.asarray(day.ins * back + np.where(explained, 0.0, day.sales), np.float64)


def lag_figure(lag: Lag | None, *, as_of: datetime, completeness: float | None) -> Figure:
    """Return the median lag in seconds."""
    interval = None if lag is None else (lag.low_s, lag.high_s)
    value = None if lag is None else lag.median_s
    return figure("purchase_lag_p50", value, as_of=as_of, completeness=completeness, interval=interval)


def read_lag(connection: Connection, days: Calendar, store_id: int, day: date, *, now: datetime) -> Lag | None:
    """Return the store's lag over the `DAYS` before `day`, from those that were counted in full.

    Raises:
        DatabaseError: the database could not be asked.
    """
    known = [
        days.whole(one)
        for one in days.of(store_id).values()
        if day - timedelta(days=DAYS) <= one.business_date < day and days.till_until(one) <= now
    ]
    if len(known) < DAYS_MIN:
        return None
    facts = slice_facts(connection, known, now=now)
    full = [one for one, share in zip(known, completenesses(facts), strict=True) if (share or 0.0) >= MEASURED_FROM]
    return estimated_lag(read_lag_days(connection, full))


def read_lag_days(connection: Connection, slices: Sequence[Slice]) -> list[LagDay]:
    """Return entries and sales of slices of one store, each from its day's opening; raw rows are kept 90 days.

    Raises:
        DatabaseError: the database could not be asked.
    """
    if not slices:
        return []
    span = {"slice": list(range(len(slices))), "from_at": [one.from_at for one in slices]}
    store_id = slices[0].store_id
    moments = rows(connection, "door_moments", store_id=store_id, until=[one.until for one in slices], **span)
    ins = {index: (seconds, sizes) for index, inward, seconds, sizes in moments if inward}
    sold = dict(rows(connection, "sale_moments", store_id=store_id, until=[one.till_until for one in slices], **span))
    return [
        LagDay(_binned(*ins.get(index, ((), ())), one), _binned(sold.get(index, ()), (), one))
        for index, one in enumerate(slices)
    ]


def _binned(seconds: Sequence[float], sizes: Sequence[float], one: Slice) -> Counts:
    """Return how many there were in each bin, members of a group of a `size` as parts of one."""
    bins = max(1, math.ceil((one.till_until - one.from_at).total_seconds() / BIN_S))
    edges = np.arange(bins + 1) * BIN_S
    weights = 1 / np.asarray(sizes, np.float64) if len(sizes) else None
    return np.histogram(np.asarray(seconds, np.float64), edges, weights=weights)[0].astype(np.float64)


def _convolved(ins: Counts, shares: Counts) -> Counts:
    return np.asarray(np.convolve(ins, shares)[: len(ins)], np.float64)


def _likelihood(days: Sequence[LagDay], shares: Counts) -> float:
    """Return the log-likelihood of the sales, the share who buy being the likeliest for each hour since opening."""
    hours = max(len(day.ins) for day in days) // _BINS_PER_HOUR + 1
    sold, exposed, found = np.zeros(hours), np.zeros(hours), 0.0
    for day in days:
        expected = _convolved(day.ins, shares)
        hour = np.arange(len(expected)) // _BINS_PER_HOUR
        sold += np.bincount(hour, day.sales, hours)
        exposed += np.bincount(hour, expected, hours)
        # Somebody whom no camera saw may buy at any time.
        found += float(day.sales @ np.log(expected + 1e-3))
    known = (sold > 0) & (exposed > 0)
    return found + float(sold[known] @ np.log(sold[known] / exposed[known]))
