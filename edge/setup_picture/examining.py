"""A close look for people: the whole picture and overlapping parts of it, enlarged, down to the faintest suspicion."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.detection.neural import MIN_SCORE, NeuralDetector
from edge.detection.opening import Detectors
from edge.detection.protocol import Detector
from edge.errors import DetectorError
from edge.frames import PartPicture, Picture, Region
from models.errors import ModelsError

#: What looks where the camera's own model is none that knows people by their looks.
STAND_IN: Final = "yolox-nano"
#: Into so many parts each way is a sample cut, and the picture that is to leave: nobody in it may be overlooked.
_OFTEN: Final = (1, 2)
_THOROUGH: Final = (1, 2, 3)
#: Neighbouring parts share this much of their side: nobody is cut in two everywhere.
_OVERLAP: Final = 0.5


class Examiner:
    """Finds whoever a detector may take for a person. Not shared between threads."""

    def __init__(self, detector: Detector) -> None:
        self._detector = detector

    @property
    def name(self) -> str:
        """The detector's name."""
        return self._detector.name

    def look(
        self, picture: Picture, *, thoroughly: bool = False, least_score: float = MIN_SCORE
    ) -> NDArray[np.float32]:
        """Return boxes (N, 4) in pixels of `picture` that score at least so much; the same person may have several.

        Raises:
            DetectorError: the model failed.
        """
        found = [np.empty((0, 4), np.float32)]
        for count in _THOROUGH if thoroughly else _OFTEN:
            for part in parts(picture.size, count):
                seen = self._detector.detect(PartPicture(picture, part) if count > 1 else picture)
                boxes = seen.xyxy[seen.score >= least_score]
                found.append(boxes + np.array([part.left, part.top] * 2, np.float32))
        return np.concatenate(found)


def open_examiner(model: str) -> Examiner | None:
    """Return what looks for people on a box whose camera uses `model`; None: nothing on the box can.

    A network of its own, for the minutes that it takes: counting waits for nobody.
    """
    for name in (model, STAND_IN):
        try:
            detector = Detectors().open(name, confidence=MIN_SCORE)
        except (DetectorError, ModelsError):
            continue
        if isinstance(detector, NeuralDetector):
            return Examiner(detector)
    return None


def parts(size: tuple[int, int], count: int) -> list[Region]:
    """Return `count` × `count` overlapping parts that together are a picture of (width, height)."""
    sides = [_stretches(side, count) for side in size]
    return [Region(left, top, right, bottom) for top, bottom in sides[1] for left, right in sides[0]]


def _stretches(side: int, count: int) -> list[tuple[int, int]]:
    length = int(np.ceil(side / (count - (count - 1) * _OVERLAP)))
    return [(start, start + length) for start in (round(i * (side - length) / max(1, count - 1)) for i in range(count))]
