"""The motion gate: whether a picture differs from the last one that the detector saw."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.frames import Image, Picture, as_picture

#: The picture is compared as so many brightness values: a person far away is still several of them, noise is averaged.
_PLANE: Final = (160, 90)
#: A value that changed by more than this (of 255) has moved …
_CHANGE: Final = 10
#: … and so many of them are more than noise: a person of 3 % of the picture's height covers about as many.
_CELLS: Final = 3
#: The detector looks at least this often, whatever the gate thinks.
_LONGEST_SKIP_S: Final = 2.0


class MotionGate:
    """Compares each picture with the one last looked at, so that slow movement adds up instead of slipping by."""

    def __init__(self) -> None:
        self._reference: NDArray[np.int16] | None = None
        self._looked_s = -np.inf

    def must_look(self, seen: Picture | Image, time_s: float, *, attending: bool) -> bool:
        """Return whether the detector must see a picture of media time `time_s`, and remember it if so.

        `attending`: someone is where the next frame may change a count.
        """
        plane = as_picture(seen).luma(_PLANE).astype(np.int16)
        if not (attending or time_s - self._looked_s >= _LONGEST_SKIP_S or self._moved(plane)):
            return False
        self._reference, self._looked_s = plane, time_s
        return True

    def reset(self) -> None:
        """Forget the picture: the next one is looked at."""
        self._reference = None

    def _moved(self, plane: NDArray[np.int16]) -> bool:
        if self._reference is None:
            return True
        change = plane - self._reference
        # A lamp or a camera's exposure lifts all values at once; a person does not.
        change -= np.int16(np.median(change))
        return int(np.count_nonzero(np.abs(change) > _CHANGE)) >= _CELLS
