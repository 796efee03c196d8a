"""Rendered people in clothes: a shop's picture with boxes to look at. Colours are (blue, green, red)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.frames import Frame
from edge.tracking.protocol import Tracks
from tests.support.scenes import START

Bgr = tuple[int, int, int]
Image = NDArray[np.uint8]

SKIN: Bgr = (120, 150, 200)
#: What a lamp makes of white: (blue, green, red) gains.
LIGHTS: Mapping[str, tuple[float, float, float]] = {
    "daylight": (1.0, 1.0, 1.0),
    "warm lamp": (0.72, 0.92, 1.12),
    "cold lamp": (1.15, 1.0, 0.85),
    "shade": (0.45, 0.45, 0.45),
    "bright": (1.35, 1.35, 1.35),
}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in a shirt, at `x` (middle), `foot`, `height` pixels tall; `badge` is a picture worn on the chest."""

    x: float
    shirt: Bgr
    foot: float = 440
    height: float = 240
    badge: Image | None = None

    @property
    def box(self) -> list[float]:
        """The box around the person: left, top, right, bottom."""
        return [self.x - 0.2 * self.height, self.foot - self.height, self.x + 0.2 * self.height, self.foot]


def marker(number: int, side: int, *, turn: float = 0.0) -> Image:
    """A printed ArUco marker with its white rim: `side` pixels without it, turned by `turn` degrees."""
    dictionary = cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_4X4_50)
    print_ = cv2.aruco.generateImageMarker(dictionary, number, 240)
    paper = cv2.copyMakeBorder(print_, 60, 60, 60, 60, cv2.BORDER_CONSTANT, value=255)
    spin = cv2.getRotationMatrix2D((180, 180), turn, 1.0)
    paper = cv2.warpAffine(paper, spin, (360, 360), borderValue=255)
    small = cv2.resize(paper, (round(side * 1.5), round(side * 1.5)), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_GRAY2BGR), np.uint8)


def picture(
    people: Sequence[Person],
    *,
    light: tuple[float, float, float] = (1, 1, 1),
    seed: int = 0,
    size: Sequence[int] = (640, 480),
) -> Image:
    """A shop with `people` in it, under a light, seen by a camera that blurs a little and is noisy."""
    random = np.random.default_rng(seed)
    image = np.full((size[1], size[0], 3), (150, 160, 165), np.float32)
    image[:, : size[0] // 2] = (120, 140, 170)
    for person in sorted(people, key=lambda one: one.foot):
        _draw(image, person)
    lit = cv2.GaussianBlur(image * np.array(light, np.float32), (0, 0), 0.7)
    return np.asarray(np.clip(lit + 7 * random.standard_normal(lit.shape, np.float32), 0, 255), np.uint8)


def frame_of(image: Image, time_s: float) -> Frame:
    """A frame at media time `time_s`."""
    return Frame(image, round(time_s * 10), time_s, START + timedelta(seconds=time_s))


def tracks_of(people: Mapping[int, Person], *, ended: Sequence[int] = ()) -> Tracks:
    """Confirmed tracks around `people`."""
    boxes = np.array([person.box for person in people.values()], np.float32).reshape(-1, 4)
    return Tracks(np.array(list(people), np.int64), boxes, np.ones(len(people), np.bool_), tuple(ended))


def _draw(image: NDArray[np.float32], person: Person) -> None:
    tall, x, foot = person.height, person.x, person.foot
    top = foot - tall

    def block(left: float, upper: float, right: float, lower: float, colour: Bgr) -> None:
        image[
            max(0, round(top + upper * tall)) : max(0, round(top + lower * tall)),
            max(0, round(x + left * tall)) : max(0, round(x + right * tall)),
        ] = colour

    block(-0.06, 0.0, 0.06, 0.14, SKIN)
    block(-0.14, 0.15, 0.14, 0.52, person.shirt)
    block(-0.19, 0.18, -0.14, 0.5, SKIN)
    block(0.14, 0.18, 0.19, 0.5, SKIN)
    block(-0.1, 0.52, 0.1, 1.0, (70, 60, 50))
    if person.badge is not None:
        high, wide = person.badge.shape[:2]
        upper, left = round(top + 0.2 * tall), round(x - wide / 2)
        image[upper : upper + high, left : left + wide] = person.badge
