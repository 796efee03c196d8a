"""A change in sales is told apart into amounts that add up to it, whatever was sold."""

import math
from datetime import UTC, datetime

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics import columns as c
from analytics.comparison.decomposition import PARTS, Sides, Sums, decompose, logarithmic_mean, rounded_parts, sides
from tests.support.facts import a_row

NAN = float("nan")
AS_OF = datetime(2026, 11, 21, 6, 7, tzinfo=UTC)
_COUNT = st.integers(1, 100_000).map(float)
_MONEY = st.floats(0.01, 1e8)
_SUMS = st.builds(Sums, _COUNT, _COUNT, _MONEY)
#: To the hundredth, as money is.
_ANY_MONEY = st.integers(-100_000_000, 100_000_000).map(lambda cents: cents / 100)
_ANY = st.builds(Sums, st.integers(0, 9999).map(float), st.integers(0, 999).map(float), _ANY_MONEY)
_SIDES = st.builds(Sides, _ANY, _ANY, _ANY_MONEY, _ANY_MONEY, st.just(7), st.just(7))


def pair(before: Sums, after: Sums) -> Sides:
    return Sides(before, after, 0.0, 0.0, 7, 7)


@given(_SUMS, _SUMS)
def test_visitors_conversion_and_basket_add_up_to_the_change_of_a_store(before: Sums, after: Sums) -> None:
    why = decompose([pair(before, after)])
    assert why is not None
    assert why.visitors + why.conversion + why.basket == pytest.approx(
        after.net - before.net, abs=1e-7 * (after.net + before.net)
    )
    assert (why.mix, why.rest) == (0.0, 0.0)


@given(st.lists(_SIDES, min_size=1, max_size=8))
def test_the_parts_add_up_whatever_the_stores_sold(stores: list[Sides]) -> None:
    why = decompose(stores)
    assert why is not None
    after = sum(one.after.net + one.rest_after for one in stores)
    before = sum(one.before.net + one.rest_before for one in stores)
    assert why.change == pytest.approx(after - before, abs=1e-6)
    assert math.fsum(why.parts) == pytest.approx(why.change, abs=1e-6)
    assert all(math.isfinite(part) for part in why.parts)


def test_a_change_and_its_parts_are_figures_as_whole_as_the_side_that_was_counted_least() -> None:
    days = pd.DataFrame([a_row(ins=100 + day) for day in range(5)])
    torn = days.assign(**{c.UP_S: days[c.UP_S] * 0.97})
    why = decompose([sides(days, torn), None, sides(days, days)])
    assert why is not None
    whole, *parts = why.figures(as_of=AS_OF)
    assert (whole.definition_id, *(one.definition_id for one in parts)) == ("change_sales", *PARTS)
    assert math.fsum(one.value or 0.0 for one in parts) == pytest.approx(whole.value)
    for one in (whole, *parts):
        assert one.completeness == pytest.approx(0.97)
        assert (one.quality, one.low, one.high, one.as_of) == ("partial", None, None, AS_OF)
    assert decompose([None]) is None


@given(st.lists(st.tuples(_SUMS, _SUMS), min_size=1, max_size=6))
def test_stores_add_up_to_all_stores(stores: list[tuple[Sums, Sums]]) -> None:
    pairs = [pair(*one) for one in stores]
    together, each = decompose(pairs), [decompose([one]) for one in pairs]
    assert together is not None
    scale = sum(one.net for two in stores for one in two)
    for name, parts in {"conversion": ["conversion"], "basket": ["basket"], "visitors": ["visitors", "mix"]}.items():
        whole = sum(getattr(together, part) for part in parts)
        assert whole == pytest.approx(sum(getattr(one, name) for one in each), abs=1e-7 * scale)


@given(_SUMS, _SUMS)
def test_turning_time_round_turns_every_part_round(before: Sums, after: Sums) -> None:
    there, back = decompose([pair(before, after)]), decompose([pair(after, before)])
    assert there is not None
    assert back is not None
    assert [-part for part in back.parts] == pytest.approx(there.parts, abs=1e-7 * (after.net + before.net))


def test_a_factor_that_did_not_move_gets_nothing() -> None:
    why = decompose([pair(Sums(400, 100, 5000.0), Sums(300, 75, 3750.0))])
    assert why is not None
    assert why.visitors == pytest.approx(-1250.0)
    assert why.conversion == pytest.approx(0.0, abs=1e-9)
    assert why.basket == pytest.approx(0.0, abs=1e-9)
    assert why.share == pytest.approx(-0.25)


def test_visitors_who_went_to_the_dearer_store_are_mix_and_not_more_visitors() -> None:
    dear, cheap = Sums(100, 50, 50_000.0), Sums(300, 60, 3_000.0)
    dearer, cheaper = Sums(200, 100, 100_000.0), Sums(200, 40, 2_000.0)
    why = decompose([pair(dear, dearer), pair(cheap, cheaper)])
    assert why is not None
    assert why.visitors == 0.0
    assert why.mix == pytest.approx(49_000.0)


def frame(*rows: "pd.Series[float]") -> pd.DataFrame:
    return pd.DataFrame(list(rows))


def test_days_without_sales_on_a_side_take_no_part_and_none_is_not_zero() -> None:
    after = frame(a_row(), a_row(net_sales=NAN, transactions=NAN), a_row())
    before = frame(a_row(), a_row(), a_row(net_sales=NAN, transactions=NAN))
    one = sides(after, before)
    assert one is not None
    assert (one.pairs, one.days) == (1, 3)
    assert one.after.net == one.before.net == a_row()[c.NET_SALES]
    assert sides(after[1:], before[1:]) is None
    assert decompose([]) is None


def test_a_blind_door_is_no_fall_in_visitors() -> None:
    one = sides(frame(a_row(), a_row(ins=100, up_s=10_000.0)), frame(a_row(), a_row(net_sales=10_000.0)))
    assert one is not None
    why = decompose([one])
    assert why is not None
    assert why.visitors == 0.0
    assert why.rest == why.change == pytest.approx(6_560.0)


def test_a_day_that_nobody_counted_is_rest_and_a_store_that_sold_nothing_too() -> None:
    unseen = sides(frame(a_row(ins=NAN)), frame(a_row()))
    empty = pair(Sums(400, 0, 0.0), Sums(400, 10, 500.0))
    assert unseen is not None
    why = decompose([unseen, empty])
    assert why is not None
    assert why.parts == (0.0, 0.0, 0.0, 0.0, 500.0)


@given(st.floats(1e-6, 1e9), st.floats(1e-6, 1e9))
def test_the_logarithmic_mean_lies_between_and_is_symmetric(a: float, b: float) -> None:
    mean = logarithmic_mean(a, b)
    assert min(a, b) * (1 - 1e-9) <= mean <= max(a, b) * (1 + 1e-9)
    assert mean == pytest.approx(logarithmic_mean(b, a), rel=1e-6)


def test_the_logarithmic_mean_needs_numbers_above_zero() -> None:
    with pytest.raises(ValueError, match="above 0"):
        logarithmic_mean(0.0, 1.0)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=6))
def test_what_is_shown_adds_up_and_no_part_moves_by_more_than_a_step(parts: list[float]) -> None:
    total = math.fsum(parts)
    shown = rounded_parts(parts, total, step=1)
    assert sum(shown) == round(total)
    assert all(abs(one - part) <= 1 + 1e-6 for one, part in zip(shown, parts, strict=True))
