"""Cards of the floor: staff against visitors, sales by alias, categories."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from analytics.staff.staff_sales import Tally, staff_sales
from analytics.staff.staffing import HourCell, Target, staffing
from analytics.visits.categories import Sold, Stays, Week, categories
from dashboard.components.categories_table import categories_table
from dashboard.components.staffing_card import staff_sales_card, staffing_card
from dashboard.language import language
from tests.support.component_text import text_of
from tests.support.zone_watching import evenly

EN, ZH = language("en"), language("zh")
NOW = datetime(2026, 11, 2, tzinfo=UTC)
TARGET = Target(weekday=6, conversion=0.24, star=10.0, days=8)


def week(visitors: Sequence[float], staff: float | None = 2) -> list[HourCell]:
    """Four Mondays with so many visitors in the hours from 9 on."""
    floor_s = None if staff is None else staff * 3600
    return [
        HourCell(date(2026, 10, 5) + timedelta(days=7 * number), 9 + index, 3600, count, 1.0, floor_s)
        for number in range(4)
        for index, count in enumerate(visitors)
    ]


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        (EN, "Mon 9–10 (2.0 there, 6.0 needed)"),
        (ZH, "周一 9–10 点（在岗 2.0 人，需要 6.0 人）"),
    ],
)
def test_hours_that_need_somebody_are_said_in_words(lang: Any, words: str) -> None:
    assert words in text_of(staffing_card(staffing(week([60, 20]), TARGET, as_of=NOW, k=5), lang))


def test_a_shop_without_hours_shows_nothing_and_a_young_one_says_what_is_missing() -> None:
    assert staffing_card(staffing(week([60], staff=None), None, as_of=NOW, k=5), EN) == ""
    young = text_of(staffing_card(staffing(week([60])[:1], None, as_of=NOW, k=5), EN))
    assert "A usual week needs three weeks" in young
    assert "needs 6 of a weekday in 8 weeks" in young


def test_a_withheld_hour_shows_no_number() -> None:
    shown = str(staffing_card(staffing(week([1, 2, 30]), TARGET, as_of=NOW, k=5), EN).to_plotly_json())
    assert "fewer than 5 people, or next to it: withheld" in shown
    assert "Mon 11–12: 30 visitors, 2.0 staff there" in shown


def test_nothing_is_said_of_staff_where_nothing_may_be() -> None:
    assert staff_sales_card((), "EUR", EN) == ""
    tally = Tally(9, 900.0, 90_000.0, 900.0, 9.0, 9.0, 9.0, 9)
    few = Tally(3, 90.0, 900.0, 90.0, 3.0, 3.0, 3.0, 3)
    sold = staff_sales([{"a1b2c3": tally, "d4e5f6": few, None: tally}], {}, as_of=NOW, k=5)
    shown = text_of(staff_sales_card(sold, "EUR", EN))
    assert shown.count("withheld") == 2
    assert "nobody named" in shown


def test_a_category_stands_with_its_zones_and_its_range() -> None:
    stays = {"wall": Stays((30.0,) * 100, (False,) * 100)}
    sold: dict[str | None, Sold] = {
        "bags": Sold(20, 24, 900.0, 20),
        None: Sold(2, 2, 9.0, 2),
        "tops": Sold(40, 40, 9.0, 40),
    }
    found = categories({"bags": ["wall"]}, [Week(sold, stays)], as_of=NOW, watch=evenly(1.0, "wall"), group=1.0, k=5)
    shown = text_of(categories_table(found, "EUR", EN))
    assert "wall" in shown
    assert "said on the store's set-up page" in shown, "tops lie nowhere"
    assert categories_table((), "EUR", EN) == ""
    assert shown.count("withheld") >= 2
