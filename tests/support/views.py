"""Builders of what a camera looks at for minutes: a room with furniture and noise, people in it, lamps, mishaps."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias

import cv2
import numpy as np

from edge.frames import Frame, Image

START: Final = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
SIZE: Final = (640, 360)

#: What happens to a picture (H, W, 3), second by second.
Mishap: TypeAlias = Callable[[Image, int], Image]


def room(seed: int = 1) -> Image:
    """A room larger than the picture: shelves, doors, a floor with tiles."""
    random = np.random.default_rng(seed)
    wide, high = SIZE[0] * 2, SIZE[1] * 2
    image = np.full((high, wide, 3), 150, np.uint8)
    for x in range(0, wide, 40):
        cv2.line(image, (x, high // 2), (x - 60, high), (128, 128, 128), 2)
    for _ in range(120):
        x, y = int(random.integers(0, wide)), int(random.integers(0, high))
        w, h = int(random.integers(15, 110)), int(random.integers(10, 80))
        shade = int(random.integers(40, 230))
        cv2.rectangle(image, (x, y), (x + w, y + h), (shade, shade, shade), -1)
    return np.asarray(image, np.uint8)


class View:
    """A camera in a room. `look(seconds, mishap)` yields one frame a second; time goes on from call to call."""

    def __init__(self, *, noise: float = 2.0, seed: int = 1) -> None:
        self._room = room(seed)
        shape = (SIZE[1], SIZE[0], 3)
        random = np.random.default_rng(seed)
        #: Drawn once and cut elsewhere each second: drawing is most of the work.
        self._noise = random.normal(0, noise, (shape[0] + 61, shape[1] + 67, 3)).astype(np.float32)
        self.second = 0
        #: Where the camera points: pixels to the right and down of where it was set up.
        self.aim = (0, 0)
        self.light = 1.0
        self.people = 3

    def look(self, seconds: int, mishap: Mishap = lambda image, _second: image) -> Iterator[Frame]:
        for _ in range(seconds):
            self.second += 1
            image = mishap(self._picture(), self.second)
            yield Frame(image, self.second, float(self.second), START + timedelta(seconds=self.second))

    def _picture(self) -> Image:
        x, y = SIZE[0] // 2 + self.aim[0], SIZE[1] // 2 + self.aim[1]
        image = self._room[y : y + SIZE[1], x : x + SIZE[0]].copy()
        for number in range(self.people):
            left = (37 * number + 90 * self.second) % SIZE[0]
            shade = 30 + 53 * number % 190
            cv2.rectangle(image, (left, 90 + 13 * number % 90), (left + 60, 330), (shade, shade, 90), -1)
        up, left = 7 * self.second % 61, 11 * self.second % 67
        noise = self._noise[up : up + SIZE[1], left : left + SIZE[0]]
        noisy = image * np.float32(self.light) + noise
        return np.asarray(np.clip(noisy, 0, 255), np.uint8)


def standing(count: int) -> Mishap:
    """`count` people who stand close together and do not move: a crowd before the till."""

    def crowd(image: Image, _second: int) -> Image:
        image = image.copy()
        for number in range(count):
            left = 45 * number % SIZE[0]
            shade = 40 + 67 * number % 180
            cv2.rectangle(image, (left, 60 + 29 * number % 120), (left + 38, 350), (shade, 90, shade), -1)
            cv2.circle(image, (left + 19, 50 + 29 * number % 120), 16, (170, 190, 220), -1)
        return image

    return crowd


def blurred(image: Image, _second: int) -> Image:
    """Breath, grease or a spider's web on the lens."""
    return np.asarray(cv2.GaussianBlur(image, (0, 0), 9.0), np.uint8)


def taped(image: Image, _second: int) -> Image:
    """A strip of paper over nearly all of the lens: bright, no edges."""
    image = image.copy()
    image[:, : int(0.9 * image.shape[1])] = 140
    return image
