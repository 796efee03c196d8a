"""Watching a source for a while: detector and tracker, and nothing kept but the observer's sums."""

from collections.abc import Callable

from msgspec.structs import replace

from edge.config import CameraConfig
from edge.detection.protocol import Detector
from edge.errors import NobodySeenError, SourceError
from edge.proposing.observing import Observed, Observer
from edge.sources.protocol import VideoSource
from edge.tracking.protocol import Tracker


def watch(
    source: VideoSource,
    detector: Detector,
    tracker: Tracker,
    *,
    seconds: float,
    on_frame: Callable[[float, int], None] = lambda _seconds, _people: None,
) -> Observed:
    """Return what is seen in `source` until it ends, or for `seconds` of media time.

    `on_frame` hears how many seconds were watched and how many people were seen so far. A stream that breaks, or
    Ctrl-C, ends the watch early: what was seen by then counts.

    Raises:
        SourceError: it broke before the first frame.
        NobodySeenError: nobody was seen who could be followed.
        DetectorError: the model failed.
    """
    observer = Observer(source.size)
    first_s: float | None = None
    last_s = 0.0
    try:
        for frame in source:
            first_s = frame.time_s if first_s is None else first_s
            last_s = frame.time_s - first_s
            if last_s > seconds:
                break
            if frame.discontinuity:
                tracker.reset()
                detector.reset()
                observer.cut()
            observer.update(tracker.update(detector.detect(frame.image), frame.time_s), frame.time_s)
            on_frame(last_s, observer.people)
    except SourceError:
        if first_s is None:
            raise
    except KeyboardInterrupt:
        pass
    if not observer.people:
        raise NobodySeenError(
            f"nobody was seen in {_told(last_s)}. Watch while people come and go (--minutes), or try another --model"
        )
    return observer.observed()


def watched_camera(source: str, camera: CameraConfig | None, *, model: str | None, fps: float | None) -> CameraConfig:
    """Return how to look at `source`: as `camera` of a site does, else with the defaults; at 10 frames a second."""
    base = camera or CameraConfig(name="proposed", source=source)
    return replace(base, source=source, loop=False, model=model or base.model, fps=fps or base.fps or 10.0)


def _told(seconds: float) -> str:
    return f"{seconds / 60:.1f} minutes" if seconds >= 60 else f"{seconds:.0f} seconds"  # noqa: PLR2004 - a minute
