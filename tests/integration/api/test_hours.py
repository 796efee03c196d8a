"""The funnel and conversion of each hour through the KPI API."""

from typing import Any

import pytest

from tests.integration.api.conftest import Kept


def asked(kept: Kept, path: str, **query: str) -> dict[str, Any]:
    answer = kept.client.get(path, params=query, headers=kept.head_office)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def total(hours: list[dict[str, Any]], name: str) -> float:
    return sum(row["figures"][name]["value"] or 0.0 for row in hours)


def test_the_hours_of_a_day_add_up_to_the_day(kept: Kept) -> None:
    hours = asked(kept, "/v1/stores/nanjing-road/hours")["hours"]
    (day,) = asked(kept, "/v1/stores/nanjing-road/kpis")["rows"]
    assert len(hours) == 12
    for name in ("footfall", "buying_units", "passers_by", "transactions", "net_sales"):
        assert total(hours, name) == pytest.approx(day["figures"][name]["value"]), name
    stages = {stage["name"]: stage for stage in asked(kept, "/v1/stores/nanjing-road/funnel")["stages"]}
    for name in ("engage", "queue", "buy", "buy_again"):
        told = [stage["count"] for row in hours for stage in row["stages"] if stage["name"] == name]
        left = stages[name]["count"]["value"] - sum(one["value"] or 0.0 for one in told)
        hidden = sum(one["withheld"] for one in told)
        # What is withheld is never a single hour's: its number could be worked out from the day's.
        assert left == 0 if not hidden else hidden > 1 and left >= 5, name


def test_both_conversions_are_of_the_same_visitors_and_the_same_sales(kept: Kept) -> None:
    answer = asked(kept, "/v1/stores/nanjing-road/hours")
    assert 300 < answer["lag"]["value"] < 3_600
    assert answer["lag"]["low"] < answer["lag"]["value"] < answer["lag"]["high"]
    for name in ("conversion", "conversion_lagged"):
        sold = sum(
            row["figures"][name]["value"] * row["figures"]["footfall"]["value"]
            for row in answer["hours"]
            if row["figures"][name]["value"] is not None
        )
        # A sale after the last visitor is in no hour's conversion.
        assert sold == pytest.approx(total(answer["hours"], "transactions"), abs=6), name
    row = answer["hours"][3]["figures"]["conversion_lagged"]
    assert row["low"] < row["value"] < row["high"]


def test_a_quiet_hour_is_withheld_with_what_would_tell_of_it(kept: Kept) -> None:
    hours = asked(kept, "/v1/stores/riverside/hours", period="last_week")["hours"]
    for row in hours:
        told = row["figures"]["footfall"]["value"]
        assert told is None or told == 0 or told >= 5
    hidden = [row for row in hours if row["figures"]["footfall"]["withheld"]]
    assert hidden
    for row in hidden:
        for name in ("footfall", "conversion", "conversion_lagged", "spv", "buying_units", "capture_rate"):
            assert row["figures"][name]["value"] is None
        assert "staff" not in row["figures"]


def test_a_long_period_is_refused_in_words(kept: Kept) -> None:
    answer = kept.client.get(
        "/v1/stores/riverside/hours",
        params={"period": "custom", "first": "2026-09-01", "last": "2026-11-01"},
        headers=kept.head_office,
    )
    assert answer.status_code == 422
    assert "35 days" in answer.json()["detail"]
