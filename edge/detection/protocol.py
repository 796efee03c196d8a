"""The seams of detection: a Detector finds people in a picture, a Network runs a model on a prepared input."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from edge.detections import Detections
from edge.frames import Image, Picture


class Detector(Protocol):
    """Finds people, and nothing else, in a frame."""

    @property
    def name(self) -> str:
        """What is run, for logs and reports."""

    @property
    def confidence(self) -> float:
        """Score from which one detection may start a person. Lower ones only continue a person already known."""

    def detect(self, seen: Picture | Image) -> Detections:
        """Return the people in a picture, or in an array (H, W, 3) BGR, as boxes in its pixels, clipped to it.

        Raises:
            DetectorError: the model failed on this input.
        """

    def reset(self) -> None:
        """Forget what was learnt from earlier frames: the next one does not follow them."""


class Network(Protocol):
    """A neural network on one runtime."""

    #: Whether it takes every height and width in whole 32 pixels up to those of `input_shape`.
    flexible: bool
    #: How it is spoken to (edge.detection.families), where that is not what its file's output says; else None.
    family: str | None

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of the input: (1, 3, H, W), or (1, H, W, 3) for a network that takes pictures as they lie."""

    @property
    def output_shape(self) -> tuple[int, ...]:
        """Shape of the first output; free sides as 0."""

    def run(self, blob: NDArray[np.generic]) -> list[NDArray[np.float32]]:
        """Return the network's outputs for `blob` of `input_shape`, or a smaller one where it is flexible."""
