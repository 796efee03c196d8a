"""Samples: small pictures of one camera, spread over minutes, with the boxes of the people in each. In memory only."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.frames import Image

#: A box ends where the detector is sure of a person: hair, bags and shadows go beyond it, by this share and more.
_WIDER: Final = 0.1
_WIDER_PX: Final = 4.0


@dataclass(frozen=True, slots=True)
class Sample:
    """A picture, uint8 (H, W, 3) BGR, the people in it, boxes (N, 4) in its pixels, and where they may be, (H, W)."""

    image: Image
    boxes: NDArray[np.float32]
    occupied: NDArray[np.bool_]


class Samples:
    """At most `most` samples of (width, height) pixels."""

    def __init__(self, size: tuple[int, int], most: int) -> None:
        self.size = size
        self._most = most
        self._kept: list[Sample] = []

    def __len__(self) -> int:
        return len(self._kept)

    def __iter__(self) -> Iterator[Sample]:
        return iter(self._kept)

    @property
    def full(self) -> bool:
        """Whether there are as many as there may be."""
        return len(self._kept) >= self._most

    def add(self, image: Image, boxes: NDArray[np.float32]) -> None:
        """Keep a sample; nothing where there are enough.

        Raises:
            ValueError: the picture is of another size.
        """
        if image.shape != (self.size[1], self.size[0], 3):
            raise ValueError(f"expected a picture of shape {(self.size[1], self.size[0], 3)}, got {image.shape}")
        if not self.full:
            self._kept.append(Sample(image, boxes, covering(boxes, self.size)))

    def images(self, rows: slice) -> NDArray[np.int16]:
        """Return some rows of all pictures, (N, rows, W, 3)."""
        return np.stack([sample.image[rows] for sample in self._kept]).astype(np.int16)

    def occupied(self, rows: slice) -> NDArray[np.bool_]:
        """Return where people, generously, are in some rows of each picture, (N, rows, W)."""
        return np.stack([sample.occupied[rows] for sample in self._kept])


def covering(boxes: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.bool_]:
    """Return which pixels of a picture of (width, height) lie in any of the boxes (N, 4), made wider; (H, W)."""
    width, height = size
    mask = np.zeros((height, width), np.bool_)
    for left, top, right, bottom in boxes:
        x, y = _WIDER * (right - left) + _WIDER_PX, _WIDER * (bottom - top) + _WIDER_PX
        mask[_from(top - y) : _to(bottom + y), _from(left - x) : _to(right + x)] = True
    return mask


def _from(value: float) -> int:
    return max(0, int(np.floor(value)))


def _to(value: float) -> int:
    return max(0, int(np.ceil(value)))
