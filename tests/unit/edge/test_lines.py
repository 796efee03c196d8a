"""Lines: what is a crossing, what is not, when and where it was."""

import itertools
from collections import Counter as Tally
from math import cos, sin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.counting.lines import LineCounter, LineRules
from edge.events import Event, LineCrossed
from edge.geometry import Place, Segment
from tests.support.scenes import bare, counted, tracks, walk

# Down the middle of the picture: leftwards is `in`.
DOOR = Segment((300, 100), (300, 500))
LEFT, RIGHT = (200.0, 300.0), (400.0, 300.0)


def counter(segment: Segment = DOOR, rules: LineRules | None = None) -> LineCounter:
    return LineCounter("door", segment, "foot", rules or LineRules())


def totals(events: list[Event]) -> dict[str, int]:
    return dict(Tally(event.direction for event in events if isinstance(event, LineCrossed)))


def test_a_leftward_walker_comes_in_through_a_line_drawn_downwards() -> None:
    events = counted(counter(), walk(RIGHT, LEFT, 21))
    assert totals(events) == {"in": 1}
    assert totals(counted(counter(), walk(LEFT, RIGHT, 21))) == {"out": 1}


def test_the_moment_is_interpolated_between_frames() -> None:
    (event,) = counted(counter(), [(400, 300), (340, 300), (240, 300), (200, 300), (180, 300)], fps=10)
    assert isinstance(event, LineCrossed)
    assert event.at_s == pytest.approx(0.14)
    assert event.frame == 1


@pytest.mark.parametrize("fps", [5, 10, 25, 30])
def test_a_walker_counts_once_at_any_frame_rate(fps: int) -> None:
    # 0.8 body heights per second for five seconds.
    events = counted(counter(), walk((500, 300), (100, 300), 5 * fps + 1), fps=fps)
    assert totals(events) == {"in": 1}
    assert isinstance(events[0], LineCrossed)
    assert events[0].at_s == pytest.approx(2.5, abs=0.01)


@pytest.mark.parametrize("missed", [1, 2, 5])
def test_frames_missed_at_the_line_lose_neither_the_crossing_nor_its_direction(missed: int) -> None:
    path: list[Place | None] = list(walk((420, 300), (180, 300), 25))
    path[12 - missed // 2 : 12 - missed // 2 + missed] = [None] * missed
    assert totals(counted(counter(), path)) == {"in": 1}


def test_who_turns_back_and_crosses_again_counts_again() -> None:
    path = walk(RIGHT, LEFT, 15) + walk(LEFT, RIGHT, 15) + walk(RIGHT, LEFT, 15)
    assert totals(counted(counter(), path)) == {"in": 2, "out": 1}


def test_who_turns_back_at_the_line_never_crossed() -> None:
    assert counted(counter(), walk(RIGHT, (304, 300), 10) + walk((304, 300), RIGHT, 10)) == []


@given(st.lists(st.floats(-4, 4), min_size=20, max_size=60))
def test_jitter_on_the_line_never_counts_twice(jitter: list[float]) -> None:
    path = walk(RIGHT, (300, 300), 10) + [(300 + offset, 300.0) for offset in jitter] + walk((300, 300), LEFT, 10)
    assert totals(counted(counter(), path)) == {"in": 1}


@given(st.lists(st.floats(-4, 4), min_size=20, max_size=60))
def test_standing_on_the_line_counts_nothing(jitter: list[float]) -> None:
    assert counted(counter(), [(300 + offset, 300.0) for offset in jitter]) == []


def test_a_box_that_jumps_across_and_back_is_noise() -> None:
    path = [*walk((360, 300), (330, 300), 10), (280.0, 300.0), *walk((330, 300), (360, 300), 10)]
    assert counted(counter(), path) == []


def test_a_way_round_the_end_does_not_count() -> None:
    round_the_end = [RIGHT, (380.0, 550.0), (300.0, 560.0), (220.0, 550.0), LEFT, LEFT, LEFT, LEFT]
    assert counted(counter(), round_the_end) == []


def test_who_went_round_the_end_and_comes_back_through_the_door_counts_the_way_back() -> None:
    round_the_end = [RIGHT, (380.0, 550.0), (300.0, 560.0), (220.0, 550.0), *[LEFT] * 5]
    assert totals(counted(counter(), round_the_end + walk(LEFT, RIGHT, 15))) == {"out": 1}


def test_two_people_side_by_side_are_two() -> None:
    line, events = counter(), []
    for frame, (x, y) in enumerate(walk(RIGHT, LEFT, 21)):
        events += bare(line.update(tracks({1: (x, y), 2: (x, y + 30)}), frame, frame / 10))
    assert totals(events) == {"in": 2}


def test_two_people_in_opposite_directions_are_one_each() -> None:
    line, events = counter(), []
    for frame, (there, back) in enumerate(zip(walk(RIGHT, LEFT, 21), walk(LEFT, RIGHT, 21), strict=True)):
        events += bare(line.update(tracks({1: there, 2: back}), frame, frame / 10))
    assert totals(events) == {"in": 1, "out": 1}


def test_an_unconfirmed_track_never_counts() -> None:
    line, events = counter(), []
    for frame, foot in enumerate(walk(RIGHT, LEFT, 21)):
        events += bare(line.update(tracks({1: foot}, confirmed=False), frame, frame / 10))
    assert events + bare(line.update(tracks({}, ended=[1]), 21, 2.1)) == []


def test_a_track_confirmed_only_after_the_line_counts() -> None:
    line, events = counter(), []
    for frame, foot in enumerate(walk((330, 300), (200, 300), 11)):
        events += bare(line.update(tracks({1: foot}, confirmed=frame > 5), frame, frame / 10))
    assert totals(events) == {"in": 1}


def test_who_leaves_the_picture_right_behind_the_line_counts() -> None:
    assert totals(counted(counter(), [*walk(RIGHT, (320, 300), 9), (285.0, 300.0)])) == {"in": 1}


def test_who_appears_in_the_doorway_has_no_past_to_contradict() -> None:
    assert counted(counter(), walk((302, 300), LEFT, 15)) == []


def test_the_band_grows_with_the_person() -> None:
    near, far = counter(), counter()
    for frame, x in enumerate([330.0] * 5 + [285.0] * 5):
        near_events = bare(near.update(tracks({1: (x, 300)}, height=400), frame, frame / 10))
        far_events = bare(far.update(tracks({1: (x, 300)}, height=50), frame, frame / 10))
        assert near_events == []
        if frame == 7:
            assert totals(far_events) == {"in": 1}


def test_state_ends_with_the_track() -> None:
    line = counter()
    for frame in range(1_000):
        line.update(tracks({frame: LEFT}, ended=[frame - 1]), frame, frame / 10)
    assert len(line._walkers) == 1


def test_someone_near_the_line_is_worth_watching() -> None:
    line = counter()
    line.update(tracks({1: (380, 300)}), 0, 0.0)
    assert line.attending
    line.update(tracks({1: (700, 300)}), 1, 0.1)
    assert not line.attending


steps = st.lists(
    st.tuples(st.floats(100, 500), st.floats(150, 450)).map(
        # Never exactly on the line or on the edge of its band, where a rounding error decides.
        lambda place: (round(place[0]) + 0.29, round(place[1]))
    ),
    min_size=2,
    max_size=8,
)


def strolled(corners: list[Place]) -> list[Place]:
    """A stroll from corner to corner that lingers at each."""
    path = [corners[0]] * 4
    for a, b in itertools.pairwise(corners):
        path += walk(a, b, 12)[1:] + [b] * 4
    return path


@given(steps)
def test_a_mirror_swaps_in_and_out(corners: list[Place]) -> None:
    path = strolled(corners)
    there = totals(counted(counter(), path))
    mirrored = totals(counted(counter(), [(600 - x, y) for x, y in path]))
    assert (there.get("in"), there.get("out")) == (mirrored.get("out"), mirrored.get("in"))


@given(steps, st.sampled_from([0.5, 1.0, 2.0, 3.0]))
def test_turning_the_picture_changes_no_count(corners: list[Place], angle: float) -> None:
    def turned(point: Place) -> Place:
        return (point[0] * cos(angle) - point[1] * sin(angle), point[0] * sin(angle) + point[1] * cos(angle))

    path = strolled(corners)
    line = Segment(turned(DOOR.a), turned(DOOR.b))
    assert totals(counted(counter(), path)) == totals(counted(counter(line), [turned(place) for place in path]))


@given(steps)
def test_running_time_backwards_swaps_in_and_out(corners: list[Place]) -> None:
    # Starts and ends clear of the band, where "who was firmly where" is the same read either way.
    path = strolled([(150, 300), *corners, (450, 300)])
    there, back = totals(counted(counter(), path)), totals(counted(counter(), path[::-1]))
    assert (there.get("in"), there.get("out")) == (back.get("out"), back.get("in"))


@given(st.lists(st.sampled_from([LEFT, RIGHT]), min_size=1, max_size=10))
def test_in_minus_out_is_the_change_of_people_inside(stops: list[Place]) -> None:
    events = totals(counted(counter(), strolled([RIGHT, *stops])))
    assert events.get("in", 0) - events.get("out", 0) == (1 if stops[-1] == LEFT else 0)
