"""A drawn shop for set-up pictures: a patterned floor, people as coloured figures, and a detector that is told."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from edge.detections import Detections
from edge.frames import Image, Picture, as_picture

SIZE = (320, 180)
Box = tuple[int, int, int, int]
#: A colour that is nowhere in the empty shop.
COAT = (30, 30, 220)


def shop() -> Image:
    """The empty shop, (180, 320, 3) BGR: shelves and tiles, no two neighbourhoods alike."""
    random = np.random.default_rng(5)
    coarse = random.integers(110, 180, (18, 32, 3)).astype(np.uint8)
    return np.asarray(np.kron(coarse, np.ones((10, 10, 1), np.uint8)), np.uint8)


def with_people(people: Sequence[Box], *, noise: int = 3, seed: int = 0) -> Image:
    """The shop with somebody in each box, filling it but for a rim, and a sensor's noise over it."""
    image = shop().astype(np.int16)
    for left, top, right, bottom in people:
        image[top + 2 : bottom - 2, left + 2 : right - 2] = COAT
    random = np.random.default_rng(seed)
    noisy = image + random.integers(-noise, noise + 1, image.shape)
    return np.asarray(np.clip(noisy, 0, 255), np.uint8)


def coats_in(image: NDArray[np.uint8]) -> int:
    """How many pixels of a picture look like somebody's coat, JPEG's smear included."""
    near = np.abs(image.astype(np.int16) - np.array(COAT)).max(axis=2) < 50
    return int(near.sum())


def blobs(image: Image) -> list[Box]:
    """The box around all that looks like a coat; none if there is none."""
    near = np.abs(image.astype(np.int16) - np.array(COAT)).max(axis=2) < 50
    rows, columns = np.nonzero(near.any(axis=1))[0], np.nonzero(near.any(axis=0))[0]
    return [(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)] if near.sum() > 20 else []


@dataclass
class ToldDetector:
    """A detector that finds what `finds` says is in a picture; it counts how often it looked."""

    finds: Callable[[Image], Sequence[Box]] = blobs
    score: float = 0.9
    name: str = "told"
    confidence: float = 0.1
    looks: int = field(default=0)

    def detect(self, seen: Picture | Image) -> Detections:
        self.looks += 1
        boxes = self.finds(as_picture(seen).image)
        return Detections(np.array(boxes, np.float32).reshape(-1, 4), np.full(len(boxes), self.score, np.float32))

    def reset(self) -> None:
        """Nothing is remembered."""
