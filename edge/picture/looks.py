"""How one picture looks: dark, glaring, sharp, how much structure where. Pure measures of a plane of brightness."""

from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.frames import Image

Plane: TypeAlias = NDArray[np.float32]

#: The picture is measured as so many brightness values (width, height): fine enough to see blur, cheap enough to spare.
FINE: Final = (320, 180)
#: … and as so many where only its layout matters.
COARSE: Final = (160, 90)
#: Structure is measured in tiles of so many values of the coarse plane, each way.
TILE: Final = 10

#: A picture is dark if only this share of it is brighter than `_DARK` (of 255): nobody can be told from the floor.
_BRIGHT_SHARE: Final = 0.02
_DARK: Final = 24
#: It is overexposed if this share of it is at the upper end.
_GLARE_SHARE: Final = 0.6
_GLARE: Final = 250
#: Two pictures are the same if no value differs by more than an encoder's rounding, and few by that.
_SAME_STEP: Final = 2
_SAME_SHARE: Final = 0.002


def is_dark(fine: Image) -> bool:
    """Return whether hardly anything of a plane (H, W) is bright enough to see somebody in."""
    return float(np.count_nonzero(fine >= _DARK)) < _BRIGHT_SHARE * fine.size


def is_overexposed(fine: Image) -> bool:
    """Return whether most of a plane (H, W) is white."""
    return float(np.count_nonzero(fine >= _GLARE)) > _GLARE_SHARE * fine.size


def is_same(fine: Image, before: Image) -> bool:
    """Return whether two planes (H, W) show one and the same picture, encoded anew perhaps.

    A sensor's noise changes more of them: that is how a still scene differs from a picture that stands still.
    """
    change = np.asarray(cv2.absdiff(fine, before), np.uint8)
    return int(change.max()) <= _SAME_STEP and float(np.count_nonzero(change)) <= _SAME_SHARE * change.size


def sharpness(fine: Image) -> float:
    """Return the variance of the plane's Laplacian by the variance of the plane: no unit, not moved by the light."""
    contrast = float(np.var(fine))
    return float(np.var(cv2.Laplacian(fine, cv2.CV_32F))) / contrast if contrast > 1 else 0.0


def structure(coarse: Plane) -> Plane:
    """Return the standard deviation of brightness within each tile of a coarse plane, (9, 16)."""
    height, width = coarse.shape
    tiles = coarse.reshape(height // TILE, TILE, width // TILE, TILE)
    return np.asarray(tiles.std(axis=(1, 3)), np.float32)


def contrasts(coarse: Plane) -> Plane:
    """Return a plane's local contrast (H, W): edges and patterns alone, whatever the light; |value| ≤ 2."""
    low = cv2.GaussianBlur(coarse, (0, 0), 4.0)
    detail = coarse - low
    strength = np.sqrt(cv2.GaussianBlur(detail * detail, (0, 0), 6.0))
    return np.asarray(np.clip(detail / (strength + 2.0), -2, 2), np.float32)
