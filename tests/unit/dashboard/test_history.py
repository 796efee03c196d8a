"""A store's past: its busy hours, its days, and its file."""

from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest

from analytics import columns as c
from analytics.figure import figure
from analytics.quality.imputation import with_estimates
from analytics.stores import Store
from analytics.visits.kpis import kpis
from analytics.visits.traffic import Cell
from dashboard.components.day_map import Field, day_map, fields
from dashboard.components.days_chart import days_chart
from dashboard.language import language
from dashboard.reading.history import Day
from tests.support.component_text import text_of
from tests.support.facts import a_row

EN, ZH = language("en"), language("zh")
SHOP = Store(1, "nanjing-road", "Nanjing Road", "Asia/Shanghai", "CNY", "East China")
MONDAY = date(2026, 11, 16)
NOW = datetime(2026, 11, 21, 6, 7, tzinfo=UTC)


def cell(
    hour: int,
    visitors: float | None,
    *,
    day: date = MONDAY,
    minutes: int = 60,
    counted: float | None = 1.0,
    withheld: bool = False,
) -> Cell:
    """An hour of the wall clock in Shanghai, of which the last `minutes` are opening time."""
    end = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=hour + 1 - 8)
    come, gone = (figure(name, visitors, as_of=end, completeness=counted) for name in ("footfall", "leavers"))
    return Cell(day, end - timedelta(minutes=minutes), end, come, gone, withheld, withheld)


def test_an_hour_of_the_week_is_the_mean_of_the_times_it_was_counted() -> None:
    later = MONDAY + timedelta(days=7)
    found = fields(
        [cell(10, 30.0), cell(10, 50.0, day=later), cell(11, 8.0, counted=0.5), cell(11, 40.0, day=later)], SHOP
    )
    assert found == {(0, 10): Field(40.0, 2, 2), (0, 11): Field(40.0, 1, 2)}


def test_half_an_hour_before_the_first_whole_one_counts_double_and_nothing_counted_is_no_zero() -> None:
    found = fields([cell(9, 10.0, minutes=30), cell(12, None, counted=0.0)], SHOP)
    assert found[0, 9].visitors == pytest.approx(20.0)
    assert found[0, 12] == Field(None, 0, 1)


def test_an_hour_that_mostly_has_few_people_has_no_mean_and_says_why() -> None:
    weeks = [MONDAY + timedelta(days=7 * n) for n in range(3)]
    mostly = [cell(9, 8.0), *(cell(9, None, day=day, withheld=True) for day in weeks[1:])]
    once = [cell(10, 8.0), cell(10, None, day=weeks[1], withheld=True), cell(10, 12.0, day=weeks[2])]
    assert fields([*mostly, *once], SHOP) == {(0, 9): Field(None, 1, 3, 2), (0, 10): Field(10.0, 2, 3, 1)}
    assert "Mon 09:00: fewer than 5 people" in str(day_map((*mostly, *once), SHOP, EN))
    assert "周一 09:00：不足 5 人" in str(day_map((*mostly, *once), SHOP, ZH))
    assert "Nothing counted" not in text_of(day_map((cell(9, None, withheld=True),), SHOP, EN))


def test_an_hour_after_midnight_belongs_to_the_evening_before() -> None:
    assert list(fields([cell(25, 4.0)], SHOP)) == [(0, 25)]


def test_the_map_names_the_busiest_hour() -> None:
    cells = (cell(10, 30.0), cell(18, 112.0))
    assert "Busiest: Mon 18:00–19:00, 112 visitors an hour" in text_of(day_map(cells, SHOP, EN))
    assert "最忙：周一 18:00–19:00，每小时 112 人进店" in text_of(day_map(cells, SHOP, ZH))
    assert "Nothing counted yet." in text_of(day_map((), SHOP, EN))


def a_day(number: int, *, estimated: float = 0.0, **facts: float) -> Day:
    base, more = kpis(a_row(**facts), as_of=NOW), pd.Series({c.INS: estimated, c.LOW: estimated, c.HIGH: estimated})
    return Day(MONDAY + timedelta(days=number), base, with_estimates(base.footfall, more))


def test_a_day_counted_in_part_looks_different_and_one_not_counted_has_no_bar() -> None:
    chart = str(days_chart((a_day(0), a_day(1, up_s=3600.0), a_day(2, ins=float("nan"), up_s=0.0)), EN))
    assert chart.count("bar-whole") == 1
    assert chart.count("bar-part") == 1
    assert "18 Nov: not counted" in chart
    assert "bar-estimated" not in chart
    assert "bar-estimated" in str(days_chart((a_day(0, estimated=12.0),), EN))
