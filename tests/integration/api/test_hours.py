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
    for name in ("footfall", "buying_units", "passers_by"):
        assert total(hours, name) == pytest.approx(day["figures"][name]["value"]), name
    sold = [row["figures"]["transactions"] for row in hours]
    left = day["figures"]["transactions"]["value"] - total(hours, "transactions")
    hidden = sum(one["withheld"] for one in sold)
    assert left == 0 if not hidden else hidden > 1 and left >= 5
    assert total(hours, "net_sales") <= day["figures"]["net_sales"]["value"] + 0.01
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
        told = [row for row in answer["hours"] if row["figures"][name]["value"] is not None]
        assert len(told) >= 6
        sold = sum(row["figures"][name]["value"] * row["figures"]["footfall"]["value"] for row in told)
        # A sale after the last visitor is in no hour's conversion.
        assert sold == pytest.approx(total(told, "transactions"), abs=6), name
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


SALES = ("transactions", "net_sales", "atv", "upt", "aur", "conversion", "buying_unit_conversion", "spv",
         "conversion_lagged")  # fmt: skip


@pytest.mark.parametrize(("outside", "k"), [(False, 5), (True, 10)])
@pytest.mark.parametrize("code", ["nanjing-road", "riverside"])
def test_an_hour_of_few_sales_tells_none_of_them(kept: Kept, code: str, outside: bool, k: int) -> None:
    headers = kept.partner if outside else kept.head_office
    path = f"/v1/stores/{code}/hours"
    hours = kept.client.get(path, params={"period": "last_week"}, headers=headers).json()["hours"]
    hidden = [row for row in hours if row["figures"]["transactions"]["withheld"]]
    assert hidden
    for row in hours:
        sold = row["figures"]["transactions"]["value"]
        assert sold is None or sold == 0 or sold >= k
        again = [stage for stage in row["stages"] if stage["name"] == "buy_again"]
        assert all(one["count"]["value"] is None or not 0 < one["count"]["value"] < k for one in again)
    for row in hidden:
        assert [row["figures"][name]["value"] for name in SALES] == [None] * len(SALES)
        stages = {stage["name"]: stage for stage in row["stages"]}
        for name in ("buy", "buy_again"):
            if name in stages:
                assert (stages[name]["count"]["value"], stages[name]["rate"]["value"]) == (None, None)
        assert all(one["code"] != "bought_over_entered" for one in row["inconsistencies"])


@pytest.mark.parametrize("code", ["nanjing-road", "riverside"])
def test_a_day_less_its_shown_hours_is_nobodys_sale_or_those_of_many(kept: Kept, code: str) -> None:
    """Whoever asks for days and for hours, and takes every product and difference of what is shown."""
    hours = asked(kept, f"/v1/stores/{code}/hours", period="last_week")["hours"]
    days = asked(kept, f"/v1/stores/{code}/kpis", period="last_week", grain="day")["rows"]
    for day in days:
        own = [row["figures"] for row in hours if row["business_date"] == day["first"]]
        for told in (
            [one["transactions"]["value"] for one in own],
            [product(one, "conversion", "footfall") for one in own],
            [product(one, "buying_unit_conversion", "buying_units") for one in own],
        ):
            shown = [one for one in told if one is not None]
            assert all(round(one) == 0 or round(one) >= 5 for one in shown)
            left = round(day["figures"]["transactions"]["value"] - sum(shown))
            assert left == 0 or (left >= 5 and len(told) - len(shown) >= 2)


def test_quiet_hours_are_told_together_so_that_all_hours_have_the_conversion_of_the_day(kept: Kept) -> None:
    """Hours of few sales are the worse ones: without them the others would sell better than the day."""
    path = "/v1/stores/riverside"
    answer = asked(kept, f"{path}/hours", period="last_week")
    days = asked(kept, f"{path}/kpis", period="last_week", grain="day")["rows"]
    runs = answer["together"]
    assert runs
    for run in runs:
        sold, came = (run["figures"][name]["value"] for name in ("transactions", "footfall"))
        assert came >= 5
        assert sold == 0 or sold >= 5
        assert run["figures"]["conversion"]["value"] == pytest.approx(sold / came)
    for day in days:
        own = [run for run in runs if run["business_date"] == day["first"]]
        alone = [
            row
            for row in answer["hours"]
            if row["business_date"] == day["first"]
            and not any(run["from"] <= row["from"] < run["until"] for run in own)
        ]
        if own:
            for name in ("footfall", "transactions"):
                whole = sum(one["figures"][name]["value"] or 0.0 for one in [*own, *alone])
                assert whole == pytest.approx(day["figures"][name]["value"]), name


def product(figures: dict[str, Any], rate: str, of: str) -> float | None:
    one, other = figures[rate]["value"], figures[of]["value"]
    return None if one is None or other is None else float(one * other)


def test_a_long_period_is_refused_in_words(kept: Kept) -> None:
    answer = kept.client.get(
        "/v1/stores/riverside/hours",
        params={"period": "custom", "first": "2026-09-01", "last": "2026-11-01"},
        headers=kept.head_office,
    )
    assert answer.status_code == 422
    assert "35 days" in answer.json()["detail"]
