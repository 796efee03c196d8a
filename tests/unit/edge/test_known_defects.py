"""What other counters get wrong, each by name, through the whole of tracker and line: detections in, crossings out.

Seen in tools that one could pick instead, and measured (docs/accuracy.md). A person here is 100 px tall.
"""

import math
from collections import Counter as Tally
from collections.abc import Sequence
from typing import Final

import numpy as np
import pytest

from deploy.bench.naive_counters import OneSidedLine
from edge.counting.lines import LineCounter
from edge.counting.protocol import Counter
from edge.detections import Detections
from edge.events import LineCrossed
from edge.geometry import Place, Segment
from edge.tracking.bytetrack import ByteTrack
from tests.support.battery.state import weight
from tests.support.scenes import box, detections, walk

# Down the middle of the picture: leftwards is `in`.
DOOR: Final = Segment((300, 100), (300, 500))
SPEED: Final = 80.0  # px a second: 0.8 body heights, a walker


def crossed(frames: Sequence[Detections], *, fps: float = 10.0, line: Counter | None = None) -> dict[str, int]:
    """The crossings by direction."""
    tracker, counter = ByteTrack(0.4), line or LineCounter("door", DOOR, "foot")
    found = []
    for number, seen in enumerate(frames):
        found += counter.update(tracker.update(seen, number / fps), number, number / fps)
    found += counter.cut(len(frames) / fps)
    return dict(Tally(one.event.direction for one in found if isinstance(one.event, LineCrossed)))


def at_pace(start: Place, end: Place, fps: float, speed: float = SPEED) -> list[Place]:
    return walk(start, end, max(2, round(math.dist(start, end) / speed * fps) + 1))


def film(*paths: Sequence[Place | None]) -> list[Detections]:
    """People on their paths, frame by frame; None: missed by the detector."""
    longest = max(len(path) for path in paths)
    return [
        detections([foot for path in paths if number < len(path) and (foot := path[number]) is not None])
        for number in range(longest)
    ]


@pytest.mark.parametrize("fps", [5.0, 10.0])
@pytest.mark.parametrize("ahead", range(-3, 3))
def test_two_frames_missed_exactly_at_the_line_lose_nothing(fps: float, ahead: int) -> None:
    for start, end, direction in (((480.0, 300.0), (120.0, 300.0), "in"), ((120.0, 300.0), (480.0, 300.0), "out")):
        path: list[Place | None] = list(at_pace(start, end, fps))
        middle = len(path) // 2 + ahead
        path[middle : middle + 2] = [None, None]
        assert crossed(film(path), fps=fps) == {direction: 1}


@pytest.mark.parametrize("seed", range(20))
def test_somebody_who_stands_on_the_line_and_trembles_by_four_pixels_is_not_counted(seed: int) -> None:
    # Others counted 10 in and 11 out here.
    tremble = np.random.default_rng(seed).uniform(-4, 4, 20).tolist()
    standing = film([(300 + off, 300.0) for off in tremble])
    assert crossed(standing) == {}
    assert sum(crossed(standing, line=OneSidedLine("door", DOOR, "foot")).values()) > 2, "the double shows the defect"


@pytest.mark.parametrize("seed", range(20))
def test_somebody_who_trembles_on_the_line_on_the_way_through_is_counted_once(seed: int) -> None:
    tremble = np.random.default_rng(seed).uniform(-4, 4, 20).tolist()
    path = [*at_pace((460, 300), (300, 300), 10), *[(300 + off, 300.0) for off in tremble]]
    assert crossed(film(path + at_pace((300, 300), (140, 300), 10))) == {"in": 1}


@pytest.mark.parametrize("fps", [5.0, 10.0, 30.0])
@pytest.mark.parametrize("apart_s", [0.1, 0.2, 0.4, 0.5])
def test_two_crossings_within_half_a_second_are_two(fps: float, apart_s: float) -> None:
    late = round(apart_s * fps)
    one = at_pace((500, 200), (100, 200), fps)
    other: list[Place | None] = [*[None] * late, *at_pace((500, 320), (100, 320), fps)]
    assert crossed(film(one, other), fps=fps) == {"in": 2}
    against: list[Place | None] = [*[None] * late, *at_pace((100, 320), (500, 320), fps)]
    assert crossed(film(one, against), fps=fps) == {"in": 1, "out": 1}


@pytest.mark.parametrize("fps", [5.0, 10.0, 30.0])
def test_who_turns_back_and_comes_again_is_counted_each_time(fps: float) -> None:
    # A counter that takes each number once for ever found 18 of 27 crossings of vtest.
    there, back = at_pace((420, 300), (180, 300), fps), at_pace((180, 300), (420, 300), fps)
    frames = film(there + back + there + back + there)
    assert crossed(frames, fps=fps) == {"in": 3, "out": 2}
    assert sum(crossed(frames, fps=fps, line=OneSidedLine("door", DOOR, "foot", once=True)).values()) == 1


def test_a_line_close_to_the_edge_of_the_picture_counts() -> None:
    # Where all four corners of a box must be beyond the line, the picture's edge cuts the box before they are.
    line = Segment((60, 100), (60, 500))
    frames = []
    for x, y in at_pace((400, 300), (-10, 300), 10):
        whole = np.array([box((x, y))], np.float32)
        whole[:, [0, 2]] = np.clip(whole[:, [0, 2]], 0, 640)
        seen = whole[:, 2] - whole[:, 0] > 4
        frames.append(Detections(whole[seen], np.full(int(seen.sum()), 0.9, np.float32)))
    assert crossed(frames, line=LineCounter("door", line, "foot")) == {"in": 1}


def test_boxes_that_are_there_for_one_frame_count_nobody_and_share_no_number() -> None:
    # Tracks that were not confirmed shared one number: 97 in and 95 out instead of 7 and 9.
    draw = np.random.default_rng(2)
    frames = [detections([((150.0, 450.0)[number % 2], float(draw.uniform(120, 900)))]) for number in range(600)]
    assert crossed(frames) == {}


def test_real_walkers_among_such_boxes_are_counted_as_often_as_they_cross() -> None:
    draw, path = np.random.default_rng(4), []
    for _ in range(7):
        path += at_pace((440, 300), (160, 300), 10) + [(160.0, 300.0)] * 5 + at_pace((160, 300), (440, 300), 10)
    frames = []
    for foot in path:
        # Far enough away not to be taken for that person.
        ghosts = [(float(x), float(y)) for x, y in draw.uniform((200, 560), (400, 900), (int(draw.poisson(0.5)), 2))]
        frames.append(detections([foot, *ghosts]))
    assert crossed(frames) == {"in": 7, "out": 7}


def test_what_is_remembered_does_not_grow_with_the_people_who_passed() -> None:
    tracker, line, sizes = ByteTrack(0.4), LineCounter("door", DOOR, "foot"), []
    way = at_pace((460, 300), (140, 300), 10)
    for passer in range(60):
        for step, foot in enumerate([*way, *[None] * 30]):
            number = passer * (len(way) + 30) + step
            line.update(tracker.update(detections([foot] if foot else []), number / 10), number, number / 10)
        sizes.append(weight(tracker) + weight(line))
    assert max(sizes[10:]) <= sizes[10] + 64


@pytest.mark.parametrize("fps", [5.0, 10.0, 25.0])
def test_two_people_side_by_side_are_always_two(fps: float) -> None:
    one, other = at_pace((500, 300), (100, 300), fps), at_pace((500, 330), (100, 330), fps)
    assert crossed(film(one, other), fps=fps) == {"in": 2}


@pytest.mark.parametrize("fps", [5.0, 10.0, 25.0])
def test_a_way_round_the_end_of_the_line_does_not_count(fps: float) -> None:
    path = at_pace((400, 300), (400, 560), fps) + at_pace((400, 560), (200, 560), fps)
    assert crossed(film(path + at_pace((200, 560), (200, 300), fps)), fps=fps) == {}


@pytest.mark.parametrize("speed", [120.0, 170.0, 250.0, 330.0])
def test_a_runner_at_five_frames_a_second_counts(speed: float) -> None:
    # At threshold 3 of others a fast walker at 5 frames a second is lost. 3.3 heights a second are 5.6 m/s.
    assert crossed(film(at_pace((900, 300), (-300, 300), 5.0, speed)), fps=5.0) == {"in": 1}
