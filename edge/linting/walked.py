"""Where people walked: grid cells with how many went through and along which axis, and what lines make of it."""

from dataclasses import dataclass
from math import atan2, cos
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.config import CameraConfig, LineConfig
from edge.geometry import Place
from edge.linting.problems import Problem
from edge.linting.shapes import samples

#: Fewer paths than this say nothing.
_ENOUGH: Final = 5
#: Below this agreement (0: every which way, 1: all along one axis) there is no axis.
_AGREED: Final = 0.5
#: How nearly along the line (cosine of the angle, 20°) people must walk for it to be drawn the wrong way.
_ALONG: Final = 0.94


@dataclass(frozen=True, slots=True)
class Walked:
    """What was seen of paths in a picture divided into a grid; bounded, and nothing in it is anybody's.

    Attributes:
        size: (width, height) of the picture, in pixels of the source.
        paths: float64 (rows, columns): how many paths went through each cell.
        axis: complex128 (rows, columns): sum of exp(2iθ) of the steps there, weighted by length in heights. Doubling
            the angle θ makes there and back the same axis.
        steps: float64 (rows, columns): sum of the lengths.
        total: how many paths there were.
    """

    size: tuple[int, int]
    paths: NDArray[np.float64]
    axis: NDArray[np.complex128]
    steps: NDArray[np.float64]
    total: int

    def cells(self, places: list[Place]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the (rows, columns) of the cells that hold `places`, each cell once."""
        rows, columns = self.paths.shape
        found = {
            (min(rows - 1, int(y / self.size[1] * rows)), min(columns - 1, int(x / self.size[0] * columns)))
            for x, y in places
        }
        return np.array([row for row, _ in found], np.int64), np.array([column for _, column in found], np.int64)


def lint_walked(camera: CameraConfig, line: LineConfig, walked: Walked) -> list[Problem]:
    """Return whether people were seen where the line is, and walked across rather than along it."""
    if walked.total < _ENOUGH:
        return []
    cells = walked.cells(samples(*line.points))
    if walked.paths[cells].max() < 1:
        message = f"none of {walked.total} people who were watched came near it"
        advice = "Move it to where they walk (`footfall edge propose` draws that), or watch for longer"
        return [Problem("line_nobody_near", "warning", camera.name, line.name, message, advice)]
    steps, axis = float(walked.steps[cells].sum()), complex(walked.axis[cells].sum())
    if walked.paths[cells].max() < _ENOUGH or abs(axis) < _AGREED * steps:
        return []
    (x0, y0), (x1, y1) = line.points
    angle = atan2(axis.imag, axis.real) / 2 - atan2(y1 - y0, x1 - x0)
    if abs(cos(angle)) < _ALONG:
        return []
    message = "people were seen to walk along it, not across it"
    advice = "Turn it across the way (`footfall edge propose` draws that)"
    return [Problem("line_along_the_walk", "warning", camera.name, line.name, message, advice)]
