"""Counting a clip as the product does, and looking on: its own pipeline at its own settings."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from deploy.evaluation.clips import Clip
from deploy.evaluation.truth import TrueLine, TrueZone
from edge.config import CameraConfig, LineConfig, ZoneConfig
from edge.detection.protocol import Detector
from edge.detections import Detections
from edge.frames import Frame
from edge.geometry import Segment
from edge.pipeline import build_pipeline
from edge.recount import Recount, recount
from edge.sources.opening import open_source
from edge.sources.protocol import VideoSource
from edge.tracking.bytetrack import ByteTrack

#: Hears the number of each frame read.
Hear = Callable[[int], None]
EVERYWHERE: Final = "everywhere"
_SAMPLE: Final = 60


@dataclass(slots=True)
class Watched:
    """What was seen of a pipeline at work. `inside` holds (frame, people) after each frame, zone by zone."""

    result: Recount
    inside: dict[str, list[tuple[int, int]]]


def camera_for(
    clip: Clip, lines: tuple[TrueLine, ...], zones: tuple[TrueZone, ...], rate: float | None = None
) -> CameraConfig:
    """Return the camera that counts `clip`: the product's defaults, and what the truth draws."""
    return CameraConfig(
        name=clip.name,
        source=str(clip.path),
        fps=rate,
        lines=tuple(
            LineConfig(name=line.name, points=(line.segment.a, line.segment.b), anchor=line.anchor) for line in lines
        ),
        zones=tuple(ZoneConfig(name=zone.name, polygon=zone.polygon, anchor=zone.anchor) for zone in zones),
    )


def count(
    clip: Clip,
    lines: tuple[TrueLine, ...],
    zones: tuple[TrueZone, ...],
    rate: float | None,
    *,
    detector: Detector,
    hear: Hear,
) -> Watched:
    """Return what the pipeline counts in `clip` at `rate` frames per second (None: all).

    Raises:
        SourceError: the clip cannot be read.
        ConfigError: a line or zone out of the picture.
        DetectorError: the model failed.
    """
    camera = camera_for(clip, lines, zones, rate)
    source = open_source(camera)
    inside: dict[str, list[tuple[int, int]]] = {zone.name: [] for zone in zones}
    try:
        pipeline = build_pipeline(camera, frame_size=source.size, detector=detector)

        def look(frame: int) -> None:
            for name, seen in inside.items():
                seen.append((frame, pipeline.people_in(name)))

        return Watched(recount(_Watching(source, look), pipeline, fps=rate, on_frame=hear), inside)
    finally:
        source.close()


def everywhere(size: tuple[int, int]) -> TrueZone:
    """Return the zone that is the whole picture of (width, height), for how many people are in it.

    The middle of a box is what must lie in it: feet at the lower edge of the picture would lie on its border.
    """
    width, height = size
    corners = ((0.0, 0.0), (float(width), 0.0), (float(width), float(height)), (0.0, float(height)))
    return TrueZone(EVERYWHERE, corners, "centre", None, (), None)


def size_of(path: Path) -> tuple[tuple[int, int], float | None, int | None]:
    """Return (width, height), frames per second and number of frames of a clip, as it states them.

    Raises:
        SourceError: it cannot be read.
    """
    source = open_source(CameraConfig(name="clip", source=str(path)))
    try:
        return source.size, source.fps, source.frame_count
    finally:
        source.close()


@dataclass(slots=True)
class Followed:
    """People followed through a clip: (frame, numbers (N,), boxes xyxy (N, 4)) of the confirmed tracks."""

    frames: list[tuple[int, NDArray[np.int64], NDArray[np.float32]]] = field(default_factory=list)

    @classmethod
    def of(cls, told: Iterable[tuple[int, list[int], list[list[float]]]]) -> "Followed":
        """Return what another tool told, frame by frame."""
        return cls(
            [(frame, np.array(ids, np.int64), np.array(xyxy, np.float32).reshape(-1, 4)) for frame, ids, xyxy in told]
        )


def follow(clip: Clip, rate: float | None, *, detector: Detector, hear: Hear) -> Followed:
    """Return whom the product's detector and tracker follow in every due frame of `clip`, without the motion gate.

    Raises:
        SourceError, DetectorError: as `count`.
    """
    source = open_source(CameraConfig(name=clip.name, source=str(clip.path), fps=rate))
    tracker, followed = ByteTrack(detector.confidence), Followed()
    try:
        for frame in source:
            hear(frame.index)
            tracks = tracker.update(detector.detect(frame.image), frame.time_s)
            sure = tracks.confirmed
            followed.frames.append((frame.index, tracks.ids[sure], tracks.xyxy[sure]))
    finally:
        source.close()
    return followed


def half_height(path: Path, lines: tuple[TrueLine, ...], detector: Detector) -> float:
    """Return half the median height, in pixels, of people found with their feet near one of `lines` drawn for feet.

    `_SAMPLE` frames of the clip are looked at. 0 without such a line, or where nobody was found: nothing to shift then.

    Raises:
        SourceError, DetectorError: as `count`.
    """
    feet = [line.segment for line in lines if line.anchor == "foot"]
    if not feet:
        return 0.0
    heights: list[float] = []
    source = open_source(CameraConfig(name="clip", source=str(path)))
    every = max(1, (source.frame_count or 0) // _SAMPLE)
    try:
        for frame in source:
            if frame.index % every == 0:
                heights += _heights_near(feet, detector.detect(frame.image), detector.confidence)
    finally:
        source.close()
    detector.reset()
    return float(np.median(heights)) / 2 if heights else 0.0


def _heights_near(lines: list[Segment], found: Detections, confidence: float) -> list[float]:
    boxes = (box for box, score in zip(found.xyxy.tolist(), found.score.tolist(), strict=True) if score >= confidence)
    return [
        bottom - top
        for left, top, right, bottom in boxes
        if any(line.distance(((left + right) / 2, bottom)) <= bottom - top for line in lines)
    ]


class _Watching:
    """A source that lets someone look on after each of its frames is dealt with."""

    def __init__(self, source: VideoSource, look: Callable[[int], None]) -> None:
        self._source = source
        self._look = look

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self._source.size

    @property
    def fps(self) -> float | None:
        """Frames per second."""
        return self._source.fps

    @property
    def frame_count(self) -> int | None:
        """How many frames there are."""
        return self._source.frame_count

    def __iter__(self) -> Iterator[Frame]:
        """Yield the frames; who asks for the next one is done with the last."""
        for frame in self._source:
            yield frame
            self._look(frame.index)

    def close(self) -> None:
        """Close the source."""
        self._source.close()
