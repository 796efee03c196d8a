"""What is held against what: the truth of a store-day, and the figures shown of it."""

import json
from datetime import UTC, date, datetime

import pytest
from typer.testing import CliRunner

from analytics.figure import Figure, figure
from deploy.cli.main import app
from deploy.simulation.cases import Case, cases_of, true_days
from deploy.simulation.coverage import coverage
from deploy.simulation.model import MISCOUNTING
from deploy.simulation.orders import member_chances
from deploy.simulation.rates import Rates
from deploy.simulation.staff import clocked
from deploy.simulation.truth import TruthRow, tally_floor, tally_returns
from tests.support.simulation import happened, simulated

DAY = date(2026, 11, 21)
HOUR = datetime(2026, 11, 21, 4, tzinfo=UTC)


def hour(true: dict[str, int], at: int = 4) -> TruthRow:
    return TruthRow(store="shop", business_date=DAY, hour=HOUR.replace(hour=at), counted={}, true=true)


def test_the_truth_of_a_day_is_made_of_its_hours() -> None:
    first = {
        "in:door": 30,
        "in:street": 40,
        "out:street": 60,
        "group_12ths:door": 240,
        "floor_s": 7200,
        "net_sales": 950,
    }
    second = {"floor_s": 3600, "referenced": 4, "repeat_ppm": 1_000_000}
    (true,) = true_days([hour(first), hour(second, at=5)]).values()
    assert (true["footfall"], true["passers_by"], true["buying_units"]) == (30, 100, 20)
    assert true["staff_hours"] == pytest.approx(3)
    assert true["star"] == pytest.approx(15), "hours in which nobody came do not count"
    assert (true["repeat_rate"], true["net_sales"]) == (0.25, 9.5)


def test_staff_on_the_floor_are_those_within_opening_hours_without_their_breaks() -> None:
    day = happened(simulated(visitors=50))
    told = sum(tally_floor(day.day, clocked(day.staff.shifts)).values())
    most = sum(one.worked_s for one in day.staff.shifts)
    opening = sum(
        (min(one.end_ms, day.day.closes_ms) - max(one.start_ms, day.day.opens_ms)) / 1000 for one in day.staff.shifts
    )
    assert 0.9 * most < told < min(most, opening)


def test_a_repeat_is_as_likely_as_those_who_bought_before_are_drawn() -> None:
    store = simulated(visitors=400)
    orders = store.orders(happened(store).day.business_date)
    chances = member_chances(MISCOUNTING)
    assert chances.sum() == pytest.approx(1)
    assert chances[0] > chances[-1]
    known: set[int] = set()
    first = tally_returns(orders, MISCOUNTING, known)
    sales = {one.member for one in orders if one.counts and one.kind == "sale" and one.member is not None}
    assert known == sales
    again = tally_returns(orders, MISCOUNTING, known)
    ppm = [sum(number for (_, measure), number in one.items() if measure == "repeat_ppm") for one in (first, again)]
    assert 0 < ppm[0] < ppm[1]


def test_a_figure_of_a_zone_is_held_against_that_zone_s_rate_and_waits_of_nobody_against_none() -> None:
    rates = Rates(store="shop", weekday=6, of={"dwell_p50:wall": 40.0, "wait_p50": 0.0})
    shown = {
        ("dwell_p50", "wall"): figure("dwell_p50", 42.0, as_of=HOUR, completeness=1.0, interval=(35, 45)),
        ("dwell_p50", "rack"): figure("dwell_p50", 42.0, as_of=HOUR, completeness=1.0, interval=(35, 45)),
        ("wait_p50", ""): figure("wait_p50", 0.0, as_of=HOUR, completeness=1.0, interval=(0, 3)),
    }
    found = {(one.kpi, one.part): one for one in cases_of("shop", DAY, shown, {}, rates)}
    assert set(found) == {("dwell_p50", "wall")}
    assert found["dwell_p50", "wall"].inside


def test_hours_told_alone_and_together_are_held_against_their_own_rates_and_make_the_day_s() -> None:
    def told(share: float, completeness: float = 1.0) -> Figure:
        return figure("conversion", share, as_of=HOUR, completeness=completeness, interval=(share - 0.04, share + 0.05))

    of = {"came:9": 10, "came:10": 10, "came:11": 30, "sold:9": 1, "sold:11": 8, "bought:11": 3, "came:12": 50}
    of |= {"sold:12": 20, "came:13": 10, "sold:13": 1}
    rates = Rates(store="shop", weekday=6, of={name: float(count) for name, count in of.items()})
    parts = {"9-11": told(0.2), "12": told(0.38), "13": told(0.9, completeness=0.5)}
    shown = {("conversion_hour", part): one for part, one in parts.items()}
    shown["conversion_lagged", "11"] = told(0.1)
    came = {"9-11": 50.0, "11": 30.0, "12": 50.0, "13": 10.0}
    found = cases_of("shop", DAY, shown, {}, rates, came=came)
    truths = {(one.kpi, one.part): one.truth for one in found}
    assert truths["conversion_hour", "9-11"] == pytest.approx(9 / 50)
    assert truths["conversion_lagged", "11"] == pytest.approx(3 / 30)
    assert [one.part for one in found if not one.whole] == ["13"], "half of it was dark: it claims nothing"
    hours = next(one for one in coverage(found) if one.kpi == "conversion_hour")
    assert hours.truth == pytest.approx(29 / 100), "the ratio of the day's sums"
    assert hours.shown == pytest.approx((0.2 * 50 + 0.38 * 50) / 100)
    assert hours.covered == 1


def test_chance_counts_stores_and_not_their_days() -> None:
    def cases(stores: int, per_store: int, missed: int) -> list[Case]:
        rates = Rates(store="", weekday=6, of={"atv": 10.0})
        told: list[Case] = []
        for number in range(stores):
            for _ in range(per_store):
                at = 20.0 if number < missed else 10.0
                one = figure("atv", at, as_of=HOUR, completeness=1.0, interval=(at - 1, at + 1))
                told += cases_of(f"shop-{number}", DAY, {("atv", ""): one}, {}, rates)
        return told

    (alone,), (shared,) = coverage(cases(400, 1, 20)), coverage(cases(20, 20, 1))
    assert alone.covered == shared.covered == 0.95
    assert (alone.high or 0) - (alone.low or 0) < ((shared.high or 0) - (shared.low or 0)) / 3


def test_store_days_in_memory_are_drawn_by_a_command() -> None:
    options = ["--stores", "1", "--days", "7", "--stretches", "1", "--first", "2026-10-19", "--json"]
    told = CliRunner().invoke(app, ["simulate", "draw", *options])
    assert told.exit_code in {0, 1}, told.output
    found = json.loads(told.stdout)
    assert found["store_days"] == 7
    named = {one["kpi"]: one for one in found["kpis"]}
    assert named["transactions"]["exact"]
    assert {"conversion", "aur", "engagement", "dwell_p90", "queue_rate", "repeat_rate"} <= set(named)
