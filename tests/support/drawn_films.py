"""Simulated films as a camera's pictures: what the gate compares, and a detector that knows who is in the picture.

People are grey rectangles that sway; there is grain. Only the brightness that the gate asks for is drawn.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from deploy.bench.counting import CONFIDENCE
from deploy.simulation.tracks.film import Film
from deploy.simulation.tracks.scenes import Scene
from deploy.simulation.tracks.scoring import CountedCrossing
from edge.counting.lines import LineCounter
from edge.counting.protocol import Counted
from edge.detections import Detections
from edge.events import LineCrossed
from edge.frames import Frame, Image, Picture, Region
from edge.geometry import Segment
from edge.lookout import Lookout
from edge.motion_gate import MotionGate
from edge.pipeline import CameraPipeline
from edge.reach import Reach
from edge.tracking.bytetrack import ByteTrack
from edge.tracking.protocol import Tracks
from tests.support.scenes import START

#: Standard deviation of a brightness value, averaged over what it covers: an indoor camera's grain.
_GRAIN = 1.5


@dataclass(frozen=True)
class PlanePicture:
    """A picture of which nobody asks for more than its brightness: `plane`, float (90, 160)."""

    size: tuple[int, int]
    plane: NDArray[np.float64]

    @property
    def image(self) -> Image:
        raise NotImplementedError

    def scaled(self, size: tuple[int, int], region: Region | None = None) -> Image:
        raise NotImplementedError

    def luma(self, size: tuple[int, int]) -> Image:
        assert size == self.plane.shape[::-1]
        return np.clip(self.plane, 0, 255).astype(np.uint8)


@dataclass
class KnowingDetector:
    """Says of each frame what the film's detector says, and counts how often it was asked."""

    name = "knowing"
    confidence = CONFIDENCE
    says: Detections = field(default_factory=Detections.empty)
    asked: int = 0

    def detect(self, seen: Picture | Image) -> Detections:
        del seen
        self.asked += 1
        return self.says

    def reset(self) -> None:
        pass


def drawn(scene: Scene, film: Film, *, seed: int = 1) -> Iterator[tuple[Frame, Detections]]:
    """Yield each frame of `film` as a picture, and what its detector says of it. Who is nearer hides who is not."""
    draw, size = np.random.default_rng(seed), scene.model.view.size
    shades = 128.0 + draw.choice([-1, 1], len(scene.walks)) * draw.integers(18, 90, len(scene.walks))
    edges = np.searchsorted(film.true_frame, np.arange(film.frames + 1))
    per = np.array([160 / size[0], 90 / size[1]] * 2)
    for number, time_s, found in film:
        plane = np.full((90, 160), 128.0)
        rows = np.arange(edges[number], edges[number + 1])
        for row in rows[np.argsort(film.true_boxes[rows, 3])].tolist():
            left, top, right, bottom = np.round(film.true_boxes[row] * per).astype(int).tolist()
            plane[top:bottom, left:right] = shades[film.true_person[row]]
        plane += draw.normal(0, _GRAIN, plane.shape)
        yield Frame(PlanePicture(size, plane), number, time_s, START), found


class NotedLine(LineCounter):
    """A line that keeps what it counted, with the place."""

    def __init__(self, segment: Segment) -> None:
        super().__init__("line", segment, "foot")
        self.noted: list[CountedCrossing] = []

    def update(self, tracks: Tracks, frame: int, time_s: float) -> list[Counted]:
        return self._note(super().update(tracks, frame, time_s))

    def cut(self, time_s: float) -> list[Counted]:
        return self._note(super().cut(time_s))

    def _note(self, counted: list[Counted]) -> list[Counted]:
        self.noted += [
            CountedCrossing(one.event.at_s, one.event.direction, one.point)
            for one in counted
            if isinstance(one.event, LineCrossed)
        ]
        return counted


def counted(scene: Scene, film: Film, *, gate: bool) -> tuple[list[CountedCrossing], float]:
    """Return what a camera at the scene's line counts, and in which share of the frames the detector was asked."""
    view, line, detector = scene.model.view, scene.model.line, KnowingDetector()
    segment = Segment(view.spot(line.a), view.spot(line.b))
    noted = NotedLine(segment)
    lookout = Lookout(detector, MotionGate() if gate else None, reach=Reach([(segment, "foot")]))
    camera = CameraPipeline(lookout, ByteTrack(CONFIDENCE), lines=[noted])
    for frame, detector.says in drawn(scene, film):
        camera.process(frame)
    camera.finish()
    return noted.noted, detector.asked / film.frames
