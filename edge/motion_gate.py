"""The motion gate: whether a picture differs from the last one that the detector saw, and where."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.frames import Image, Picture, Region, as_picture

#: The picture is compared as so many brightness values: a person far away is still several of them, noise is averaged.
PLANE: Final = (160, 90)
#: A value that changed by more than this (of 255) has moved …
_CHANGE: Final = 10
#: … and so many of them are more than noise: a person of 3 % of the picture's height covers about as many.
_CELLS: Final = 3
#: Of somebody who stays in place, so much of the box may change at once; more is somebody else in it, or a departure.
_SWAYING: Final = 0.4
_NOBODY: Final = np.empty((0, 4))
#: A value that moved and nobody was found there is believed less by this share …
_IN_VAIN: Final = 0.25
#: … is not believed any more from here on (the third time) …
_IDLE: Final = 0.5
#: … and is believed again as time goes by: by half after 70 looks.
_FORGIVEN: Final = 0.99


@dataclass(frozen=True, slots=True)
class Passing:
    """People are followed of whom none can be where it matters before the next look.

    Attributes:
        boxes: float64 (N, 4), in pixels of the source: what they pass over meanwhile.
        near: bool, a plane of `PLANE` values: where somebody is seen who is near a line; None: not known.
    """

    boxes: NDArray[np.float64]
    near: NDArray[np.bool_] | None


class MotionGate:
    """Compares each picture with the one last looked at, so that slow movement adds up instead of slipping by."""

    def __init__(self) -> None:
        self._reference: NDArray[np.int16] | None = None
        self._looked_s = -np.inf
        self._scale = np.ones(4)
        self._suspects: NDArray[np.bool_] | None = None
        self._vain = np.zeros(PLANE[::-1], np.float32)

    def must_look(
        self,
        seen: Picture | Image,
        time_s: float,
        *,
        within_s: float,
        region: Region | None = None,
        settled: NDArray[np.float64] = _NOBODY,
        passing: Passing | None = None,
    ) -> bool:
        """Return whether the detector must see a picture of media time `time_s`, and remember it if so.

        It must at least every `within_s`, and wherever something moves in `region` (default: all of the picture), but
        for the boxes `settled` (N, 4), in pixels: that those sway who stay there is no news. Where `passing` is given,
        neither are their steps, what moves far from lines, and what often moves without anybody (a plant, a screen).
        """
        picture = as_picture(seen)
        plane = picture.luma(PLANE).astype(np.int16)
        self._scale = np.array([PLANE[0] / picture.size[0], PLANE[1] / picture.size[1]] * 2)
        # A hair of tolerance: frames at 5 per second are 0.2 s apart, give or take rounding.
        due = time_s - self._looked_s >= within_s - 1e-3
        self._suspects = None
        if not due:
            moved = self._moved(plane, region)
            if passing is not None:
                self._leave_out(moved, passing)
            if not self._is_news(moved, settled):
                return False
            self._suspects = moved if passing is not None else None
        self._reference, self._looked_s = plane, time_s
        return True

    def found(self, people: NDArray[np.float64]) -> None:
        """Take in the boxes (N, 4), in pixels, of those who were found in the picture last looked at."""
        self._vain *= np.float32(_FORGIVEN)
        if self._suspects is None:
            return
        for box in people * self._scale:
            self._suspects[_cells(box)] = False
        self._vain[self._suspects] += np.float32(_IN_VAIN)
        self._suspects = None

    def reset(self) -> None:
        """Forget the picture: the next one is looked at."""
        self._reference = self._suspects = None

    def _moved(self, plane: NDArray[np.int16], region: Region | None) -> NDArray[np.bool_]:
        if self._reference is None:
            return np.ones(plane.shape, np.bool_)
        change = plane - self._reference
        # A lamp or a camera's exposure lifts all values at once; a person does not.
        change -= np.int16(np.median(change))
        moved = np.abs(change) > _CHANGE
        if region is not None:
            kept = _cells(np.array([region.left, region.top, region.right, region.bottom]) * self._scale)
            here = np.zeros_like(moved)
            here[kept] = True
            moved &= here
        return np.asarray(moved, np.bool_)

    def _leave_out(self, moved: NDArray[np.bool_], passing: Passing) -> None:
        moved &= self._vain < _IDLE
        if passing.near is not None:
            moved &= passing.near
        for box in passing.boxes * self._scale:
            moved[_cells(box)] = False

    def _is_news(self, moved: NDArray[np.bool_], settled: NDArray[np.float64]) -> bool:
        if np.count_nonzero(moved) < _CELLS:
            return False
        news = moved.copy()
        for box in settled * self._scale:
            part = moved[_cells(box)]
            if np.count_nonzero(part) > _SWAYING * part.size:
                return True
            news[_cells(box)] = False
        return int(np.count_nonzero(news)) >= _CELLS


def _cells(box: NDArray[np.float64]) -> tuple[slice, slice]:
    """Return the rows and columns of the plane that a box (4,) in its values touches."""
    left, top = np.maximum(np.floor(box[:2]), 0).astype(int).tolist()
    right, bottom = np.maximum(np.ceil(box[2:]), 0).astype(int).tolist()
    return slice(top, bottom), slice(left, right)
