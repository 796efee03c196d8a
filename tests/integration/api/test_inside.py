"""The till's queue and who is inside through the KPI API: what they say, to whom, and what they keep back."""

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from typing import Any

import psycopg2
import pytest

from tests.integration.api.conftest import Kept, body, get, problem

SHOP, QUIET = "/v1/stores/nanjing-road", "/v1/stores/riverside"
WEEK = "period=custom&first=2026-11-09&last=2026-11-15"
WAITS = ("queue_mean", "wait_p50", "wait_p90", "abandonment")


@pytest.fixture(scope="module", autouse=True)
def _a_day_of_few(kept: Kept) -> None:
    """Have three alone queue in the quiet shop on Wednesday, before anybody asks."""
    with closing(psycopg2.connect(kept.url)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM queue_exit WHERE (store_id, at) IN (SELECT store_id, at FROM queue_exit AS q "
            "JOIN store AS s USING (store_id) WHERE s.code = 'riverside' "
            "AND (at AT TIME ZONE 'Asia/Shanghai')::date = '2026-11-11' ORDER BY at OFFSET 3)"
        )


def read(kept: Kept, statement: str, **parameters: str) -> list[tuple[Any, ...]]:
    connection = psycopg2.connect(kept.url)
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters or None)
            return cursor.fetchall()
    finally:
        connection.close()


def values(row: Any) -> dict[str, float | None]:
    return {name: one["value"] for name, one in row["figures"].items()}


def test_waits_of_a_week_are_what_the_rows_say(kept: Kept) -> None:
    (row,) = body(kept, f"{SHOP}/queue?period=last_week")["rows"]
    ((left, half, long, gave_up),) = read(
        kept,
        "SELECT count(*), percentile_cont(0.5) WITHIN GROUP (ORDER BY wait_s) FILTER (WHERE served), "
        "percentile_cont(0.9) WITHIN GROUP (ORDER BY wait_s) FILTER (WHERE served), avg((NOT served)::int) "
        "FROM queue_exit AS q JOIN store AS s USING (store_id) WHERE s.code = 'nanjing-road' "
        "AND (at AT TIME ZONE 'Asia/Shanghai')::date BETWEEN '2026-11-09' AND '2026-11-15' "
        "AND (at AT TIME ZONE 'Asia/Shanghai')::time BETWEEN '09:00' AND '21:00'",
    )
    told = values(row)
    assert told["queue_joins"] == left
    assert told["wait_p50"] == pytest.approx(half, rel=1e-6)
    assert told["wait_p90"] == pytest.approx(long, rel=1e-6)
    assert told["abandonment"] == pytest.approx(float(gave_up))
    assert row["figures"]["wait_p50"]["low"] < half < row["figures"]["wait_p50"]["high"]
    stages = {stage["name"]: stage for stage in body(kept, f"{SHOP}/funnel?period=last_week")["stages"]}
    assert stages["queue"]["count"]["value"] == left, "one number, wherever it is told"


def test_a_day_of_few_tells_how_many_queued_and_nothing_of_their_waits(kept: Kept) -> None:
    answer = body(kept, f"{QUIET}/queue?{WEEK}&grain=day&limit=3")
    days = list(answer["rows"])
    while answer["next_cursor"]:
        answer = body(kept, f"{QUIET}/queue?{WEEK}&grain=day&limit=3&cursor={answer['next_cursor']}")
        days += answer["rows"]
    assert [row["first"] for row in days] == [f"2026-11-{day:02}" for day in range(9, 16)]
    few = [row for row in days if 0 < (values(row)["queue_joins"] or 0) < 5]
    assert [row["first"] for row in few] == ["2026-11-11"]
    for row in days:
        assert [row["figures"][name]["withheld"] for name in WAITS] == [row in few] * 4
        assert [values(row)[name] is None for name in WAITS] == [row in few] * 4


def test_hours_of_a_week_say_no_more_of_a_day_than_its_own_hours(kept: Kept) -> None:
    for shop in (SHOP, QUIET):
        week = {row["hour"]: values(row) for row in body(kept, f"{shop}/queue?{WEEK}&grain=hour")["rows"]}
        assert week.keys() == set(range(9, 21))
        shown = {hour: told["queue_joins"] for hour, told in week.items() if told["queue_joins"] is not None}
        assert all(count == 0 or count >= 5 for count in shown.values())
        singly: dict[int, list[float | None]] = {hour: [] for hour in week}
        for row in body(kept, f"{shop}/hours?{WEEK}")["hours"]:
            hour = datetime.fromisoformat(row["from"]).hour + 8
            singly[hour] += [
                stage["count"]["value"] for stage in row["stages"] if stage["name"] == "queue"
            ]  # fmt: skip
        for hour, count in shown.items():
            hidden = sum(one is None for one in singly[hour])
            left = count - sum(one or 0.0 for one in singly[hour])
            assert left == 0 or (hidden > 1 and left >= 5), (shop, hour)
        assert shown, shop


def test_periods_that_overlap_tell_of_no_hour_of_a_day_of_few(kept: Kept) -> None:
    def told(first: int, last: int) -> dict[int, float | None]:
        asked = f"period=custom&first=2026-11-{first:02}&last=2026-11-{last:02}&grain=hour"
        rows = body(kept, f"{QUIET}/queue?{asked}")["rows"]
        return {row["hour"]: row["figures"]["queue_joins"]["value"] for row in rows}

    longer, shorter, alone = told(2, 16), told(2, 15), told(16, 16)
    both = [(more, less) for at, more in longer.items() if more is not None and (less := shorter[at]) is not None]
    assert both, "an hour that one of them does not tell has no difference"
    assert all(more == less or more - less >= 5 for more, less in both)
    assert [one for one in alone.values() if one is not None and 0 < one < 5] == []
    assert None in alone.values(), "that day has hours of few"


def test_now_is_told_of_a_shop_that_is_open_and_of_this_moment_only(kept: Kept) -> None:
    now = body(kept, f"{SHOP}/queue?period=today")
    assert now["now"]["queue_length"]["value"] is not None
    assert now["rows"] == [], "the day that runs is not over"
    inside = body(kept, f"{SHOP}/occupancy?period=today")
    assert inside["now"]["value"] >= 0
    assert inside["now"]["as_of"] == "2026-11-21T06:07:03Z"
    for what in ("queue", "occupancy"):
        assert body(kept, f"{SHOP}/{what}?period=yesterday")["now"] is None
        assert body(kept, f"{SHOP}/{what}?period=this_week&as_of=2026-11-20T06:00:00Z")["now"] is None
        assert body(kept, f"{SHOP}/{what}?period=this_week", kept.partner)["now"] is None
        problem(get(kept, f"{SHOP}/{what}?period=today", kept.partner), 403)


def moments(kept: Kept, path: str, key: dict[str, str] | None = None) -> Iterator[tuple[str, Any]]:
    yield from ((row["until"], row["occupancy"]) for row in body(kept, path, key)["rows"])


def test_who_is_inside_is_who_came_in_less_who_went_out(kept: Kept) -> None:
    told = dict(moments(kept, f"{SHOP}/occupancy?period=yesterday"))
    assert len(told) == 12
    known = {at: one for at, one in told.items() if one["value"] is not None}
    assert len(known) > 6
    for at, one in known.items():
        ((people,),) = read(
            kept,
            "SELECT sum(CASE WHEN inward THEN 1 ELSE -1 END) FROM crossing AS c JOIN line AS l USING (line_id) "
            "JOIN store AS s ON s.store_id = c.store_id WHERE s.code = 'nanjing-road' AND l.role = 'entrance' "
            "AND at >= '2026-11-20T01:00:00Z' AND at < %(at)s",
            at=at,
        )
        assert one["value"] == max(0, people), "nobody was counted out too often in this shop"
    answer = body(kept, f"{SHOP}/occupancy?period=yesterday")
    (peak,) = answer["peaks"]
    assert peak["occupancy"] == max(known.values(), key=lambda one: one["value"])
    again = body(kept, f"{SHOP}/occupancy?period=yesterday&limit=5")
    rest = body(kept, f"{SHOP}/occupancy?period=yesterday&cursor={again['next_cursor']}")
    assert again["rows"] + rest["rows"] == answer["rows"]


@pytest.mark.parametrize("outside", [False, True])
def test_the_differences_of_two_moments_tell_of_no_hour_of_few(kept: Kept, outside: bool) -> None:
    """Whoever takes what is told of who is inside, and of who came in and went out, for equations."""
    key = kept.partner if outside else kept.head_office
    hours = body(kept, f"{QUIET}/traffic?{WEEK}&grain=hour&limit=1000", key)["rows"]
    told = dict(moments(kept, f"{QUIET}/occupancy?{WEEK}&limit=1000", key))
    assert any(one["withheld"] for one in told.values())
    asked = 0
    for day in {row["business_date"] for row in hours}:
        own = [row for row in hours if row["business_date"] == day]
        begun = 0
        for place, row in enumerate(own):
            if told.get(row["until"], {"value": None})["value"] is None:
                continue
            between = own[begun : place + 1]
            begun = place + 1
            for name in ("visitors", "leavers"):
                hidden = [one for one in between if one[name]["withheld"]]
                assert len(hidden) != 1, (day, row["until"], "it would be the difference")
                asked += len(hidden) > 1
    assert asked, "hours of few lie between moments that are told"


def test_files_hold_what_the_answer_does(kept: Kept) -> None:
    for path, column in ((f"{SHOP}/queue?{WEEK}&grain=hour", "hour"), (f"{SHOP}/occupancy?{WEEK}", "until")):
        answer = get(kept, f"{path}&format=csv")
        assert answer.status_code == 200
        assert column in answer.text.splitlines()[0].split(",")
        again = get(kept, f"{path}&format=csv", if_none_match=answer.headers["etag"])
        assert again.status_code == 304
