"""A store is its doors: one that is down makes its figures partial and is named, one claimed twice counts once."""

from datetime import UTC, date, datetime, timedelta

import pytest

from analytics import columns as c
from analytics.days import calendar
from analytics.facts import add_up, completeness, slice_facts
from analytics.quality.findings import Finding
from analytics.visits.kpis import kpis
from analytics.visits.store_day import StoreDay, read_store_day
from tests.support.saturday import OPENS, minutes
from tests.support.store_data import (
    LONG_AGO,
    Connection,
    add_crossings,
    add_device,
    add_line,
    add_store,
    add_uptime,
)

NOW = datetime(2026, 11, 21, 6, 7, tzinfo=UTC)  # Saturday, 14:07 in Shanghai
CLOSED = datetime(2026, 11, 21, 14, 0, tzinfo=UTC)


def day_of(connection: Connection, store_id: int, *, now: datetime = NOW) -> StoreDay:
    days = calendar(connection, [store_id], first=date(2026, 11, 1), last=date(2026, 12, 5))
    day = days.latest_opened(store_id, now)
    assert day is not None
    return read_store_day(connection, days, day, now=now)


def missed(seen: StoreDay) -> list[tuple[str, str, int]]:
    """Doors that the page says were not counted: door, camera, minutes."""
    return [
        (one.subject, one.detail, round(one.number or 0)) for one in seen.findings if one.code == "door_missed"
    ]  # fmt: skip


def claim(
    connection: Connection,
    device_id: int,
    line_id: int,
    *,
    door: str | None = None,
    at: datetime = LONG_AGO,
    released_at: datetime | None = None,
) -> None:
    """Let a device say that it counts a line since `at`, and settle which lines count."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE line SET door = %s WHERE line_id = %s RETURNING store_id", (door, line_id))
        (store_id,) = cursor.fetchone() or (0,)
        cursor.execute("INSERT INTO line_claim VALUES (%s, %s, %s, %s)", (device_id, line_id, at, released_at))
        cursor.execute("SELECT settle_doors(%s)", (store_id,))


def test_with_one_of_two_cameras_down_the_store_is_partial_and_the_door_is_named(connection: Connection) -> None:
    store = add_store(connection)
    front = add_line(connection, store, "front")
    add_line(connection, store, "side", camera="side-camera")
    add_uptime(connection, store, "front", OPENS, NOW)
    add_uptime(connection, store, "side-camera", OPENS, minutes(200))
    add_crossings(connection, store, front, [minutes(5)] * 9)
    seen = day_of(connection, store)
    assert (seen.base.footfall.value, seen.base.footfall.quality) == (9, "partial")
    assert seen.base.footfall.completeness == pytest.approx(1 - 105 / 610, abs=0.01)
    assert missed(seen) == [("side", "side-camera", 105)]
    assert seen.occupancy.people.quality == "partial"


def test_with_both_cameras_up_the_store_is_measured(connection: Connection) -> None:
    store = add_store(connection)
    for door in ("front", "side"):
        add_line(connection, store, door)
        add_uptime(connection, store, door, OPENS, NOW)
    seen = day_of(connection, store)
    assert (seen.base.footfall.value, seen.base.footfall.quality) == (0, "measured")
    assert missed(seen) == []


def test_a_box_that_was_offline_all_day_makes_the_store_partial(connection: Connection) -> None:
    store = add_store(connection)
    front = add_line(connection, store, "front")
    add_line(connection, store, "side")
    add_uptime(connection, store, "front", OPENS, CLOSED)
    add_uptime(connection, store, "side", OPENS - timedelta(days=1), OPENS - timedelta(hours=12))
    add_crossings(connection, store, front, [minutes(5)] * 9)
    add_device(connection, store, "side-box", state="offline", at=OPENS - timedelta(hours=12))
    seen = day_of(connection, store, now=CLOSED)
    assert (seen.base.footfall.value, seen.base.footfall.quality) == (9, "partial")
    assert missed(seen) == [("side", "side", 720)]


def test_a_line_that_has_never_reported_makes_the_store_partial(connection: Connection) -> None:
    store = add_store(connection)
    add_line(connection, store, "front")
    add_uptime(connection, store, "front", OPENS, NOW)
    new = add_line(connection, store, "new", counts_from=None)
    box = add_device(connection, store, at=NOW)
    assert day_of(connection, store).base.footfall.quality == "measured", "nobody has said that it is there"
    claim(connection, box, new, door="back-door", at=minutes(45))
    seen = day_of(connection, store)
    assert seen.base.footfall.quality == "partial"
    assert missed(seen) == [("back-door", "new", 245)], "expected a quarter of an hour after it was named"


def test_a_line_that_its_box_no_longer_has_is_not_missed(connection: Connection) -> None:
    store = add_store(connection)
    add_line(connection, store, "front")
    add_uptime(connection, store, "front", OPENS, NOW)
    old = add_line(connection, store, "old")
    claim(connection, add_device(connection, store, at=NOW), old, released_at=OPENS - timedelta(days=1))
    seen = day_of(connection, store)
    assert seen.base.footfall.quality == "measured"
    assert missed(seen) == []


def test_one_door_of_many_that_was_down_does_not_hide_in_the_sum(connection: Connection) -> None:
    """60 doors, one of them dark all day: 98.3 % of the time was counted."""
    store = add_store(connection)
    for number in range(60):
        add_line(connection, store, f"door-{number}")
        if number:
            add_uptime(connection, store, f"door-{number}", OPENS, NOW)
    seen = day_of(connection, store)
    assert seen.base.footfall.quality == "partial"
    assert [door for door, _, _ in missed(seen)] == ["door-0"]


def test_one_day_of_many_with_a_door_down_does_not_hide_in_the_sum(connection: Connection) -> None:
    store = add_store(connection)
    line = add_line(connection, store, "front")
    days = calendar(connection, [store], first=date(2026, 9, 1), last=date(2026, 11, 20))
    slices = [days.whole(day) for day in days.of(store).values()]
    for number, each in enumerate(slices):
        if number != 40:
            add_uptime(connection, store, "front", each.from_at, each.until)
        add_crossings(connection, store, line, [each.from_at] * 3)
    facts = slice_facts(connection, slices, now=NOW)
    assert facts[c.DOORS_DOWN].sum() == 1
    total = add_up(facts)
    assert (completeness(total) or 0) > 0.97
    assert kpis(total, as_of=NOW).footfall.quality == "partial"


def test_a_door_that_two_boxes_claim_is_counted_once_and_shown(connection: Connection) -> None:
    store = add_store(connection)
    first, second = add_line(connection, store, "front"), add_line(connection, store, "entrance", camera="other")
    add_uptime(connection, store, "front", OPENS, NOW)
    boxes = [add_device(connection, store, code, at=NOW) for code in ("box-1", "box-2")]
    claim(connection, boxes[0], first)
    claim(connection, boxes[1], second, door="front", at=minutes(0))
    add_crossings(connection, store, first, [minutes(5)] * 9)
    add_crossings(connection, store, second, [minutes(5)] * 8)
    seen = day_of(connection, store)
    assert seen.base.footfall.value == 9
    assert seen.buckets[c.INS].sum() == 9
    assert seen.base.footfall.quality == "measured", "what is left out is not missed either"
    assert Finding("door_claimed_twice", "front", since=minutes(0), detail="entrance · box-2") in seen.findings


def test_of_three_boxes_that_claim_a_door_each_that_is_left_out_is_named_once_with_its_own_time(
    connection: Connection,
) -> None:
    store = add_store(connection)
    codes = ("front", "front@box-2", "front@box-3")
    lines = [add_line(connection, store, code, camera=f"camera-{number}") for number, code in enumerate(codes)]
    boxes = [add_device(connection, store, f"box-{number}", at=NOW) for number in (1, 2, 3)]
    for box, line, at in zip(boxes, lines, (LONG_AGO, minutes(1), minutes(5)), strict=True):
        claim(connection, box, line, door="front", at=at)
    found = [one for one in day_of(connection, store).findings if one.code == "door_claimed_twice"]
    assert found == [
        Finding("door_claimed_twice", "front", since=minutes(1), detail="front · box-2"),
        Finding("door_claimed_twice", "front", since=minutes(5), detail="front · box-3"),
    ]


def test_the_door_counts_on_with_the_line_that_is_left_when_the_other_is_dropped(connection: Connection) -> None:
    store = add_store(connection)
    first, second = add_line(connection, store, "front"), add_line(connection, store, "entrance", camera="other")
    boxes = [add_device(connection, store, code, at=NOW) for code in ("box-1", "box-2")]
    claim(connection, boxes[0], first, released_at=minutes(60))
    claim(connection, boxes[1], second, door="front", at=minutes(0))
    add_uptime(connection, store, "front", OPENS, minutes(60))
    add_uptime(connection, store, "other", OPENS, NOW)
    add_crossings(connection, store, first, [minutes(5)] * 9)
    add_crossings(connection, store, second, [minutes(5)] * 8)
    add_crossings(connection, store, second, [minutes(90)] * 7)
    seen = day_of(connection, store)
    assert seen.base.footfall.value == 9 + 7
    assert "door_claimed_twice" not in [one.code for one in seen.findings]


def test_two_doors_whose_entries_fall_together_are_shown_as_maybe_one(connection: Connection) -> None:
    store = add_store(connection)
    front, side, back = (add_line(connection, store, door) for door in ("front", "side", "back"))
    entries = [minutes(1.7 * number + (number * number % 11) / 10) for number in range(60)]
    add_crossings(connection, store, front, entries)
    add_crossings(connection, store, side, [at + timedelta(seconds=1.5) for at in entries[::2] + entries[1:20:2]])
    add_crossings(connection, store, back, [minutes(2.3 * number + 0.4) for number in range(50)])
    found = [one for one in day_of(connection, store).findings if one.code == "doors_overlap"]
    assert [(one.subject, one.number) for one in found] == [("front, side", 100)]
