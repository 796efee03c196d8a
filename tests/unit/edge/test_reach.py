"""Who can be at a line or at the edge of a zone before the next look, and what is no news because nobody can."""

import numpy as np
import pytest

from edge.frames import Frame
from edge.geometry import Place, Segment
from edge.lookout import Lookout
from edge.motion_gate import PLANE, MotionGate, Passing
from edge.reach import Reach
from edge.tracking.bytetrack import ByteTrack
from tests.support.drawn_films import KnowingDetector, PlanePicture
from tests.support.scenes import START, detections, tracks

#: People are 120 px tall; the line stands upright at x = 400.
TALL = 120.0
LINE = Segment((400, 0), (400, 360))
SIZE = (640, 360)


def walking(*feet: Place, step_s: float = 0.2, reach: Reach | None = None) -> Reach:
    """What is known after one person was seen at each of `feet`."""
    reach = reach or Reach([(LINE, "foot")])
    for number, foot in enumerate(feet):
        reach.learn(tracks({1: foot}, height=TALL), number * step_s)
    return reach


@pytest.mark.parametrize(
    ("before", "now", "away"),
    [
        ((200, 250), (220, 250), True),  # a walker, 1.5 heights before the line
        ((300, 250), (320, 250), False),  # the same, 0.67 heights before it
        ((460, 250), (480, 250), True),  # the same beyond it, and leaving
        ((480, 250), (460, 250), False),  # the same, and coming back
        ((330, 200), (330, 220), True),  # along it, 0.58 heights aside
        ((360, 200), (360, 220), False),  # along it, 0.33 heights aside: a step is enough
        ((100, 250), (160, 250), True),  # a runner far away
        ((190, 250), (250, 250), False),  # a runner
        ((20, 250), (120, 250), False),  # nobody goes 4 heights a second: taken for somebody else
    ],
)
def test_who_is_away_is_too_far_to_reach_the_line_at_his_pace(before: Place, now: Place, away: bool) -> None:
    assert walking(before, now).away == (frozenset([1]) if away else frozenset())


def test_of_whom_no_pace_is_known_may_go_anywhere() -> None:
    assert walking((50, 250)).away == frozenset()


@pytest.mark.parametrize("point", [(300, 250), (160, 250), (100, 250)])
def test_who_stands_in_a_zone_is_away_from_its_edge_or_not(point: Place) -> None:
    zone = ((80.0, 100.0), (400.0, 100.0), (400.0, 350.0), (80.0, 350.0))
    away = walking(point, point, reach=Reach((), [(zone, "foot")])).away
    assert bool(away) == (point != (100, 250))


def test_who_is_out_of_sight_may_be_nearer_the_longer_it_lasts() -> None:
    reach = walking((200, 250), (200, 250))
    for number in range(2, 12):
        reach.learn(tracks({}), number * 0.2)
        # 1.67 heights from the line, less 0.15, at 0.8 heights a second.
        assert bool(reach.away) == ((number - 1) * 0.2 + reach.within_s < 1.9)
    reach.learn(tracks({}, ended=[1]), 3.0)
    assert reach.away == frozenset()


def test_steps_of_those_who_are_away_stay_within_what_they_pass_over() -> None:
    reach = walking((200, 250), (220, 250))
    (box,) = reach.boxes(0.6).tolist()
    left, top, right, bottom = box
    assert left < 220 - TALL / 5
    assert right > 220 + 40 + TALL / 5
    assert (top, bottom) == (250 - TALL * 1.15, 250 + TALL * 0.15)
    assert len(walking((360, 250), (380, 250)).boxes(0.6)) == 0


def test_where_movement_matters_is_where_people_near_the_line_are_seen() -> None:
    reach = Reach([(LINE, "foot")])
    assert reach.near(SIZE, PLANE) is None
    for second in range(10):
        reach.learn(tracks({1: (200, 250)}, height=TALL), second)
        reach.learn(tracks({1: (200, 250)}, height=TALL), second + 0.5)
    near = reach.near(SIZE, PLANE)
    assert near is not None
    seen = near[60]
    assert seen[100]
    assert not seen[[0, 40, 159]].any()


def test_a_plant_that_sways_is_not_looked_at_for_ever() -> None:
    gate, draw = MotionGate(), np.random.default_rng(1)
    passing = Passing(np.empty((0, 4)), None)
    looks = []
    for number in range(200):
        plane = np.full((90, 160), 120.0)
        plane[20:26, 30:36] += draw.choice([-40, 0, 40])
        looks.append(
            gate.must_look(frame(plane, number).picture, number / 5, within_s=1e9 if number else 0, passing=passing)
        )
        if looks[-1]:
            gate.found(np.empty((0, 4)))
    assert sum(looks[:20]) >= 3
    assert sum(looks[20:]) < 40
    plane[60:70, 90:96] = 20
    assert gate.must_look(frame(plane, 200).picture, 40.0, within_s=1e9, passing=passing), "elsewhere it is news"


def frame(plane: np.ndarray, number: int, fps: float = 5.0) -> Frame:
    return Frame(PlanePicture(SIZE, plane), number, number / fps, START)


@pytest.mark.parametrize(("fps", "share"), [(5.0, 0.7), (10.0, 0.45), (25.0, 0.2)])
def test_a_walker_far_from_the_line_is_looked_at_twice_a_second(fps: float, share: float) -> None:
    detector = KnowingDetector()
    lookout, tracker = Lookout(detector, MotionGate(), reach=Reach([(LINE, "foot")])), ByteTrack(0.4)
    frames = round(60 * fps)
    gap_s = last_s = 0.0
    for number in range(frames):
        # To and fro at 0.8 heights a second, never nearer than 1.2 heights.
        x = 60 + abs((number / fps * 0.8 * TALL) % 380 - 190)
        plane = np.full((90, 160), 120.0)
        plane[int(130 / 4) : int(250 / 4), int((x - 24) / 4) : int((x + 24) / 4)] = 30
        detector.says = detections([(x, 250)], height=TALL)
        people = lookout.people(frame(plane, number, fps), attending=False)
        if people is not None:
            lookout.follow(tracker.update(people, number / fps), number / fps)
            gap_s, last_s = max(gap_s, number / fps - last_s), number / fps
    assert gap_s <= 0.45
    assert detector.asked < share * frames
