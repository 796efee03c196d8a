"""The printed badge: one ArUco marker that every member of staff wears, the same on all.

Only the one number of the site file is looked for. Any other marker is nothing, so that a badge cannot tell two people
apart. A camera reads it from about 5 pixels per square on (six squares with the black rim).
"""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.staff.judge import StaffRuleName
from edge.staff.looks import Part

#: Smaller crops are enlarged to this width: the reader wants squares of several pixels.
_WIDTH_PX: Final = 160
_LARGEST: Final = 4.0


class StaffMarker:
    """The marker of one number."""

    name: StaffRuleName = "marker"
    #: Chest and back, and a badge on the belt.
    part: Part = (0.05, 0.12, 0.95, 0.6)

    def __init__(self, number: int) -> None:
        """Look for `number` (0 to 49) of the dictionary DICT_4X4_50."""
        dictionary = cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_4X4_50)
        only = cv2.aruco.Dictionary(dictionary.bytesList[number : number + 1], dictionary.markerSize, 0)
        self._detector = cv2.aruco.ArucoDetector(only, _parameters())

    def worn(self, crop: NDArray[np.uint8]) -> bool:
        """Return whether the marker is on `crop` (H, W, 3), BGR."""
        grey = cv2.cvtColor(np.ascontiguousarray(crop), cv2.COLOR_BGR2GRAY)
        enlarge = min(_LARGEST, _WIDTH_PX / grey.shape[1])
        if enlarge > 1:
            grey = cv2.resize(grey, None, fx=enlarge, fy=enlarge, interpolation=cv2.INTER_CUBIC)
        _, numbers, _ = self._detector.detectMarkers(grey)
        return numbers is not None


def _parameters() -> cv2.aruco.DetectorParameters:
    """Return the reader's settings: one threshold window instead of three, a few times faster on so small a picture."""
    parameters = cv2.aruco.DetectorParameters()
    parameters.adaptiveThreshWinSizeMin = parameters.adaptiveThreshWinSizeMax = 15
    parameters.errorCorrectionRate = 0.0
    return parameters
