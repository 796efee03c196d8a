"""A clock that wakes in 1970: what was counted before it is set gets the date that it had."""

from datetime import UTC, datetime, timedelta

import pytest

from contract.entries import Crossing, Entry, Flow, Loss
from edge import dating
from edge.dating import Dating
from edge.recording import Recorder
from tests.support.clocks import ManualClock
from tests.support.entries import NOON
from tests.support.memory_outbox import MemoryOutbox

WOKE = datetime(1970, 1, 1, 0, 0, 10, tzinfo=UTC)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(wall=WOKE)


def counted(clock: ManualClock) -> list[Entry]:
    return [Crossing(at=clock.now(), line="door", direction="in")]


def at(*moments: datetime) -> list[Entry]:
    return [Crossing(at=moment, line="door", direction="in") for moment in moments]


def test_with_a_clock_that_is_right_nothing_waits() -> None:
    clock = ManualClock()
    dated = Dating(clock)
    assert dated.dated(counted(clock)) == at(NOON)
    clock.wall -= timedelta(hours=1)
    assert dated.dated(counted(clock)) == at(NOON - timedelta(hours=1)), "an hour back is the clock's word"


def test_entries_from_before_the_clock_was_set_get_the_moment_that_they_had(clock: ManualClock) -> None:
    dated = Dating(clock)
    assert dated.dated(counted(clock)) == []
    clock.advance(90)
    assert dated.dated(counted(clock)) == []
    clock.advance(30)
    clock.wall = NOON
    assert dated.dated(counted(clock)) == at(NOON - timedelta(seconds=120), NOON - timedelta(seconds=30), NOON)
    clock.advance(1)
    assert dated.dated(counted(clock)) == at(NOON + timedelta(seconds=1))


def test_a_frame_captured_before_and_counted_after_is_dated_anew_too(clock: ManualClock) -> None:
    dated = Dating(clock)
    dated.dated([])
    late = counted(clock)
    clock.advance(0.5)
    clock.wall = NOON
    assert dated.dated(late) == at(NOON - timedelta(seconds=0.5))


def test_a_clock_that_jumps_within_1970_keeps_the_distances(clock: ManualClock) -> None:
    dated = Dating(clock)
    dated.dated(counted(clock))
    clock.wall += timedelta(days=3)
    clock.advance(60)
    dated.dated(counted(clock))
    clock.wall = NOON
    assert dated.dated([]) == at(NOON - timedelta(seconds=60), NOON)


def test_a_sum_of_a_quarter_hour_stays_one(clock: ManualClock) -> None:
    dated = Dating(clock)
    dated.dated([Flow(at=datetime(1970, 1, 1, tzinfo=UTC), from_zone=None, to_zone="table", people=3)])
    clock.wall = NOON + timedelta(minutes=20)
    assert dated.dated([]) == [Flow(at=NOON + timedelta(minutes=15), from_zone=None, to_zone="table", people=3)]


def test_memory_stays_bounded_while_nobody_sets_the_clock(clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dating, "HELD_MAX", 5)
    dated = Dating(clock)
    for _ in range(9):
        dated.dated(counted(clock))
        clock.advance(10)
    clock.wall = NOON
    loss, *kept = dated.dated([])
    assert isinstance(loss, Loss)
    assert (loss.reason, loss.entries, len(kept)) == ("backlog", 5, 4)
    assert loss.at == NOON - timedelta(seconds=90)
    assert kept[-1] == at(NOON - timedelta(seconds=10))[0]


def test_a_recorder_writes_nothing_before_the_clock_is_set_and_everything_after(clock: ManualClock) -> None:
    outbox = MemoryOutbox()
    recorder = Recorder(outbox, clock=clock)
    recorder.record(counted(clock))
    assert outbox.last_seq == 0
    clock.advance(5)
    clock.wall = NOON
    recorder.record([])
    run = outbox.pending()
    assert run is not None
    assert run.entries == at(NOON - timedelta(seconds=5))
