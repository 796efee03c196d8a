"""Staffing, categories and flows through the KPI API: what they say, to whom, and what they keep back."""

import csv
import io
from typing import Any

import psycopg2
import pytest

from tests.integration.api.conftest import NOW, Kept
from tests.support.floor_data import add_categories, add_shifts
from tests.support.known import as_if_known_in_time
from tests.support.kpi_api import bearer, kpi_api, reader_key
from tests.support.store_data import add_shop, fill

SHOP = "/v1/stores/nanjing-road"
WEEKS = "period=custom&first=2026-10-19&last=2026-11-15"
WHERE = {"categories": "categories", "flows": "steps"}


def body(kept: Kept, path: str, key: dict[str, str] | None = None) -> Any:
    answer = kept.client.get(path, headers=key or kept.head_office)
    assert answer.status_code == 200, answer.text
    return answer.json()


def one(kept: Kept, statement: str) -> Any:
    connection = psycopg2.connect(kept.url)
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            row = cursor.fetchone()
            assert row is not None
            return row[0]
    finally:
        connection.close()


def test_the_funnel_of_each_zone_is_four_counts_and_keeps_back_what_is_of_few(kept: Kept) -> None:
    found = body(kept, f"{SHOP}/zones?{WEEKS}")
    by_category = {one_["category"]: one_ for one_ in body(kept, f"{SHOP}/categories?{WEEKS}")["categories"]}
    assert found["zones"]
    for zone in found["zones"]:
        stages = {stage["name"]: stage for stage in zone["stages"]}
        assert list(stages) == ["visit", "stop", "buy", "buy_again"]
        visits, stops = stages["visit"]["count"]["value"], stages["stop"]["count"]["value"]
        assert stages["stop"]["rate"]["value"] == pytest.approx(stops / visits)
        assert stages["stop"]["rate"]["low"] < stages["stop"]["rate"]["high"]
        if len(zone["categories"]) == 1 and not stages["buy"]["count"]["withheld"]:
            (only,) = zone["categories"]
            assert stages["buy"]["count"]["value"] == by_category[only]["figures"]["category_orders"]["value"]
    outside = kept.client.get(f"{SHOP}/zones?{WEEKS}", headers=kept.partner)
    assert outside.status_code == 422, "outside the company a week is the most that is told"


def test_staffing_is_a_ratio_of_visitors_and_hours_of_a_usual_week(kept: Kept) -> None:
    staffing = body(kept, f"{SHOP}/staffing?period=four_weeks")
    assert (staffing["period"]["first"], staffing["period"]["last"]) == ("2026-10-19", "2026-11-15"), "whole weeks"
    figures = staffing["figures"]
    assert figures["staff_hours"]["value"] == pytest.approx(28 * 12 * 2)
    visitors = body(kept, f"{SHOP}/kpis?{WEEKS}")["rows"][0]["figures"]["footfall"]
    assert figures["star"]["value"] == pytest.approx(visitors["value"] / (28 * 24), rel=0.02)
    assert figures["star"]["low"] < figures["star"]["high"], "the doors are audited"
    assert (figures["star"]["unit"], figures["star"]["definition"]) == ("people per hour", "star")
    assert staffing["target"] is None, "five weeks are too few for a target"
    hours = staffing["hours"]
    assert {(one_hour["weekday"], one_hour["hour"]) for one_hour in hours} == {
        (weekday, hour) for weekday in range(1, 8) for hour in range(9, 21)
    }
    assert all(one_hour["verdict"] is None and one_hour["staff_on_floor"]["value"] == 2 for one_hour in hours)
    shown = [one_hour["visitors"]["value"] for one_hour in hours if one_hour["visitors"]["value"] is not None]
    assert all(value == round(value) for value in shown)
    power = [one_hour for one_hour in hours if one_hour["power"]]
    assert figures["power_hours"]["value"] == len(power) < len(hours) / 2
    assert min(one_hour["visitors"]["value"] for one_hour in power) >= sorted(shown)[len(shown) // 2]


@pytest.mark.parametrize(
    "period",
    ["today", "yesterday", "this_week", "last_week", "custom&first=2026-10-20&last=2026-11-09",
     "custom&first=2026-11-02&last=2026-11-15", "custom&first=2026-11-02&last=2026-11-22"],
)  # fmt: skip
def test_staffing_is_never_live_and_never_of_a_day(kept: Kept, period: str) -> None:
    key = bearer(reader_key(kept.url, staff=True))
    answer = kept.client.get(f"{SHOP}/staffing?period={period}", headers=key)
    assert (answer.status_code, "calendar weeks" in answer.json()["detail"]) == (422, True)


def test_three_calendar_weeks_make_a_usual_week(kept: Kept) -> None:
    assert body(kept, f"{SHOP}/staffing") == body(kept, f"{SHOP}/staffing?period=four_weeks")
    assert body(kept, f"{SHOP}/staffing?period=custom&first=2026-10-26&last=2026-11-15")["hours"]


@pytest.mark.parametrize("what", ["categories", "flows"])
def test_outside_the_company_only_weeks_that_cannot_overlap_are_told(kept: Kept, what: str) -> None:
    assert body(kept, f"{SHOP}/{what}?period=last_week", kept.partner)[WHERE[what]]
    assert body(kept, f"{SHOP}/{what}?period=custom&first=2026-11-02&last=2026-11-08", kept.partner)
    for period in (
        "yesterday", "this_week", "four_weeks", "custom&first=2026-11-02&last=2026-11-15",
        "custom&first=2026-11-03&last=2026-11-09", "custom&first=2026-11-16&last=2026-11-22",
    ):  # fmt: skip
        answer = kept.client.get(f"{SHOP}/{what}?period={period}", headers=kept.partner)
        assert (answer.status_code, "one calendar week" in answer.json()["detail"]) == (422, True), period


@pytest.mark.parametrize("shop", ["nanjing-road", "riverside"])
def test_no_two_periods_tell_of_a_day_on_which_few_went_a_way(kept: Kept, shop: str) -> None:
    def told(first: int, last: int) -> dict[tuple[str | None, str | None], float]:
        period = f"period=custom&first=2026-11-{first:02}&last=2026-11-{last:02}"
        steps = body(kept, f"/v1/stores/{shop}/flows?{period}")["steps"]
        return {(step["from"], step["to"]): step["people"]["value"] for step in steps}

    days = [told(day, day) for day in range(9, 16)]
    for first in range(7):
        some = days[first:]
        ways = {way for day in some for way in day}
        assert told(9 + first, 15) == {way: sum(day.get(way, 0.0) for day in some) for way in ways}
    assert all(people >= 5 for day in days for people in day.values())
    assert shop == "nanjing-road" or any(len(day) < len(told(9, 15)) for day in days), (
        "some day is left out of the week"
    )


def test_longer_periods_of_categories_say_no_more_than_their_weeks(kept: Kept) -> None:
    def told(first: str, last: str) -> dict[tuple[str, str], Any]:
        found = body(kept, f"{SHOP}/categories?period=custom&first={first}&last={last}")["categories"]
        return {
            (one["category"], name): one["figures"][name]["value"]
            for one in found for name in ("category_orders", "category_visits", "category_units")
        }  # fmt: skip

    weeks = [told("2026-11-02", "2026-11-08"), told("2026-11-09", "2026-11-15")]
    both = told("2026-11-02", "2026-11-15")
    assert both == {key: weeks[0][key] + weeks[1][key] for key in both}
    assert body(kept, f"{SHOP}/categories") == body(kept, f"{SHOP}/categories?period=last_week")
    assert body(kept, f"{SHOP}/categories?period=four_weeks")["period"]["first"] == "2026-10-19"


@pytest.mark.parametrize(
    "asked",
    ["categories?period=yesterday", "categories?period=this_week", "categories?period=today",
     "categories?period=custom&first=2026-11-03&last=2026-11-09",
     "categories?period=custom&first=2026-11-02&last=2026-11-14",
     "flows?period=today"],
)  # fmt: skip
def test_within_the_company_too_no_period_is_told_that_gives_away_a_part_of_another(kept: Kept, asked: str) -> None:
    answer = kept.client.get(f"{SHOP}/{asked}", headers=kept.head_office)
    assert (answer.status_code, "over" in answer.json()["detail"]) == (422, True), answer.text


def test_sales_by_alias_need_the_scope_and_a_store_that_shows_them(kept: Kept) -> None:
    assert body(kept, f"{SHOP}/staffing?period=four_weeks")["staff"] == []
    key = bearer(reader_key(kept.url, staff=True))
    staff = body(kept, f"{SHOP}/staffing?period=four_weeks", key)["staff"]
    assert len(staff) == 2
    sold = body(kept, f"{SHOP}/kpis?{WEEKS}")["rows"][0]["figures"]
    assert sum(each["figures"]["transactions"]["value"] for each in staff) == sold["transactions"]["value"]
    assert sum(each["figures"]["net_sales"]["value"] for each in staff) == pytest.approx(sold["net_sales"]["value"])
    for each in staff:
        atv = each["figures"]["atv"]
        assert atv["low"] < atv["value"] < atv["high"]
        assert "staff-" not in each["alias"]
    outside = bearer(reader_key(kept.url, outside=True, staff=True))
    refused = kept.client.get(f"{SHOP}/staffing?period=four_weeks", headers=outside)
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:footfall:problem:outside")


def test_categories_meet_the_zones_they_lie_in(kept: Kept) -> None:
    found = {each["category"]: each for each in body(kept, f"{SHOP}/categories?period=last_week")["categories"]}
    assert set(found) == {"bags", "dresses"}
    dresses = found["dresses"]["figures"]
    assert found["dresses"]["zones"] == ["new-in"]
    assert dresses["category_orders"]["value"] == one(
        kept,
        "SELECT count(*) FROM pos_order AS o JOIN store AS s USING (store_id) WHERE s.code = 'nanjing-road' "
        "AND (o.closed_at AT TIME ZONE 'Asia/Shanghai')::date BETWEEN '2026-11-09' AND '2026-11-15'",
    )
    assert dresses["category_visits"]["value"] == one(
        kept,
        "SELECT count(*) FROM zone_visit AS v JOIN zone AS z USING (zone_id) "
        "JOIN store AS s ON s.store_id = z.store_id WHERE s.code = 'nanjing-road' AND z.code = 'new-in' "
        "AND (at AT TIME ZONE 'Asia/Shanghai')::date BETWEEN '2026-11-09' AND '2026-11-15'",
    )
    conversion = dresses["category_conversion"]
    assert conversion["value"] == pytest.approx(
        dresses["category_orders"]["value"] / dresses["category_visits"]["value"]
    )
    assert conversion["low"] < conversion["value"] < conversion["high"]


def test_ways_add_up_over_the_period_and_those_of_few_are_held_back(kept: Kept) -> None:
    flows = body(kept, f"{SHOP}/flows?period=last_week")
    found = {(each["from"], each["to"]): each["people"]["value"] for each in flows["steps"]}
    assert found[None, "new-in"] == one(
        kept,
        "SELECT sum(people) FROM flow AS f JOIN zone AS z ON z.zone_id = f.to_zone_id "
        "JOIN store AS s ON s.store_id = f.store_id WHERE s.code = 'nanjing-road' AND z.code = 'new-in' "
        "AND from_zone_id IS NULL AND (at AT TIME ZONE 'Asia/Shanghai')::date BETWEEN '2026-11-09' AND '2026-11-15'",
    )
    assert 0 < flows["known_share"] <= 1
    quiet = body(kept, "/v1/stores/riverside/flows?period=yesterday")
    assert quiet["held_back"] > 0
    assert all(each["people"]["value"] >= 5 for each in quiet["steps"])


def refused(kept: Kept, path: str, key: dict[str, str] | None = None) -> tuple[int, str]:
    answer = kept.client.get(path, headers=key or kept.head_office)
    return answer.status_code, answer.json()["detail"]


@pytest.mark.slow
def test_staffing_and_categories_are_told_as_they_were_known_at_a_moment(kept: Kept, database: str) -> None:
    opened = psycopg2.connect(database)
    opened.autocommit = True
    shop = add_shop(opened, "late")
    fill(opened, shop, now=NOW, weeks=5)
    add_shifts(opened, shop.store_id, until=NOW)
    add_categories(opened, shop.store_id)
    as_if_known_in_time(opened)
    with opened.cursor() as cursor:
        cursor.execute("DELETE FROM staff_shift WHERE external_id LIKE '%-1'")
        cursor.execute("DELETE FROM pos_order_line WHERE category = 'bags'")
        cursor.execute("UPDATE staff_shift_past SET known_until = '2026-11-20'")
        cursor.execute("UPDATE pos_order_line_past SET known_until = '2026-11-20'")
    opened.close()
    key = bearer(reader_key(database, staff=True))
    weeks = "staffing?period=custom&first=2026-10-19&last=2026-11-08"
    with kpi_api(database, kept.clock) as client:

        def asked(path: str) -> Any:
            return client.get(f"/v1/stores/late/{path}", headers=key).json()

        before, after, now = (
            asked(weeks + at) for at in ("&as_of=2026-11-19T04:00:00Z", "&as_of=2026-11-20T04:00:00Z", "")
        )
        inside = {
            what: asked(f"{what}?period=custom&first=2026-11-02&last=2026-11-19&limit=1000&as_of=2026-11-19T04:00:00Z")
            for what in ("queue", "occupancy")
        }
        sold, left = (asked(f"categories?period=last_week{at}") for at in ("&as_of=2026-11-19T04:00:00Z", ""))
        usual = asked("staffing?as_of=2026-11-19T04:00:00Z")["period"]
    hours = [one_answer["figures"]["staff_hours"]["value"] for one_answer in (before, after, now)]
    assert hours == [21 * 24, 21 * 12, 21 * 12]
    assert before["figures"]["star"]["value"] == pytest.approx(now["figures"]["star"]["value"] / 2)
    assert {one_hour["staff_on_floor"]["value"] for one_hour in before["hours"]} == {2}
    assert [each["alias"] for each in before["staff"]] == [], "of no alias in hindsight"
    assert len(now["staff"]) == 2
    assert (usual["first"], usual["last"]) == ("2026-10-12", "2026-11-08"), "over for a week by then"
    # Days that had been over for a week by then: what came late to others would be the difference of two moments.
    for answer, day in (
        (inside["queue"], inside["queue"]["rows"][-1]["last"]),
        (inside["occupancy"], inside["occupancy"]["rows"][-1]["business_date"]),
    ):
        assert (day, answer["now"]) == ("2026-11-11", None)
    assert [{each["category"] for each in one_answer["categories"] if each["figures"]["category_orders"]["value"]}
            for one_answer in (sold, left)] == [{"bags", "dresses"}, {"dresses"}]  # fmt: skip


def test_the_past_gives_away_no_day_of_staff_and_no_single_order(kept: Kept) -> None:
    recent = "period=custom&first=2026-10-19&last=2026-11-15&as_of=2026-11-20T04:00:00Z"
    assert refused(kept, f"{SHOP}/staffing?{recent}")[0] == 422
    assert "over for a week by then" in refused(kept, f"{SHOP}/staffing?{recent}")[1]
    at = "period=last_week&as_of=2026-11-20T04:00:00Z"
    assert body(kept, f"{SHOP}/categories?{at}")
    assert refused(kept, f"{SHOP}/categories?{at}", kept.partner)[0] == 403
    assert refused(kept, f"{SHOP}/staffing?as_of=2026-11-20T04:00:00Z", kept.partner)[0] == 403


def test_files_hold_every_figure_of_the_answer(kept: Kept) -> None:
    key = bearer(reader_key(kept.url, staff=True))
    for what, many in (("staffing", 6 + 4 * 84 + 2 * 6), ("categories", 14), ("flows", 9)):
        answer = kept.client.get(f"{SHOP}/{what}?period=four_weeks&format=csv", headers=key)
        rows = list(csv.DictReader(io.StringIO(answer.text)))
        assert len(rows) == many
        assert all(row["definition"] and row["store"] == "nanjing-road" for row in rows)
