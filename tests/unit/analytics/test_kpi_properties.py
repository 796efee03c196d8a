"""What must hold of any figures: nothing measured is no zero, sums are sums, days end where the shop's clock says."""

from datetime import UTC, date, datetime, timedelta
from typing import Final

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics import columns as c
from analytics.days import Slice, at_wall_minutes, quarter, wall_minutes
from analytics.facts import add_up
from analytics.stores import Store
from analytics.visits.hours import hour_slices
from analytics.visits.kpis import kpis
from tests.support.facts import NOW, a_row

#: Half past, a quarter to, half an hour of summer time, none, and two that change their clocks.
ZONES: Final = (
    "Asia/Kathmandu", "Asia/Kolkata", "Australia/Lord_Howe", "Asia/Shanghai", "Europe/Berlin", "America/New_York",
    "America/St_Johns",
)  # fmt: skip
#: What each figure is made of: without any of it there is no figure.
NEEDS: Final = {
    "footfall": (c.INS,), "staff": (c.STAFF_INS,), "buying_units": (c.BUYING_UNITS,), "passers_by": (c.PASSERS,),
    "transactions": (c.TRANSACTIONS,), "net_sales": (c.NET_SALES,), "capture_rate": (c.INS, c.PASSERS),
    "conversion": (c.TRANSACTIONS, c.INS), "buying_unit_conversion": (c.TRANSACTIONS, c.BUYING_UNITS),
    "atv": (c.NET_SALES, c.TRANSACTIONS), "upt": (c.UNITS, c.TRANSACTIONS), "aur": (c.NET_SALES, c.UNITS),
    "spv": (c.NET_SALES, c.INS),
}  # fmt: skip
SUMS: Final = ("footfall", "staff", "buying_units", "passers_by", "transactions", "net_sales")
_COLUMNS: Final = sorted({column for needed in NEEDS.values() for column in needed})
unknown = st.sets(st.sampled_from(_COLUMNS))
days = st.lists(
    st.fixed_dictionaries({column: st.none() | st.integers(0, 3) | st.integers(0, 5_000) for column in _COLUMNS}),
    min_size=1,
    max_size=12,
)


def a_store(zone: str) -> Store:
    return Store(1, "riverside", "Riverside", zone, "EUR")


def changes_of_clocks() -> list[tuple[str, date]]:
    """The days of three years that have no 24 hours: by chance a day is none of them."""
    every = [date(2025, 1, 1) + timedelta(days=ahead) for ahead in range(3 * 365)]
    lengths = {
        (zone, day): at_wall_minutes(a_store(zone), day, 1_440) - at_wall_minutes(a_store(zone), day, 0)
        for zone in ZONES
        for day in every
    }
    return [zoned for zoned, length in lengths.items() if length != timedelta(days=1)]


zoned_days = st.sampled_from(changes_of_clocks()) | st.tuples(
    st.sampled_from(ZONES), st.dates(date(2025, 1, 1), date(2027, 12, 31))
)


def test_the_hour_that_the_clock_shows_twice_is_two_and_the_one_it_jumps_over_none() -> None:
    store = a_store("Europe/Berlin")
    for day, hours in ((date(2026, 10, 25), 25), (date(2026, 3, 29), 23), (date(2026, 3, 30), 24)):
        begin, end = at_wall_minutes(store, day, 0), at_wall_minutes(store, day, 1_440)
        assert len(hour_slices(store, Slice(1, day, begin, end, end))) == hours


def facts_of(rows: list[dict[str, int | None]]) -> pd.DataFrame:
    return pd.DataFrame(
        [a_row(**{name: np.nan if value is None else value for name, value in row.items()}) for row in rows]
    )


def test_every_figure_of_the_base_set_says_what_it_needs() -> None:
    assert set(kpis(a_row(), as_of=NOW).__slots__) == set(NEEDS)


@given(unknown, st.integers(0, 400))
def test_what_nobody_measured_never_becomes_zero(gone: set[str], visitors: int) -> None:
    row = a_row(**{c.INS: visitors, **dict.fromkeys(gone, np.nan)})
    base = kpis(row, as_of=NOW)
    for name, needed in NEEDS.items():
        figure = getattr(base, name)
        if gone & set(needed):
            assert (figure.value, figure.low, figure.high) == (None, None, None), name
        elif figure.value is not None:
            assert figure.low is None or figure.low <= figure.high


@given(days, st.randoms(use_true_random=False))
def test_sums_of_days_and_stores_do_not_care_how_they_are_parted(
    rows: list[dict[str, int | None]], rng: object
) -> None:
    facts = facts_of(rows)
    whole = kpis(add_up(facts), as_of=NOW)
    parts = [facts.iloc[place : place + 1] for place in range(len(facts))]
    rng.shuffle(parts)  # type: ignore[attr-defined]
    cut = len(parts) // 2
    halves = [kpis(add_up(pd.concat(some)), as_of=NOW) for some in (parts[:cut], parts[cut:]) if some]
    for name in SUMS:
        told = [getattr(half, name).value for half in halves]
        known = [value for value in told if value is not None]
        value = getattr(whole, name).value
        assert value == (pytest.approx(sum(known)) if known else None), name
        measured = [one for row in rows for column in NEEDS[name] if (one := row[column]) is not None]
        assert value == (sum(measured) if measured else None), "what nobody measured on any day is no zero"


@given(days)
def test_sales_per_visitor_is_conversion_times_average_sale_over_any_days(rows: list[dict[str, int | None]]) -> None:
    base = kpis(add_up(facts_of(rows)), as_of=NOW)
    if base.conversion.value and base.atv.value is not None:
        assert base.spv.value == pytest.approx(base.conversion.value * base.atv.value, rel=1e-9, abs=1e-9)


@given(zoned_days, st.integers(0, 95), st.integers(1, 104))
def test_hours_part_any_business_day_without_gap_or_overlap(zoned: tuple[str, date], opens: int, quarters: int) -> None:
    """Also one that closes at 2 a.m., one of 23 or 25 hours, and one whose clock moves by half an hour."""
    zone, day = zoned
    store = a_store(zone)
    from_at, until = (at_wall_minutes(store, day, 15 * minutes) for minutes in (opens, opens + quarters))
    if until <= from_at:
        return
    whole = Slice(1, day, from_at, until, until + timedelta(hours=1))
    hours = hour_slices(store, whole)
    assert [one.until for one in hours[:-1]] == [one.from_at for one in hours[1:]]
    assert (hours[0].from_at, hours[-1].until, hours[-1].till_until) == (from_at, until, whole.till_until)
    assert all(one.till_until == one.until for one in hours[:-1])
    assert all(quarter(one.from_at) == one.from_at for one in hours)
    for one in hours:
        assert one.until - one.from_at <= timedelta(hours=1, minutes=30)
        assert one is hours[0] or one.from_at.astimezone(store.zone).minute in {0, 30}


@given(zoned_days, st.integers(0, 1_560))
def test_minutes_of_the_wall_clock_come_back(zoned: tuple[str, date], minutes: int) -> None:
    zone, day = zoned
    store = a_store(zone)
    at = at_wall_minutes(store, day, minutes)
    assert at.tzinfo is UTC
    back = wall_minutes(store, day, at)
    local = (datetime.combine(day, datetime.min.time()) + timedelta(minutes=minutes)).replace(tzinfo=store.zone)
    # A time that the clock jumps over does not exist: what is shown then lies as far on.
    exists = local.astimezone(UTC).astimezone(store.zone).replace(tzinfo=None) == local.replace(tzinfo=None)
    assert back == minutes or not exists
