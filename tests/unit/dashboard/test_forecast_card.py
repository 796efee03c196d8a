"""Expected visitors on the store's page: told as a forecast, in both languages."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from analytics.forecast.keeping import Judged, KeptForecast
from analytics.forecast.stores import Expected
from dashboard.components.forecast_card import forecast_card
from dashboard.language import language
from tests.support.component_text import text_of

EN, ZH = language("en"), language("zh")
FIRST = date(2026, 11, 22)
DAYS = tuple(Expected(FIRST + timedelta(days=step), 100.4 + step, 80.0, 130.0, 70.0, 150.0) for step in range(14))
KEPT = KeptForecast(
    FIRST, datetime(2026, 11, 22, tzinfo=UTC), 1, 400, "closed_form", None, None, Judged(0.14, 200, 0.8, 0.95), DAYS, ()
)


@pytest.mark.parametrize(("lang", "words"), [(EN, "forecast, not counted"), (ZH, "预测值，非实测")])
def test_days_stand_with_their_range_and_as_a_forecast(lang: Any, words: str) -> None:
    said = text_of(forecast_card(KEPT, lang))
    assert words in said
    assert "80–130" in said
    assert "14%" in said
    assert "100" in said


def test_without_a_forecast_it_says_why_and_before_the_first_nothing() -> None:
    new = replace(KEPT, model=None, reason="too_new", history_days=30, days=())
    assert "needs 56 days of history; this store has 30" in text_of(forecast_card(new, EN))
    blind = replace(new, reason="not_counted")
    assert "nothing was counted in full" in text_of(forecast_card(blind, EN))
    assert forecast_card(None, EN) == ""


def test_without_an_interval_there_is_no_range() -> None:
    bare = replace(KEPT, days=(replace(DAYS[0], low_80=None, high_80=None),), judged=Judged(None, 0, None, None))
    said = text_of(forecast_card(bare, EN))
    assert "–" not in said
    assert "off by" not in said
