"""Detections: the people found in one frame, as a struct of arrays."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Detections:
    """N people.

    Attributes:
        xyxy: float32 (N, 4): left, top, right, bottom in pixels of the source frame, right > left, bottom > top.
        score: float32 (N,), in (0, 1].
    """

    xyxy: NDArray[np.float32]
    score: NDArray[np.float32]

    def __post_init__(self) -> None:
        """Refuse arrays that do not belong together.

        Raises:
            ValueError: shapes other than (N, 4) and (N,).
        """
        if self.xyxy.ndim != 2 or self.xyxy.shape[1] != 4 or self.score.shape != self.xyxy.shape[:1]:  # noqa: PLR2004
            raise ValueError(
                f"expected xyxy (N, 4) and score (N,), got xyxy {self.xyxy.shape} and score {self.score.shape}"
            )

    def __len__(self) -> int:
        return len(self.score)

    @classmethod
    def empty(cls) -> "Detections":
        """Nobody."""
        return cls(np.empty((0, 4), np.float32), np.empty(0, np.float32))
