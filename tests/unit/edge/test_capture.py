"""The capture: newest frame wins, what breaks is reopened, and time without frames is booked as such."""

import itertools
import logging
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from edge.errors import SourceError
from edge.frames import Frame
from edge.sources.capture import HANGING_MAX, Capture, CaptureRules
from edge.sources.reading import Reading
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


def test_a_source_that_falls_silent_is_opened_anew_while_its_reader_still_hangs() -> None:
    hold = threading.Event()
    silent = ScriptedSource([frame(0), frame(1)], hold=hold)
    again = ScriptedSource([frame(0)], hold=hold)
    rules = CaptureRules(stale_s=0.5, retry_s=0.001, retry_max_s=0.002)
    capture = Capture("door", opener(silent, again), rules=rules)
    capture.start()
    eventually(lambda: capture._frames == 3)
    assert not silent.closed, "its thread is still in there"
    newest = capture.latest(5.0)
    assert newest is not None
    assert (newest.index, newest.discontinuity) == (2, True)
    hold.set()
    eventually(lambda: silent.closed)
    capture.stop()


def test_what_an_abandoned_reader_says_later_is_not_heard() -> None:
    hold, end = threading.Event(), threading.Event()

    class Late(ScriptedSource):
        def __iter__(self) -> Iterator[Frame]:
            yield frame(0)
            hold.wait(10)
            yield frame(1)
            raise AssertionError("nobody asks for more")

    late = Late([])
    capture = Capture("door", opener(late, ScriptedSource([frame(0)], hold=end)), rules=CaptureRules(0.3, 5, 0.001, 1))
    capture.start()
    eventually(lambda: capture._frames == 2)
    hold.set()
    eventually(lambda: late.closed)
    assert capture._frames == 2
    end.set()
    capture.stop()


def test_a_camera_that_hangs_again_and_again_leaves_only_so_many_readers() -> None:
    hold = threading.Event()
    sources = [ScriptedSource([frame(0)], hold=hold) for _ in range(3 * HANGING_MAX)]
    capture = Capture("door", opener(*sources), rules=CaptureRules(stale_s=0.05, retry_s=0.001, retry_max_s=0.002))
    capture.start()
    eventually(lambda: capture.fault == f"{HANGING_MAX} attempts to read it hang")
    assert capture._frames == HANGING_MAX
    assert not capture.up
    hold.set()
    eventually(lambda: capture._frames > HANGING_MAX)
    capture.stop()


def test_a_source_that_never_opens_is_given_up_too() -> None:
    hold, asked = threading.Event(), []

    def open_nothing() -> ScriptedSource:
        asked.append(1)
        hold.wait(10)
        raise SourceError("at last")

    capture = Capture("door", open_nothing, rules=CaptureRules(1.0, 0.1, 0.001, 0.002))
    capture.start()
    eventually(lambda: len(asked) >= 2)
    assert capture.fault is not None
    assert capture.fault.startswith("no frame for")
    hold.set()
    capture.stop()


def test_a_slow_source_is_not_taken_for_a_silent_one() -> None:
    now = [0.0]
    hold = threading.Event()
    slow = ScriptedSource([frame(0)], hold=hold)
    slow.fps = 0.1
    capture = Capture("door", opener(slow), rules=QUICK, monotonic=lambda: now[0])
    capture.start()
    eventually(lambda: capture._frames == 1)
    now[0] += 25
    assert capture._silence(reading_of(capture)) is None
    now[0] += 10
    eventually(lambda: capture.fault is not None)
    hold.set()
    capture.stop()


def reading_of(capture: Capture) -> Reading:
    assert capture._reading is not None
    return capture._reading
