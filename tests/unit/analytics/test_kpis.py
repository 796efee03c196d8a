"""The base set of KPIs from facts."""

import math
from dataclasses import fields

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics import columns as c
from analytics.facts import add_up, completeness
from analytics.visits.kpis import OF_SALES, Kpis, change, kpis
from tests.support.facts import NOW, a_row

NAN = float("nan")
counts = st.integers(0, 50_000)
money = st.floats(-1e6, 1e7, allow_nan=False).map(lambda amount: round(amount, 2))


@given(st.integers(1, 50_000), st.integers(1, 50_000), money)
def test_sales_per_visitor_is_conversion_times_average_sale(visitors: int, sales: int, net: float) -> None:
    base = kpis(a_row(ins=visitors, transactions=sales, net_sales=net), as_of=NOW)
    assert base.spv.value is not None
    assert base.conversion.value is not None
    assert base.atv.value is not None
    assert base.spv.value == pytest.approx(base.conversion.value * base.atv.value, rel=1e-9, abs=1e-9)


@given(st.integers(1, 50_000), counts, money)
def test_the_interval_of_sales_per_visitor_contains_it(visitors: int, sales: int, net: float) -> None:
    spv = kpis(a_row(ins=visitors, transactions=sales, net_sales=net), as_of=NOW).spv
    assert spv.value is not None
    if spv.low is not None and spv.high is not None:
        assert spv.low <= spv.value + 1e-6
        assert spv.value - 1e-6 <= spv.high


@given(st.lists(st.tuples(st.integers(1, 900), st.integers(0, 300), st.floats(0, 9e4)), min_size=1, max_size=20))
def test_a_ratio_over_days_is_the_ratio_of_their_sums(days: list[tuple[int, int, float]]) -> None:
    facts = pd.DataFrame([a_row(ins=ins, transactions=sales, net_sales=net) for ins, sales, net in days])
    base = kpis(add_up(facts), as_of=NOW)
    assert base.conversion.value == pytest.approx(sum(day[1] for day in days) / sum(day[0] for day in days))
    assert base.spv.value == pytest.approx(sum(day[2] for day in days) / sum(day[0] for day in days))


@given(st.lists(counts, min_size=1, max_size=20), st.integers(0, 19))
def test_adding_up_in_parts_changes_nothing(ins: list[int], cut: int) -> None:
    facts = pd.DataFrame([a_row(ins=one) for one in ins])
    parts = [part for part in (facts.iloc[:cut], facts.iloc[cut:]) if len(part)]
    twice = add_up(pd.DataFrame([add_up(part) for part in parts]))
    pd.testing.assert_series_equal(twice, add_up(facts))


def test_what_nobody_measured_has_no_value_and_zero_is_a_value() -> None:
    unknown = kpis(a_row(ins=NAN, passers=NAN, transactions=NAN, net_sales=NAN, up_s=0), as_of=NOW)
    assert unknown.footfall.value is None
    assert unknown.conversion.value is None
    assert unknown.capture_rate.value is None
    assert unknown.spv.value is None
    empty = kpis(a_row(ins=0, transactions=0, net_sales=0), as_of=NOW)
    assert empty.footfall.value == 0
    assert empty.transactions.value == 0
    assert empty.conversion.value is None


def test_conversion_beyond_100_percent_is_shown_as_it_is() -> None:
    conversion = kpis(a_row(ins=50, transactions=60), as_of=NOW).conversion
    assert conversion.value == 1.2
    assert conversion.high is not None
    assert conversion.high > 1.2


@given(counts, counts)
def test_the_capture_rate_lies_between_0_and_1(entries: int, passers: int) -> None:
    rate = kpis(a_row(ins=entries, passers=passers), as_of=NOW).capture_rate.value
    assert rate is None if entries + passers == 0 else rate is not None and 0 <= rate <= 1


def test_one_door_down_makes_the_figures_partial() -> None:
    base = kpis(a_row(up_s=21_600), as_of=NOW)
    assert base.footfall.quality == "partial"
    assert base.footfall.completeness == 0.5
    assert base.conversion.quality == "partial"
    assert base.atv.quality == "measured"
    assert base.capture_rate.completeness == 0.5


def test_staff_groups_and_individuals_stay_apart() -> None:
    base = kpis(a_row(), as_of=NOW)
    assert (base.footfall.value, base.staff.value, base.buying_units.value) == (400, 12, 250)
    assert base.buying_unit_conversion.value == pytest.approx(92 / 250)


def test_buying_units_of_some_crossings_only_are_partial() -> None:
    assert kpis(a_row(grouped_ins=100, buying_units=60), as_of=NOW).buying_units.completeness == 0.25


def test_completeness_is_unknown_where_no_camera_was_expected() -> None:
    assert completeness(a_row(expected_s=0, up_s=0)) is None


def test_a_column_that_was_never_known_stays_unknown_in_the_sum() -> None:
    facts = pd.DataFrame([a_row(passers=NAN), a_row(passers=NAN)])
    assert math.isnan(add_up(facts)[c.PASSERS])


def test_a_change_needs_both_sides() -> None:
    before, after = (kpis(a_row(ins=ins), as_of=NOW).footfall for ins in (400, 376))
    nothing = kpis(a_row(ins=NAN), as_of=NOW).footfall
    assert change(after, before) == pytest.approx(-0.06)
    assert change(after, nothing) is None


def test_figures_of_sales_are_those_that_change_with_them() -> None:
    told, other = (
        kpis(a_row(transactions=90 + more, net_sales=9_000.0 + 7 * more, units=150 + 9 * more), as_of=NOW)
        for more in (0, 1)
    )
    names = {field.name for field in fields(Kpis)}
    assert {name for name in names if getattr(told, name).value != getattr(other, name).value} == OF_SALES
