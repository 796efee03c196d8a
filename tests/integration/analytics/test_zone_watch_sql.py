"""A zone is as complete as its own camera: a store whose doors count and one of whose cameras inside is silent."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from analytics.days import BusinessDay, Calendar, calendar
from analytics.quality.accuracy import UNAUDITED
from analytics.stores import all_stores
from analytics.visits.categories import read_categories
from analytics.visits.hours import read_hours
from analytics.visits.queue_hours import read_counted
from analytics.visits.store_day import StoreDay, read_store_day
from analytics.visits.zone_funnel import read_zone_funnels
from analytics.visits.zone_watch import read_zone_watch
from analytics.visits.zones_past import read_past_zones
from tests.support.metrics_asked import asked, computed_of, rows_of, value_of
from tests.support.saturday import OPENS, minutes
from tests.support.store_data import (
    Connection,
    add_camera,
    add_crossings,
    add_line,
    add_store,
    add_uptime,
    add_visit,
    add_zone,
    copy,
)

NOW = datetime(2026, 11, 21, 6, 7, tzinfo=UTC)  # Saturday, 14:07 in Shanghai
DAY = date(2026, 11, 21)


def half_blind(connection: Connection) -> int:
    """Add a store whose door and shelf are watched, whose table is so half of the time, and whose till never."""
    store = add_store(connection)
    line = add_line(connection, store)
    for camera, until in (("door", NOW), ("aisle", NOW), ("corner", minutes(150))):
        add_uptime(connection, store, camera, OPENS, until)
    add_crossings(connection, store, line, [minutes(30)] * 40)
    for zone, camera in (("shelf", "aisle"), ("table", "corner")):
        zone_id = add_zone(connection, store, zone, camera=camera)
        for dwell in range(20):
            add_visit(connection, store, zone_id, minutes(30), 5.0 + dwell)
        copy(connection, "zone_category (store_id, zone, category)", [(store, zone, f"{zone} ware")])
    add_camera(connection, store, "blind")
    add_zone(connection, store, "till", role="queue", camera="blind")
    return store


def opened(connection: Connection, store: int) -> tuple[Calendar, BusinessDay]:
    days = calendar(connection, [store], first=date(2026, 11, 1), last=date(2026, 12, 5))
    day = days.latest_opened(store, NOW)
    assert day is not None
    return days, day


def day_of(connection: Connection, store: int) -> StoreDay:
    days, day = opened(connection, store)
    return read_store_day(connection, days, day, now=NOW)


def test_each_zone_of_a_day_has_the_completeness_of_its_own_camera(connection: Connection) -> None:
    seen = day_of(connection, half_blind(connection))
    shares = {zone.zone: zone.visits.completeness for zone in seen.zones}
    assert seen.base.footfall.completeness == 1.0
    assert shares["shelf"] == 1.0
    assert shares["table"] == pytest.approx(150 / 305, abs=0.01)
    assert {zone.zone: zone.dwell_p50.quality for zone in seen.zones} == {"shelf": "measured", "table": "partial"}
    stops = seen.funnel.stages[2].count
    assert stops.quality == "partial"
    assert stops.completeness == pytest.approx((150 + 305) / 610, abs=0.01)


def test_a_queue_that_no_camera_watched_is_not_known_although_the_doors_count(connection: Connection) -> None:
    store = half_blind(connection)
    seen = day_of(connection, store)
    assert (seen.queue.joins.value, seen.queue.joins.completeness) == (None, 0.0)
    assert seen.queue.joins.quality == "partial"
    days, day = opened(connection, store)
    slices = [days.up_to(day, NOW)]
    hours = read_counted(connection, all_stores(connection)[0], slices, now=NOW)
    assert set(hours.values()) == {0.0}


def test_funnels_and_categories_and_past_days_rest_on_the_same_camera(connection: Connection) -> None:
    store = half_blind(connection)
    days, day = opened(connection, store)
    slices = [days.up_to(day, NOW)]
    watch = read_zone_watch(connection, slices, now=NOW)
    half: Any = pytest.approx(watch.of(["table"]) or 0.0)
    assert half == pytest.approx(150 / 305, abs=0.01)
    over: Any = {"as_of": NOW, "watch": watch, "group": 1.0, "k": 5}
    zones = {one.zone: one for one in read_zone_funnels(connection, store, slices, **over)}
    assert (zones["shelf"].dwell_p50.completeness, zones["table"].dwell_p50.completeness) == (1.0, half)
    assert [stage.count.completeness for stage in zones["table"].stages[:2]] == [half, half]
    lying = {one.category: one for one in read_categories(connection, store, slices, **over)}
    assert (lying["shelf ware"].visits.completeness, lying["table ware"].visits.completeness) == (1.0, half)
    past = {one.zone: one for one in read_past_zones(connection, slices, now=NOW, watch=watch)}
    assert (past["shelf"].visits.completeness, past["table"].visits.completeness) == (1.0, half)


def test_hours_are_as_complete_as_the_cameras_of_their_zones_were_in_them(connection: Connection) -> None:
    store = half_blind(connection)
    days, day = opened(connection, store)
    shop = all_stores(connection)[0]
    hours = read_hours(connection, shop, [days.up_to(day, NOW)], None, now=NOW, k=0, audited=UNAUDITED)
    stops = [{stage.name: stage.count for stage in hour.funnel.stages}["engage"].completeness for hour in hours]
    assert (stops[0], stops[-2]) == (1.0, 0.5)
    assert {hour.base.footfall.completeness for hour in hours[:-1]} == {1.0}


def test_in_sql_too_a_queue_that_nobody_watched_is_null(connection: Connection) -> None:
    store = half_blind(connection)
    span = asked(connection, first=DAY, last=DAY, now=NOW)
    for name, told in (("queue_joins", None), ("engaged", 30), ("zone_visits", 40), ("category_visits", 40)):
        in_sql, pure = value_of(connection, name, span), computed_of(name).pure(rows_of(connection, name, span))
        assert (in_sql, pure) == (told, told), name
    seen = day_of(connection, store)
    assert {one.name: one.count.value for one in seen.funnel.stages}["engage"] == 30


def test_of_a_zone_whose_camera_nobody_named_the_doors_answer(connection: Connection) -> None:
    store = add_store(connection)
    add_line(connection, store)
    add_uptime(connection, store, "door", OPENS, minutes(150))
    add_zone(connection, store, "shelf")
    days, day = opened(connection, store)
    watch = read_zone_watch(connection, [days.up_to(day, NOW)], now=NOW)
    assert watch.of(["shelf"]) == pytest.approx(150 / 305, abs=0.01)
    assert watch.of_role("queue") is None
