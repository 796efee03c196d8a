"""Anomalies as the database answers them, and as a store's findings say them."""

from datetime import UTC, date, datetime, timedelta

import pytest

from analytics.days import calendar
from analytics.quality.anomalies import read_shifts, read_silent, read_stale
from analytics.quality.findings import counting_findings
from analytics.quality.trust import read_trust, trust_findings
from tests.support.store_data import (
    Connection,
    add_crossings,
    add_device,
    add_line,
    add_store,
    add_uptime,
    copy,
)

#: Saturday, 14:00 in Shanghai, where the doors opened at 9.
NOW = datetime(2026, 11, 21, 6, tzinfo=UTC)
OPENS = datetime(2026, 11, 21, 1, tzinfo=UTC)


@pytest.fixture
def store(connection: Connection) -> int:
    return add_store(connection)


def saturdays(
    connection: Connection, store: int, line: int, *, per_hour: int, door: str = "door", dark: tuple[int, ...] = ()
) -> None:
    """Four Saturdays of so many an hour before today; so many weeks ago its camera was `dark`, and nobody counted."""
    for week in range(1, 5):
        opened = OPENS - timedelta(weeks=week)
        if week in dark:
            continue
        add_uptime(connection, store, door, opened, opened + timedelta(hours=6))
        add_crossings(connection, store, line, [opened + timedelta(hours=n / per_hour) for n in range(6 * per_hour)])


def silent_doors(connection: Connection, store: int) -> list[tuple[str, datetime]]:
    return [(one.door, one.since) for one in read_silent(connection, store, from_at=OPENS, until=NOW)]


def test_a_door_that_nobody_has_crossed_for_long_is_silent(connection: Connection, store: int) -> None:
    line = add_line(connection, store)
    saturdays(connection, store, line, per_hour=20)
    add_uptime(connection, store, "door", OPENS, NOW)
    add_crossings(connection, store, line, [OPENS + timedelta(minutes=n) for n in range(0, 130, 3)])
    noon = OPENS + timedelta(hours=2, minutes=15)
    assert silent_doors(connection, store) == [("door", noon)]
    found = counting_findings(connection, store, from_at=OPENS, until=NOW, now=NOW)
    said = next(one for one in found if one.code == "door_silent")
    assert (said.subject, said.since, said.number, said.severity) == ("door", noon, 55, "act")


def test_a_quiet_door_a_dark_camera_and_a_young_day_are_not_silent(connection: Connection, store: int) -> None:
    line, dark = add_line(connection, store), add_line(connection, store, "side")
    saturdays(connection, store, line, per_hour=1)
    saturdays(connection, store, dark, per_hour=20, door="side")
    add_uptime(connection, store, "door", OPENS, NOW)
    add_uptime(connection, store, "side", OPENS, NOW, up=0.5)
    assert silent_doors(connection, store) == []
    assert read_silent(connection, store, from_at=NOW - timedelta(minutes=40), until=NOW) == []


def test_a_week_in_which_the_camera_was_down_says_nothing_of_how_many_come(connection: Connection, store: int) -> None:
    line, side = add_line(connection, store), add_line(connection, store, "side")
    saturdays(connection, store, line, per_hour=20, dark=(2,))
    saturdays(connection, store, side, per_hour=20, door="side", dark=(1, 3))
    add_uptime(connection, store, "door", OPENS, NOW)
    add_uptime(connection, store, "side", OPENS, NOW)
    (span,) = read_silent(connection, store, from_at=OPENS, until=NOW)
    assert (span.door, span.past) == ("door", (100, 100, 100)), "of the side door two weeks are too few"


def test_the_weeks_before_are_read_by_the_wall_clock(connection: Connection) -> None:
    """New York put its clocks back on 1 November: on the Saturdays before, 9:00 was an hour earlier."""
    store = add_store(connection, timezone="America/New_York", currency="USD", hours=(9 * 60, 21 * 60))
    line = add_line(connection, store)
    opens = datetime(2026, 11, 7, 14, tzinfo=UTC)
    for week in range(1, 5):
        earlier = opens - timedelta(weeks=week, hours=1)
        add_crossings(connection, store, line, [earlier + timedelta(minutes=5 * n) for n in range(12)])
        add_uptime(connection, store, "door", earlier, earlier + timedelta(hours=1))
    add_uptime(connection, store, "door", opens, opens + timedelta(hours=1))
    (span,) = read_silent(connection, store, from_at=opens, until=opens + timedelta(hours=1))
    assert span.past == (12, 12, 12, 12)


def test_minutes_that_stopped_coming_are_stale_while_the_box_talks(connection: Connection, store: int) -> None:
    add_line(connection, store)
    add_device(connection, store, at=NOW - timedelta(seconds=20), cameras=[("door", "up")])
    add_uptime(connection, store, "door", OPENS, NOW - timedelta(minutes=31))
    ended = NOW - timedelta(minutes=31)
    assert read_stale(connection, store, from_at=OPENS, now=NOW) == [("door", ended)]
    codes = [one.code for one in counting_findings(connection, store, from_at=OPENS, until=NOW, now=NOW)]
    assert "counts_stale" in codes
    closed = counting_findings(connection, store, from_at=OPENS, until=NOW, now=NOW + timedelta(hours=1))
    assert "counts_stale" not in [one.code for one in closed]


def test_ten_minutes_are_not_yet_stale_nor_is_a_box_that_is_silent_itself(connection: Connection, store: int) -> None:
    add_line(connection, store)
    add_device(connection, store, at=NOW - timedelta(minutes=40), cameras=[("door", "up")])
    add_uptime(connection, store, "door", OPENS, NOW - timedelta(minutes=31))
    assert read_stale(connection, store, from_at=OPENS, now=NOW) == [], "that box is offline: said elsewhere"
    fresh = add_store(connection, "xidan")
    add_line(connection, fresh)
    add_device(connection, fresh, at=NOW, cameras=[("door", "up")])
    add_uptime(connection, fresh, "door", OPENS, NOW - timedelta(minutes=9))
    assert read_stale(connection, fresh, from_at=OPENS, now=NOW) == []


def days_of_a_door(connection: Connection, store: int, line: int, *, fallen: int) -> None:
    """Sixty whole days of 120 entries and a few, the last `fallen` of them half as many."""
    rows = []
    for back in range(60, 0, -1):
        opens = OPENS - timedelta(days=back)
        add_uptime(connection, store, "door", opens, opens + timedelta(hours=12))
        count = (120 + back * 7 % 11) // (2 if back <= fallen else 1)
        rows += [(opens + n * timedelta(minutes=5), store, line, True, False, None) for n in range(count)]
    copy(connection, "crossing (at, store_id, line_id, inward, staff, group_size)", rows)


def test_a_door_that_counts_half_for_four_days_is_a_finding_of_trust(connection: Connection, store: int) -> None:
    line = add_line(connection, store)
    days_of_a_door(connection, store, line, fallen=4)
    ((door, shift),) = read_shifts(connection, store, now=NOW)
    assert (door, shift.since) == ("door", date(2026, 11, 17))
    assert shift.factor == pytest.approx(0.5, abs=0.05)
    days = calendar(connection, [store], first=date(2026, 11, 10), last=date(2026, 11, 30))
    said = next(one for one in trust_findings(read_trust(connection, days, store, now=NOW)) if one.code == "level_fell")
    assert said.subject == "door"
    assert said.number == pytest.approx(50, abs=5)


def test_a_door_as_ever_has_no_shift(connection: Connection, store: int) -> None:
    line = add_line(connection, store)
    days_of_a_door(connection, store, line, fallen=0)
    assert read_shifts(connection, store, now=NOW) == []
