"""Our tracker and line beside what one would pick instead, on the same detections of the same clip.

`python -m deploy.bench.trackers clip.avi road=340,180,340,370 --model yolox-nano`

The rival, ByteTrack of `trackers` with the LineZone of `supervision`, is no dependency of ours: install both into a
throw-away environment to see it; without them its column is null.
"""

import importlib
import importlib.util
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, Final, TypeAlias

import numpy as np
import typer

from edge.config import CameraConfig, LineConfig
from edge.counting.lines import LineCounter
from edge.detection.opening import open_detector
from edge.detections import Detections
from edge.events import LineCrossed
from edge.geometry import Segment
from edge.recount_setup import parse_line
from edge.sources.opening import open_source
from edge.tracking.bytetrack import ByteTrack

#: (media time, what was detected), frame after frame.
Seen: TypeAlias = Sequence[tuple[float, Detections]]
Result: TypeAlias = dict[str, Any]

_EVERY: Final = {"full": 1, "half": 2}
_CROWDS: Final = (10, 50, 200)


def run(video: Path, line: LineConfig, model: str) -> dict[str, Any]:
    """Return, per tool, counts and processor milliseconds a frame at the clip's rate and at half of it."""
    detector = open_detector(model)
    source = open_source(CameraConfig(name="bench", source=str(video)))
    seen = [(frame.time_s, detector.detect(frame.image)) for frame in source]
    source.close()
    fps = source.fps or 25.0
    tools: dict[str, Callable[[Seen, LineConfig, float, float], Result] | None] = {
        "footfall": _ours,
        "trackers_linezone": _rival if _installed("trackers", "supervision") else None,
    }
    report: dict[str, Any] = {"video": video.name, "model": model, "frames": len(seen), "tools": {}, "crowd_ms": {}}
    for name, tool in tools.items():
        report["tools"][name] = tool and {
            rate: tool(seen[::every], line, fps / every, detector.confidence) for rate, every in _EVERY.items()
        }
        report["crowd_ms"][name] = tool and {
            people: tool(_crowd(people), line, 10.0, 0.4)["ms_per_frame"] for people in _CROWDS
        }
    return report


def _ours(seen: Seen, line: LineConfig, fps: float, confidence: float) -> Result:
    del fps
    tracker, counter = ByteTrack(confidence), LineCounter(line.name, Segment(*line.points), "foot")
    events = []
    start = time.process_time()
    for number, (time_s, found) in enumerate(seen):
        events += counter.update(tracker.update(found, time_s), number, time_s)
    events += counter.cut(0.0)
    spent = time.process_time() - start
    directions = [item.event.direction for item in events if isinstance(item.event, LineCrossed)]
    return {"in": directions.count("in"), "out": directions.count("out"), "ms_per_frame": _ms(spent, seen)}


def _rival(seen: Seen, line: LineConfig, fps: float, confidence: float) -> Result:
    sv = importlib.import_module("supervision")
    rivals = importlib.import_module("trackers")

    tracker = rivals.ByteTrackTracker(frame_rate=fps, track_activation_threshold=confidence)
    start_point, end_point = (sv.Point(*point) for point in line.points)
    # Two of its frames beyond the line, the foot as anchor: its best setting on these clips.
    zone = sv.LineZone(
        start_point, end_point, triggering_anchors=[sv.Position.BOTTOM_CENTER], minimum_crossing_threshold=2
    )
    start = time.process_time()
    for _, found in seen:
        people = sv.Detections(xyxy=found.xyxy, confidence=found.score, class_id=np.zeros(len(found), int))
        tracked = tracker.update(people)
        zone.trigger(tracked[tracked.tracker_id != -1])
    spent = time.process_time() - start
    return {"in": zone.in_count, "out": zone.out_count, "ms_per_frame": _ms(spent, seen)}


def _crowd(people: int, frames: int = 100) -> Seen:
    """So many people who stroll about on a wide floor."""
    random = np.random.default_rng(people)
    feet, pace = random.uniform(0, 4_000, (people, 2)), random.uniform(-8, 8, (people, 2))
    scenes = []
    for number in range(frames):
        corner = feet + pace * number
        boxes = np.hstack([corner, corner + np.array([40, 100])]).astype(np.float32)
        scenes.append((number / 10, Detections(boxes, np.full(people, 0.9, np.float32))))
    return scenes


def _ms(spent_s: float, seen: Seen) -> float:
    return round(spent_s / len(seen) * 1000, 2)


def _installed(*modules: str) -> bool:
    return all(importlib.util.find_spec(module) for module in modules)


def _main(video: Path, line: str, model: Annotated[str, typer.Option()] = "yolox-nano") -> None:
    typer.echo(json.dumps(run(video, parse_line(line), model), indent=2))


if __name__ == "__main__":
    typer.run(_main)
