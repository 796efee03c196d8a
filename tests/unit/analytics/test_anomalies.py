"""Anomalies of doors: how often they are raised without a fault, how soon with one. On the simulated fleet's days."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from analytics.quality.anomalies import READ_DAYS, SHIFT_DAYS, DoorDay, Span, level_shift, silent
from deploy.simulation.fleet import StoreProfile, fleet
from deploy.simulation.model import DEFAULT_MODEL
from deploy.simulation.visits import store_day

NOW = datetime(2026, 11, 21, 6, tzinfo=UTC)
FIRST = date(2026, 3, 2)


def entries(store: StoreProfile, days: int, *, seed: int = 3) -> list[DoorDay]:
    drawn = ((day, store_day(store, DEFAULT_MODEL, seed, day)) for day in (FIRST + timedelta(n) for n in range(days)))
    return [DoorDay(day, len(one.group)) for day, one in drawn if one is not None]


def looked_at(days: list[DoorDay], last: int) -> list[DoorDay]:
    """What would have been read on the morning after `days[last]`."""
    since = days[last].business_date - timedelta(days=READ_DAYS)
    return [one for one in days[: last + 1] if one.business_date >= since]


@pytest.fixture(scope="module")
def fleets() -> list[list[DoorDay]]:
    return [entries(store, 150) for store in fleet(8)]


def test_days_without_a_fault_raise_no_shift(fleets: list[list[DoorDay]]) -> None:
    """Fewer than one false alarm in 200 store-days: of a store, less than two a year."""
    looks = [level_shift(looked_at(days, last)) for days in fleets for last in range(60, len(days))]
    assert len(looks) > 500
    assert sum(one is not None for one in looks) / len(looks) < 1 / 200


@pytest.mark.parametrize(("factor", "least"), [(0.5, 8), (0.65, 8), (0.75, 4), (1.6, 6)])
def test_a_door_that_counts_otherwise_from_one_day_on_is_found_within_a_week(
    fleets: list[list[DoorDay]], factor: float, least: int
) -> None:
    rng = np.random.default_rng(4)
    found = 0
    for days in fleets:
        faulty = [DoorDay(one.business_date, int(rng.poisson(factor * one.ins))) for one in days[100:]]
        looks = [level_shift(looked_at(days[:100] + faulty, last)) for last in range(100, 107)]
        raised = [one for one in looks if one is not None]
        found += bool(raised)
        assert all((one.factor < 1) == (factor < 1) for one in raised)
    assert found >= least, f"of {len(fleets)} stores"


def test_a_shift_says_since_when_and_how_far() -> None:
    days = [DoorDay(FIRST + timedelta(n), 300 + n % 7 * 20 + n * 7 % 11) for n in range(60)]
    fallen = [DoorDay(one.business_date, one.ins // 2) for one in days[-SHIFT_DAYS:]]
    shift = level_shift(days[:-SHIFT_DAYS] + fallen)
    assert shift is not None
    assert shift.since == fallen[0].business_date
    assert shift.factor == pytest.approx(0.5, abs=0.03)
    assert level_shift(days[:-SHIFT_DAYS] + fallen[:-1]) is None, "three days might be a sale"


def test_holidays_few_days_and_days_long_past_say_nothing() -> None:
    days = [DoorDay(FIRST + timedelta(n), 300 + n * 7 % 11) for n in range(60)]
    fallen = [DoorDay(one.business_date, 100) for one in days[-SHIFT_DAYS:]]
    assert level_shift(days[:-SHIFT_DAYS] + fallen, {one.business_date for one in fallen}) is None
    assert level_shift(days[:30] + fallen) is None, "weeks that were not counted lie between"
    assert level_shift([]) is None
    assert level_shift([DoorDay(FIRST + timedelta(n), 0) for n in range(60)]) is None


@pytest.mark.parametrize(
    ("minutes", "past", "said"),
    [
        (90, (30, 22, 41, 19), True),
        (30, (30, 22, 41, 19), False),
        (90, (30, 22, 41, 3), False),
        (90, (30, 22), False),
    ],
)
def test_a_door_is_silent_when_even_the_quietest_week_had_many(minutes: int, past: tuple[int, ...], said: bool) -> None:
    assert silent(Span("door", NOW - timedelta(minutes=minutes), past), now=NOW) is said


def test_doors_of_the_fleet_are_hardly_ever_called_silent_while_they_count() -> None:
    """Looked at each quarter-hour of a day, held against the same quarter-hours of four weeks."""
    looks = raised = 0
    for store in fleet(8):
        dates = [date(2026, 11, 14) - timedelta(weeks=back) for back in range(5)]
        saturdays = [store_day(store, DEFAULT_MODEL, 5, day) for day in dates]
        entered = [np.sort(one.in_ms - one.day.opens_ms) / 1000 for one in saturdays if one is not None]
        today, past = entered[0], entered[1:]
        for until in range(2_700, 36_000, 900):
            last = today[today < until]
            since = (last[-1] // 900 + 1) * 900 if len(last) else 0
            counts = tuple(int(((one >= since) & (one < until)).sum()) for one in past)
            looks += 1
            raised += silent(Span("door", NOW - timedelta(seconds=int(until - since)), counts), now=NOW)
    assert looks > 250
    assert raised == 0
