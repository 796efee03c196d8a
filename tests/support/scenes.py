"""Builders of what a camera sees: boxes, tracks, walks, frames, clips. Pixels, y down; a person is 100 px tall."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from edge.counting.protocol import Counted, Counter
from edge.detections import Detections
from edge.events import Event
from edge.frames import Frame
from edge.geometry import Place
from edge.tracking.protocol import Tracks

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
PERSON_PX = 100.0


def box(foot: Place, height: float = PERSON_PX) -> list[float]:
    """A person's box: `foot` is the middle of its lower edge, it is 0.4 as wide as tall."""
    x, y = foot
    return [x - 0.2 * height, y - height, x + 0.2 * height, y]


def detections(feet: Iterable[Place], *, score: float = 0.9, height: float = PERSON_PX) -> Detections:
    """People standing at `feet`."""
    boxes = np.array([box(foot, height) for foot in feet], np.float32).reshape(-1, 4)
    return Detections(boxes, np.full(len(boxes), score, np.float32))


def tracks(
    feet: dict[int, Place], *, confirmed: bool = True, ended: Sequence[int] = (), height: float = PERSON_PX
) -> Tracks:
    """Tracks by number, standing at `feet`."""
    return Tracks(
        ids=np.array(list(feet), np.int64),
        xyxy=np.array([box(foot, height) for foot in feet.values()], np.float32).reshape(-1, 4),
        confirmed=np.full(len(feet), confirmed, np.bool_),
        ended=tuple(ended),
    )


def walk(start: Place, end: Place, frames: int) -> list[Place]:
    """Places on the straight way from `start` to `end`, both included."""
    return [
        (start[0] + (end[0] - start[0]) * step / (frames - 1), start[1] + (end[1] - start[1]) * step / (frames - 1))
        for step in range(frames)
    ]


def bare(items: Iterable[Counted]) -> list[Event]:
    """The events of `items`, nobody's any more."""
    return [item.event for item in items]


def counted(counter: Counter, path: Sequence[Place | None], *, fps: float = 10.0, end: bool = True) -> list[Event]:
    """What `counter` says about one confirmed person on `path`; None: not seen in that frame."""
    events: list[Event] = []
    for frame, foot in enumerate(path):
        events += bare(counter.update(tracks({} if foot is None else {1: foot}), frame, frame / fps))
    if end:
        events += bare(counter.update(tracks({}, ended=[1]), len(path), len(path) / fps))
        events += bare(counter.cut(len(path) / fps))
    return events


def frame(
    index: int = 0,
    *,
    image: NDArray[np.uint8] | None = None,
    fps: float = 10.0,
    discontinuity: bool = False,
    size: tuple[int, int] = (320, 240),
) -> Frame:
    """A frame; grey unless an image is given."""
    picture = image if image is not None else np.full((size[1], size[0], 3), 128, np.uint8)
    return Frame(picture, index, index / fps, START + timedelta(seconds=index / fps), discontinuity)


def write_clip(
    path: Path, *, frames: int = 20, fps: int = 10, size: tuple[int, int] = (160, 120), walker: bool = False
) -> Path:
    """A real video file: a bright square that moves right by 4 pixels a frame. Its grey is its number.

    With `walker` it can be counted on: a dark block that comes in over a floor that stays as it is, ten frames in.
    """
    width, height = size
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=fps)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for number in range(frames):
            image = np.full((height, width, 3), 200 if walker else number * 4, np.uint8)
            left = (number - 10) * 4 if walker else number * 4
            image[40:80, max(0, left) : max(0, left + 20)] = 30 if walker else 255
            for packet in stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return path
