"""The uniform's colour: how much of an upper body has it, in daylight, lamplight and shade.

Compared is the hue, with room for what lamps and a camera's white balance do to it; brightness hardly counts, and
saturation only says that there is a hue at all. So a colour must be one: black, white and grey are refused at set-up.
"""

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.staff.judge import StaffRuleName
from edge.staff.looks import Part
from edge.staff.settings import rgb

#: Hues (0 to 180 in OpenCV, so 2 degrees each) that count as the same: lamps between 2700 K and 6500 K shift less.
_HUE: Final = 10
#: A pixel's saturation, as a share of the uniform's: haze and glare wash out. Never below the floor: skin and wood.
_SATURATION: Final = 0.55
_SATURATION_FLOOR: Final = 70
#: Darker pixels have no hue to speak of.
_VALUE_FLOOR: Final = 40
#: So many pixels each way are enough to tell a share.
_SIDE: Final = 24


class UniformColour:
    """Clothes in one of the uniform's colours."""

    name: StaffRuleName = "colour"
    #: Below the chin, above the belt, arms left out.
    part: Part = (0.25, 0.18, 0.75, 0.5)

    def __init__(self, colours: Sequence[str], share: float) -> None:
        """Expect one of `colours` (`#rrggbb`) on at least `share` of the upper body."""
        self._bounds = [_bounds(colour) for colour in colours]
        self._share = share

    def worn(self, crop: NDArray[np.uint8]) -> bool:
        """Return whether `crop` (H, W, 3), BGR, has enough of one colour."""
        height, width = crop.shape[:2]
        small = crop[:: max(1, height // _SIDE), :: max(1, width // _SIDE)]
        hsv = np.asarray(cv2.cvtColor(np.ascontiguousarray(small), cv2.COLOR_BGR2HSV), np.uint8)
        return max(float(_matches(hsv, *bounds).mean()) for bounds in self._bounds) >= self._share


def _bounds(colour: str) -> tuple[int, float]:
    """Return the hue and the least saturation of a colour, in OpenCV's units."""
    red, green, blue = rgb(colour)
    pixel = np.array([[[blue * 255, green * 255, red * 255]]], np.uint8)
    hue, saturation, _ = cv2.cvtColor(pixel, cv2.COLOR_BGR2HSV)[0, 0].tolist()
    return int(hue), max(_SATURATION_FLOOR, _SATURATION * float(saturation))


def _matches(hsv: NDArray[np.uint8], hue: int, saturation: float) -> NDArray[np.bool_]:
    apart = np.abs(hsv[..., 0].astype(np.int16) - hue)
    near = np.minimum(apart, 180 - apart) <= _HUE
    return np.asarray(near & (hsv[..., 1] >= saturation) & (hsv[..., 2] >= _VALUE_FLOOR), np.bool_)
