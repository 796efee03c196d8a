"""Fitting a frame into a network's input, and boxes back into the frame."""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from edge.frames import Picture

#: How a frame is fitted: keep the proportions and centre it; keep them and put it top left; or stretch it.
Fit = Literal["centre", "corner", "stretch"]

_GREY: Final = 114


@dataclass(frozen=True, slots=True)
class Placement:
    """Where the frame lies in the input: input = frame × (`scale_x`, `scale_y`) + (`left`, `top`)."""

    scale_x: float
    scale_y: float
    left: int
    top: int

    def to_frame(self, xyxy: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
        """Return boxes (N, 4) of input pixels as boxes in a frame of (width, height) pixels, clipped to it."""
        width, height = size
        offset = np.array([self.left, self.top] * 2, np.float32)
        scale = np.array([self.scale_x, self.scale_y] * 2, np.float32)
        limit = np.array([width, height] * 2, np.float32)
        return np.asarray(np.clip((xyxy - offset) / scale, np.float32(0), limit), np.float32)


def place(frame_size: tuple[int, int], input_size: tuple[int, int], fit: Fit) -> Placement:
    """Return where a frame of (width, height) goes in an input of (width, height)."""
    (width, height), (to_width, to_height) = frame_size, input_size
    if fit == "stretch":
        return Placement(to_width / width, to_height / height, 0, 0)
    scale = min(to_width / width, to_height / height)
    if fit == "corner":
        return Placement(scale, scale, 0, 0)
    return Placement(scale, scale, (to_width - round(width * scale)) // 2, (to_height - round(height * scale)) // 2)


def letterbox(picture: Picture, input_size: tuple[int, int], placement: Placement) -> NDArray[np.uint8]:
    """Return `picture` laid into a grey canvas of `input_size` (width, height) as `placement` says."""
    width, height = picture.size
    inner = (
        min(input_size[0], max(1, round(width * placement.scale_x))),
        min(input_size[1], max(1, round(height * placement.scale_y))),
    )
    small = picture.scaled(inner)
    if inner == input_size:
        return small
    canvas = np.full((input_size[1], input_size[0], 3), _GREY, np.uint8)
    canvas[placement.top : placement.top + inner[1], placement.left : placement.left + inner[0]] = small
    return canvas
