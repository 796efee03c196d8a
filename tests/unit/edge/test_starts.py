"""A box knows by itself that its agent crashes again and again."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from contract.messages import Crashes
from edge.doctor.machine import starts_check
from edge.errors import StuckError
from edge.starts import Starts
from tests.support.clocks import ManualClock


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def outbox(tmp_path: Path) -> Path:
    return tmp_path / "box" / "outbox.sqlite"


def stopped(outbox: Path, clock: ManualClock) -> None:
    with Starts(outbox, clock).running():
        pass


def now_running(outbox: Path, clock: ManualClock) -> Starts:
    starts = Starts(outbox, clock)
    starts.begin()
    return starts


#: A run that leaves no word, as with kill -9.
killed = now_running


def test_the_third_start_without_a_stop_is_told_and_ten_quiet_minutes_later_the_loop_is_over(
    outbox: Path, clock: ManualClock
) -> None:
    for _ in range(2):
        killed(outbox, clock)
        clock.advance(60)
    third = now_running(outbox, clock)
    assert third.crashes() is None, "two power cuts are no loop"
    clock.advance(60)
    fourth = now_running(outbox, clock)
    assert fourth.crashes() == Crashes(ten_minutes=3, day=3)
    clock.advance(540)
    assert fourth.crashes() == Crashes(ten_minutes=2, day=3)
    clock.advance(86_400)
    assert fourth.crashes() is None


def test_a_box_that_is_stopped_often_does_not_crash(outbox: Path, clock: ManualClock) -> None:
    for _ in range(10):
        stopped(outbox, clock)
    starts = now_running(outbox, clock)
    assert starts.crashes() is None
    assert starts.last_crash() is None


def test_a_fault_is_kept_with_our_own_words_and_never_with_those_of_a_library(outbox: Path, clock: ManualClock) -> None:
    with pytest.raises(StuckError), Starts(outbox, clock).running():
        raise StuckError("camera door: its thread has not come round for 130 s")
    assert Starts(outbox, clock).path.read_text(encoding="utf-8").count("not come round") == 1
    with pytest.raises(RuntimeError), Starts(outbox, clock).running():
        raise RuntimeError("rtsp://user:hunter2@10.0.0.20 failed")
    starts = now_running(outbox, clock)
    assert starts.last_crash() == "RuntimeError"
    assert "hunter2" not in starts.path.read_text(encoding="utf-8")


def test_the_file_stays_small_and_a_broken_one_is_begun_anew(outbox: Path, clock: ManualClock) -> None:
    for _ in range(150):
        killed(outbox, clock)
    path = Starts(outbox, clock).path
    assert len(json.loads(path.read_text(encoding="utf-8"))) == 100
    assert len(path.read_bytes()) < 10_000
    for broken in ("", "[", '{"at": 1}', '[{"at": "yesterday", "end": ""}]', '[{"at": null}]', "[7]"):
        path.write_text(broken, encoding="utf-8")
        assert Starts(outbox, clock).crashes() is None
        stopped(outbox, clock)
        assert len(json.loads(path.read_text(encoding="utf-8"))) == 1


def test_a_folder_that_cannot_be_written_keeps_nobody_from_counting(tmp_path: Path, clock: ManualClock) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with Starts(tmp_path / "file" / "outbox.sqlite", clock).running():
        pass


def test_a_clock_that_was_set_meanwhile_hides_no_loop_that_goes_on(outbox: Path) -> None:
    clock = ManualClock(datetime(1970, 1, 1, 0, 0, 30, tzinfo=UTC))
    for _ in range(5):
        killed(outbox, clock)
    clock.wall = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
    for _ in range(4):
        killed(outbox, clock)
        clock.wall += timedelta(seconds=30)
    assert now_running(outbox, clock).crashes() == Crashes(ten_minutes=5, day=5)


def test_the_doctor_says_how_often_and_how_it_ended(outbox: Path, clock: ManualClock) -> None:
    assert starts_check(Starts(outbox, clock)).grade == "good"
    for _ in range(4):
        with pytest.raises(StuckError), Starts(outbox, clock).running():
            raise StuckError("camera door hangs")
    check = starts_check(now_running(outbox, clock))
    assert check.grade == "error"
    assert "4 of them within ten minutes. The last one: camera door hangs" in check.message
    clock.advance(3_600)
    assert starts_check(Starts(outbox, clock)).grade == "warning"
