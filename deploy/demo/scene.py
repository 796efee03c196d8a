"""A scene rendered by the project itself, for a machine on which no real clip can be had.

A camera looks straight down on a door: dark walkers cross a light floor one by one, so that background subtraction can
count them. Not a benchmark of anything: it shows that the chain runs.

        0                    WIDTH
      0 ┌───────────────────────┐
        │     ● walks down: in  │
    180 ├──────── line ─────────┤
        │ ● walks up: out       │
    360 └───────────────────────┘
"""

from fractions import Fraction
from pathlib import Path
from typing import Final

import av
import cv2
import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT, FPS, SECONDS = 640, 360, 10, 60
#: Each walker: second at which it enters the picture, x in pixels, whether it walks down (in). Every third walks up.
WALKERS: Final = tuple((2.0 + 4.5 * number, 120.0 + 170.0 * (number * 2 % 3), number % 3 < 2) for number in range(12))  # noqa: PLR2004
_SPEED_PX_S: Final = 90.0
_RADIUS: Final = 26


def truth() -> tuple[int, int]:
    """Return how many walk in and out in one pass of the scene."""
    ins = sum(1 for _, _, down in WALKERS if down)
    return ins, len(WALKERS) - ins


def render(path: Path) -> None:
    """Write the scene as an MPEG-4 file, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}")
    floor = _floor()
    with av.open(str(unfinished), "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.bit_rate = 2_000_000
        stream.codec_context.time_base = Fraction(1, FPS)
        for number in range(FPS * SECONDS):
            picture = av.VideoFrame.from_ndarray(_draw(floor, number / FPS), format="bgr24")
            container.mux(stream.encode(picture))
        container.mux(stream.encode())
    unfinished.replace(path)


def _floor() -> NDArray[np.uint8]:
    tiles = np.full((HEIGHT, WIDTH, 3), 205, np.uint8)
    tiles[::40, :] = 190
    tiles[:, ::40] = 190
    return tiles


def _draw(floor: NDArray[np.uint8], at_s: float) -> NDArray[np.uint8]:
    picture = floor.copy()
    for start_s, x, down in WALKERS:
        walked = (at_s - start_s) * _SPEED_PX_S - _RADIUS
        if not -_RADIUS <= walked <= HEIGHT + _RADIUS:
            continue
        y = walked if down else HEIGHT - walked
        # Shoulders swing a little as people do.
        centre = (round(x + 4 * np.sin(4 * at_s)), round(y))
        cv2.ellipse(picture, centre, (_RADIUS, _RADIUS - 8), 0, 0, 360, (70, 60, 55), -1)
        cv2.circle(picture, centre, 10, (40, 35, 30), -1)
    return picture
