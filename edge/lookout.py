"""The lookout: which frames of a camera the detector must see, and what it sees in them."""

from edge.detection.protocol import Detector
from edge.detections import Detections
from edge.frames import Frame
from edge.motion_gate import MotionGate


class Lookout:
    """Finds the people of each frame, and rests the detector where that cannot change a count."""

    def __init__(self, detector: Detector, gate: MotionGate | None = None) -> None:
        self._detector = detector
        self._gate = gate
        self._last_seen = Detections.empty()
        self.frames_inferred = 0

    @property
    def model(self) -> str:
        """The detector's name."""
        return self._detector.name

    def people(self, frame: Frame, *, attending: bool) -> Detections:
        """Return the people in `frame`. Where nothing moved, those of the last look are still there.

        `attending`: someone is where the next frame may change a count.

        Raises:
            DetectorError: the model failed on this frame.
        """
        if self._gate is None or self._gate.must_look(frame.picture, frame.time_s, attending=attending):
            self._last_seen = self._detector.detect(frame.picture)
            self.frames_inferred += 1
        return self._last_seen

    def reset(self) -> None:
        """Forget the picture: the next frame does not follow this one."""
        self._last_seen = Detections.empty()
        self._detector.reset()
        if self._gate is not None:
            self._gate.reset()
