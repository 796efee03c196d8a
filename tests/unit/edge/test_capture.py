"""The capture: newest frame wins, what breaks is reopened, and time without frames is booked as such."""

import itertools
import logging
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from edge.errors import SourceError
from edge.frames import Frame
from edge.sources.capture import Capture, CaptureRules
from tests.support.scenes import frame

QUICK = CaptureRules(stale_s=3.0, retry_s=0.001, retry_max_s=0.002)


class ScriptedSource:
    """A source that yields what it is told to, then ends or breaks."""

    size = (320, 240)
    fps: float | None = 10.0
    frame_count: int | None = None

    def __init__(
        self, frames: list[Frame], *, fault: Exception | None = None, hold: threading.Event | None = None
    ) -> None:
        self._frames, self._fault, self._hold = frames, fault, hold
        self.closed = False

    def __iter__(self) -> Iterator[Frame]:
        yield from self._frames
        if self._hold is not None:
            self._hold.wait(10)
        if self._fault is not None:
            raise self._fault

    def close(self) -> None:
        self.closed = True


def opener(*sources: ScriptedSource) -> Callable[[], ScriptedSource]:
    waiting = list(sources)

    def open_next() -> ScriptedSource:
        if not waiting:
            raise SourceError("camera unreachable")
        return waiting.pop(0)

    return open_next


def eventually(condition: Callable[[], bool], *, within_s: float = 5.0) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        threading.Event().wait(0.002)


def taken(capture: Capture, count: int) -> list[Frame]:
    frames: list[Frame] = []
    while len(frames) < count:
        newest = capture.latest(5.0)
        assert newest is not None
        frames.append(newest)
    return frames


def test_the_newest_frame_wins_and_the_others_are_counted() -> None:
    hold = threading.Event()
    capture = Capture("door", opener(ScriptedSource([frame(n) for n in range(50)], hold=hold)), rules=QUICK)
    capture.start()
    eventually(lambda: capture._frames == 50)
    newest = capture.latest(0.0)
    assert newest is not None
    assert newest.index == 49
    assert capture.latest(0.0) is None, "a frame is given once"
    seen = capture.watched()
    assert (seen.frames, seen.dropped) == (50, 49)
    hold.set()
    capture.stop()


def test_a_lossless_capture_gives_every_frame_and_then_ends() -> None:
    source = ScriptedSource([frame(n) for n in range(50)])
    capture = Capture("clip", opener(source), lossless=True)
    capture.start()
    assert [newest.index for newest in taken(capture, 50)] == list(range(50))
    assert capture.latest(5.0) is None
    assert capture.ended
    assert capture.size == (320, 240)
    capture.stop()
    assert source.closed


def test_the_log_says_that_a_camera_went_and_that_it_is_back(caplog: pytest.LogCaptureFixture) -> None:
    hold = threading.Event()
    broken = ScriptedSource([frame(0)], fault=SourceError("stream broke"))
    again = ScriptedSource([frame(0), frame(1)], hold=hold)
    capture = Capture("door", opener(broken, again), rules=QUICK)
    with caplog.at_level(logging.INFO, "edge"):
        capture.start()
        eventually(lambda: capture._frames == 3)
    told = [(record.levelname, record.getMessage()) for record in caplog.records]
    assert told == [("WARNING", "camera door down: stream broke"), ("INFO", "camera door is up again")]
    hold.set()
    capture.stop()


def test_what_breaks_is_reopened_and_the_next_frame_says_so() -> None:
    broken = ScriptedSource([frame(0), frame(1)], fault=SourceError("stream broke"))
    again = ScriptedSource([frame(0), frame(1)])
    capture = Capture("door", opener(broken, again), lossless=True, rules=QUICK)
    capture.start()
    frames = taken(capture, 4)
    assert [newest.index for newest in frames] == [0, 1, 2, 3], "numbers go on"
    assert [newest.discontinuity for newest in frames] == [False, False, True, False]
    assert all(a.time_s <= b.time_s for a, b in itertools.pairwise(frames)), "media time never falls"
    assert broken.closed
    capture.stop()


def test_a_cut_is_told_even_if_the_first_frame_after_it_was_never_taken() -> None:
    hold = threading.Event()
    broken = ScriptedSource([frame(0)], fault=SourceError("stream broke"))
    again = ScriptedSource([frame(n) for n in range(5)], hold=hold)
    capture = Capture("door", opener(broken, again), rules=QUICK)
    capture.start()
    eventually(lambda: capture._frames == 6)
    newest = capture.latest(0.0)
    assert newest is not None
    assert (newest.index, newest.discontinuity) == (5, True)
    hold.set()
    capture.stop()


def test_an_unreachable_camera_is_down_and_says_why() -> None:
    capture = Capture("door", opener(), rules=QUICK)
    capture.start()
    eventually(lambda: capture.fault is not None)
    assert capture.fault == "camera unreachable"
    assert not capture.up
    assert capture.latest(0.0) is None
    assert capture.watched().up_s == 0
    capture.stop()


def test_an_unforeseen_fault_does_not_end_the_capture(caplog: pytest.LogCaptureFixture) -> None:
    broken = ScriptedSource([frame(0)], fault=ZeroDivisionError("who would have thought"))
    capture = Capture("door", opener(broken, ScriptedSource([frame(0)])), lossless=True, rules=QUICK)
    capture.start()
    assert len(taken(capture, 2)) == 2
    assert "who would have thought" in caplog.text
    capture.stop()


def test_time_without_frames_is_booked_as_such() -> None:
    now = [100.0]
    hold = threading.Event()
    capture = Capture("door", opener(ScriptedSource([frame(0)], hold=hold)), rules=QUICK, monotonic=lambda: now[0])
    capture.start()
    eventually(lambda: capture._frames == 1)
    now[0] += 2
    assert capture.up
    first = capture.watched()
    assert (first.period_s, first.up_s) == (2, 2)
    now[0] += 60
    assert not capture.up
    second = capture.watched()
    assert (second.period_s, second.up_s, second.frames, second.fps) == (60, 0, 0, 0)
    hold.set()
    capture.stop()


def test_stopping_does_not_wait_for_someone_to_take_a_frame() -> None:
    capture = Capture("clip", opener(ScriptedSource([frame(n) for n in range(50)])), lossless=True)
    capture.start()
    taken(capture, 1)
    capture.stop()
    assert not capture._thread.is_alive()
