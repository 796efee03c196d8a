"""Who stays in place, what their swaying costs, and that whoever sets off or comes by is seen at once."""

import numpy as np
import pytest

from edge.counting.lines import LineCounter
from edge.detections import Detections
from edge.events import LineCrossed
from edge.frames import Frame, Image, Picture
from edge.geometry import Place, Segment
from edge.lookout import Lookout
from edge.motion_gate import MotionGate
from edge.pipeline import CameraPipeline
from edge.reach import Reach
from edge.stillness import Stillness
from edge.tracking.bytetrack import ByteTrack
from tests.support.drawn_films import PlanePicture
from tests.support.scenes import START, box, detections, frame, tracks, walk

#: Pictures of 640 × 360 with people 120 px tall; the line is 60 px, half a body height, to the right of who stands.
SIZE, TALL = (640, 360), 120.0
STANDS: Place = (300.0, 250.0)
DOOR = Segment((360, 0), (360, 360))


class SeeingDetector:
    """Sees who is in the picture, and counts how often it was asked."""

    name = "seeing"
    confidence = 0.4

    def __init__(self) -> None:
        self.asked = 0
        self.people: list[Place] = []

    def detect(self, seen: Picture | Image) -> Detections:
        del seen
        self.asked += 1
        return detections([foot for foot in self.people if 0 <= foot[0] < SIZE[0]], height=TALL)

    def reset(self) -> None:
        pass


def picture(people: list[Place], draw: np.random.Generator) -> PlanePicture:
    """People as striped boxes on a grainy floor: their clothes swing, whatever else they do."""
    plane = 128.0 + draw.normal(0, 1.5, (90, 160))
    for number, foot in enumerate(people):
        left, top, right, bottom = (round(value * 160 / SIZE[0]) for value in box(foot, TALL))
        columns = np.arange(max(left, 0), min(max(right, 0), 160))
        swing = int(draw.integers(0, 6))
        plane[max(top, 0) : bottom, columns] = np.where((columns - left + swing) % 6 == 0, 20.0, 60.0 + 20 * number)
    return PlanePicture(SIZE, plane)


def counted(film: list[list[Place]], fps: float, *, gate: bool) -> tuple[list[tuple[str, float]], int]:
    """Return crossings of the door as (direction, moment), and how often the detector was asked."""
    detector, draw = SeeingDetector(), np.random.default_rng(1)
    lookout = Lookout(detector, MotionGate() if gate else None, reach=Reach([(DOOR, "foot")]))
    camera = CameraPipeline(lookout, ByteTrack(0.4), lines=[LineCounter("door", DOOR, "foot")])
    events = []
    for number, detector.people in enumerate(film):
        seen = picture(detector.people, draw)
        events += camera.process(Frame(seen, number, number / fps, START))
    events += camera.finish()
    return [(event.direction, event.at_s) for event in events if isinstance(event, LineCrossed)], detector.asked


def same(one: list[tuple[str, float]], other: list[tuple[str, float]]) -> bool:
    return [way for way, _ in one] == [way for way, _ in other] and np.allclose(
        [at for _, at in one], [at for _, at in other], atol=0.3
    )


def swaying(seconds: float, fps: float) -> list[Place]:
    draw = np.random.default_rng(2)
    return [(STANDS[0] + off, STANDS[1]) for off in draw.normal(0, 0.02 * TALL, round(seconds * fps)).tolist()]


def at_pace(start: Place, end: Place, heights_per_s: float, fps: float) -> list[Place]:
    return walk(start, end, max(2, round(abs(end[0] - start[0]) / (heights_per_s * TALL) * fps)))


@pytest.mark.parametrize("fps", [25.0, 10.0, 5.0])
def test_who_stands_by_the_line_for_minutes_and_then_leaves_through_it_is_counted(fps: float) -> None:
    seconds = 300 if fps == 5.0 else 30
    stands = swaying(seconds, fps)
    film = [[foot] for foot in [*stands, *at_pace(STANDS, (620, 250), 0.8, fps)]] + [[] for _ in range(round(3 * fps))]
    plain, _ = counted(film, fps, gate=False)
    spared, asked = counted(film, fps, gate=True)
    assert [way for way, _ in plain] == ["out"]
    assert same(plain, spared)
    assert asked < 0.55 * len(film)


@pytest.mark.parametrize("fps", [25.0, 10.0, 5.0])
@pytest.mark.parametrize("pace", [2.5, 0.8, 0.2])
def test_who_appears_beside_one_who_stands_and_passes_through_the_line_is_counted(fps: float, pace: float) -> None:
    way = at_pace((250, 262), (560, 262), pace, fps)
    stands = swaying(8 + len(way) / fps, fps)
    begins = round(3.3 * fps)
    film = [
        [foot, *([way[number - begins]] if begins <= number < begins + len(way) else [])]
        for number, foot in enumerate(stands)
    ]
    plain, _ = counted(film, fps, gate=False)
    spared, _ = counted(film, fps, gate=True)
    assert same(plain, spared)
    if fps > 5 or pace < 2:
        assert [way for way, _ in plain] == ["out"]


def test_a_frame_that_is_not_looked_at_is_no_sight_of_anybody() -> None:
    detector, gate = SeeingDetector(), MotionGate()
    lookout, follow = Lookout(detector, gate), ByteTrack(0.4)
    detector.people = [STANDS]
    seen = []
    for number in range(20):
        people = lookout.people(frame(number, size=SIZE), attending=True)
        seen.append(people is not None)
        if people is not None:
            lookout.follow(follow.update(people, number / 10), number / 10)
    assert seen[0]
    assert not all(seen)
    lookout.reset()
    assert lookout.people(frame(21, size=SIZE), attending=False) is not None


def test_someone_is_settled_after_a_while_in_one_place_and_restless_when_walking_lost_or_new() -> None:
    still = Stillness()
    assert (still.anybody, still.restless) == (False, frozenset())
    for number in range(9):
        still.learn(tracks({1: (100, 200)}), number / 10)
        assert bool(still.restless) == (number < 8)
    assert still.boxes.tolist() == [[70.0, 90.0, 130.0, 210.0]]
    still.learn(tracks({1: (116, 200)}), 0.9)
    assert still.restless, "a step"
    for number in range(10, 19):
        still.learn(tracks({1: (116, 200)}), number / 10)
    assert not still.restless
    still.learn(tracks({}), 1.9)
    assert still.restless, "not seen"
    assert len(still.boxes) == 0
    still.learn(tracks({}, ended=[1]), 2.0)
    assert not still.anybody


def test_someone_not_yet_known_to_be_a_person_is_never_settled() -> None:
    still = Stillness()
    for number in range(20):
        still.learn(tracks({1: (100, 200)}, confirmed=False), number / 10)
    assert still.restless


def test_swaying_within_a_settled_box_is_no_news_but_much_change_in_it_is() -> None:
    settled = np.array([[200.0, 100.0, 300.0, 300.0]])
    floor = np.full((360, 640, 3), 128, np.uint8)
    arm, another = floor.copy(), floor.copy()
    arm[150:200, 210:250] = 20
    another[110:290, 205:270] = 20
    beside = floor.copy()
    beside[150:200, 290:330] = 20
    for image, news in ((floor, False), (arm, False), (another, True), (beside, True)):
        gate = MotionGate()
        assert gate.must_look(floor, 0.0, within_s=2.0)
        assert gate.must_look(image, 0.1, within_s=2.0, settled=settled) == news
