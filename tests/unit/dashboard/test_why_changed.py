"""What changed and why, in words and amounts that add up as they are shown."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from analytics.comparison.decomposition import Decomposition, Sides, Sums
from analytics.comparison.network import Compared, StoreRow
from analytics.comparison.ranking import Place
from analytics.periods import Period
from analytics.stores import Store
from analytics.visits.kpis import kpis
from dashboard.components.stores_table import row_data, stores_table
from dashboard.components.why_changed import network_why, store_why
from dashboard.language import language
from dashboard.reading.chain import NetworkView
from dashboard.routes import route
from tests.support.component_text import text_of
from tests.support.facts import a_row

NOW = datetime(2026, 11, 21, 6, 7, tzinfo=UTC)
EN, ZH = language("en"), language("zh")
BASE = kpis(a_row(), as_of=NOW)


def a_store_row(currency: str = "CNY", *, after: float = 8_800.4, place: Place | None = None, **more: Any) -> StoreRow:
    sides = Sides(Sums(400, 100, 10_000.0), Sums(360, 95, after), 0.0, 0.0, 6, 7)
    store = Store(1, "a", "A", "UTC", currency)
    return StoreRow(store, Compared(BASE, BASE, None, None, 7, 7), (None,) * 8, sides=sides, place=place, **more)


def a_view(*rows: StoreRow) -> NetworkView:
    period = Period(date(2026, 11, 21), date(2026, 11, 21), 7)
    return NetworkView(NOW, rows, Compared(BASE, BASE, None, None, 1, 1), period, "today")


def amounts(text: str) -> list[int]:
    return [
        int(sign.replace("−", "-") + digits.replace(",", "")) for sign, digits in re.findall(r"([+−])¥([\d,]+)", text)
    ]


@pytest.mark.parametrize(("lang", "words"), [(EN, "Net sales −¥1,200 (−12%) against last week"), (ZH, "对比上周")])
def test_the_change_is_said_first_and_its_parts_add_up_as_shown(lang: Any, words: str) -> None:
    said = text_of(network_why(a_view(a_store_row()), "last week" if lang is EN else "上周", lang))
    assert words in said
    change, *parts = amounts(said)
    assert len(parts) == 3
    assert sum(parts) == change == -1200


def test_each_currency_has_its_own_change_and_none_is_said_without_sales() -> None:
    said = text_of(network_why(a_view(a_store_row(), a_store_row("EUR")), "last week", EN))
    assert "−¥1,200" in said
    assert "−€1,200" in said
    assert network_why(a_view(replace(a_store_row(), sides=None)), "last week", EN) == ""
    assert store_why({}, "CNY", EN, as_of=NOW) == ""


def test_what_cannot_be_told_is_said_as_such() -> None:
    why = Decomposition(1000.0, 500.0, 0.0, 0.0, 0.0, 0.0, 500.0)
    said = text_of(store_why({"Yesterday": ("the day a week before", why)}, "CNY", EN, as_of=NOW))
    assert "Yesterday: Net sales +¥500 (+50%) against the day a week before" in said
    assert "Cannot be told" in said
    assert "Which stores they went to" not in said


def test_level_stores_share_a_range_of_places_and_sort_by_the_best() -> None:
    rows = [a_store_row(place=Place(3, 7, 40)), a_store_row(place=Place(2, 2, 40), outlier="high"), a_store_row()]
    level, alone, unranked = row_data(tuple(rows), route("/", ""), EN)
    assert (level["place_text"], alone["place_text"], unranked["place_text"]) == ("3–7", "2", "–")
    assert alone["place"] < level["place"]
    assert unranked["place"] is None
    assert level["place_hint"].startswith("Level with others: between place 3 and 7 of 40. 1 + stores whose interval")
    assert alone["outlier_text"] == "unusually high"
    assert level["net_change_text"] == "−12%"
    assert "Compared over 6 of 7 days" in level["net_hint"]


def test_a_long_table_scrolls_in_itself_so_that_only_rows_in_sight_are_drawn() -> None:
    rows = row_data((a_store_row(),), route("/", ""), EN)
    long, short = (stores_table(EN, rows * n).children for n in (400, 5))
    assert (long.dashGridOptions["domLayout"], long.style["height"]) == ("normal", "max(480px, calc(100vh - 120px))")
    assert (short.dashGridOptions["domLayout"], short.style["height"]) == ("autoHeight", None)
