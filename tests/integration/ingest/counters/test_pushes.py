"""What counters of other makers push, into the ledger of a real database: every maker's, once and only once."""

import json
import logging
import random
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import psycopg2
import pytest

from analytics.days import calendar
from analytics.quality.accuracy import UNAUDITED, read_lines
from analytics.visits.store_day import StoreDay, read_store_day
from ingest.counters.book import KEPT
from ingest.counters.register import restatements
from ingest.verify import verify
from tests.support.counter_house import CounterHouse
from tests.support.counters import (
    NOON,
    QUARTER,
    SMUGGLED,
    axis_push,
    axis_scenario,
    milesight_push,
    onvif_event,
    onvif_path,
    registered,
    xovis_push,
)
from tests.support.ledger import one, rows

MINUTE = timedelta(minutes=1)
SCENARIO = "event/tns:axis/CameraApplicationPlatform/ObjectAnalytics/Device1Scenario{}"


@pytest.mark.parametrize(
    ("vendor", "line", "body"),
    [
        ("axis", "front", axis_push(3, 2)),
        ("xovis", "Line 0=front", xovis_push((NOON, 3, 2))),
        ("xovis", "2=front", xovis_push((NOON, 3, 2))),
        ("milesight", "1=front", milesight_push(3, 2)),
        ("milesight", "front", milesight_push(3, 2)),
    ],
)
def test_an_interval_of_each_maker_is_counted_once_however_often_it_comes(
    house: CounterHouse, vendor: str, line: str, body: bytes
) -> None:
    counter = registered(house.url, vendor, line)
    assert house.push(counter, body) == {"taken": 1, "repeated": 0, "refused": []}
    assert house.push(counter, body) == {"taken": 0, "repeated": 1, "refused": []}
    assert house.traffic() == [("front", NOON, 3, 2)]
    assert house.watched() == [(NOON, 900.0)]
    house.push(counter, body)
    assert house.traffic() == [("front", NOON, 3, 2)]
    verdict = verify(house.database)
    assert (verdict.complete, verdict.entries, verdict.dead_letters) == (True, 6, 0)


def test_totals_of_onvif_rules_count_what_they_rise_by_over_a_reset(house: CounterHouse) -> None:
    counter = registered(house.url, "onvif", "In=front:in", "Out=front:out")
    for minutes, ins, outs in ((0, 100, 80), (10, 104, 81), (20, 104, 83), (30, 2, 1), (40, 5, 1)):
        at = NOON + minutes * MINUTE
        house.publish(counter, onvif_event(ins, at=at), onvif_path())
        house.publish(counter, onvif_event(outs, rule="Out", at=at), onvif_path("Out"))
    # 4 by 12:10, then it was reset and counted 2 by 12:30 and 3 more by 12:40.
    assert house.sums() == (4 + 2 + 3, 1 + 2 + 1)
    # Of the ten minutes in which it was reset nobody knows how many it forgot.
    assert sum(seconds for _, seconds in house.watched()) == 30 * 60
    house.publish(counter, onvif_event(999, at=NOON), "onvif-ej/RuleEngine/LineDetector/Crossed/&1/2/In")
    assert house.sums() == (9, 4)


def test_scenarios_of_axis_object_analytics_count_people_only(house: CounterHouse) -> None:
    counter = registered(house.url, "axis", "1=front:in", "2=front:out")
    for minutes, total in ((0, 10), (5, 12), (10, 15)):
        house.publish(counter, axis_scenario(total, at=NOON + minutes * MINUTE), SCENARIO.format(1))
        house.publish(counter, axis_scenario(2 * total, at=NOON + minutes * MINUTE), SCENARIO.format(2))
    assert house.sums() == (5, 10)


def test_what_was_buffered_while_offline_goes_to_its_own_quarter_hours_in_any_order(house: CounterHouse) -> None:
    counter = registered(house.url, "xovis", "front:reversed")
    house.push(counter, xovis_push((NOON, 1, 0)))
    house.now = NOON + timedelta(days=3)
    late = [(NOON - 3 * QUARTER, 4, 1), (NOON - 8 * QUARTER, 2, 5), (NOON, 1, 0)]
    assert house.push(counter, xovis_push(*late))["taken"] == 2
    assert house.traffic() == [
        ("front", NOON - 8 * QUARTER, 5, 2), ("front", NOON - 3 * QUARTER, 1, 4), ("front", NOON, 0, 1),
    ]  # fmt: skip


def test_what_is_too_old_or_from_the_future_or_beyond_reason_is_refused_and_listed(house: CounterHouse) -> None:
    counter = registered(house.url, "axis", "front")
    for body, reason in (
        (axis_push(at=house.now - KEPT - QUARTER), "90 days ago"),
        (axis_push(at=house.now + timedelta(hours=2)), "clock is ahead"),
        (axis_push(ins=2_147_483_647), "more people than can pass"),
        (axis_push(minutes=2_000, at=NOON - timedelta(days=3)), "within a day"),
        (axis_push(minutes=0), "end after they begin"),
    ):
        (said,) = house.push(counter, body)["refused"]
        assert reason in said
    assert house.sums() == (0, 0)
    assert len(house.refused()) == 4  # two of them for one reason
    assert {each.login for each in house.refused()} == {"axis-b8a44fa89c85"}


def test_a_corrected_interval_counts_with_the_higher_number_and_is_stated(house: CounterHouse) -> None:
    counter = registered(house.url, "axis", "front")
    for ins, outs in ((3, 2), (5, 2), (4, 6), (5, 6)):
        house.push(counter, axis_push(ins, outs))
    assert house.traffic() == [("front", NOON, 5, 6)]
    assert house.watched() == [(NOON, 900.0)]
    stated = restatements(house.database, None, 10)
    assert sorted((each.ins_before, each.outs_before, each.ins_said, each.outs_said) for each in stated) == [
        (3, 2, 5, 2), (5, 2, 4, 6),
    ]  # fmt: skip


def test_an_interval_around_finer_ones_adds_what_they_lack_and_one_across_is_refused(house: CounterHouse) -> None:
    counter = registered(house.url, "axis", "front")
    house.push(counter, axis_push(1, 0, at=NOON, minutes=5))
    house.push(counter, axis_push(2, 0, at=NOON + 5 * MINUTE, minutes=5))
    house.push(counter, axis_push(7, 1, at=NOON, minutes=15))
    house.push(counter, axis_push(4, 1, at=NOON + 10 * MINUTE, minutes=5))
    assert house.traffic() == [("front", NOON, 7, 1)]
    assert house.watched() == [(NOON, 900.0)]
    (reason,) = house.push(counter, axis_push(9, 9, at=NOON + 10 * MINUTE, minutes=15))["refused"]
    assert "overlaps an interval that is counted already" in reason
    assert house.sums() == (7, 1)


def test_an_hour_in_one_interval_is_divided_among_its_quarters(house: CounterHouse) -> None:
    counter = registered(house.url, "axis", "front")
    house.push(counter, axis_push(10, 1, at=NOON - timedelta(hours=1), minutes=60))
    assert [each[2] for each in house.traffic()] == [3, 3, 2, 2]
    assert house.sums() == (10, 1)
    assert [seconds for _, seconds in house.watched()] == [900.0] * 4


@pytest.mark.parametrize("offset_min", [345, 480, -210, 0])
def test_local_times_with_their_offset_are_the_instant_that_they_are(house: CounterHouse, offset_min: int) -> None:
    counter = registered(house.url, "milesight", "front")
    house.push(counter, milesight_push(3, 2, offset_min=offset_min))
    assert house.traffic() == [("front", NOON, 3, 2)]


def test_older_milesight_firmware_says_its_zone_beside_the_time(house: CounterHouse) -> None:
    counter = registered(house.url, "milesight", "front")
    times = {"timezone": "UTC+5:45", "dst_status": True}
    times |= {"start_time": "2026/11/21 17:45:00", "end_time": "2026/11/21 18:00:00"}
    device = {"device_sn": "6384E16179950009"}
    body: dict[str, object] = {"event": "Line Crossing People Counting", "report_type": "interval"}
    body |= {"device_info": device, "time_info": times, "in_counted": 6, "out_counted": 4}
    house.push(counter, json.dumps(body).encode())
    assert house.traffic() == [("front", NOON, 6, 4)]
    house.push(counter, json.dumps({**body, "report_type": "trigger"}).encode())
    assert house.sums() == (6, 4)


def test_a_wall_clocks_hour_that_comes_twice_is_told_apart_by_when_it_is_pushed(house: CounterHouse) -> None:
    counter = registered(house.url, "xovis", "front")

    def pushed(wall: str, until: str, heard: datetime, value: int) -> dict[str, object]:
        house.now = heard
        record = {"from": f"2026-10-25T{wall}", "to": f"2026-10-25T{until}"}
        counts = [{"id": 2, "name": "fw", "value": value}, {"id": 3, "name": "bw", "value": 0}]
        logic = {"id": 2, "name": "Line 0", "records": [{**record, "counts": counts}]}
        body = json.dumps({"logics_data": {"logics": [logic]}}).encode()
        return house.push(counter, body, 422 if value > 9 else 200)

    first = datetime(2026, 10, 25, 0, 15, tzinfo=UTC)  # 02:15 summer time in Berlin
    pushed("02:15:00", "02:30:00", first + QUARTER, 1)
    pushed("02:15:00", "02:30:00", first + timedelta(hours=1) + QUARTER, 2)
    pushed("02:45:00", "03:00:00", first + timedelta(hours=1) + 3 * QUARTER, 3)
    assert [(each[1], each[2]) for each in house.traffic()] == [
        (first, 1), (first + timedelta(hours=1), 2), (first + timedelta(hours=1) + 2 * QUARTER, 3),
    ]  # fmt: skip
    # Hours later nobody can tell which of the two it was: it is said, not guessed.
    pushed("02:00:00", "02:15:00", first + timedelta(hours=9), 10)
    assert "came twice in Europe/Berlin" in house.refused()[0].reason
    assert house.sums() == (6, 0)


def test_of_whatever_else_a_push_holds_nothing_is_kept_anywhere(
    house: CounterHouse, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    axis, xovis = registered(house.url, "axis", "front"), registered(house.url, "xovis", "2=side")
    milesight, onvif = registered(house.url, "milesight", "back"), registered(house.url, "onvif", "In=gate:in")
    house.push(axis, axis_push(**SMUGGLED))
    house.push(xovis, xovis_push((NOON, 3, 2), **SMUGGLED))
    house.push(milesight, milesight_push(**SMUGGLED))
    for number in (1, 2):
        house.publish(onvif, onvif_event(number, at=NOON + number * MINUTE, **SMUGGLED), onvif_path())
    # And refused, for every reason there is.
    house.push(axis, axis_push(serial="smuggled-serial-4711000111", **SMUGGLED), 422)
    house.push(xovis, xovis_push((NOON, 3, 2), logic=4711000111, **SMUGGLED))
    house.push(axis, axis_push(minutes=-15, **SMUGGLED))
    house.push(axis, json.dumps({"data": {"measurements": [{"kind": SMUGGLED["snapshot"]}]}, **SMUGGLED}).encode(), 422)
    broken = axis_push().replace(b'"in"', json.dumps(SMUGGLED["gender"]).encode())
    house.push(axis, broken, 422)
    house.push(axis, b'{"data": "' + SMUGGLED["snapshot"].encode(), 422)
    house.push(axis, json.dumps(SMUGGLED).encode(), 422)
    live = {"live_data": {"frames": [{"tracked_objects": [SMUGGLED]}]}}
    assert house.push(xovis, json.dumps(live).encode()) == {"taken": 0, "repeated": 0, "refused": []}
    assert house.sums() == (3 + 3 + 3 + 1, 2 + 2 + 2)
    for where in (house.everything(), caplog.text):
        for value in SMUGGLED.values():
            if value is not True:
                assert str(value)[:12] not in where
        assert "4711000111" not in where
        assert "smuggled" not in where


def day_of(house: CounterHouse) -> StoreDay:
    house.carry()
    connection = psycopg2.connect(house.url)
    try:
        (store_id,) = one(house.url, "SELECT store_id FROM store WHERE code = 'riverside'")
        days = calendar(connection, [store_id], first=date(2026, 11, 1), last=date(2026, 12, 1))
        day = days.latest_opened(store_id, house.now)
        assert day is not None
        return read_store_day(connection, days, day, now=house.now)
    finally:
        connection.close()


def test_the_stores_day_is_the_sum_of_the_pushes_and_a_missing_one_is_seen(house: CounterHouse) -> None:
    opens, quarters = datetime(2026, 11, 21, 9, 0, tzinfo=UTC), 44
    house.now = opens - timedelta(hours=2)
    counter = registered(house.url, "axis", "front", at=house.now)
    house.carry()
    house.now = opens + timedelta(hours=11)
    assert day_of(house).base.footfall.value is None  # nothing was pushed: not zero
    for number in range(quarters):
        if number != 20:
            house.push(counter, axis_push(number % 7, 0, at=opens + number * QUARTER))
    footfall = day_of(house).base.footfall
    assert (footfall.value, footfall.quality) == (sum(n % 7 for n in range(quarters) if n != 20), "partial")
    house.push(counter, axis_push(6, 0, at=opens + 20 * QUARTER))
    footfall = day_of(house).base.footfall
    assert (footfall.value, footfall.quality) == (sum(n % 7 for n in range(quarters)), "measured")


def test_a_counter_and_its_lines_are_a_device_of_the_store(house: CounterHouse) -> None:
    counter = registered(house.url, "xovis", "1=front", "2=side:reversed", "3=walk:pass_by", doors={"front": "main"})
    house.carry()
    assert rows(house.url, "SELECT code, role, door FROM line ORDER BY code") == [
        ("front", "entrance", "main"), ("side", "entrance", None), ("walk", "pass_by", None),
    ]  # fmt: skip
    connection = psycopg2.connect(house.url)
    try:
        (store_id,) = one(house.url, "SELECT store_id FROM store")
        lines = read_lines(connection, store_id, UNAUDITED)
    finally:
        connection.close()
    assert [(each.line, each.maker, each.with_staff) for each in lines] == [
        ("front", "xovis", True), ("side", "xovis", True), ("walk", "xovis", True),
    ]  # fmt: skip
    state = "SELECT s.state, s.cameras -> 0 ->> 'state' FROM device_status AS s JOIN device USING (device_id)"
    assert one(house.url, state) == ("online", "down")  # it was added an hour ago and never heard
    house.push(counter, xovis_push((house.now - QUARTER, 1, 1)))
    house.carry()
    assert one(house.url, state) == ("online", "up")
    house.now += timedelta(hours=1)
    house.carry()
    assert one(house.url, state) == ("online", "down")


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_pushes_in_any_order_and_again_leave_the_same_ledger(house: CounterHouse, seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311  # an order, no secret
    xovis, onvif = registered(house.url, "xovis", "2=front"), registered(house.url, "onvif", "In=side:in")
    quarters = [(NOON - number * QUARTER, rng.randrange(9), rng.randrange(9)) for number in range(12)]
    totals = [(NOON - number * 7 * MINUTE, rng.randrange(40)) for number in range(12)]
    pushes: list[tuple[str, bytes]] = [("xovis", xovis_push(*rng.sample(quarters, 3))) for _ in range(8)]
    pushes += [("xovis", xovis_push(each)) for each in quarters]
    pushes += [("onvif", onvif_event(total, at=at)) for at, total in totals] * 2
    rng.shuffle(pushes)
    for maker, body in pushes:
        if maker == "xovis":
            house.push(xovis, body)
        else:
            house.publish(onvif, body, onvif_path())
        if rng.random() < 0.2:
            house.carry()
    found = house.traffic()
    assert {(at, ins, outs) for line, at, ins, outs in found if line == "front"} == {
        each for each in quarters if each[1] or each[2]
    }
    readings = [total for _, total in sorted(totals)]
    steps = sum(b - a if b >= a else b for a, b in pairwise(readings))
    assert sum(ins for line, _, ins, _ in found if line == "side") == steps
    assert verify(house.database).complete
