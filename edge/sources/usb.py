"""Cameras on the box itself (V4L2 and its like), through OpenCV."""

from collections.abc import Iterator

import cv2
import numpy as np

from edge.errors import SourceError
from edge.frames import Frame
from edge.sources.protocol import Clock
from edge.sources.sampling import Sampler


class UsbSource:
    """The camera with a number. Frames are stamped on arrival."""

    def __init__(self, number: int, *, clock: Clock, fps: float | None = None) -> None:
        """Open camera `number`, counted from 0.

        Raises:
            SourceError: there is none, or it is in use.
        """
        self._shown = f"usb:{number}"
        self._capture = cv2.VideoCapture(number)
        if not self._capture.isOpened():
            self._capture.release()
            raise SourceError(f"{self._shown}: cannot be opened. Is it plugged in, and not in use by another program?")
        self._clock = clock
        self._sampler = Sampler(fps)
        sides = (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT)
        self._size = (int(self._capture.get(sides[0])), int(self._capture.get(sides[1])))
        self._fps = self._capture.get(cv2.CAP_PROP_FPS) or None

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self._size

    @property
    def fps(self) -> float | None:
        """Frames per second, as the driver states them."""
        return self._fps

    @property
    def frame_count(self) -> int | None:
        """None: a camera has no end."""
        return None

    def __iter__(self) -> Iterator[Frame]:
        """Yield frames as they arrive.

        Raises:
            SourceError: the camera was unplugged.
        """
        started_at = self._clock()
        number = 0
        while self._capture.grab():
            now = self._clock()
            time_s = max(0.0, (now - started_at).total_seconds())
            if self._sampler.due(time_s):
                taken, image = self._capture.retrieve()
                if not taken:
                    break
                yield Frame(np.asarray(image, np.uint8), number, time_s, now)
            number += 1
        raise SourceError(f"{self._shown}: stopped giving frames. Was it unplugged?")

    def close(self) -> None:
        """Let go of the camera."""
        self._capture.release()
