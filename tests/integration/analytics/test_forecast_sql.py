"""Forecasts on the real database: from counts to what the pages read, and held against what came."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from analytics.forecast.keeping import keep, newest_days, read_forecast
from analytics.forecast.stores import StoreForecast, forecast_stores
from analytics.stores import all_stores
from tests.support.forecast_stores import NOW, a_store
from tests.support.store_data import Connection, add_crossings, add_uptime, one

TODAY = date(2026, 11, 21)


def made(connection: Connection, now: datetime = NOW) -> list[StoreForecast]:
    return forecast_stores(connection, all_stores(connection), now=now)


def test_a_store_with_eight_weeks_is_forecast_by_its_own_hours_and_read_back(connection: Connection) -> None:
    store = a_store(connection, days=60)
    (forecast,) = made(connection)
    assert forecast.model == "closed_form"
    assert forecast.first_day == date(2026, 11, 22)  # at 20:00 UTC it is the 22nd at +5:45
    assert [
        hour.at.astimezone(ZoneInfo("Asia/Kathmandu")).hour for hour in forecast.hours if isinstance(hour.at, datetime)
    ] == [9, 10] * 14
    assert [hour.visitors for hour in forecast.hours] == pytest.approx([12.0] * 28)
    assert [day.visitors for day in forecast.days] == pytest.approx([24.0] * 14)
    assert all(day.low_80 is not None and day.low_80 <= day.visitors <= day.high_95 for day in forecast.days)  # type: ignore[operator]
    keep(connection, forecast, now=NOW)
    kept = read_forecast(connection, store)
    assert kept is not None
    assert kept.days == forecast.days
    assert kept.hours == forecast.hours
    assert kept.judged.off is None
    assert newest_days(connection) == {store: forecast.first_day}


def test_made_twice_a_day_it_is_kept_once(connection: Connection) -> None:
    a_store(connection, days=60)
    for _ in range(2):
        keep(connection, made(connection)[0], now=NOW)
    assert one(connection, "SELECT count(*) FROM forecast_run") == 1
    assert one(connection, "SELECT count(*) FROM forecast_hour") == 28


def test_it_is_held_against_what_came(connection: Connection) -> None:
    store = a_store(connection, days=60)
    keep(connection, made(connection)[0], now=NOW)
    line = one(connection, "SELECT line_id FROM line")
    opens = datetime(2026, 11, 22, 9, tzinfo=ZoneInfo("Asia/Kathmandu")).astimezone(UTC)
    add_uptime(connection, store, "door", opens, opens + timedelta(hours=2))
    add_crossings(connection, store, line, [opens + timedelta(minutes=step) for step in range(60)] * 2)
    later = NOW + timedelta(days=1)
    judged = keep(connection, made(connection, later)[0], now=later)
    # 12 were expected in each of two hours; 120 came in the first, nobody in the second.
    assert judged.hours == 2
    assert judged.off == pytest.approx((108 + 12) / 120)
    kept = read_forecast(connection, store)
    assert kept is not None
    assert kept.first_day == date(2026, 11, 23)
    assert kept.judged == judged


def test_a_new_store_and_one_that_is_blind_say_why_there_is_no_forecast(connection: Connection) -> None:
    new = a_store(connection, days=30)
    blind = a_store(connection, days=160, dark=80, code="b")
    reasons = {one_.store.store_id: (one_.reason, one_.model) for one_ in made(connection)}
    assert reasons == {new: ("too_new", None), blind: ("not_counted", None)}
    for forecast in made(connection):
        keep(connection, forecast, now=NOW)
    kept = read_forecast(connection, new)
    assert kept is not None
    assert (kept.reason, kept.history_days, kept.days) == ("too_new", 30, ())


def test_an_hour_that_was_not_counted_in_full_pulls_nothing_down(connection: Connection) -> None:
    store = a_store(connection, days=60)
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM camera_uptime WHERE at > %s AND extract(minute FROM at) = 15", (NOW - timedelta(14),)
        )
        cursor.execute("DELETE FROM crossing WHERE at > %s AND extract(minute FROM at) = 15", (NOW - timedelta(14),))
    (forecast,) = made(connection)
    assert forecast.store.store_id == store
    assert [hour.visitors for hour in forecast.hours] == pytest.approx([12.0] * 28)
