"""Films: a scene as a camera with so many frames a second and a detector with such faults sees it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from deploy.simulation.tracks.detector import Faults, Sight, found
from deploy.simulation.tracks.hiding import hidden
from deploy.simulation.tracks.noise import Noise
from deploy.simulation.tracks.scenes import Scene
from deploy.simulation.tracks.view import Floats
from edge.detections import Detections

#: What clipping to the picture leaves of a box, in pixels, below which a detector reports nothing.
_MIN_SIDE_PX: Final = 2.0
_GHOST_SCORE: Final = (0.15, 0.7)


@dataclass(frozen=True, slots=True, eq=False)
class Film:
    """What the detector says, and where the people are.

    Attributes:
        fps: frames a second; frame k is at k ÷ fps seconds.
        frames: how many.
        found_frame: int64 (D,), sorted: the frame of each detection.
        found: the detections of all frames.
        found_person: int64 (D,): index of the walk that each is a box of; -1 for a false box.
        true_frame: int64 (T,), sorted: the frame of each true box.
        true_person: int64 (T,): index of its walk.
        true_boxes: float64 (T, 4): xyxy, clipped to the picture, of everyone of whom something is in it.
        true_hidden: float64 (T,): the share of the box that lies behind others.
    """

    fps: float
    frames: int
    found_frame: NDArray[np.int64]
    found: Detections
    found_person: NDArray[np.int64]
    true_frame: NDArray[np.int64]
    true_person: NDArray[np.int64]
    true_boxes: Floats
    true_hidden: Floats

    def __iter__(self) -> Iterator[tuple[int, float, Detections]]:
        """Yield each frame's number, its moment in seconds and its detections."""
        edges = np.searchsorted(self.found_frame, np.arange(self.frames + 1))
        for frame in range(self.frames):
            rows = slice(edges[frame], edges[frame + 1])
            yield frame, frame / self.fps, Detections(self.found.xyxy[rows], self.found.score[rows])


@dataclass(frozen=True, slots=True, eq=False)
class _Boxes:
    frame: NDArray[np.int64]
    person: NDArray[np.int64]
    boxes: Floats
    depth: Floats


def film(scene: Scene, *, fps: float, faults: Faults, seed: int) -> Film:
    """Return `scene` as a camera of `fps` frames a second and a detector with `faults` sees it."""
    view = scene.model.view
    draw, noise = np.random.default_rng([seed, round(fps * 1000)]), Noise(seed)
    frames = int(np.ceil(max([scene.duration_s, *(walk.end_s for walk in scene.walks)]) * fps)) + 1
    true = _true(scene, fps)
    clipped = view.clipped(true.boxes)
    hiding = hidden(view, true.boxes, true.depth, true.frame, scene.model.pillars)
    people = found(faults, noise, draw, Sight(true.boxes, clipped, hiding, true.person, true.frame / fps))
    parts = [
        (true.frame[people.row], people.boxes, people.score, true.person[people.row]),
        _ghosts(scene, faults, draw, frames, fps),
        *_fixtures(scene, faults, draw, frames),
    ]
    frame, boxes, score, person = (np.concatenate([part[column] for part in parts]) for column in range(4))
    boxes = view.clipped(boxes)
    kept = np.min(boxes[:, 2:] - boxes[:, :2], axis=1, initial=np.inf) >= _MIN_SIDE_PX
    order = np.flatnonzero(kept)[np.argsort(frame[kept], kind="stable")]
    detections = Detections(boxes[order].astype(np.float32), score[order].astype(np.float32))
    return Film(fps, frames, frame[order], detections, person[order], true.frame, true.person, clipped, hiding.share)


def _true(scene: Scene, fps: float) -> _Boxes:
    """Return the true boxes, not clipped, of whom something is in the picture, by frame."""
    view = scene.model.view
    parts = []
    for number, walk in enumerate(scene.walks):
        own = np.arange(int(np.ceil(walk.start_s * fps)), int(walk.end_s * fps) + 1)
        floor = walk.at(own / fps)
        boxes = view.boxes(floor, np.full(len(own), walk.height_m), np.full(len(own), walk.width))
        parts.append((own, np.full(len(own), number), boxes, floor[:, 1]))
    if not parts:
        return _Boxes(np.empty(0, np.int64), np.empty(0, np.int64), np.empty((0, 4)), np.empty(0))
    frame, person, boxes, depth = (np.concatenate([part[column] for part in parts]) for column in range(4))
    clipped = view.clipped(boxes)
    kept = np.min(clipped[:, 2:] - clipped[:, :2], axis=1) >= _MIN_SIDE_PX
    order = np.flatnonzero(kept)[np.argsort(frame[kept], kind="stable")]
    return _Boxes(frame[order], person[order], boxes[order], depth[order])


_Part = tuple[NDArray[np.int64], Floats, Floats, NDArray[np.int64]]


def _ghosts(scene: Scene, faults: Faults, draw: np.random.Generator, frames: int, fps: float) -> _Part:
    """Return false boxes: the size of a person, anywhere on the floor in view, each for a moment."""
    view = scene.model.view
    number = int(draw.poisson(faults.ghosts * frames / fps / 60))
    lasts = max(1, round(faults.ghost_s * fps))
    start = draw.integers(0, max(1, frames - lasts), number)
    nearest = view.focal_px * view.mounted_m / (view.size[1] - view.horizon_px)
    depth = draw.uniform(nearest, 4 * nearest, number)
    x = draw.uniform(-0.5, 0.5, number) * view.size[0] / view.focal_px * depth
    boxes = view.boxes(np.stack([x, depth], axis=1), draw.uniform(0.8, 1.9, number), draw.uniform(0.3, 0.6, number))
    frame = (start[:, None] + np.arange(lasts)).ravel()
    tall = np.repeat(boxes[:, 3] - boxes[:, 1], lasts)[:, None]
    boxes = np.repeat(boxes, lasts, axis=0) + faults.tremble * tall * draw.standard_normal((number * lasts, 4))
    return frame, boxes, draw.uniform(*_GHOST_SCORE, number * lasts), np.full(number * lasts, -1)


def _fixtures(scene: Scene, faults: Faults, draw: np.random.Generator, frames: int) -> list[_Part]:
    """Return what the detector sees of things that look like people, whole and unhidden."""
    parts = []
    for fixture in scene.model.fixtures:
        frame = np.flatnonzero(draw.random(frames) < fixture.share)
        box = scene.model.view.boxes(np.array([fixture.spot]), np.array([fixture.height_m]), np.array([0.35]))
        tall = box[0, 3] - box[0, 1]
        off = 2 * faults.tremble * tall * draw.standard_normal((len(frame), 4))
        score = np.clip(draw.normal(fixture.score, 0.08, len(frame)), 0.1, 0.95)
        parts.append((frame, box + off, score, np.full(len(frame), -1)))
    return parts
