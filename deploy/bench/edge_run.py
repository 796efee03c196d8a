"""One measured run of our own pipeline in a process of its own: what `deploy.bench.edge` starts, and reads as JSON.

`python -m deploy.bench.edge_run '{"clip": "clip.mp4", "lines": ["door=340,180,340,370"], "model": "yolo11n", …}'`

Processor time is of all threads, from the second analysed frame on, because libraries load with the first; memory is
the peak of the whole process.
"""

import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from edge.config import CameraConfig
from edge.detection.neural import NeuralDetector
from edge.detection.opening import open_detector
from edge.frames import Frame
from edge.pipeline import build_pipeline
from edge.recount_setup import parse_line
from edge.sources.opening import open_source

#: Frames on which the network alone is timed.
_BARE_FRAMES: Final = 40


@dataclass(frozen=True, slots=True)
class Job:
    """What to run. `what`: `count` (the whole pipeline) or `floor` (decoding alone, then the bare network)."""

    what: str
    clip: str
    lines: tuple[str, ...]
    model: str
    fps: float | None
    gate: bool
    whole_picture: bool
    frames: int | None = None

    def camera(self) -> CameraConfig:
        """Return the camera that does it."""
        return CameraConfig(
            name="bench",
            source=self.clip,
            fps=self.fps,
            model=self.model,
            motion_gate=self.gate,
            whole_picture=self.whole_picture,
            lines=tuple(parse_line(word) for word in self.lines),
        )


def count(job: Job) -> dict[str, Any]:
    """Return what the whole pipeline costs, frame by frame analysed, decoding of the others included."""
    camera = job.camera()
    source = open_source(camera)
    pipeline = build_pipeline(camera, frame_size=source.size)
    events, start = [], 0.0
    for frame in source:
        events += pipeline.process(frame)
        # Libraries load with the first frame: it is not timed.
        start = start or time.process_time()
        if pipeline.frames == job.frames:
            break
    spent = time.process_time() - start
    events += pipeline.finish()
    source.close()
    return {
        "frames": pipeline.frames,
        "frames_inferred": pipeline.frames_inferred,
        "crossings": sum(1 for event in events if hasattr(event, "direction")),
        "cpu_s_per_frame": round(spent / max(1, pipeline.frames - 1), 6),
        "rss_mb": peak_mb(),
    }


def floor(job: Job) -> dict[str, Any]:
    """Return what decoding a frame costs, and what the bare network does with a picture that is already prepared."""
    source = open_source(CameraConfig(name="bench", source=job.clip))
    pictures: list[Frame] = []
    decoded, start = 0, time.process_time()
    for frame in source:
        decoded += 1
        if decoded <= _BARE_FRAMES:
            pictures.append(frame)
        if decoded == (job.frames or decoded + 1):
            break
    decode_s = (time.process_time() - start) / max(1, decoded)
    native, size = source.fps, source.size
    source.close()
    return {
        "size": list(size),
        "fps": native,
        "decode_s": round(decode_s, 6),
        "inference_s": bare_inference_s(job.model, pictures),
    }


def bare_inference_s(model: str, pictures: list[Frame]) -> float | None:
    """Return the median processor seconds of the network alone; None where there is none (background subtraction)."""
    detector = open_detector(model)
    if not isinstance(detector, NeuralDetector):
        return None
    times = []
    for frame in pictures:
        blob = detector.prepared(frame.picture)
        start = time.process_time()
        detector.network.run(blob)
        times.append(time.process_time() - start)
    return round(float(np.median(times[1:] or times)), 6)


def peak_mb() -> float:
    """Return the largest memory that this process ever had, in MB of 1024² bytes."""
    words = next(line for line in Path("/proc/self/status").read_text("utf-8").splitlines() if line.startswith("VmHWM"))
    return round(int(words.split()[1]) / 1024, 1)


if __name__ == "__main__":
    given = msgspec.json.decode(sys.argv[1], type=Job)
    sys.stdout.write(json.dumps(count(given) if given.what == "count" else floor(given)) + "\n")
