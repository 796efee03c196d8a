"""A detector from a network: fit the picture in, run, decode, and bring the boxes back."""

from contextlib import AbstractContextManager
from threading import Lock
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.detection.families import Family
from edge.detection.letterbox import letterbox, place
from edge.detection.protocol import Network
from edge.detections import Detections
from edge.frames import Image, Picture, as_picture

#: Boxes that score less are noise even for continuing a known person (ByteTrack's lower bound, Zhang et al. 2022).
MIN_SCORE: Final = 0.1
#: Boxes with a shorter side than this, in pixels, are what clipping to the frame left over.
_MIN_SIDE_PX: Final = 2.0
#: A flexible input has sides of whole cells of the network's coarsest grid.
CELL_PX: Final = 32


class NeuralDetector:
    """Finds people with any network of a known family. Several cameras, each in its thread, may share one network."""

    def __init__(
        self,
        network: Network,
        family: Family,
        *,
        name: str,
        confidence: float,
        scale: float | None = None,
        turn: AbstractContextManager[object] | None = None,
    ) -> None:
        """Ask `network`. `scale` fixes how much smaller a picture gets, where its input is flexible; see `at`."""
        self.network = network
        self._family = family
        self._name = name
        self._confidence = confidence
        self._scale = scale
        #: Outputs lie in the network's own memory: one camera at a time runs it and reads them.
        self._turn = turn or Lock()
        shape = network.input_shape
        height, width = shape[1:3] if family.picture_input else shape[2:4]
        self._largest = (int(width), int(height))

    @property
    def name(self) -> str:
        """The model's name."""
        return self._name

    @property
    def confidence(self) -> float:
        """Score from which a detection may start a person."""
        return self._confidence

    @property
    def sees_parts(self) -> bool:
        """Whether a part of a picture costs less and shows as much of the people in it."""
        return self.network.flexible and self._family.parts

    def at(self, scale: float) -> "NeuralDetector":
        """Return this detector for parts of a picture, of which one pixel becomes `scale` pixels of the input.

        Its input is as large as the part needs and no larger. The network is shared.
        """
        return NeuralDetector(
            self.network, self._family, name=self._name, confidence=self._confidence, scale=scale, turn=self._turn
        )

    def scale_for(self, size: tuple[int, int]) -> float:
        """Return how many pixels of the input one of a picture of (width, height) becomes."""
        return min(side / own for side, own in zip(self._largest, size, strict=True))

    def detect(self, seen: Picture | Image) -> Detections:
        """Return the people in a picture, or in an array (H, W, 3) BGR, in its pixels.

        Raises:
            DetectorError: the network failed.
        """
        picture = as_picture(seen)
        input_size = self._input_for(picture.size)
        placement = place(picture.size, input_size, self._family.fit)
        blob = self.prepared(picture)
        with self._turn:
            outputs = self.network.run(blob)
            xyxy, score = self._family.decode(outputs, input_size, min(MIN_SCORE, self._confidence))
            xyxy = placement.to_frame(xyxy, picture.size)
            score = np.minimum(score, np.float32(1))
        keep = np.min(xyxy[:, 2:] - xyxy[:, :2], axis=1, initial=np.inf) >= _MIN_SIDE_PX
        return Detections(xyxy[keep], score[keep])

    def prepared(self, picture: Picture) -> NDArray[np.generic]:
        """Return what the network is given for `picture`."""
        input_size = self._input_for(picture.size)
        return self._blob(letterbox(picture, input_size, place(picture.size, input_size, self._family.fit)))

    def reset(self) -> None:
        """Nothing is remembered between frames."""

    def _input_for(self, size: tuple[int, int]) -> tuple[int, int]:
        """Return (width, height) of the input for a picture of `size`: rectangular where the network allows it."""
        if not self.network.flexible:
            return self._largest
        scale = self._scale or self.scale_for(size)
        # A hair less, so that 640.0001 is not rounded up to a cell more.
        width, height = (CELL_PX * max(1, int(np.ceil(side * scale / CELL_PX - 1e-3))) for side in size)
        return min(width, self._largest[0]), min(height, self._largest[1])

    def _blob(self, canvas: NDArray[np.uint8]) -> NDArray[np.generic]:
        if self._family.picture_input:
            return np.ascontiguousarray(canvas[None, :, :, ::-1] if self._family.rgb else canvas[None])
        return np.asarray(cv2.dnn.blobFromImage(canvas, 1.0 / self._family.divisor, swapRB=self._family.rgb))
