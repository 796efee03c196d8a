"""The lag from the door to the till, and the hour in which buyers came in."""

from datetime import timedelta
from typing import Final

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from analytics.visits.lag import (
    BIN_S,
    Counts,
    Lag,
    LagDay,
    credited,
    estimated_lag,
    lag_day,
    lag_shares,
    with_waits,
)
from deploy.simulation.store import SimulatedStore
from deploy.simulation.visits import StoreDay
from tests.support.simulation import NO_OUTAGES, SATURDAY, profile

_HOUR: Final = int(3_600 / BIN_S)
counts = st.lists(st.integers(0, 30), min_size=1, max_size=80)


def lag(median_s: float = 900.0, sigma: float = 0.6) -> Lag:
    return Lag(median_s, median_s, median_s, to_queue_s=median_s, sigma=sigma, within_s=2 * median_s)


def unwatched(ins: Counts, sales: Counts) -> LagDay:
    """A day on which no queue is watched."""
    return LagDay(ins, sales, np.array([sales.sum()]))


def binned(at_ms: NDArray[np.int64], day: StoreDay) -> Counts:
    bins = int((day.day.closes_ms - day.day.opens_ms) / 1000 / BIN_S) + _HOUR
    return np.histogram((at_ms - day.day.opens_ms) / 1000, np.arange(bins + 1) * BIN_S)[0].astype(float)


def seen_whole(day: StoreDay) -> LagDay:
    """The day's entries by buying unit, and its sales with how long each buyer queued."""
    queue = day.queue
    waited = ((queue.left_ms - queue.joined_ms) / 1000)[queue.served]
    opens_ms, length_s = day.day.opens_ms, (day.day.closes_ms - day.day.opens_ms) / 1000 + 3_600
    sizes, sold_s = day.size[day.group].astype(float), (queue.paid_ms[queue.served] - opens_ms) / 1000
    return lag_day((day.in_ms - opens_ms) / 1000, sizes, sold_s, waited, length_s=length_s)


def by_hour(counted: Counts) -> Counts:
    whole = len(counted) // _HOUR * _HOUR
    return np.asarray(counted[:whole].reshape(-1, _HOUR).sum(axis=1), np.float64)


@given(counts, st.lists(st.integers(0, 9), min_size=1, max_size=80), st.sampled_from([120.0, 900.0, 3_000.0]))
def test_credited_sales_add_up_to_the_sales(ins: list[int], sales: list[int], median_s: float) -> None:
    length = min(len(ins), len(sales))
    day = unwatched(np.array(ins[:length], float), np.array(sales[:length], float))
    found = credited(day, lag(median_s))
    assert found.sum() == pytest.approx(day.sales.sum())
    assert (found >= 0).all()


def test_a_rush_that_pays_later_is_credited_to_the_hour_in_which_it_came() -> None:
    ins, sales = np.zeros(48), np.zeros(48)
    ins[10:12], sales[13:16] = 30.0, 4.0
    found = by_hour(credited(unwatched(ins, sales), lag()))
    assert found.tolist() == pytest.approx([12.0, 0.0, 0.0, 0.0])
    assert by_hour(sales).tolist() == [0.0, 12.0, 0.0, 0.0]


def test_shares_of_a_lag_are_a_distribution_with_its_median() -> None:
    shares = lag_shares(1_500.0, 0.6)
    assert shares.sum() == pytest.approx(1.0)
    assert np.searchsorted(np.cumsum(shares), 0.5) == pytest.approx(1_500 / BIN_S, abs=1)


def test_what_is_sold_is_where_its_buyer_began_to_queue() -> None:
    day = lag_day([10.0, 11.0, 700.0], [2.0, 2.0, 1.0], [950.0, 100.0], [400.0, 300.0], length_s=1_200.0)
    assert day.ins.tolist() == [1.0, 0.0, 1.0, 0.0]
    assert day.sales.tolist() == [1.0, 1.0, 0.0, 0.0], "nobody queues before the shop opens"
    assert np.flatnonzero(day.waits).tolist() == [30, 40]


@pytest.mark.parametrize(
    ("median_s", "sigma", "mean_wait_s"), [(600, 0.6, 120), (600, 0.6, 0.1), (110, 0.6, 220), (110, 0.3, 900)]
)
def test_lag_and_queue_together_last_as_long_as_drawn_however_long_the_queue(
    median_s: float, sigma: float, mean_wait_s: float
) -> None:
    random = np.random.default_rng(7)
    waits_s = random.exponential(mean_wait_s, 200_000)
    drawn_s = random.lognormal(np.log(median_s), sigma, len(waits_s)) + waits_s
    waits = lag_day([], [], waits_s, waits_s, length_s=300.0).waits
    for share in (0.5, 0.9):
        assert with_waits(median_s, sigma, waits, share) == pytest.approx(np.quantile(drawn_s, share), rel=0.01)


@given(
    st.lists(st.sampled_from([90.0, 95.0, 150.0, 900.0, 5_400.0]), min_size=2, max_size=2),
    st.lists(st.floats(0, 3_000), min_size=1, max_size=30),
)
def test_the_later_of_two_lags_is_the_later_with_the_queue(medians_s: list[float], waits_s: list[float]) -> None:
    waits = lag_day([], [], waits_s, waits_s, length_s=300.0).waits
    earlier, later = (with_waits(one, 0.75, waits) for one in sorted(medians_s))
    assert earlier <= later


def test_too_few_days_tell_no_lag() -> None:
    assert estimated_lag([unwatched(np.full(50, 9.0), np.full(50, 3.0))] * 3) is None


@pytest.mark.parametrize("code", ["nanjing-road", "kurfuerstendamm"])
def test_credit_comes_nearer_to_the_hour_s_true_conversion_than_the_hour_s_own_sales(code: str) -> None:
    """The simulator knows when each buyer came in; what is estimated sees moments at the door and at the till alone."""
    store = SimulatedStore(profile(code), NO_OUTAGES, 3)
    drawn = [store.day(SATURDAY - timedelta(days=ago)) for ago in range(42)]
    happened = [day for day in drawn if day is not None]
    paid = [day.queue.paid_ms[day.queue.served] for day in happened]
    days = [unwatched(binned(day.in_ms, day), binned(at, day)) for day, at in zip(happened, paid, strict=True)]
    found, watched = estimated_lag(days), estimated_lag([seen_whole(day) for day in happened])
    assert found is not None
    assert watched is not None
    came = [day.in_ms[np.searchsorted(day.group, day.queue.group[day.queue.served])] for day in happened]
    true_s = np.median(np.concatenate([at - entered for at, entered in zip(paid, came, strict=True)]) / 1000)
    assert found.median_s == pytest.approx(true_s, rel=0.25)
    assert watched.median_s == pytest.approx(true_s, rel=0.08), "what a rush waits in the queue is told apart"
    assert watched.low_s < watched.median_s < watched.high_s
    assert watched.high_s - watched.low_s < 0.3 * true_s
    errors = {"same hour": 0.0, "lag": 0.0}
    for day, entered, one in zip(happened, came, days, strict=True):
        truth, entries = by_hour(binned(entered, day)), by_hour(one.ins)
        errors["same hour"] += float(np.abs(by_hour(one.sales) - truth)[entries > 0].sum())
        errors["lag"] += float(np.abs(by_hour(credited(one, found)) - truth)[entries > 0].sum())
    assert errors["lag"] < 0.75 * errors["same hour"]
