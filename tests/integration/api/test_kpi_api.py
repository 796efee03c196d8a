"""The KPI API over a real database: what it answers, to whom, and what it refuses."""

import csv
import io
import zipfile
from datetime import date, timedelta
from pathlib import Path

import fastparquet
import psycopg2
import pytest

from ingest.database import Database
from ingest.orders.keys import create_key, revoke_key
from tests.integration.api.conftest import NOW, Kept, body, get, problem
from tests.support.known import as_if_known_in_time
from tests.support.kpi_api import bearer, kpi_api, reader_key
from tests.support.ledger import execute, one
from tests.support.store_data import add_crossings, add_shop, fill

RIVERSIDE = "/v1/stores/riverside"


def test_the_registry_says_what_each_figure_means(kept: Kept) -> None:
    metrics = {one["id"]: one for one in body(kept, "/v1/metrics")["metrics"]}
    assert metrics["conversion"]["unit"] == "share"
    assert all(one["version"] >= 1 and one["formula"] and one["trap"] for one in metrics.values())


def test_figures_are_what_the_rows_say(kept: Kept) -> None:
    week = body(kept, f"{RIVERSIDE}/kpis?period=last_week")
    assert (week["period"]["first"], week["period"]["days"], week["period"]["running"]) == ("2026-11-09", 7, False)
    (row,) = week["rows"]
    ((ins,),) = [
        one(
            kept.url,
            "SELECT count(*) FROM crossing AS x JOIN line AS l USING (line_id) "
            "JOIN store AS s ON s.store_id = x.store_id WHERE s.code = 'riverside' "
            "AND l.role = 'entrance' AND inward AND staff IS NOT TRUE "
            "AND (x.at AT TIME ZONE 'Asia/Shanghai')::date BETWEEN '2026-11-09' AND '2026-11-15'",
        )
    ]
    visitors = row["figures"]["footfall"]
    assert visitors["value"] == ins
    assert visitors["low"] < visitors["high"]
    assert (visitors["quality"], visitors["definition"], visitors["as_of"]) == (
        "measured", "footfall", "2026-11-15T14:00:00Z",
    )  # fmt: skip
    sold = row["figures"]["transactions"]["value"]
    assert row["figures"]["conversion"]["value"] == pytest.approx(sold / ins)


def test_days_and_hours_add_up_to_the_period(kept: Kept) -> None:
    (whole,) = body(kept, "/v1/stores/nanjing-road/kpis?period=last_week")["rows"]
    days = body(kept, "/v1/stores/nanjing-road/kpis?period=last_week&grain=day")["rows"]
    traffic = body(kept, "/v1/stores/nanjing-road/traffic?period=last_week&grain=day")["rows"]
    visitors = whole["figures"]["footfall"]["value"]
    assert sum(row["figures"]["footfall"]["value"] for row in days) == visitors
    assert sum(row["visitors"]["value"] for row in traffic) == visitors
    hours = body(kept, "/v1/stores/nanjing-road/traffic?period=last_week&limit=1000")["rows"]
    for day in traffic:
        own = [row["visitors"]["value"] for row in hours if row["business_date"] == day["business_date"]]
        if None not in own:
            assert sum(own) == day["visitors"]["value"]


def test_a_period_is_compared_with_the_weekdays_before(kept: Kept) -> None:
    week = body(kept, f"{RIVERSIDE}/kpis?period=last_week&compare=previous")
    (before,) = body(kept, f"{RIVERSIDE}/kpis?period=custom&first=2026-11-02&last=2026-11-08")["rows"]
    previous = week["previous"]
    assert (previous["shift_days"], previous["pairs"]) == (7, 7)
    assert previous["figures"]["footfall"]["value"] == before["figures"]["footfall"]["value"]
    now = week["rows"][0]["figures"]["footfall"]["value"]
    assert previous["change"]["visitors"] == pytest.approx(now / before["figures"]["footfall"]["value"] - 1)


def test_what_nobody_measured_is_null_and_never_zero(kept: Kept) -> None:
    (row,) = body(kept, f"{RIVERSIDE}/kpis?period=custom&first=2026-02-02&last=2026-02-08")["rows"]
    for name, figure in row["figures"].items():
        assert figure["value"] is None, name
        assert figure["quality"] == "partial"
    stages = body(kept, f"{RIVERSIDE}/funnel?period=custom&first=2026-02-02&last=2026-02-08")["stages"]
    assert [stage["count"]["value"] for stage in stages] == [None] * 6
    rows = body(kept, f"{RIVERSIDE}/traffic?period=custom&first=2026-02-02&last=2026-02-03")["rows"]
    assert {row["visitors"]["value"] for row in rows} == {None}
    assert {row["visitors"]["withheld"] for row in rows} == {False}


def test_the_funnel_has_all_stages_counted_on_their_own(kept: Kept) -> None:
    found = body(kept, "/v1/stores/nanjing-road/funnel?period=last_week")
    counts = {stage["name"]: stage["count"]["value"] for stage in found["stages"]}
    assert list(counts) == ["pass_by", "enter", "engage", "queue", "buy", "buy_again"]
    assert counts["pass_by"] > counts["enter"] > counts["buy"] > 0
    (stays,) = one(
        kept.url,
        "SELECT count(*) FROM zone_visit AS v JOIN zone AS z USING (zone_id) "
        "JOIN store AS s ON s.store_id = v.store_id WHERE s.code = 'nanjing-road' "
        "AND z.role = 'engagement' AND staff IS NOT TRUE AND dwell_s >= engaged_after_s "
        "AND v.at >= '2026-11-09 01:00Z' AND (v.at AT TIME ZONE 'Asia/Shanghai')::time >= '09:00' "
        "AND v.at < '2026-11-15 13:00Z' AND (v.at AT TIME ZONE 'Asia/Shanghai')::time < '21:00'",
    )
    assert counts["engage"] == stays


def test_quality_says_what_the_figures_are_worth(kept: Kept) -> None:
    found = body(kept, f"{RIVERSIDE}/quality?period=last_week")
    assert found["completeness"]["value"] == 1.0
    assert len(found["days"]) == 7
    door = next(line for line in found["lines"] if line["line"] == "door")
    assert door["audits"] == 1
    assert 0.9 < door["accuracy_in"]["value"] < 1.0


@pytest.mark.parametrize(
    "path",
    [
        "/v1/metrics",
        "/v1/stores",
        f"{RIVERSIDE}/kpis?period=last_week",
        f"{RIVERSIDE}/traffic?period=four_weeks&format=csv",
    ],
)
def test_what_is_unchanged_is_a_304_without_a_body(kept: Kept, path: str) -> None:
    first = get(kept, path)
    etag = first.headers["etag"]
    assert etag.startswith('"')
    for told in (etag, f'W/{etag}, "other"', "*"):
        again = get(kept, path, If_None_Match=told)
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    assert get(kept, path, If_None_Match='"other"').status_code == 200


def test_another_process_gives_the_same_bytes_under_the_same_etag(kept: Kept) -> None:
    for path in (f"{RIVERSIDE}/kpis?period=last_week", *(f"{RIVERSIDE}/traffic?format={name}" for name in FILES)):
        with kpi_api(kept.url, kept.clock) as other:
            second = other.get(path, headers=kept.riverside)
        first = get(kept, path)
        assert (first.headers["etag"], first.content) == (second.headers["etag"], second.content)


def test_late_data_changes_the_etag(kept: Kept, database: str) -> None:
    """On a database of its own: the other tests' must not change."""

    opened = psycopg2.connect(database)
    opened.autocommit = True
    shop = add_shop(opened, "late")
    fill(opened, shop, now=NOW, weeks=1)
    key = bearer(reader_key(database))
    with kpi_api(database, kept.clock) as client:
        before = client.get("/v1/stores/late/kpis", headers=key)
    add_crossings(opened, shop.store_id, shop.lines["door"], [NOW - timedelta(days=1)] * 3)
    opened.close()
    with kpi_api(database, kept.clock) as client:
        after = client.get("/v1/stores/late/kpis", headers=key)
    figures = [answer.json()["rows"][0]["figures"]["footfall"]["value"] for answer in (before, after)]
    assert figures[1] == figures[0] + 3
    assert before.headers["etag"] != after.headers["etag"]


@pytest.mark.parametrize(
    "path", [f"{RIVERSIDE}/kpis?period=four_weeks&grain=day", f"{RIVERSIDE}/traffic?period=last_week"]
)
def test_pages_hold_every_row_once_and_in_order(kept: Kept, path: str) -> None:
    whole = body(kept, f"{path}&limit=1000")
    assert whole["next_cursor"] is None
    rows, cursor = [], None
    while True:
        page = body(kept, f"{path}&limit=9" + (f"&cursor={cursor}" if cursor else ""))
        rows += page["rows"]
        assert len(page["rows"]) <= 9
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert rows == whole["rows"]


def test_a_cursor_is_good_for_its_own_question_only(kept: Kept) -> None:
    cursor = body(kept, f"{RIVERSIDE}/traffic?period=last_week&limit=5")["next_cursor"]
    for path in (f"{RIVERSIDE}/traffic?period=yesterday", "/v1/stores/nanjing-road/traffic?period=last_week"):
        assert "another question" in problem(get(kept, f"{path}&cursor={cursor}"), 400)["detail"]
    for forged in ("x", "W10", "bnVsbA", "%00", "WyJhIl0", "é"):
        problem(get(kept, f"{RIVERSIDE}/traffic?cursor={forged}"), 400)


def test_a_key_of_one_store_is_told_nothing_of_another(kept: Kept) -> None:
    assert [store["id"] for store in body(kept, "/v1/stores", kept.riverside)["stores"]] == ["riverside"]
    for part in ("kpis", "funnel", "traffic", "quality"):
        assert get(kept, f"{RIVERSIDE}/{part}", kept.riverside).status_code == 200
        there = problem(get(kept, f"/v1/stores/nanjing-road/{part}", kept.riverside), 404)
        nowhere = problem(get(kept, f"/v1/stores/nowhere/{part}", kept.riverside), 404)
        assert there["detail"].replace("nanjing-road", "nowhere") == nowhere["detail"]
    # A cursor or an ETag that head office was given opens nothing either.
    cursor = body(kept, "/v1/stores/nanjing-road/traffic?limit=2")["next_cursor"]
    etag = get(kept, "/v1/stores/nanjing-road/traffic").headers["etag"]
    path = "/v1/stores/nanjing-road/traffic"
    problem(get(kept, f"{path}?limit=2&cursor={cursor}", kept.riverside), 404)
    problem(get(kept, path, kept.riverside, If_None_Match=etag), 404)


def test_without_a_key_that_is_for_figures_nothing_is_told(kept: Kept) -> None:
    database = Database(kept.url)
    till, gone = create_key(database, "a till"), create_key(database, "gone", scopes=["orders", "kpis"])
    revoke_key(database, gone)
    database.close()
    said = problem(kept.client.get("/v1/stores"), 401)
    assert "footfall keys create --scope kpis" in said["detail"]
    for key in (till, gone, "ffk_", "ffk_" + "x" * 43, "\x00"):
        answer = get(kept, "/v1/stores", {"Authorization": f"Bearer {key}"})
        assert problem(answer, 401)["title"] == "Unauthorized"
        assert answer.headers["www-authenticate"] == "Bearer"


def test_a_key_for_figures_posts_no_orders(kept: Kept) -> None:
    from tests.support.tills import orders_api  # noqa: PLC0415  # beside its only use

    with orders_api(kept.url, key=kept.riverside["Authorization"].removeprefix("Bearer ")) as till:
        assert "not for orders" in problem(till.get("/v1/orders"), 401)["detail"]


def test_a_key_asks_no_faster_than_it_may(kept: Kept) -> None:
    key = bearer(reader_key(kept.url))
    with kpi_api(kept.url, kept.clock, api_rate_per_s=0.001) as client:
        assert client.get("/v1/metrics", headers=key).status_code == 200
        answer = client.get("/v1/metrics", headers=key)
        assert "ask again in" in problem(answer, 429)["detail"]
        assert 0 < int(answer.headers["retry-after"]) <= 1000
        assert client.get("/v1/metrics", headers=kept.riverside).status_code == 200


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("period=custom", "expected first and last"),
        ("period=custom&first=2026-11-09&last=2026-11-01", "last: expected 2026-11-09 or later"),
        ("period=custom&first=2024-01-01&last=2026-01-01", "at most 400 days"),
        ("period=last_week&first=2026-11-09", "only with period=custom"),
        ("period=next_week", "period"),
        ("peroid=today", "peroid: no parameter is called that"),
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("first=0001-01-01&period=custom&last=0001-01-02", "first"),
        ("grain=fortnight", "grain"),
        ("compare=previous&grain=day", "grain=period"),
        ("format=pdf", "format"),
        ("format=csv&cursor=abc", "a csv file holds all rows"),
    ],
)
def test_a_question_that_cannot_be_meant_is_refused_in_words(kept: Kept, query: str, words: str) -> None:
    assert words in problem(get(kept, f"{RIVERSIDE}/kpis?{query}"), 422)["detail"]


def test_a_period_too_long_for_its_grain_is_refused(kept: Kept) -> None:
    long = "period=custom&first=2026-02-01&last=2026-10-31"
    assert "at most 100 days" in problem(get(kept, f"{RIVERSIDE}/traffic?grain=15min&{long}"), 422)["detail"]
    assert get(kept, f"{RIVERSIDE}/traffic?grain=day&{long}").status_code == 200


FILES = ("csv", "parquet", "xlsx")


def test_a_file_holds_the_rows_of_the_answer(kept: Kept, tmp_path: Path) -> None:
    rows = body(kept, "/v1/stores/nanjing-road/traffic?period=last_week&limit=1000")["rows"]
    values = [row[side]["value"] for row in rows for side in ("visitors", "leavers")]
    path = "/v1/stores/nanjing-road/traffic?period=last_week"
    answer = get(kept, path, Accept="text/csv;q=0.9, application/pdf")
    assert answer.headers["content-type"].startswith("text/csv")
    read = list(csv.DictReader(io.StringIO(answer.text)))
    assert [float(row["value"]) if row["value"] else None for row in read] == values
    assert {row["quality"] for row in read} == {"measured"}
    (tmp_path / "t.parquet").write_bytes(get(kept, f"{path}&format=parquet").content)
    with (tmp_path / "t.parquet").open("rb") as file:
        frame = fastparquet.ParquetFile(file).to_pandas()
    assert [None if value != value else value for value in frame["value"].tolist()] == values  # noqa: PLR0124  # NaN
    assert frame["from"].iloc[0].isoformat() == rows[0]["from"].replace("Z", "+00:00")
    with zipfile.ZipFile(io.BytesIO(get(kept, f"{path}&format=xlsx").content)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert sheet.count("<row ") == len(values) + 1


def test_no_cell_of_a_file_is_a_formula(kept: Kept) -> None:
    """Both stores' names begin with `=`."""
    names = [row["name"] for row in csv.DictReader(io.StringIO(get(kept, "/v1/stores?format=csv").text))]
    assert names == ["'=nanjing-road", "'=riverside"]
    with zipfile.ZipFile(io.BytesIO(get(kept, "/v1/stores?format=xlsx").content)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert ">=riverside<" in sheet


def test_a_format_that_is_not_given_is_said(kept: Kept) -> None:
    said = problem(get(kept, "/v1/stores", Accept="application/pdf"), 406)
    assert "text/csv" in said["detail"]


def test_what_was_known_at_a_past_moment_can_be_asked_for(kept: Kept, database: str) -> None:
    opened = psycopg2.connect(database)
    opened.autocommit = True
    shop = add_shop(opened, "late")
    fill(opened, shop, now=NOW, weeks=2)
    as_if_known_in_time(opened)
    add_crossings(opened, shop.store_id, shop.lines["door"], [NOW - timedelta(days=11)] * 3)
    with opened.cursor() as cursor:
        cursor.execute("UPDATE crossing SET received_at = %s WHERE received_at > at + INTERVAL '1 day'", (NOW,))
    opened.close()
    key = bearer(reader_key(database))
    days = "period=custom&first=2026-11-10&last=2026-11-10"
    with kpi_api(database, kept.clock) as client:
        then, now = (
            client.get(f"/v1/stores/late/kpis?{days}{more}", headers=key).json()["rows"][0]["figures"]["footfall"]
            for more in ("&as_of=2026-11-20T20:00:00Z", "")
        )
        future = client.get("/v1/stores/late/kpis?as_of=2026-11-22T04:00:00Z", headers=key)
        hours = f"/v1/stores/late/traffic?{days}&limit=1000"
        from_rows = client.get(f"{hours}&as_of=2026-11-20T20:00:00Z", headers=key).json()["rows"]
        execute(database, "UPDATE rollup SET kept_from = '2026-11-21'")
        from_rollups = client.get(f"{hours}&as_of=2026-11-20T20:00:01Z", headers=key).json()["rows"]
        present = client.get(hours, headers=key).json()["rows"]
    assert now["value"] == then["value"] + 3
    assert then["as_of"] == "2026-11-10T14:00:00Z"
    assert "to now" in problem(future, 422)["detail"]
    assert [{row["known_now"] for row in rows} for rows in (from_rows, from_rollups, present)] == [
        {False}, {True}, {False},
    ]  # fmt: skip


#: What answers of any days, and what of weeks or finished days alone.
ANY_DAYS = (
    *(f"{RIVERSIDE}/{what}" for what in
      ("kpis", "funnel", "change", "targets", "hours", "traffic", "queue", "occupancy", "quality")),
    "/v1/comparison", "/v1/export/kpis",
)  # fmt: skip
OTHERS = tuple(f"{RIVERSIDE}/{what}" for what in ("categories", "zones", "flows", "staffing"))


def test_a_day_that_was_running_is_told_as_of_now_alone(kept: Kept) -> None:
    for path in ANY_DAYS:
        said = problem(get(kept, f"{path}?period=today&as_of=2026-11-20T04:00:00Z"), 422)
        assert "over for an hour by then" in said["detail"], path


def test_outside_the_company_there_is_no_past_moment_of_anything(kept: Kept) -> None:
    for path in (*ANY_DAYS, *OTHERS):
        said = problem(get(kept, f"{path}?period=last_week&as_of=2026-11-21T04:00:00Z", kept.partner), 403)
        assert "as they are known now" in said["detail"], path


def test_outside_the_company_only_days_that_are_over_are_shown(kept: Kept) -> None:
    assert "finished days" in problem(get(kept, f"{RIVERSIDE}/kpis?period=today", kept.partner), 403)["detail"]
    week = body(kept, f"{RIVERSIDE}/kpis?period=this_week", kept.partner)
    inside = body(kept, f"{RIVERSIDE}/kpis?period=this_week")
    assert (week["period"]["days"], inside["period"]["days"]) == (5, 6)
    assert week["rows"][0]["figures"]["staff"]["value"] is None
    today = date(2026, 11, 21).isoformat()
    rows = body(kept, f"{RIVERSIDE}/traffic?period=custom&first=2026-11-19&last={today}", kept.partner)["rows"]
    assert {row["business_date"] for row in rows} == {"2026-11-19", "2026-11-20"}


def test_the_service_says_whether_it_can_answer(kept: Kept) -> None:
    assert kept.client.get("/healthz").json() == {"status": "ok"}
