"""The shadow: it sees what the cameras' threads hand over, never makes them wait, and throws away what it missed."""

import threading
import time

import numpy as np
import pytest

from edge.config import CameraConfig, LineConfig
from edge.detections import Detections
from edge.errors import DetectorError
from edge.events import Event, LineCrossed
from edge.frames import Image, Picture
from edge.shadow.shadow import Pace, Shadow, Shadowing
from tests.support.clocks import wait_until
from tests.support.scenes import detections, frame

CAMERA = CameraConfig(
    name="door", source="usb:0", motion_gate=False, whole_picture=True,
    lines=(LineConfig(name="front-door", points=((160, 0), (160, 240)), groups=False),),
)  # fmt: skip
#: Somebody walks from left to right in 40 frames, at the frame's own number.
WALK = np.linspace(60, 280, 40)
QUICK = Pace(window_s=8, warm_s=0.5, settle_s=1, share=1.0, silent_s=0.5, frames=500)


class Walker:
    """Finds one person who walks through the picture again and again."""

    name, confidence = "walker", 0.4

    def __init__(self, *, blind: bool = False, hold: threading.Event | None = None) -> None:
        self._seen = 0
        self._blind = blind
        self._hold = hold

    def detect(self, seen: Picture | Image) -> Detections:
        del seen
        if self._hold is not None:
            self._hold.wait(10)
        step = self._seen % len(WALK)
        self._seen += 1
        return detections([] if self._blind else [(float(WALK[step]), 200.0)])

    def reset(self) -> None:
        pass


def film(shadow: Shadow, frames: int = 120) -> None:
    """What the camera's thread does: at frame 20 of each walk the old model counts who crosses."""
    for number in range(frames):
        events: list[Event] = [LineCrossed("front-door", "out", number, number / 10)] if number % 40 == 20 else []
        shadow.offer("door", frame(number), events)


def watched(shadow: Shadow) -> None:
    wait_until(lambda: shadow._window is not None, what="the camera is watched")


def test_the_same_frames_give_the_same_counts() -> None:
    shadow = Shadow([CAMERA], lambda _: Walker(), pace=QUICK)
    shadow.start()
    watched(shadow)
    film(shadow)
    wait_until(lambda: shadow.watched_s == 8, what="a window is compared")
    shadow.stop()
    (line,) = shadow.report()
    assert (line.old_out, line.new_out, line.matched_out) == (2, 2, 2)
    assert shadow.difference == 0
    assert shadow.fault is None


def test_a_model_that_sees_nobody_differs_by_all_of_them() -> None:
    shadow = Shadow([CAMERA], lambda _: Walker(blind=True), pace=QUICK)
    shadow.start()
    watched(shadow)
    film(shadow)
    wait_until(lambda: shadow.watched_s == 8, what="a window is compared")
    shadow.stop()
    assert (shadow.crossings, shadow.difference) == (2, 1.0)


def test_one_that_does_not_keep_up_makes_nobody_wait_and_its_window_is_thrown_away() -> None:
    hold = threading.Event()
    shadow = Shadow([CAMERA], lambda _: Walker(hold=hold), pace=Pace(share=1.0, window_s=8, frames=10))
    shadow.start()
    watched(shadow)
    began_s = time.monotonic()
    film(shadow)
    assert time.monotonic() - began_s < 1.0
    hold.set()
    wait_until(lambda: shadow.overruns >= 1, what="the window is thrown away")
    shadow.stop()
    assert shadow.watched_s == 0


def test_a_cut_in_the_film_or_a_camera_that_falls_silent_compares_nothing() -> None:
    shadow = Shadow([CAMERA], lambda _: Walker(), pace=QUICK)
    shadow.start()
    watched(shadow)
    first = shadow._window
    for number in range(50):
        shadow.offer("door", frame(number, discontinuity=number == 30), [])
    wait_until(lambda: shadow._window is not first, what="the window ended at the cut")
    second = shadow._window
    wait_until(lambda: shadow._window not in (None, second), what="the next one ended in silence")
    shadow.stop()
    assert shadow.watched_s == 0
    assert shadow.overruns == 0


@pytest.mark.parametrize("error", [DetectorError("no such model"), RuntimeError("a library's own")])
def test_a_model_that_cannot_be_used_says_why(error: Exception) -> None:
    def broken(_camera: CameraConfig) -> Walker:
        raise error

    shadow = Shadow([CAMERA], broken, pace=QUICK)
    shadow.start()
    wait_until(lambda: shadow.fault is not None, what="it says so")
    shadow.stop()
    assert str(error) in str(shadow.fault)


def test_frames_of_other_cameras_and_without_any_shadow_are_nobodys_business() -> None:
    shadowing = Shadowing()
    shadowing.heed("door", frame(), [])
    shadowing.shadow = Shadow([CAMERA], lambda _: Walker(), pace=QUICK)
    shadowing.heed("door", frame(), [])
    shadowing.shadow.start()
    watched(shadowing.shadow)
    shadowing.heed("till", frame(), [])
    window = shadowing.shadow._window
    assert window is not None
    assert window.seen.empty()
    shadowing.shadow.stop()
