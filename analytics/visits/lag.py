"""Lag: how long it takes from the door to the till, and in which hour the buyers of an hour's sales came in.

Nobody is followed. Sales are taken to be visitors of earlier minutes, each delayed by a lognormal lag, so that

    sales per bin ~ Poisson( share who buy, by hour since opening × entries convolved with the lag )

whose likelihood is highest at the store's own lag (median and spread, on a grid, between whose medians a parabola
tells). What tells it are the first sales after opening and the last after closing, and every rush that reaches the till
a while after the door. But who comes in a rush also queues for longer than the others: where the queue is watched, each
sale is moved to when its buyer began to queue, and the time in the queue is added to the lag afterwards.

A sale is then spread over the minutes before it, in proportion to entries × lag (the expectation step of maximum
likelihood deconvolution; Richardson 1972, Lucy 1974): what is summed over the day stays what was sold.
"""

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from analytics.days import Calendar, Slice
from analytics.facts import completenesses, slice_facts
from analytics.figure import MEASURED_FROM, Figure, figure
from analytics.queries import Connection, rows
from analytics.statistics.intervals import Z95

Counts = NDArray[np.float64]

BIN_S: Final = 300.0
#: The lag is looked for over so many days, of which so many must have been counted in full, with so many sales.
DAYS: Final = 42
DAYS_MIN: Final = 7
SALES_MIN: Final = 150
#: Nobody is taken to be inside for longer.
_LONGEST_BINS: Final = 48
_BINS_PER_HOUR: Final = int(3_600 / BIN_S)
_MEDIANS_S: Final = tuple(float(one) for one in np.geomspace(90, 5_400, 61))
_SIGMAS: Final = (0.3, 0.45, 0.6, 0.75, 0.9, 1.1)
_HALF: Final = 0.5
_NOBODY: Final = 1e-12
_NEARLY_ALL: Final = 0.9
#: Waits are told apart to so many seconds.
WAIT_S: Final = 10.0
#: A lognormal lag with waits is summed up over so many steps of a standard deviation, and so many of these to a side.
_Z_STEPS: Final = 32
_Z_MAX: Final = 4
#: Where exactly half lies below a gap rounding must not say on which side of it the median is.
_BEYOND_TIE: Final = 1 + 1e-9


@dataclass(frozen=True, slots=True)
class LagDay:
    """Entries and sales per `BIN_S` since opening, until the till closes; all of one length.

    Entries are of buying units, where groups are told apart. One of a group pays: counted by the person, entries stray
    further than those who might buy, and what strays is best explained by a lag that is too long and too wide.
    Sales are where their buyers began to queue; `waits` says of the whole day how many of these queued 0, 1, 2, ...
    times `WAIT_S`, to the nearest: all 0 where no queue is watched.
    """

    ins: Counts
    sales: Counts
    waits: Counts


@dataclass(frozen=True, slots=True)
class Lag:
    """Half of the buyers pay within `median_s` of coming in; [low_s, high_s] is its interval.

    Half of them queue within `to_queue_s`, to the grid's step, of which `sigma` is the spread. Nine in ten have paid
    within `within_s`.
    """

    median_s: float
    low_s: float
    high_s: float
    to_queue_s: float
    sigma: float
    within_s: float

    @property
    def nearly_all(self) -> timedelta:
        """Within so long nine in ten buyers have paid."""
        return timedelta(seconds=self.within_s)

    @property
    def shares(self) -> Counts:
        """The share of buyers who begin to queue in the bin in which they came in, in the next one, and so on."""
        return lag_shares(self.to_queue_s, self.sigma)


def lag_shares(median_s: float, sigma: float) -> Counts:
    """Return the lognormal lag by bins, adding up to 1, of who comes in at any moment of a bin."""
    edges = np.maximum(np.arange(-1, _LONGEST_BINS + 1) * BIN_S, 1e-9)
    z = np.log(edges / median_s) / sigma
    # The integral of the lag's distribution: its second difference is that of bins in which both ends lie anywhere.
    below = edges * _normal(z) - median_s * math.exp(sigma * sigma / 2) * _normal(z - sigma)
    shares = np.diff(below, 2) / BIN_S
    # What is told by rounding alone is nobody.
    shares[shares <= _NOBODY] = 0.0
    return np.asarray(shares / shares.sum(), np.float64)


def estimated_lag(days: Sequence[LagDay]) -> Lag | None:
    """Return the lag that makes the days' sales most likely; None where there are too few days or sales."""
    sales = sum(float(day.sales.sum()) for day in days)
    if len(days) < DAYS_MIN or sales < SALES_MIN:
        return None
    told = _likelihoods(_joined(days), _grid()).reshape(len(_SIGMAS), len(_MEDIANS_S))
    place = int(told.max(axis=0).argmax())
    sigma = _SIGMAS[int(told[:, place].argmax())]
    waits = _waits(days)
    median_s, low_s, high_s = (with_waits(one, sigma, waits) for one in _peak(told.max(axis=0), place))
    to_queue_s = _MEDIANS_S[place]
    return Lag(median_s, low_s, high_s, to_queue_s, sigma, with_waits(to_queue_s, sigma, waits, _NEARLY_ALL))


def with_waits(median_s: float, sigma: float, waits: Counts, share: float = _HALF) -> float:
    """Return within how many seconds `share` of the buyers have paid: a lognormal lag and, apart from it, a wait.

    `waits` is as of a `LagDay`. What has a later median never comes out earlier.
    """
    z = np.arange(-_Z_MAX * _Z_STEPS, _Z_MAX * _Z_STEPS + 1) / _Z_STEPS
    waited = np.flatnonzero(waits)
    took_s = np.add.outer(median_s * np.exp(sigma * z), waited * WAIT_S).ravel()
    weights = np.multiply.outer(np.exp(-z * z / 2), waits[waited]).ravel()
    order = np.argsort(took_s)
    below = np.cumsum(weights[order])
    return float(took_s[order][np.searchsorted(below, below[-1] * share * _BEYOND_TIE, side="right")])


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
    sales = rows(connection, "sale_moments", store_id=store_id, until=[one.till_until for one in slices], **span)
    sold = {index: (seconds, waits_s) for index, seconds, waits_s in sales}
    lengths_s = [(one.till_until - one.from_at).total_seconds() for one in slices]
    return [
        lag_day(*ins.get(index, ((), ())), *sold.get(index, ((), ())), length_s=length_s)
        for index, length_s in enumerate(lengths_s)
    ]


def lag_day(
    entered_s: Sequence[float] | Counts,
    sizes: Sequence[float] | Counts,
    sold_s: Sequence[float] | Counts,
    waits_s: Sequence[float] | Counts,
    *,
    length_s: float,
) -> LagDay:
    """Return a day of `length_s` from moments since opening: entries with the size of their group, sales with waits.

    The members of a group are parts of one.
    """
    waits = np.asarray(waits_s, np.float64)
    queued_s = np.maximum(np.asarray(sold_s, np.float64) - waits, 0.0)
    edges = np.arange(max(1, math.ceil(length_s / BIN_S)) + 1) * BIN_S

    def binned(seconds: Counts, weights: Counts) -> Counts:
        return np.histogram(seconds, edges, weights=weights)[0].astype(np.float64)

    return LagDay(
        ins=binned(np.asarray(entered_s, np.float64), 1 / np.asarray(sizes, np.float64)),
        sales=binned(queued_s, np.ones_like(waits)),
        waits=wait_counts(np.floor(waits / WAIT_S + _HALF).astype(np.intp)),
    )


def wait_counts(steps: NDArray[np.intp]) -> Counts:
    """Return how many waits lasted 0, 1, 2, ... times `WAIT_S`, by how many times it each of them did."""
    return np.bincount(steps).astype(np.float64)


def _normal(z: Counts) -> Counts:
    return np.array([_HALF * math.erfc(-one / math.sqrt(2)) for one in z.tolist()])


def _waits(days: Sequence[LagDay]) -> Counts:
    found = np.zeros(max(len(day.waits) for day in days))
    for day in days:
        found[: len(day.waits)] += day.waits
    return found


def _peak(told: Counts, place: int) -> tuple[float, float, float]:
    """Return the likeliest median, and how far from it the log-likelihoods `told` of `_MEDIANS_S` are not too low.

    The grid's best is at `place`. The parabola through it and its neighbours tells where the top is; below it, what
    grows evenly is the root of the loss.
    """
    at = np.log(_MEDIANS_S)
    top, best = float(at[place]), float(told[place])
    if 0 < place < len(told) - 1:
        before, after = float(told[place - 1]), float(told[place + 1])
        bend = before - 2 * best + after
        if bend < 0:
            offset = (before - after) / (2 * bend)
            top, best = top + offset * float(at[1] - at[0]), best - bend * offset * offset / 2
    lost = np.sqrt(2 * np.maximum(best - told, 0.0))
    left, right = at < top, at >= top
    low = _reached(top, at[left][::-1], lost[left][::-1])
    high = _reached(top, at[right], lost[right])
    return math.exp(top), math.exp(low), math.exp(high)


def _reached(top: float, at: Counts, lost: Counts) -> float:
    """Return where, going away from the top, as much is lost as 95 % intervals leave out; if nowhere, the last."""
    beyond = np.flatnonzero(lost >= Z95)
    if not beyond.size:
        return float(at[-1]) if at.size else top
    after = int(beyond[0])
    begin, none = (top, 0.0) if after == 0 else (float(at[after - 1]), float(lost[after - 1]))
    return begin + (float(at[after]) - begin) * (Z95 - none) / (float(lost[after]) - none)


def _convolved(ins: Counts, shares: Counts) -> Counts:
    return np.asarray(np.convolve(ins, shares)[: len(ins)], np.float64)


@functools.cache
def _grid() -> Counts:
    """Return the shares of each lag that is looked at, one a column: spread by spread, its medians in order."""
    return np.array([lag_shares(median_s, sigma) for sigma in _SIGMAS for median_s in _MEDIANS_S]).T


@dataclass(frozen=True, slots=True)
class _Joined:
    """The bins of all days. `before` has a row for each: who came in in it, in the one before, and so on.

    `hour` says which hour since opening a bin is of, `sold` what was sold in each of these hours.
    """

    before: Counts
    sales: Counts
    hour: NDArray[np.intp]
    sold: Counts


def _joined(days: Sequence[LagDay]) -> _Joined:
    nobody = np.zeros(_LONGEST_BINS - 1)
    before = [sliding_window_view(np.concatenate([nobody, day.ins]), _LONGEST_BINS)[:, ::-1] for day in days]
    hour = np.concatenate([np.arange(len(day.ins)) // _BINS_PER_HOUR for day in days])
    sales = np.concatenate([day.sales for day in days])
    return _Joined(np.concatenate(before), sales, hour, np.bincount(hour, sales).astype(np.float64))


def _likelihoods(days: _Joined, lags: Counts) -> Counts:
    """Return the log-likelihood of the sales under each lag, the share who buy being the likeliest for each hour."""
    bought = days.sales > 0
    # Somebody whom no camera saw may buy at any time.
    found = days.sales[bought] @ np.log(days.before[bought] @ lags + 1e-3)
    came = np.zeros((len(days.sold), days.before.shape[1]))
    np.add.at(came, days.hour, days.before)
    exposed, sold = came @ lags, days.sold[:, np.newaxis]
    known = (sold > 0) & (exposed > 0)
    per_head = np.divide(sold, exposed, out=np.ones_like(exposed), where=known)
    return np.asarray(found + (sold * np.log(per_head)).sum(axis=0), np.float64)
