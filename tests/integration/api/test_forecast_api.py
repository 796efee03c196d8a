"""The traffic forecast for programs: as it was last made, to whom it may be told, and where there is none."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import psycopg2
import pytest
from fastapi.testclient import TestClient

from analytics.forecast.keeping import keep
from analytics.forecast.stores import forecast_stores
from analytics.stores import all_stores
from tests.support.forecast_stores import NOW, a_store
from tests.support.kpi_api import bearer, kpi_api, reader_key
from tests.support.served import HeldClock

PATH = "/v1/stores/busy/forecast"


@pytest.fixture
def client(database: str) -> Iterator[TestClient]:
    """Over a busy store with eight weeks of hours, and a quiet one that began last week."""
    with closing(psycopg2.connect(database)) as connection:
        connection.autocommit = True
        a_store(connection, days=60, code="busy", timezone="Asia/Shanghai")
        a_store(connection, days=7, code="new", timezone="Asia/Shanghai")
        a_store(connection, days=2, code="later", timezone="Asia/Shanghai")
        for one in forecast_stores(connection, all_stores(connection), now=NOW):
            if one.store.code != "later":
                keep(connection, one, now=NOW)
    with kpi_api(database, HeldClock(NOW)) as opened:
        yield opened


def body(client: TestClient, database: str, path: str = PATH, **key: Any) -> Any:
    answer = client.get(path, headers=bearer(reader_key(database, **key)))
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_the_next_days_and_open_hours_with_intervals_and_when_they_were_made(client: TestClient, database: str) -> None:
    told = body(client, database)
    assert (told["store"]["id"], told["model"], told["reason"]) == ("busy", "closed_form", None)
    assert datetime.fromisoformat(told["as_of"]) == NOW
    assert (len(told["days"]), len(told["hours"])) == (14, 28)
    first, hour = told["days"][0], told["hours"][0]
    assert first["business_date"] == told["first_day"] == "2026-11-22"
    assert first["visitors"] == pytest.approx(24.0)
    assert datetime.fromisoformat(hour["from"]) == datetime(2026, 11, 22, 1, tzinfo=UTC)
    assert hour["low_95"] <= hour["low_80"] <= hour["visitors"] <= hour["high_80"] <= hour["high_95"]


def test_a_store_without_a_forecast_says_why(client: TestClient, database: str) -> None:
    for code, reason in (("new", "too_new"), ("later", "not_made")):
        told = body(client, database, f"/v1/stores/{code}/forecast")
        assert (told["reason"], told["model"], told["days"], told["hours"]) == (reason, None, [], [])


def test_a_file_has_a_row_for_each_day_and_each_hour(client: TestClient, database: str) -> None:
    answer = client.get(f"{PATH}?format=csv", headers=bearer(reader_key(database)))
    lines = answer.text.splitlines()
    assert len(lines) == 1 + 14 + 28
    assert lines[0].startswith("store,grain,business_date,from,visitors,low_80")
    assert lines[1].startswith("busy,day,2026-11-22,,2")


def test_outside_the_company_an_hour_of_few_is_kept_back(client: TestClient, database: str) -> None:
    """Hours of fewer than ten; days are of more."""
    with closing(psycopg2.connect(database)) as connection, connection, connection.cursor() as cursor:
        cursor.execute("UPDATE forecast_hour SET visitors = 9.4")
    told = body(client, database, outside=True)
    assert all(one["withheld"] and one["visitors"] is None and one["high_95"] is None for one in told["hours"])
    assert not any(one["withheld"] for one in told["days"])
    assert not any(one["withheld"] for one in body(client, database)["hours"]), "not within it"


def test_an_hour_that_is_kept_back_is_not_the_day_less_the_others(client: TestClient, database: str) -> None:
    with closing(psycopg2.connect(database)) as connection, connection, connection.cursor() as cursor:
        cursor.execute("UPDATE forecast_hour SET visitors = 14")
        cursor.execute("UPDATE forecast_hour SET visitors = 3 WHERE hour_at = (SELECT min(hour_at) FROM forecast_hour)")
    hours = body(client, database, outside=True)["hours"]
    assert [one["withheld"] for one in hours] == [True, True] + [False] * 26, "with the other hour of its day"


def test_another_stores_key_is_told_nothing_and_what_is_unchanged_is_a_304(client: TestClient, database: str) -> None:
    assert client.get(PATH, headers=bearer(reader_key(database, store="new"))).status_code == 404
    key = bearer(reader_key(database))
    tag = client.get(PATH, headers=key).headers["ETag"]
    assert client.get(PATH, headers={**key, "If-None-Match": tag}).status_code == 304
