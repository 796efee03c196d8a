"""The pipeline of one camera: look → track → count."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from edge.config import CameraConfig, check_geometry
from edge.counting.lines import LineCounter
from edge.counting.zones import ZoneCounter
from edge.detection.opening import open_detector
from edge.detection.protocol import Detector
from edge.events import Event
from edge.frames import Frame
from edge.geometry import Segment
from edge.lookout import Lookout
from edge.motion_gate import MotionGate
from edge.tracking.bytetrack import ByteTrack
from edge.tracking.protocol import Tracker

if TYPE_CHECKING:
    from edge.counting.protocol import Counter


class CameraPipeline:
    """Turns one camera's frames into events. Feed it frames in order; call `finish` once at the end."""

    def __init__(
        self,
        lookout: Lookout,
        tracker: Tracker,
        *,
        lines: Sequence[LineCounter] = (),
        zones: Sequence[ZoneCounter] = (),
    ) -> None:
        self._lookout = lookout
        self._tracker = tracker
        self._lines = {counter.name: counter for counter in lines}
        self._zones = {counter.name: counter for counter in zones}
        self._counters: tuple[Counter, ...] = (*lines, *zones)
        self._time_s = 0.0
        self.frames = 0

    @property
    def model(self) -> str:
        """The detector's name."""
        return self._lookout.model

    @property
    def frames_inferred(self) -> int:
        """Frames that the detector had to see."""
        return self._lookout.frames_inferred

    @property
    def lines(self) -> tuple[str, ...]:
        """Names of the lines."""
        return tuple(self._lines)

    @property
    def zones(self) -> tuple[str, ...]:
        """Names of the zones."""
        return tuple(self._zones)

    def process(self, frame: Frame) -> list[Event]:
        """Return what `frame` decides, in the order of the configuration. Decisions lag the moments they are about.

        Raises:
            DetectorError: the model failed on this frame.
        """
        events = self._cut() if frame.discontinuity else []
        self.frames += 1
        self._time_s = frame.time_s
        attending = any(counter.attending for counter in self._counters)
        tracks = self._tracker.update(self._lookout.people(frame, attending=attending), frame.time_s)
        for counter in self._counters:
            events += [counted.event for counted in counter.update(tracks, frame.index, frame.time_s)]
        return events

    def finish(self) -> list[Event]:
        """Return what is left to decide: crossings just made, and open stays as censored."""
        return self._cut()

    def people_in(self, zone: str) -> int:
        """Return how many people are in `zone` now.

        Raises:
            KeyError: no such zone.
        """
        return self._zones[zone].people

    def _cut(self) -> list[Event]:
        self._tracker.reset()
        self._lookout.reset()
        return [counted.event for counter in self._counters for counted in counter.cut(self._time_s)]


def build_pipeline(
    camera: CameraConfig, *, frame_size: tuple[int, int], detector: Detector | None = None
) -> CameraPipeline:
    """Return the pipeline that `camera` asks for, for frames of (width, height) pixels.

    `detector` replaces the one that `camera.model` names: several cameras may share one.

    Raises:
        ConfigError: a line or zone out of the frame.
        DetectorError: the model is missing or cannot be run (see edge.detection.opening).
        ModelsError: no model of that name.
    """
    check_geometry(camera, frame_size)
    detector = detector or open_detector(camera.model, confidence=camera.confidence, threads=camera.threads)
    return CameraPipeline(
        Lookout(detector, MotionGate() if camera.motion_gate else None),
        ByteTrack(detector.confidence),
        lines=[LineCounter(line.name, Segment(*line.points), line.anchor or camera.anchor) for line in camera.lines],
        zones=[
            ZoneCounter(zone.name, zone.polygon, zone.anchor or camera.anchor, frame_height=frame_size[1])
            for zone in camera.zones
        ],
    )
