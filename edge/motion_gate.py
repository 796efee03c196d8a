"""The motion gate: whether a picture differs from the last one that the detector saw, and where."""

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
#: Of somebody who stays in place, so much of the box may change at once; more is somebody else in it, or a departure.
_SWAYING: Final = 0.4
_NOBODY: Final = np.empty((0, 4))


class MotionGate:
    """Compares each picture with the one last looked at, so that slow movement adds up instead of slipping by."""

    def __init__(self) -> None:
        self._reference: NDArray[np.int16] | None = None
        self._looked_s = -np.inf

    def must_look(
        self,
        seen: Picture | Image,
        time_s: float,
        *,
        within_s: float,
        region: Region | None = None,
        settled: NDArray[np.float64] = _NOBODY,
    ) -> bool:
        """Return whether the detector must see a picture of media time `time_s`, and remember it if so.

        It must at least every `within_s`, and wherever something moves in `region` (default: all of the picture), but
        for the boxes `settled` (N, 4), in pixels: that those sway who stay there is no news.
        """
        picture = as_picture(seen)
        plane = picture.luma(_PLANE).astype(np.int16)
        # A hair of tolerance: frames at 5 per second are 0.2 s apart, give or take rounding.
        due = time_s - self._looked_s >= within_s - 1e-3
        if not (due or self._moved(plane, picture.size, region, settled)):
            return False
        self._reference, self._looked_s = plane, time_s
        return True

    def reset(self) -> None:
        """Forget the picture: the next one is looked at."""
        self._reference = None

    def _moved(
        self, plane: NDArray[np.int16], size: tuple[int, int], region: Region | None, settled: NDArray[np.float64]
    ) -> bool:
        if self._reference is None:
            return True
        change = plane - self._reference
        # A lamp or a camera's exposure lifts all values at once; a person does not.
        change -= np.int16(np.median(change))
        moved = np.abs(change) > _CHANGE
        scale = np.array([_PLANE[0] / size[0], _PLANE[1] / size[1]] * 2)
        if region is not None:
            rows, columns = _cells(np.array([region.left, region.top, region.right, region.bottom]) * scale)
            within = np.zeros_like(moved)
            within[rows, columns] = True
            moved &= within
        if np.count_nonzero(moved) < _CELLS:
            return False
        news = moved.copy()
        for box in settled * scale:
            rows, columns = _cells(box)
            part = moved[rows, columns]
            if np.count_nonzero(part) > _SWAYING * part.size:
                return True
            news[rows, columns] = False
        return int(np.count_nonzero(news)) >= _CELLS


def _cells(box: NDArray[np.float64]) -> tuple[slice, slice]:
    """Return the rows and columns of the plane that a box (4,) in its values touches."""
    left, top = np.maximum(np.floor(box[:2]), 0).astype(int).tolist()
    right, bottom = np.maximum(np.ceil(box[2:]), 0).astype(int).tolist()
    return slice(top, bottom), slice(left, right)
