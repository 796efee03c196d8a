"""The pipeline of one camera: gate, detector, tracker and counters together."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from edge.config import CameraConfig, LineConfig, ZoneConfig
from edge.counting.lines import LineCounter
from edge.counting.zones import ZoneCounter
from edge.detections import Detections
from edge.errors import ConfigError
from edge.events import LineCrossed, ZoneLeft
from edge.frames import Image, Picture, as_picture
from edge.geometry import Place, Segment
from edge.lookout import Lookout
from edge.motion_gate import MotionGate
from edge.pipeline import CameraPipeline, build_pipeline
from edge.tracking.bytetrack import ByteTrack
from tests.support.scenes import detections, frame, walk

DOOR = Segment((160, 0), (160, 240))


class ScriptedDetector:
    """Sees one scene after another, and counts how often it was asked."""

    name = "scripted"
    confidence = 0.4

    def __init__(self, scenes: Sequence[Sequence[Place]]) -> None:
        self._scenes = list(scenes)
        self.asked = self.resets = 0

    def detect(self, seen: Picture | Image) -> Detections:
        del seen
        self.asked += 1
        return detections(self._scenes[min(self.asked, len(self._scenes)) - 1], height=60)

    def reset(self) -> None:
        self.resets += 1


def pipeline(
    detector: ScriptedDetector, *, gate: bool = False, line: bool = True, zone: bool = False
) -> CameraPipeline:
    area = ((20.0, 20.0), (140.0, 20.0), (140.0, 220.0), (20.0, 220.0))
    return CameraPipeline(
        Lookout(detector, MotionGate() if gate else None),
        ByteTrack(0.4),
        lines=[LineCounter("door", DOOR, "foot")] if line else [],
        zones=[ZoneCounter("table", area, "foot")] if zone else [],
    )


def scene(people: Sequence[Place]) -> NDArray[np.uint8]:
    image = np.full((240, 320, 3), 128, np.uint8)
    for x, y in people:
        image[max(0, int(y) - 60) : int(y), max(0, int(x) - 12) : int(x) + 12] = 20
    return image


def test_a_walk_through_the_door_becomes_a_crossing() -> None:
    way = walk((260, 200), (60, 200), 30)
    camera = pipeline(ScriptedDetector([[foot] for foot in way]))
    events = [event for number in range(30) for event in camera.process(frame(number))]
    assert [(event.line, event.direction) for event in events if isinstance(event, LineCrossed)] == [("door", "in")]


def test_people_in_a_zone_are_counted_live_and_their_stay_at_the_end() -> None:
    camera = pipeline(ScriptedDetector([[(80, 150)]]), zone=True, line=False)
    for number in range(20):
        assert camera.process(frame(number)) == []
    assert camera.people_in("table") == 1
    (stay,) = camera.finish()
    assert isinstance(stay, ZoneLeft)
    assert stay.censored
    assert camera.people_in("table") == 0


def test_a_cut_separates_those_before_from_those_after() -> None:
    scenes = [[(170, 200)]] * 10 + [[(152, 200)]] * 10
    whole, cut = pipeline(ScriptedDetector(scenes)), pipeline(ScriptedDetector(scenes))
    one = [event for number in range(20) for event in whole.process(frame(number))] + whole.finish()
    two = [
        event for number in range(20) for event in cut.process(frame(number, discontinuity=number == 10))
    ] + cut.finish()
    assert len(one) == 1, "without the cut it is one person who moved"
    assert two == []


def test_names_are_those_of_the_configuration() -> None:
    camera = pipeline(ScriptedDetector([[]]), zone=True)
    assert (camera.lines, camera.zones, camera.model) == (("door",), ("table",), "scripted")


def test_nothing_is_inferred_while_nothing_moves_and_nobody_is_near() -> None:
    detector = ScriptedDetector([[]])
    camera = pipeline(detector, gate=True)
    for number in range(100):
        camera.process(frame(number))
    assert detector.asked == camera.frames_inferred <= 6, "now and then, in ten seconds"
    assert camera.frames == 100


def test_someone_who_settled_in_a_zone_is_watched_twice_a_second_however_still() -> None:
    detector = ScriptedDetector([[(80, 150)]])
    camera = pipeline(detector, gate=True, zone=True, line=False)
    for number in range(50):
        camera.process(frame(number))
    assert 12 <= detector.asked <= 16


def test_the_gate_changes_no_count() -> None:
    still, way = [[(300.0, 200.0)]] * 60, [[foot] for foot in walk((300, 200), (30, 200), 40)]
    people: list[list[Place]] = [*[[]] * 60, *still, *way, *[[]] * 60]

    class SeeingDetector(ScriptedDetector):
        def detect(self, seen: Picture | Image) -> Detections:
            self.asked += 1
            columns = np.flatnonzero(as_picture(seen).image[190, :, 0] < 60)
            return detections([(float(columns.mean()), 200.0)] if len(columns) else [], height=60)

    counts = []
    for gate in (False, True):
        detector = SeeingDetector([[]])
        camera = pipeline(detector, gate=gate)
        events = [event for n, at in enumerate(people) for event in camera.process(frame(n, image=scene(at)))]
        counts.append(
            [(event.line, event.direction, event.frame) for event in events if isinstance(event, LineCrossed)]
        )
    assert counts[0] == counts[1] != []
    assert detector.asked < len(people) * 0.6


def test_slow_movement_adds_up() -> None:
    gate = MotionGate()
    assert gate.must_look(scene([(50, 200)]), 0.0, within_s=2.0)
    looked = [gate.must_look(scene([(50 + n / 4, 200)]), 0.1 * n, within_s=2.0) for n in range(1, 20)]
    assert any(looked)
    assert not all(looked)


def test_a_lamp_is_not_a_person() -> None:
    gate = MotionGate()
    dark = np.full((240, 320, 3), 90, np.uint8)
    assert gate.must_look(dark, 0.0, within_s=2.0)
    assert not gate.must_look(dark + np.uint8(40), 0.1, within_s=2.0)


def test_a_line_out_of_the_frame_is_refused_before_anything_runs() -> None:
    camera = CameraConfig(name="a", source="x", lines=(LineConfig(name="door", points=((0, 0), (999, 0))),))
    with pytest.raises(ConfigError, match="point 2 inside the frame"):
        build_pipeline(camera, frame_size=(320, 240), detector=ScriptedDetector([[]]))


def test_each_line_and_zone_may_have_its_own_anchor() -> None:
    camera = CameraConfig(
        name="a",
        source="x",
        anchor="centre",
        lines=(LineConfig(name="door", points=((160, 0), (160, 160))),),
        zones=(ZoneConfig(name="table", polygon=((0, 180), (320, 180), (320, 240), (0, 240)), anchor="foot"),),
        motion_gate=False,
    )
    way = walk((260, 200), (60, 200), 30)
    built = build_pipeline(camera, frame_size=(320, 240), detector=ScriptedDetector([[foot] for foot in way]))
    events = [event for number in range(30) for event in built.process(frame(number))] + built.finish()
    # The centre (y = 170) passes below the line's end, the foot (y = 200) stands in the zone.
    assert [type(event) for event in events] == [ZoneLeft]
