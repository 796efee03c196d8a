"""Simulated people one by one, and their exact tracks: what a tracker that never errs would say of them."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from deploy.simulation.tracks.scenes import SCENES, Scene
from deploy.simulation.tracks.scoring import CountedCrossing
from deploy.simulation.tracks.walks import Walk, way
from deploy.simulation.tracks.ways import WAYS, Stage
from edge.counting.protocol import Counted, Counter
from edge.events import LineCrossed
from edge.geometry import Segment
from edge.tracking.protocol import Tracks


def scene_of(*walks: Walk, name: str = "sparse door") -> Scene:
    """The scene `name` with these people in it and nobody else."""
    model = replace(SCENES[name], pillars=(), fixtures=())
    return Scene(model, walks, max(walk.end_s for walk in walks) + 1)


def walker(rule: str, seed: int, *, name: str = "sparse door", start_s: float = 1.0, speed_mps: float = 1.2) -> Walk:
    """Somebody who walks as the rule says (a name of `WAYS`), from either side."""
    model, draw = SCENES[name], np.random.default_rng(seed)
    side = -1 if draw.random() < 0.5 else 1
    stage = Stage(model.line.length, model.out_m, model.in_m)
    floor = model.line.floor(way(WAYS[rule](draw, stage, side, 0.6), speed_mps))
    floor[:, 1] = np.maximum(floor[:, 1], 1.0)
    return Walk(start_s=start_s, floor=floor, height_m=1.7, width=0.35, group=0)


def segment_of(scene: Scene) -> Segment:
    """The scene's line in the picture."""
    view, line = scene.model.view, scene.model.line
    return Segment(view.spot(line.a), view.spot(line.b))


def exact_tracks(scene: Scene, fps: float) -> list[Tracks]:
    """Everybody whose foot is in the picture, frame by frame, under one number each; who left ends 2 s later."""
    view, frames = scene.model.view, int(scene.duration_s * fps) + round(3 * fps)
    seen: list[dict[int, list[float]]] = [{} for _ in range(frames)]
    ended: list[list[int]] = [[] for _ in range(frames)]
    for number, walk in enumerate(scene.walks, start=1):
        own = np.arange(int(np.ceil(walk.start_s * fps)), int(walk.end_s * fps) + 1)
        floor = walk.at(own / fps)
        boxes = view.boxes(floor, np.full(len(own), walk.height_m), np.full(len(own), walk.width))
        visible = view.sees_foot(floor)
        for frame, box in zip(own[visible].tolist(), boxes[visible].tolist(), strict=True):
            seen[frame][number] = box
        if visible.any():
            ended[min(frames - 1, int(own[visible][-1] + 2 * fps))].append(number)
    return [
        Tracks(
            ids=np.array(list(people), np.int64),
            xyxy=np.array(list(people.values()), np.float32).reshape(-1, 4),
            confirmed=np.ones(len(people), np.bool_),
            ended=tuple(gone),
        )
        for people, gone in zip(seen, ended, strict=True)
    ]


def run(counter: Counter, frames: Sequence[Tracks], fps: float) -> list[Counted]:
    """All that is counted, the end of the picture included."""
    counted = [one for number, now in enumerate(frames) for one in counter.update(now, number, number / fps)]
    return counted + counter.cut(len(frames) / fps)


def crossings_in(counted: Sequence[Counted]) -> list[CountedCrossing]:
    """The crossings among what was counted."""
    return [
        CountedCrossing(one.event.at_s, one.event.direction, one.point)
        for one in counted
        if isinstance(one.event, LineCrossed)
    ]
