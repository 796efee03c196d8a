"""The motion gate: whether a picture differs from the last one that the detector saw."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.frames import Image, Picture, Region, as_picture

#: The picture is compared as so many brightness values: a person far away is still several of them, noise is averaged.
_PLANE: Final = (160, 90)
#: A value that changed by more than this (of 255) has moved …
_CHANGE: Final = 10
#: … and so many of them are more than noise: a person of 3 % of the picture's height covers about as many.
_CELLS: Final = 3
#: The detector looks at least this often, whatever the gate thinks.
_LONGEST_SKIP_S: Final = 2.0
#: … and this often while someone is where a count may change: who stands still is seen five times a second.
_ATTENDING_SKIP_S: Final = 0.2


class MotionGate:
    """Compares each picture with the one last looked at, so that slow movement adds up instead of slipping by."""

    def __init__(self) -> None:
        self._reference: NDArray[np.int16] | None = None
        self._looked_s = -np.inf

    def must_look(self, seen: Picture | Image, time_s: float, *, attending: bool, region: Region | None = None) -> bool:
        """Return whether the detector must see a picture of media time `time_s`, and remember it if so.

        `attending`: someone is where the next frame may change a count. Only what moves in `region` (default: all of
        the picture) is asked for.
        """
        picture = as_picture(seen)
        plane = picture.luma(_PLANE).astype(np.int16)
        longest_s = _ATTENDING_SKIP_S if attending else _LONGEST_SKIP_S
        # A hair of tolerance: frames at 5 per second are 0.2 s apart, give or take rounding.
        due = time_s - self._looked_s >= longest_s - 1e-3
        if not (due or self._moved(plane, picture.size, region)):
            return False
        self._reference, self._looked_s = plane, time_s
        return True

    def reset(self) -> None:
        """Forget the picture: the next one is looked at."""
        self._reference = None

    def _moved(self, plane: NDArray[np.int16], size: tuple[int, int], region: Region | None) -> bool:
        if self._reference is None:
            return True
        change = plane - self._reference
        # A lamp or a camera's exposure lifts all values at once; a person does not.
        change -= np.int16(np.median(change))
        if region is not None:
            across, down = _PLANE[0] / size[0], _PLANE[1] / size[1]
            change = change[
                int(region.top * down) : int(np.ceil(region.bottom * down)),
                int(region.left * across) : int(np.ceil(region.right * across)),
            ]
        return int(np.count_nonzero(np.abs(change) > _CHANGE)) >= _CELLS
