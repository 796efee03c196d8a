"""The runner of Roboflow's `trackers` ByteTrack with the LineZone of `supervision`, on our detector's own boxes.

At its best settings on the clips that we measured: the counted point is the one that the line is drawn for (its
default, four corners, needs the box clear of the line on both sides), and two observations beyond the line make a
crossing (at one, a trembling box counts each time; at three, a fast walker at 5 frames a second is lost). See `job` for
the command line; with `--crowd` alone it prints milliseconds of processor a frame with 10, 50 and 200 people in view,
detection left out: `{"crowd_ms": {"10": 0.35, …}}`.
"""

import importlib
import json
import sys
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from deploy.bench.rivals.crowd import CONFIDENCE, CROWDS, FPS, LINE, ms_per_frame
from deploy.bench.rivals.job import Direction, Job, Line, Step, Tool, run_as_program
from edge.detection.opening import open_detector
from edge.detections import Detections

if TYPE_CHECKING:
    from edge.frames import Frame

_OBSERVATIONS: Final = 2


class TrackersLineZone(Tool):
    """ByteTrackTracker and one LineZone per line."""

    distributions = ("trackers", "supervision")

    def __init__(self, job: Job) -> None:
        self._lines = job.lines
        self._detector = open_detector(job.model)
        #: What was found in each frame, for the rates that come after the first.
        self._found: dict[int, Detections] = {}
        self._several = len(job.rates) > 1

    @property
    def remembers(self) -> bool:
        """Boxes are kept over the rates."""
        return True

    def begin(self, fps: float) -> Step:
        """Return a fresh tracker and fresh lines."""
        tracker = _tracker(fps, self._detector.confidence)
        zones = [(line.name, _zone(line)) for line in self._lines]

        def step(frame: "Frame") -> list[tuple[str, Direction]]:
            tracked = tracker.update(_people(self._detections(frame)))
            sure = tracked.tracker_id >= 0
            self.followed = tracked.tracker_id[sure].tolist(), tracked.xyxy[sure].tolist()
            crossed: list[tuple[str, Direction]] = []
            for name, zone in zones:
                # What it calls `in` lies to the left of someone who walks from the first point to the second.
                to_left, to_right = zone.trigger(tracked)
                crossed += [(name, "out")] * int(np.count_nonzero(to_left))
                crossed += [(name, "in")] * int(np.count_nonzero(to_right))
            return crossed

        return step

    def _detections(self, frame: "Frame") -> Detections:
        found = self._found.get(frame.index)
        if found is None:
            found = self._detector.detect(frame.image)
            if self._several:
                self._found[frame.index] = found
        return found


def crowd_ms(people: int) -> float:
    """Return processor milliseconds a frame with so many people in view, detection left out."""
    tracker, zone = _tracker(FPS, CONFIDENCE), _zone(LINE)
    return ms_per_frame(people, lambda found: zone.trigger(tracker.update(_people(found))))


def _tracker(fps: float, confidence: float) -> Any:
    trackers: Any = importlib.import_module("trackers")
    return trackers.ByteTrackTracker(frame_rate=fps, track_activation_threshold=confidence)


def _zone(line: Line) -> Any:
    sv: Any = importlib.import_module("supervision")
    return sv.LineZone(
        sv.Point(*line.start),
        sv.Point(*line.end),
        triggering_anchors=[sv.Position.BOTTOM_CENTER if line.anchor == "foot" else sv.Position.CENTER],
        minimum_crossing_threshold=_OBSERVATIONS,
    )


def _people(found: Detections) -> Any:
    sv: Any = importlib.import_module("supervision")
    return sv.Detections(xyxy=found.xyxy, confidence=found.score, class_id=np.zeros(len(found), int))


if __name__ == "__main__":
    if sys.argv[1:] == ["--crowd"]:
        sys.stdout.write(json.dumps({"crowd_ms": {str(people): crowd_ms(people) for people in CROWDS}}) + "\n")
    else:
        run_as_program("trackers_linezone", TrackersLineZone)
