"""A detector from a network: fit the frame in, run, decode, and bring the boxes back."""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.detection.families import Family
from edge.detection.letterbox import letterbox, place
from edge.detection.protocol import Network
from edge.detections import Detections

#: Boxes that score less are noise even for continuing a known person (ByteTrack's lower bound, Zhang et al. 2022).
MIN_SCORE: Final = 0.1
#: Boxes with a shorter side than this, in pixels, are what clipping to the frame left over.
_MIN_SIDE_PX: Final = 2.0


class NeuralDetector:
    """Finds people with any network of a known family."""

    def __init__(self, network: Network, family: Family, *, name: str, confidence: float) -> None:
        self._network = network
        self._family = family
        self._name = name
        self._confidence = confidence
        shape = network.input_shape
        height, width = shape[1:3] if family.picture_input else shape[2:4]
        self._input_size = (int(width), int(height))

    @property
    def name(self) -> str:
        """The model's name."""
        return self._name

    @property
    def confidence(self) -> float:
        """Score from which a detection may start a person."""
        return self._confidence

    def detect(self, image: NDArray[np.uint8]) -> Detections:
        """Return the people in `image` (H, W, 3) BGR, in its pixels.

        Raises:
            DetectorError: the network failed.
        """
        size = (image.shape[1], image.shape[0])
        placement = place(size, self._input_size, self._family.fit)
        outputs = self._network.run(self._blob(letterbox(image, self._input_size, placement)))
        xyxy, score = self._family.decode(outputs, self._input_size, min(MIN_SCORE, self._confidence))
        xyxy = placement.to_frame(xyxy, size)
        keep = np.min(xyxy[:, 2:] - xyxy[:, :2], axis=1, initial=np.inf) >= _MIN_SIDE_PX
        return Detections(xyxy[keep], np.minimum(score[keep], np.float32(1)))

    def reset(self) -> None:
        """Nothing is remembered between frames."""

    def _blob(self, canvas: NDArray[np.uint8]) -> NDArray[np.generic]:
        if self._family.picture_input:
            return np.ascontiguousarray(canvas[None, :, :, ::-1] if self._family.rgb else canvas[None])
        return np.asarray(cv2.dnn.blobFromImage(canvas, 1.0 / self._family.divisor, swapRB=self._family.rgb))
