"""Decoded pictures without a copy: the planes of a PyAV frame, read where the decoder left them."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from edge.frames import ArrayPicture, Picture, PlanarPicture

#: Three 8-bit planes, colour at half the sides: what nearly every camera and clip decodes to.
_PLANAR: Final = frozenset({"yuv420p", "yuvj420p"})
#: FFmpeg's AVCOL_RANGE_JPEG: brightness from 0 to 255.
_FULL_RANGE: Final = 2


def picture_of(raw: Any) -> Picture:
    """Return the picture of `raw`, a PyAV video frame; planes stay where they are, other forms become an array."""
    if raw.format.name not in _PLANAR:
        return ArrayPicture(_converted(raw))
    luma, *chroma = (_plane(plane) for plane in raw.planes)
    full = raw.format.name == "yuvj420p" or int(raw.color_range) == _FULL_RANGE
    return PlanarPicture(luma, (chroma[0], chroma[1]), lambda: _converted(raw), full)


def _plane(plane: Any) -> NDArray[np.uint8]:
    rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
    return rows[: plane.height, : plane.width]


def _converted(raw: Any) -> NDArray[np.uint8]:
    return np.asarray(raw.to_ndarray(format="bgr24"), np.uint8)
