"""Targets: which holds on which day, and how far a day or a period is."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from analytics.quality.accuracy import UNAUDITED, LineAccuracy, store_accuracy
from analytics.statistics.miscount import Tally
from analytics.visits.kpis import Kpis, kpis
from analytics.visits.targets import Plan, Reached, Targets, day_progress, period_progress
from deploy.errors import StoreError
from deploy.targets import check, parse_week, read_list, write_week
from tests.support.facts import a_row

MONDAY = date(2026, 11, 2)
AT = datetime(2026, 11, 30, tzinfo=UTC)
WEEK = (400.0, 400.0, 400.0, 400.0, 500.0, 900.0, None)


def plan(first: date, week: tuple[float | None, ...] = WEEK, metric: Any = "visitors") -> Plan:
    return Plan(metric, first, week)


def test_a_day_keeps_the_target_of_its_time() -> None:
    later = plan(MONDAY + timedelta(days=7), (450.0,) * 7)
    targets = Targets((later, plan(MONDAY)))
    assert targets.of("visitors", MONDAY - timedelta(days=1)) is None
    assert targets.of("visitors", MONDAY + timedelta(days=5)) == 900.0
    assert targets.of("visitors", MONDAY + timedelta(days=6)) is None, "no target on Sundays"
    assert targets.of("visitors", MONDAY + timedelta(days=7)) == 450.0
    assert targets.of("net_sales", MONDAY) is None


def test_a_day_is_as_far_as_its_figures() -> None:
    targets = Targets((plan(MONDAY), plan(MONDAY, (0.25,) * 7, "conversion"), plan(MONDAY, (0.0,) * 7, "net_sales")))
    visitors, conversion = day_progress(targets, MONDAY, base(ins=100, transactions=20), due=0.4)
    assert (visitors.value, visitors.target, visitors.share, visitors.due) == (100, 400, 0.25, 0.4)
    assert (conversion.value, conversion.target, conversion.due) == (0.2, 0.25, None)
    assert (
        day_progress(targets, MONDAY + timedelta(days=6), base(ins=1, transactions=0), due=None)[0].metric
        == "conversion"
    )


def test_a_period_compares_the_days_that_were_measured_and_have_a_target() -> None:
    targets = Targets((plan(MONDAY), plan(MONDAY, (0.1, 0.3, 0.1, 0.1, 0.1, 0.1, 0.1), "conversion")))
    days = [
        Reached(MONDAY, a_row(ins=300, transactions=30)),
        Reached(MONDAY + timedelta(days=1), a_row(ins=100, transactions=20)),
        Reached(MONDAY + timedelta(days=2), a_row(ins=float("nan"), up_s=0)),
        Reached(MONDAY + timedelta(days=6), a_row(ins=50, transactions=5)),
    ]
    visitors, conversion = period_progress(targets, days, as_of=AT, audited=UNAUDITED)
    assert (visitors.value, visitors.target, visitors.days) == (400, 800, 2)
    assert conversion.value == pytest.approx(55 / 450)
    assert conversion.target == pytest.approx((30 + 30 + 5) / 450), "each day weighs as its visitors"
    assert period_progress(Targets(), days, as_of=AT, audited=UNAUDITED) == ()


def test_what_was_reached_has_the_range_that_audits_give_the_same_visitors() -> None:
    tally = (Tally(300, 298, 297),)
    audited = store_accuracy([LineAccuracy("door", "entrance", tally, tally, AT)], [("door", "entrance", 900, 880)])
    day = a_row(ins=300, transactions=30)
    for known in (audited, UNAUDITED):
        (visitors,) = period_progress(Targets((plan(MONDAY),)), [Reached(MONDAY, day)], as_of=AT, audited=known)
        assert visitors.reached == kpis(day, as_of=AT, audited=known).footfall
        assert (visitors.reached.low is None) is (known is UNAUDITED)


@pytest.mark.parametrize(
    ("text", "metric", "week"),
    [
        ("400", "visitors", (400.0,) * 7),
        ("24%", "conversion", (0.24,) * 7),
        ("mon-fri=400, sat=900", "visitors", (400.0,) * 5 + (900.0, None)),
        ("fri-mon=7", "visitors", (7.0, None, None, None, 7.0, 7.0, 7.0)),
        ("wed=0.3", "conversion", (None, None, 0.3, None, None, None, None)),
    ],
)
def test_a_week_is_written_as_opening_hours_are(text: str, metric: Any, week: tuple[float | None, ...]) -> None:
    assert parse_week(text, metric) == pytest.approx(week, nan_ok=True)
    assert parse_week(write_week(week), metric) == week


@pytest.mark.parametrize("text", ["", "mon", "mon-fri=", "mon=x", "day=4", "mon=4;tue=5"])
def test_a_week_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(StoreError, match="expected"):
        parse_week(text, "visitors")


@pytest.mark.parametrize(
    ("metric", "value"), [("visitors", -1.0), ("conversion", 1.01), ("net_sales", float("nan")), ("people", 1.0)]
)
def test_a_number_that_cannot_be_a_target_is_refused(metric: Any, value: float) -> None:
    with pytest.raises(StoreError):
        check(Plan(metric, MONDAY, (value,) * 7))


def test_a_list_is_read_whole_or_not_at_all() -> None:
    head = "store,metric,from,mon,tue,wed,thu,fri,sat,sun\n"
    found = read_list(
        head + "hill,visitors,2026-12-01,400,400,400,400,500,900,\nhill,conversion,2026-12-01" + ",24%" * 7
    )
    assert found[0] == ("hill", Plan("visitors", date(2026, 12, 1), WEEK))
    assert found[1][1].by_weekday == pytest.approx((0.24,) * 7)
    for wrong in (
        "hill,people,2026-12-01,1,1,1,1,1,1,1",
        "hill,visitors,soon,1,1,1,1,1,1,1",
        "hill,visitors,2026-12-01,1",
    ):
        with pytest.raises(StoreError, match="line 2"):
            read_list(head + wrong)
    with pytest.raises(StoreError, match="columns"):
        read_list("store,metric\n")


def base(*, ins: float, transactions: float) -> Kpis:
    return kpis(a_row(ins=ins, transactions=transactions), as_of=AT)
