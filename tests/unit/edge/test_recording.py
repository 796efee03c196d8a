from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from contract.entries import (
    CameraUptime,
    Crossing,
    Entry,
    LineLoss,
    Loss,
    Occupancy,
    QueueExit,
    QueueSample,
    Register,
    ZoneVisit,
)
from edge.config import CameraConfig, LineConfig, ZoneConfig
from edge.errors import OutboxError
from edge.events import Event, LineCrossed, Moved, QueueLeft, ZoneLeft
from edge.frames import Frame
from edge.publishing.outbox import LineTotal
from edge.recording import BACKLOG_MAX, Recorder, entries_of, registers, samples, uptimes
from tests.support.entries import NOON, crossings
from tests.support.memory_outbox import MemoryOutbox

CAMERA = CameraConfig(
    name="door",
    source="clip.mp4",
    lines=(LineConfig(name="front-door", points=((0, 0), (0, 9))), LineConfig(name="side", points=((5, 0), (5, 9)))),
    zones=(
        ZoneConfig(name="table", polygon=((0, 0), (5, 0), (5, 5))),
        ZoneConfig(name="till", polygon=((0, 0), (5, 0), (5, 5)), role="queue"),
    ),
)


def frame(*, time_s: float = 10.0, captured_at: datetime = NOON, index: int = 100) -> Frame:
    return Frame(np.zeros((10, 10, 3), np.uint8), index, time_s, captured_at)


def test_a_crossing_is_dated_by_the_newest_frame_less_the_media_time_since() -> None:
    events = [LineCrossed(line="front-door", direction="in", frame=99, at_s=9.75)]
    assert entries_of(events, frame()) == [
        Crossing(at=NOON - timedelta(seconds=0.25), line="front-door", direction="in")
    ]


def test_a_zone_stay_leaves_as_a_duration() -> None:
    left = ZoneLeft(zone="table", enter_frame=1, exit_frame=90, dwell_s=8.90049, at_s=9.0, censored=True)
    assert entries_of([left], frame()) == [
        ZoneVisit(at=NOON - timedelta(seconds=1), zone="table", dwell_s=8.9, censored=True)
    ]


def test_a_wait_leaves_with_its_outcome_and_a_step_not_at_all() -> None:
    events: list[Event] = [
        QueueLeft("till", 1, 90, 88.12345, 9.0, "served", staff=False),
        QueueLeft("till", 1, 90, 8.0, 9.0, "abandoned"),
        QueueLeft("till", 1, 90, 600.0, 9.0, "served", staff=True),
        Moved(None, "till", 9.0),
    ]
    at = NOON - timedelta(seconds=1)
    assert entries_of(events, frame()) == [
        QueueExit(at=at, zone="till", wait_s=88.123, outcome="served"),
        QueueExit(at=at, zone="till", wait_s=8.0, outcome="abandoned"),
        ZoneVisit(at=at, zone="till", dwell_s=600.0, staff=True),
    ]


def test_every_line_has_a_register_even_if_nobody_crossed_it() -> None:
    assert registers(CAMERA, {"front-door": LineTotal(3, 2)}, NOON) == [
        Register(at=NOON, line="front-door", in_total=3, out_total=2),
        Register(at=NOON, line="side", in_total=0, out_total=0),
    ]


def test_queues_and_other_zones_are_sampled_apart_and_unwatched_ones_not_at_all() -> None:
    people = {"table": 2, "till": 4}
    assert samples(CAMERA, people, NOON, queues=True) == [QueueSample(at=NOON, zone="till", length=4)]
    assert samples(CAMERA, people, NOON, queues=False) == [Occupancy(at=NOON, zone="table", people=2)]
    assert samples(CAMERA, {}, NOON, queues=False) == []


@pytest.mark.parametrize(
    ("start_s", "end_s", "up_s", "expected"),
    [
        (0, 60, 60.0, [(0, 60.0, 60.0)]),
        (0, 60, 60.2, [(0, 60.0, 60.0)]),
        (0, 60, -0.1, [(0, 60.0, 0.0)]),
        (42.5, 60, 8.75, [(42.5, 17.5, 8.75)]),
        (30, 90, 60.0, [(30, 30.0, 30.0), (60, 30.0, 30.0)]),
        (0, 120, 60.0, [(0, 60.0, 30.0), (60, 60.0, 30.0)]),
        (5, 5, 1.0, []),
    ],
)
def test_uptime_is_booked_by_the_wall_clock_minute(
    start_s: float, end_s: float, up_s: float, expected: list[tuple[float, float, float]]
) -> None:
    start, end = NOON + timedelta(seconds=start_s), NOON + timedelta(seconds=end_s)
    assert uptimes("door", start, end, up_s) == [
        CameraUptime(at=NOON + timedelta(seconds=at_s), camera="door", period_s=period_s, up_s=up)
        for at_s, period_s, up in expected
    ]


def test_a_box_that_slept_for_a_week_books_one_hour() -> None:
    entries = uptimes("door", NOON, NOON + timedelta(days=7), 30.0)
    assert len(entries) == 60
    assert entries[-1].at == datetime(2026, 11, 28, 11, 59, tzinfo=UTC)


class RefusingOutbox(MemoryOutbox):
    """A disk that is full until told otherwise."""

    full = True

    def append(self, entries: Sequence[Entry]) -> range:
        if self.full:
            raise OutboxError("disk full")
        return super().append(entries)


def test_what_a_full_disk_refuses_waits_in_memory_in_order(caplog: pytest.LogCaptureFixture) -> None:
    outbox = RefusingOutbox()
    told = []
    recorder = Recorder(outbox, lambda: told.append(1))
    entries = crossings(5)
    recorder.record(entries[:2])
    recorder.record(entries[2:4])
    assert "4 entries wait in memory" in caplog.text
    assert told == []
    outbox.full = False
    recorder.record(entries[4:])
    run = outbox.pending()
    assert run is not None
    assert run.entries == entries
    assert told == [1]


def test_memory_stays_bounded_while_a_disk_refuses_and_the_ledger_says_what_was_lost(
    caplog: pytest.LogCaptureFixture,
) -> None:
    outbox = RefusingOutbox()
    recorder = Recorder(outbox)
    recorder.record(crossings(BACKLOG_MAX))
    recorder.record(crossings(3))
    recorder.record(crossings(2, direction="out"))
    assert "3 entries lost" in caplog.text
    outbox.full = False
    recorder.record([])
    assert outbox.last_seq == BACKLOG_MAX + 1
    run = outbox.pending()
    assert run is not None
    assert run.entries[0] == Loss(
        at=NOON,
        until=NOON + timedelta(seconds=4),
        reason="backlog",
        entries=5,
        lines=[LineLoss("front-door", 5, 0)],
    )
    recorder.record(crossings(1))
    assert outbox.last_seq == BACKLOG_MAX + 2, "a loss is told once"


def test_a_clock_that_is_set_from_1970_books_an_hour_of_uptime_and_not_half_a_century() -> None:
    entries = uptimes("door", datetime(1970, 1, 1, 0, 5, tzinfo=UTC), NOON, 60.0)
    assert len(entries) == 60
    assert entries[-1] == CameraUptime(at=NOON - timedelta(minutes=1), camera="door", period_s=60, up_s=0)


def test_minutes_and_quarters_are_of_the_utc_clock_whatever_the_summer_time() -> None:
    change = datetime(2026, 10, 25, 0, 59, 30, tzinfo=UTC)  # 02:59:30 in Berlin, for the first time
    entries = uptimes("door", change, change + timedelta(minutes=2), 120.0)
    assert [entry.at.minute for entry in entries if isinstance(entry, CameraUptime)] == [59, 0, 1]
    assert sum(entry.up_s for entry in entries if isinstance(entry, CameraUptime)) == 120
