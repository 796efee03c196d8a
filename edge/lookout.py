"""The lookout: which frames of a camera the detector must see, and what it sees in them.

A frame is looked at when something moved that can change a count: not the swaying of those who stay where they are
(`edge/stillness.py`), nor the steps of those who cannot reach a line before the next look (`edge/reach.py`). Of a
camera that only counts at lines, only the region around them is looked at, once it is known how tall people are.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.detection.neural import CELL_PX, NeuralDetector
from edge.detection.protocol import Detector
from edge.detections import Detections
from edge.frames import Frame, PartPicture, Region
from edge.motion_gate import PLANE, MotionGate, Passing
from edge.reach import Reach
from edge.region import RegionFinder
from edge.stillness import Stillness
from edge.tracking.protocol import Tracks

#: A box that ends so near to the region's border, in pixels of the network's input, is cut off by it.
_CUT_PX: Final = 3.0
#: Who is cut off and so near to a line, in heights, is kept all the same, and the region grows.
_NEAR: Final = 1.0
#: The detector looks at least this often, whatever the gate thinks: while nobody is followed, …
_EMPTY_S: Final = 2.0
#: … while all who are followed stay where they are: well within the time for which a track outlives its sight, …
_SETTLED_S: Final = 1.0
#: … while they do where a count may change, …
_ATTENDING_S: Final = 0.5
#: … and while anyone walks, is lost, or is not yet known to be a person: unless nobody of them can reach a line.
_RESTLESS_S: Final = 0.2


@dataclass(frozen=True, slots=True)
class _Closer:
    """The detector for a region: `wanted` is what the lines need, `region` that in whole cells of the network."""

    wanted: Region
    region: Region
    detector: Detector
    scale: float


class Lookout:
    """Finds the people of each frame, and rests the detector where that cannot change a count."""

    def __init__(
        self,
        detector: Detector,
        gate: MotionGate | None = None,
        region: RegionFinder | None = None,
        reach: Reach | None = None,
    ) -> None:
        """Ask `detector`. `gate`, `reach` and `region` spare it frames and parts of frames; None looks at all there is.

        `reach` is asked by the gate alone.
        """
        self._detector = detector
        self._gate = gate
        self._finder = region if isinstance(detector, NeuralDetector) and detector.sees_parts else None
        self._closer: _Closer | None = None
        self._stillness = Stillness()
        self._reach = reach
        self._frame_s: float | None = None
        self.frames_inferred = 0

    @property
    def model(self) -> str:
        """The detector's name."""
        return self._detector.name

    @property
    def sees_all(self) -> bool:
        """Whether all of the picture is looked at, always."""
        return self._finder is None

    @property
    def region(self) -> Region | None:
        """The part of the picture that is looked at; None: all of it."""
        return self._closer.region if self._closer else None

    def people(self, frame: Frame, *, attending: bool) -> Detections | None:
        """Return the people in `frame`; None: it was not looked at, for nobody's count can change in it.

        `attending`: someone is where the next frame may change a count.

        Raises:
            DetectorError: the model failed on this frame.
        """
        if self._gate is not None and not self._is_news(self._gate, frame, attending=attending):
            # Where nobody was and nothing moved, there is nobody.
            return None if self._stillness.anybody else Detections.empty()
        self.frames_inferred += 1
        return self._look(frame)

    def follow(self, tracks: Tracks, time_s: float) -> None:
        """Take in who the tracker says they are whom the newest look found."""
        self._stillness.learn(tracks, time_s)
        if self._gate is not None:
            self._gate.found(tracks.xyxy.astype(np.float64))
        if self._reach is not None:
            self._reach.learn(tracks, time_s)

    def look_with(self, detector: Detector) -> None:
        """Ask another detector from the next frame on; who is followed stays followed."""
        self._detector = detector
        # The region is found anew in cells of its own network, where it saves something at all.
        self._closer = None
        if not (isinstance(detector, NeuralDetector) and detector.sees_parts):
            self._finder = None

    def reset(self) -> None:
        """Forget the picture: the next frame does not follow this one."""
        self._stillness.reset()
        self._frame_s = None
        if self._reach is not None:
            self._reach.reset()
        self._detector.reset()
        if self._gate is not None:
            self._gate.reset()

    def _is_news(self, gate: MotionGate, frame: Frame, *, attending: bool) -> bool:
        time_s, reach = frame.time_s, self._reach
        step_s, self._frame_s = time_s - self._frame_s if self._frame_s is not None else 0.0, time_s
        restless = self._stillness.restless
        if reach is None or not restless or not restless <= reach.away:
            within_s = self._within_s(restless=bool(restless), attending=attending)
            return gate.must_look(
                frame.picture, time_s, within_s=within_s, region=self.region, settled=self._stillness.boxes
            )
        return gate.must_look(
            frame.picture,
            time_s,
            # The frame after this one would be too late.
            within_s=max(_RESTLESS_S, reach.within_s - step_s),
            region=self.region,
            settled=self._stillness.boxes,
            passing=Passing(reach.boxes(time_s), reach.near(frame.size, PLANE)),
        )

    def _within_s(self, *, restless: bool, attending: bool) -> float:
        if restless:
            return _RESTLESS_S
        if attending:
            return _ATTENDING_S
        return _SETTLED_S if self._stillness.anybody else _EMPTY_S

    def _look(self, frame: Frame) -> Detections:
        if self._finder is None:
            return self._detector.detect(frame.picture)
        people = self._detector.detect(frame.picture) if self._closer is None else self._near(frame, self._closer)
        self._finder.learn(people, self._detector.confidence, frame.time_s)
        wanted = self._finder.found
        if wanted != (self._closer.wanted if self._closer else None):
            self._closer = self._closer_to(wanted, frame.size) if wanted else None
            if self._closer is None:
                self._finder = None  # it saves nothing
        return people

    def _near(self, frame: Frame, closer: _Closer) -> Detections:
        region = closer.region
        found = closer.detector.detect(PartPicture(frame.picture, region))
        xyxy = found.xyxy + np.array([region.left, region.top] * 2, np.float32)
        keep = ~_cut_off(xyxy, region, frame.size, _CUT_PX / closer.scale)
        if self._finder is not None and not keep.all():
            keep |= self._finder.near(xyxy.astype(np.float64), _NEAR)
        return Detections(xyxy[keep], found.score[keep])

    def _closer_to(self, wanted: Region, frame_size: tuple[int, int]) -> _Closer | None:
        if not isinstance(self._detector, NeuralDetector):
            return None
        scale = self._detector.scale_for(frame_size)
        region = in_cells(wanted, frame_size, CELL_PX / scale)
        if np.prod(region.size) >= np.prod(frame_size):
            return None
        return _Closer(wanted, region, self._detector.at(scale), scale)


def in_cells(region: Region, frame_size: tuple[int, int], cell: float) -> Region:
    """Return `region` enlarged to whole cells of `cell` pixels, where the frame has room: they would be grey else."""
    starts, ends = [], []
    for start, end, side in zip((region.left, region.top), (region.right, region.bottom), frame_size, strict=True):
        length = min(side, int(np.floor(np.ceil((end - start) / cell - 1e-6) * cell + 1e-6)))
        first = min(max(0, (start + end - length) // 2), side - length)
        first -= first % 2  # colour has half the resolution
        starts.append(first)
        ends.append(first + length)
    return Region(starts[0], starts[1], ends[0], ends[1])


def _cut_off(
    xyxy: NDArray[np.float32], region: Region, frame_size: tuple[int, int], tolerance: float
) -> NDArray[np.bool_]:
    """Return which boxes (N, 4) end at a border of the region that is not one of the picture."""
    width, height = frame_size
    cut = np.zeros(len(xyxy), np.bool_)
    for axis, border, outer in ((0, region.left, 0), (1, region.top, 0)):
        cut |= (border > outer) & (xyxy[:, axis] <= border + tolerance)
    for axis, border, outer in ((2, region.right, width), (3, region.bottom, height)):
        cut |= (border < outer) & (xyxy[:, axis] >= border - tolerance)
    return cut
