"""What one camera costs on this machine: decoding, detection and the whole pipeline over a real clip.

Every frame of a camera must be decoded, however few are analysed.
Each model gets the same frames, one after the other, on one thread; times are of the processor (all threads of this
process), so that waiting for a busy machine is not counted as work.
"""

import os
import platform
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from edge.config import CameraConfig, LineConfig
from edge.detection.opening import open_detector
from edge.errors import DetectorError
from edge.frames import Frame
from edge.pipeline import build_pipeline
from edge.sources.opening import open_source
from models.registry import load_registry

#: A camera that is looked at so often: what the share of a core is stated for.
RATE_FPS = 5.0


def run(
    video: Path,
    *,
    models: Sequence[str] | None = None,
    frames: int = 150,
    heard: Callable[[str], None] = lambda _model: None,
) -> dict[str, Any]:
    """Return, per model, median processor milliseconds per frame and the share of a core at `RATE_FPS`.

    `models` default to those of the registry that can run here; `heard` is told each model's name before its turn.

    Raises:
        SourceError: the clip cannot be read.
    """
    start = time.process_time()
    taken, fps = _frames(video, frames)
    decode_ms = round((time.process_time() - start) / len(taken) * 1000, 2)
    rows = {}
    for model in models or list(load_registry()):
        heard(model)
        try:
            rows[model] = _measure(model, video, taken, decode_ms * fps)
        except DetectorError as error:
            rows[model] = {"not_run": str(error).partition(". ")[0]}
    height, width = taken[0].image.shape[:2]
    return {
        "video": video.name,
        "size": [width, height],
        "frames": len(taken),
        "fps": fps,
        "decode_ms": decode_ms,
        "unit": "processor milliseconds per frame, median",
        "models": rows,
        "machine": {"cpus": os.cpu_count(), "arch": platform.machine(), "python": platform.python_version()},
    }


def _measure(model: str, video: Path, frames: Sequence[Frame], decode_ms_per_s: float) -> dict[str, Any]:
    detector = open_detector(model)
    detect_ms = _median_ms(lambda frame: detector.detect(frame.image), frames)
    height, width = frames[0].image.shape[:2]
    line = LineConfig(name="middle", points=((width / 2, 0), (width / 2, height)))
    camera = CameraConfig(name="bench", source=str(video), model=model, motion_gate=False, lines=(line,))
    pipeline = build_pipeline(camera, frame_size=(width, height))
    whole_ms = _median_ms(pipeline.process, frames)
    return {
        "detect_ms": detect_ms,
        "pipeline_ms": whole_ms,
        "core_share_at_5_fps": round((decode_ms_per_s + whole_ms * RATE_FPS) / 1000, 3),
    }


def _median_ms(work: Callable[[Frame], object], frames: Iterable[Frame]) -> float:
    times = []
    for frame in frames:
        start = time.process_time()
        work(frame)
        times.append(time.process_time() - start)
    return round(statistics.median(times) * 1000, 2)


def _frames(video: Path, most: int) -> tuple[list[Frame], float]:
    """Return the first frames of the clip, and the frames per second that it states."""
    source = open_source(CameraConfig(name="bench", source=str(video)))
    try:
        return [frame for frame, _ in zip(source, range(most), strict=False)], source.fps or RATE_FPS
    finally:
        source.close()
