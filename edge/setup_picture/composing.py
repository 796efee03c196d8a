"""From samples to a picture without people: the median of each place while nobody was there, covers over the rest.

A place is covered, with a plain hatching, where

- somebody was in too many of the samples: what is behind is not known well enough;
- somebody was seen at least once who is still there in the median: one sighting of who sits all day is enough;
- it changes too often: somebody may sit there whom no detector knows, and a screen is nobody's business either;
- the detector takes something in the median itself for a person.

Covered, not painted over: an invented floor would be drawn on.
"""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.frames import ArrayPicture, Image
from edge.setup_picture.examining import Examiner
from edge.setup_picture.rules import PictureRules
from edge.setup_picture.samples import Samples, covering

#: The median is taken of so many rows at a time: memory stays small.
_ROWS: Final = 16
#: Greater than any value: sorts last.
_NOBODY_KNOWS: Final = 999
#: Restless places closer together than this share of the picture's width belong to one thing, …
_ONE_THING: Final = 0.04
#: … and those smaller than this share of it are noise.
_SPECK: Final = 0.006
#: A cover may make the detector suspect something beside it: so often it is covered, too.
_ROUNDS: Final = 2
_STRIPE_PX: Final = 6
_STRIPES: Final = (110, 150)


@dataclass(frozen=True, slots=True)
class Composed:
    """A picture, uint8 (H, W, 3) BGR, and where it is covered, (H, W)."""

    image: Image
    covered: NDArray[np.bool_]

    @property
    def covered_share(self) -> float:
        """How much of it is covered, 0…1."""
        return float(self.covered.mean())


def compose(samples: Samples, examiner: Examiner, rules: PictureRules) -> Composed:
    """Return the picture that the samples give. Whether it may leave is not decided here.

    Raises:
        DetectorError: the model failed.
    """
    median, free, restless = _medians(samples, rules)
    covered = free < rules.free_share * len(samples)
    covered |= _one_thing(restless)
    covered |= _still_there(samples, median, rules)
    for _ in range(_ROUNDS):
        picture = ArrayPicture(hatched(median, covered))
        suspected = examiner.look(picture, thoroughly=True, least_score=rules.found_score)
        covered |= covering(suspected, samples.size)
        if not len(suspected):
            break
    return Composed(hatched(median, covered), covered)


def hatched(image: Image, covered: NDArray[np.bool_]) -> Image:
    """Return `image` with stripes where `covered`, (H, W), says so."""
    rows, columns = np.indices(covered.shape)
    stripes = np.where((rows + columns) // _STRIPE_PX % 2, *_STRIPES).astype(np.uint8)
    return np.where(covered[:, :, None], stripes[:, :, None], image)


def _medians(samples: Samples, rules: PictureRules) -> tuple[Image, NDArray[np.int64], NDArray[np.bool_]]:
    """Return the median (H, W, 3), in how many samples each place was free (H, W), and where it is restless (H, W)."""
    width, height = samples.size
    median = np.zeros((height, width, 3), np.uint8)
    free = np.zeros((height, width), np.int64)
    restless = np.zeros((height, width), np.bool_)
    for top in range(0, height, _ROWS):
        rows = slice(top, min(height, top + _ROWS))
        images, occupied = samples.images(rows), samples.occupied(rows)
        free[rows] = (~occupied).sum(axis=0)
        median[rows] = _median(images, occupied, free[rows])
        differs = _differs(images, median[rows], rules.step) & ~occupied
        restless[rows] = differs.sum(axis=0) > rules.restless_share * free[rows]
    return median, free, restless


def _median(images: NDArray[np.int16], occupied: NDArray[np.bool_], free: NDArray[np.int64]) -> Image:
    """Return the median (rows, W, 3) of the pictures (N, rows, W, 3) where they are not occupied (N, rows, W)."""
    ordered = np.where(occupied[..., None], np.int16(_NOBODY_KNOWS), images)
    ordered.sort(axis=0)
    middle = np.maximum(free - 1, 0)[None, :, :, None] // 2
    values = np.take_along_axis(ordered, np.broadcast_to(middle, (1, *ordered.shape[1:])), axis=0)[0]
    return np.where(values == _NOBODY_KNOWS, 0, values).astype(np.uint8)


def _differs(images: NDArray[np.int16], median: Image, step: int) -> NDArray[np.bool_]:
    return np.asarray(np.abs(images - median.astype(np.int16)).max(axis=-1) > step)


def _one_thing(restless: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the restless places without specks, those close together joined to what they are parts of."""
    width = restless.shape[1]
    speck, thing = (2 * max(1, round(share * width / 2)) + 1 for share in (_SPECK, _ONE_THING))
    mask = cv2.morphologyEx(restless.astype(np.uint8), cv2.MORPH_OPEN, np.ones((speck, speck), np.uint8))
    mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((2 * thing, 2 * thing), np.uint8))
    return np.asarray(cv2.dilate(mask, np.ones((thing, thing), np.uint8))) > 0


def _still_there(samples: Samples, median: Image, rules: PictureRules) -> NDArray[np.bool_]:
    """Return the boxes in which someone was seen who is still in the median, (H, W)."""
    still = [np.empty((0, 4), np.float32)]
    for sample in samples:
        differs = _differs(sample.image.astype(np.int16), median, rules.step)
        still += [box[None] for box in sample.boxes if _share_within(differs, box) < rules.still_share]
    return covering(np.concatenate(still), samples.size)


def _share_within(mask: NDArray[np.bool_], box: NDArray[np.float32]) -> float:
    left, top, right, bottom = (int(value) for value in np.round(box))
    inside = mask[max(0, top) : max(top + 1, bottom), max(0, left) : max(left + 1, right)]
    return float(inside.mean()) if inside.size else 0.0
