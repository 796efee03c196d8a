"""People as whatever moves: background subtraction, for a fixed camera that looks straight down. No weights.

Needs a scene in which only people move. It cannot tell two people who touch apart; a model can.
"""

from typing import Final

import cv2
import numpy as np

from edge.detections import Detections
from edge.frames import Image, Picture, as_picture

#: The frame is shrunk to this height: noise averages out, a person still covers hundreds of pixels.
_WORK_HEIGHT: Final = 180
#: The smallest share of the frame that is a person seen from above at all, not a hand, a leaf or a reflection.
_MIN_AREA: Final = 0.002
#: A moving blob has no score; this one says "sure".
_SCORE: Final = 0.9
#: Frames until someone who stands still becomes background: at 10 fps, a minute.
_HISTORY: Final = 600
#: Frames at the start in which the background is learnt and nothing is reported.
_LEARNING: Final = 5


class MotionDetector:
    """Finds moving blobs by Gaussian-mixture background subtraction (Zivkovic 2004, cv2's MOG2)."""

    def __init__(self, *, confidence: float = 0.4) -> None:
        self._confidence = confidence
        self._close = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 7))
        self._open = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))
        self.reset()

    @property
    def name(self) -> str:
        """Always `motion`."""
        return "motion"

    @property
    def confidence(self) -> float:
        """Score from which a detection may start a person."""
        return self._confidence

    def detect(self, seen: Picture | Image) -> Detections:
        """Return what moves in a picture, or in an array (H, W, 3) BGR, in its pixels."""
        image = as_picture(seen).image
        height, width = image.shape[:2]
        scale = _WORK_HEIGHT / height
        small = cv2.resize(image, (max(1, round(width * scale)), _WORK_HEIGHT), interpolation=cv2.INTER_AREA)
        mask = self._subtractor.apply(small)
        self._seen += 1
        if self._seen <= _LEARNING:
            return Detections.empty()
        mask = cv2.morphologyEx(cv2.morphologyEx(mask, cv2.MORPH_OPEN, self._open), cv2.MORPH_CLOSE, self._close)
        stats = cv2.connectedComponentsWithStats(mask)[2][1:]
        stats = stats[stats[:, cv2.CC_STAT_AREA] >= _MIN_AREA * small.shape[0] * small.shape[1]]
        corner = stats[:, [cv2.CC_STAT_LEFT, cv2.CC_STAT_TOP]]
        xyxy = np.hstack([corner, corner + stats[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]]]) / scale
        limit = np.array([width, height, width, height])
        return Detections(np.minimum(xyxy, limit).astype(np.float32), np.full(len(stats), _SCORE, np.float32))

    def reset(self) -> None:
        """Learn the background anew."""
        self._subtractor = cv2.createBackgroundSubtractorMOG2(history=_HISTORY, varThreshold=25, detectShadows=False)
        self._seen = 0
