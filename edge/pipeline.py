"""The pipeline of one camera: look → track → count.

lines  ┐           ┌ passers-by ┐
zones  ├► counted ─┼ flows      ┼► groups ► staff ► events, nobody's any more
queues ┘           └────────────┘
                                  heat ► sums
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from edge.config import CameraConfig, ZoneConfig, check_geometry
from edge.counting.flows import FlowCounter
from edge.counting.groups import BuyingUnits
from edge.counting.heat import HeatGrid, Warmth
from edge.counting.lines import LineCounter
from edge.counting.passers import PassersBy
from edge.counting.queues import QueueCounter
from edge.counting.zones import ZoneCounter
from edge.detection.neural import NeuralDetector
from edge.detection.opening import open_detector
from edge.detection.protocol import Detector
from edge.events import Event
from edge.frames import Frame
from edge.geometry import Segment
from edge.lookout import Lookout
from edge.motion_gate import MotionGate
from edge.reach import Reach
from edge.region import RegionFinder
from edge.staff.judge import StaffCounted, StaffJudge
from edge.staff.opening import open_judge
from edge.tracking.bytetrack import ByteTrack
from edge.tracking.protocol import Tracker

if TYPE_CHECKING:
    from edge.counting.protocol import Counted, Counter


class CameraPipeline:
    """Turns one camera's frames into events. Feed it frames in order; call `finish` once at the end."""

    def __init__(
        self,
        lookout: Lookout,
        tracker: Tracker,
        *,
        lines: Sequence[LineCounter] = (),
        zones: Sequence[ZoneCounter | QueueCounter] = (),
        passers: PassersBy | None = None,
        flows: FlowCounter | None = None,
        heat: HeatGrid | None = None,
        units: BuyingUnits | None = None,
        judge: StaffJudge | None = None,
    ) -> None:
        self._lookout = lookout
        self._tracker = tracker
        self._lines = {counter.name: counter for counter in lines}
        self._zones = {counter.name: counter for counter in zones}
        self._counters: tuple[Counter, ...] = (*lines, *zones)
        self._passers = passers or PassersBy((), ())
        self._flows = flows
        self._heat = heat
        self._units = units or BuyingUnits({})
        self._judge = judge or StaffJudge()
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

        A frame that is not looked at decides nothing: nothing is known of it, and time goes on with the next look.

        Raises:
            DetectorError: the model failed on this frame.
        """
        events = self._cut() if frame.discontinuity else []
        self.frames += 1
        self._time_s = time_s = frame.time_s
        attending = any(counter.attending for counter in self._counters)
        people = self._lookout.people(frame, attending=attending)
        if people is None:
            return events
        tracks = self._tracker.update(people, time_s)
        self._lookout.follow(tracks, time_s)
        self._judge.look(frame, tracks)
        counted = [one for counter in self._counters for one in counter.update(tracks, frame.index, time_s)]
        moves = self._flows.update(tracks, counted) if self._flows is not None else []
        counted = self._passers.settle(counted, tracks.ended, time_s) + moves
        if self._heat is not None:
            self._heat.update(tracks, time_s, self._judge.staff)
        self._note_lengths(time_s)
        return events + self._bare(self._units.update(counted, tracks, time_s))

    def look_with(self, detector: Detector) -> None:
        """Find people with another detector from the next frame on: nobody is lost, no stay ends by it."""
        self._lookout.look_with(detector)
        self._tracker.trust(detector.confidence)

    def finish(self) -> list[Event]:
        """Return what is left to decide: crossings just made, and open stays as censored."""
        return self._cut()

    def people_in(self, zone: str) -> int:
        """Return how many people are in `zone` now, staff left out; of a queue, the median of the last seconds.

        Raises:
            KeyError: no such zone.
        """
        counter = self._zones[zone]
        return counter.length if isinstance(counter, QueueCounter) else self._customers(counter.people)

    def waiting(self) -> Mapping[str, tuple[int, int]]:
        """Return how many crossings of each line, (in, out), are held back until their group is whole."""
        return self._units.waiting()

    @property
    def staff_split(self) -> Mapping[StaffCounted, int] | None:
        """How often staff was counted where, by the rule that told so; None: no rule is set."""
        return self._judge.split

    def take_heat(self, *, rest: bool = False) -> Warmth | None:
        """Return the person-seconds since they were last taken; see `HeatGrid.take`."""
        return self._heat.take(rest=rest) if self._heat is not None else None

    def _note_lengths(self, time_s: float) -> None:
        for counter in self._zones.values():
            if isinstance(counter, QueueCounter):
                counter.note_length(self._customers(counter.people), time_s)

    def _customers(self, numbers: Iterable[int]) -> int:
        return sum(1 for number in numbers if self._judge.staff(number) is not True)

    def _bare(self, counted: "Iterable[Counted]") -> list[Event]:
        """Return the events without anyone's number, each with the judge's opinion of whose it was."""
        return [self._judge.flagged(one.event, one.number) for one in counted]

    def _cut(self) -> list[Event]:
        self._tracker.reset()
        self._lookout.reset()
        counted = [one for counter in self._counters for one in counter.cut(self._time_s)]
        moves = self._flows.cut(counted) if self._flows is not None else []
        events = self._bare(self._units.cut(self._passers.cut(counted, self._time_s) + moves))
        if self._heat is not None:
            self._heat.cut()
        self._judge.cut()
        return events


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
    zones = [_zone(camera, zone, frame_size[1]) for zone in camera.zones]
    entrances = [line.name for line in camera.lines if line.role == "entrance"]
    places = [counter for counter, zone in zip(zones, camera.zones, strict=True) if zone.role != "staff"]
    judge = open_judge(camera)
    lookout = _lookout(camera, frame_size, detector)
    return CameraPipeline(
        lookout,
        ByteTrack(detector.confidence),
        lines=[LineCounter(line.name, Segment(*line.points), line.anchor or camera.anchor) for line in camera.lines],
        zones=zones,
        passers=PassersBy([line.name for line in camera.lines if line.role == "pass_by"], entrances),
        flows=FlowCounter(entrances, places),
        # Where nobody was looked for, nobody's absence is known.
        heat=HeatGrid(frame_size, camera.anchor) if lookout.sees_all else None,
        units=BuyingUnits(
            {line.name: Segment(*line.points) for line in camera.lines if line.tells_groups}, judge.staff
        ),
        judge=judge,
    )


def _lookout(camera: CameraConfig, frame_size: tuple[int, int], detector: Detector) -> Lookout:
    lines = [(Segment(*line.points), line.anchor or camera.anchor) for line in camera.lines]
    zones = [(zone.polygon, zone.anchor or camera.anchor) for zone in camera.zones]
    # Who is staff shows on the way to the line and after it.
    judged = camera.staff is not None and camera.staff.by_sight
    partly = lines and not zones and not camera.whole_picture and not judged
    return Lookout(
        detector,
        MotionGate() if camera.motion_gate else None,
        RegionFinder(lines, frame_size) if partly else None,
        # To find what moves costs no more than to tell whether it matters, and each frame says what is background.
        Reach(lines, zones) if isinstance(detector, NeuralDetector) else None,
    )


def _zone(camera: CameraConfig, zone: ZoneConfig, frame_height: int) -> ZoneCounter | QueueCounter:
    anchor = zone.anchor or camera.anchor
    if zone.role != "queue":
        return ZoneCounter(zone.name, zone.polygon, anchor, frame_height=frame_height)
    return QueueCounter(
        zone.name,
        zone.polygon,
        anchor,
        till=zone.served_towards,
        least_s=zone.engaged_after_s,
        frame_height=frame_height,
    )
