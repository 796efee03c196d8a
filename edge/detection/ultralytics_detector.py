"""A detector on Ultralytics and torch (AGPL-3.0): the `ultralytics` extra, for checkpoints that were not exported."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge.detection.neural import MIN_SCORE
from edge.detections import Detections
from edge.errors import BackendMissingError, DetectorError


class UltralyticsDetector:
    """Finds people with an Ultralytics checkpoint (.pt)."""

    def __init__(self, path: Path, *, name: str, confidence: float, threads: int = 1) -> None:
        """Load `path`.

        Raises:
            BackendMissingError: the extra is not installed.
            DetectorError: not a checkpoint.
        """
        try:
            import torch  # noqa: PLC0415 - an AGPL extra of 1.5 GB, imported only when asked for
            import ultralytics  # noqa: PLC0415 - as above
        except ImportError as error:
            raise BackendMissingError(
                f"{path} is a checkpoint and needs Ultralytics, which is not installed. Do `pip install "
                "'footfall[ultralytics]'`, or export it once elsewhere (`footfall models export`)."
            ) from error
        torch.set_num_threads(threads)
        self._name = name
        self._confidence = confidence
        try:
            self._model = ultralytics.YOLO(str(path), task="detect")
        except (RuntimeError, OSError, ValueError, TypeError) as error:
            raise DetectorError(f"Ultralytics cannot load {path}: {error}") from error

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
            DetectorError: the model failed.
        """
        try:
            found = self._model.predict(image, conf=MIN_SCORE, classes=[0], verbose=False, device="cpu")[0].boxes
        except RuntimeError as error:
            raise DetectorError(f"Ultralytics failed on a frame of {image.shape}: {error}") from error
        return Detections(
            np.asarray(found.xyxy.numpy(), np.float32).reshape(-1, 4), np.asarray(found.conf.numpy(), np.float32)
        )

    def reset(self) -> None:
        """Nothing is remembered between frames."""
