"""A procession: people who cross a camera's line one after another, of whom everything is known beforehand.

    0      LINE_X      160
    ┌────────┊─────────┐     person n walks from left to right or from right to left, which of the two
    │  █ ►   ┊         │     `direction_of` says; nobody else is in the picture, and between two people
    └────────┊─────────┘     it is empty for longer than a tracker remembers anyone

Who has crossed so far can be read from the outbox's totals, so a procession waits for its agent: killed in the middle
of person n, it begins again with person n. Its truth does not depend on when or how often that happens.
"""

import hashlib
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final

import numpy as np

from contract.types import Direction
from edge.config import CameraConfig, LineConfig
from edge.detections import Detections
from edge.frames import ArrayPicture, Frame, Image, Picture

SIZE: Final = (160, 120)
_LINE_X: Final = 80
#: Steps of one walk and the empty pictures after it, each so long in media time.
_STEPS, _STEP_S = 10, 0.1
_PAUSES, _PAUSE_S = 2, 1.25
FRAMES_PER_PERSON: Final = _STEPS + _PAUSES
SECONDS_PER_PERSON: Final = _STEPS * _STEP_S + _PAUSES * _PAUSE_S
_FIRST_X, _STEP_PX = 16, 14
_WIDTH_PX, _HEIGHT_PX = 24, 40


def camera_of(name: str) -> CameraConfig:
    """Return a camera that watches a procession: each crossing is written down as soon as it is sure."""
    line = LineConfig(name=name, points=((_LINE_X, SIZE[1] - 1), (_LINE_X, 0)), groups=False)
    return CameraConfig(name=name, source=f"procession/{name}", motion_gate=False, lines=(line,))


def direction_of(camera: str, number: int) -> Direction:
    """Return which way person `number` (from 1) of `camera` walks: always the same, in no pattern."""
    return "in" if hashlib.blake2b(f"{camera}/{number}".encode()).digest()[0] % 2 else "out"


def truth(camera: str, people: int) -> tuple[int, int]:
    """Return how many of the first `people` walk in and out."""
    ins = sum(direction_of(camera, number) == "in" for number in range(1, people + 1))
    return ins, people - ins


class Procession:
    """A source of `camera`, from person `first` on until `last()` has crossed; None from it: for ever.

    A frame each `frame_s` seconds of real time; 0 gives them as fast as they are taken.
    """

    size = SIZE
    fps = None
    frame_count = None

    def __init__(
        self,
        camera: str,
        *,
        first: int,
        last: Callable[[], int | None],
        clock: Callable[[], datetime],
        frame_s: float = 0.0,
    ) -> None:
        self._camera = camera
        self._first = first
        self._last = last
        self._clock = clock
        self._frame_s = frame_s
        self._closed = threading.Event()

    def __iter__(self) -> Iterator[Frame]:
        index, time_s, number = 0, 0.0, self._first
        while (last := self._last()) is None or number <= last:
            for image, step_s in _walk(direction_of(self._camera, number)):
                if self._closed.wait(self._frame_s):
                    return
                index, time_s = index + 1, time_s + step_s
                yield Frame(ArrayPicture(image), index, time_s, self._clock())
            number += 1

    def close(self) -> None:
        self._closed.set()


class WalkerDetector:
    """Finds the one bright figure of a procession's picture, exactly."""

    name = "procession"
    confidence = 0.5

    def detect(self, seen: Picture | Image) -> Detections:
        image = seen if isinstance(seen, np.ndarray) else seen.image
        rows, columns = np.nonzero(image[:, :, 0])
        if not len(rows):
            return Detections.empty()
        box = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
        return Detections(np.array([box], np.float32), np.array([0.9], np.float32))

    def reset(self) -> None:
        return


def started_at(totals_in: int, totals_out: int) -> int:
    """Return which person comes next where a line has counted so many."""
    return totals_in + totals_out + 1


def _walk(direction: Direction) -> Iterator[tuple[Image, float]]:
    steps = range(_STEPS) if direction == "in" else reversed(range(_STEPS))
    for step in steps:
        image = np.zeros((SIZE[1], SIZE[0], 3), np.uint8)
        left = _FIRST_X + step * _STEP_PX - _WIDTH_PX // 2
        image[40 : 40 + _HEIGHT_PX, left : left + _WIDTH_PX] = 255
        yield image, _STEP_S
    for _ in range(_PAUSES):
        yield np.zeros((SIZE[1], SIZE[0], 3), np.uint8), _PAUSE_S
