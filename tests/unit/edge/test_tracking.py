"""Tracking: one battery for every tracker, and what ours promises beyond it."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.detections import Detections
from edge.geometry import Place
from edge.tracking.association import assign, iou, nearness, single
from edge.tracking.bytetrack import ByteTrack
from edge.tracking.motion_model import Motion, to_state
from edge.tracking.protocol import Tracker, Tracks
from tests.support.scenes import box, detections, walk

TRACKERS: dict[str, Callable[[], Tracker]] = {"bytetrack": lambda: ByteTrack(0.4)}


@pytest.fixture(params=sorted(TRACKERS))
def tracker(request: pytest.FixtureRequest) -> Tracker:
    return TRACKERS[request.param]()


def followed(
    tracker: Tracker, feet: list[list[Place]], *, fps: float = 10, score: float = 0.9, start_s: float = 0.0
) -> Iterator[Tracks]:
    for number, people in enumerate(feet):
        yield tracker.update(detections(people, score=score), start_s + number / fps)


def ids(tracks: Tracks) -> list[int]:
    return [int(number) for number in tracks.ids]


def test_nobody_is_nobody(tracker: Tracker) -> None:
    tracks = tracker.update(Detections.empty(), 0.0)
    assert len(tracks) == 0
    assert tracks.xyxy.shape == (0, 4)
    assert tracks.ended == ()


def test_one_walker_is_one_track_that_follows_him(tracker: Tracker) -> None:
    way = walk((100, 300), (500, 300), 50)
    seen = list(followed(tracker, [[foot] for foot in way]))
    assert {number for tracks in seen for number in ids(tracks)} == {ids(seen[0])[0]}
    for tracks, foot in zip(seen[5:], way[5:], strict=True):
        assert np.allclose(tracks.xyxy[0], box(foot), atol=6)


def test_a_track_is_unconfirmed_at_first_sight(tracker: Tracker) -> None:
    seen = list(followed(tracker, [[(100, 300)]] * 5))
    assert not seen[0].confirmed[0]
    assert seen[-1].confirmed[0]


@pytest.mark.parametrize("fps", [3, 5, 10, 25])
def test_a_brisk_walker_is_one_track_at_any_frame_rate(tracker: Tracker, fps: int) -> None:
    # A body height per second, 0.4 body heights wide: at 3 frames per second boxes hardly overlap.
    way = walk((100, 300), (500, 300), 4 * fps + 1)
    seen = list(followed(tracker, [[foot] for foot in way], fps=fps))
    assert {number for tracks in seen for number in ids(tracks)} == {ids(seen[0])[0]}


def test_a_hidden_walker_is_the_same_when_he_comes_out(tracker: Tracker) -> None:
    way: list[list[Place]] = [[foot] for foot in walk((100, 300), (500, 300), 50)]
    way[20:30] = [[]] * 10
    seen = list(followed(tracker, way))
    assert ids(seen[-1]) == ids(seen[0])


def test_who_walks_behind_a_shelf_is_the_same_in_front_of_it(tracker: Tracker) -> None:
    # Legs hidden for three frames, then nothing for two, then head and shoulders, then all of him.
    numbers: set[int] = set()
    for step, (x, y) in enumerate(walk((100, 300), (260, 300), 21)):
        left, top, right, _ = box((x, y))
        bottom = {8: y - 45, 9: y - 48, 10: y - 48, 13: y - 48}.get(step, y)
        seen = Detections(np.array([[left, top, right, bottom]], np.float32), np.array([0.9], np.float32))
        tracks = tracker.update(Detections.empty() if step in (11, 12) else seen, step / 10)
        numbers |= set(ids(tracks))
    assert len(numbers) == 1


@pytest.mark.parametrize("fps", [5, 10, 25])
def test_feet_stay_on_the_floor_while_something_hides_them(tracker: Tracker, fps: int) -> None:
    # For half a second another shopper stands in front: the box ends at the hips.
    way = walk((100, 300), (260, 300), 4 * fps)
    hidden = range(2 * fps, 2 * fps + fps // 2 + 1)
    for step, (x, y) in enumerate(way):
        left, top, right, bottom = box((x, y))
        bottom -= 50 if step in hidden else 0
        seen = Detections(np.array([[left, top, right, bottom]], np.float32), np.array([0.9], np.float32))
        tracks = tracker.update(seen, step / fps)
        assert tracks.xyxy[0, 3] == pytest.approx(y, abs=30 if step in hidden else 15)


def test_who_sits_down_is_soon_as_tall_as_he_looks(tracker: Tracker) -> None:
    for step in range(60):
        tracks = tracker.update(detections([(100, 300)], height=100 if step < 30 else 60), step / 10)
    assert tracks.xyxy[0, 3] == pytest.approx(300, abs=6)


def test_a_small_thing_at_a_persons_place_is_not_the_person(tracker: Tracker) -> None:
    before = list(followed(tracker, [[(100, 300)]] * 10))
    after = tracker.update(detections([(100, 300)], height=25), 1.0)
    assert ids(after) != ids(before[-1])


def test_a_person_found_twice_is_one_track(tracker: Tracker) -> None:
    # The whole person and, a little less sure, the upper half.
    for step, (x, y) in enumerate(walk((100, 300), (300, 300), 30)):
        left, top, right, bottom = box((x, y))
        boxes = np.array([[left, top, right, bottom], [left + 2, top + 3, right, bottom - 45]], np.float32)
        tracks = tracker.update(Detections(boxes, np.array([0.9, 0.6], np.float32)), step / 10)
        assert len(tracks) == 1
        assert tracks.xyxy[0, 3] == pytest.approx(y, abs=6)


def test_a_child_in_front_of_an_adult_is_a_second_person() -> None:
    feet = np.array([box((100, 300), 100), box((100, 302), 55), box((125, 300), 100)], np.float32)
    assert single(to_state(feet), np.array([0.9, 0.8, 0.7], np.float32)).all()


def test_weak_detections_continue_a_person_but_start_none(tracker: Tracker) -> None:
    assert all(len(tracks) == 0 for tracks in followed(tracker, [[(100, 300)]] * 5, score=0.2))
    strong = list(followed(tracker, [[(100, 300)]] * 5, start_s=1.0))
    weak = list(followed(tracker, [[(100, 300)]] * 5, score=0.2, start_s=1.5))
    assert ids(weak[-1]) == ids(strong[0])


def test_two_people_side_by_side_stay_two(tracker: Tracker) -> None:
    way = walk((100, 300), (500, 300), 50)
    seen = list(followed(tracker, [[(x, y), (x, y + 25)] for x, y in way]))
    assert all(len(tracks) == 2 for tracks in seen)
    assert len({number for tracks in seen for number in ids(tracks)}) == 2


def test_people_who_meet_keep_their_numbers(tracker: Tracker) -> None:
    right, left = walk((100, 300), (500, 300), 50), walk((500, 320), (100, 320), 50)
    seen = list(followed(tracker, [list(pair) for pair in zip(right, left, strict=True)]))
    first, last = (
        dict(zip(ids(seen[0]), seen[0].xyxy, strict=True)),
        dict(zip(ids(seen[-1]), seen[-1].xyxy, strict=True)),
    )
    assert first.keys() == last.keys()
    assert all(abs(first[number][0] - last[number][0]) > 300 for number in first)


def test_who_is_gone_is_evicted_and_told_once(tracker: Tracker) -> None:
    (number,) = ids(list(followed(tracker, [[(100, 300)]] * 5))[-1])
    ended = [tracker.update(Detections.empty(), 0.5 + step / 10).ended for step in range(100)]
    assert [numbers for numbers in ended if numbers] == [(number,)]
    later = tracker.update(detections([(100, 300)]), 20.0)
    assert ids(later) != [number], "numbers are never used again"


def test_someone_else_after_a_while_is_someone_else(tracker: Tracker) -> None:
    before = list(followed(tracker, [[(100, 300)]] * 10))
    after = list(followed(tracker, [[(110, 300)]] * 10, start_s=4.0))
    assert ids(before[-1]) != ids(after[0])


def test_who_is_known_is_not_taken_for_somebody_a_step_off_his_way() -> None:
    # One is lost for a second; half a body height beside his way somebody appears while a third is near.
    bystander: Place = (300.0, 300.0)
    way: list[list[Place]] = [[foot, bystander] for foot in walk((100, 300), (180, 300), 20)]
    way += [[bystander]] * 10 + [[(280.0, 320.0), bystander]] * 3
    assert len({number for tracks in followed(ByteTrack(0.4), way) for number in ids(tracks)}) == 3


def test_a_reset_ends_everybody(tracker: Tracker) -> None:
    (number,) = ids(list(followed(tracker, [[(100, 300)]] * 5))[-1])
    assert tracker.reset() == (number,)
    assert ids(tracker.update(detections([(100, 300)]), 0.6)) != [number]


@given(st.lists(st.lists(st.tuples(st.integers(0, 600), st.integers(100, 400)), max_size=6), max_size=15))
def test_whatever_is_seen_numbers_are_unique_and_boxes_finite(scenes: list[list[Place]]) -> None:
    for build in TRACKERS.values():
        ended: set[int] = set()
        for tracks in followed(build(), scenes):
            assert len(set(ids(tracks))) == len(tracks)
            assert np.isfinite(tracks.xyxy).all()
            assert ended.isdisjoint(ids(tracks))
            ended |= set(tracks.ended)


def test_a_detection_far_from_everyone_is_nobody_known() -> None:
    assert iou(np.array([box((100, 300))]), np.array([box((500, 300))]))[0, 0] == 0
    rows, columns = assign(np.zeros((2, 2)), 0.0)
    assert len(rows) == len(columns) == 0, "a likeness of nothing at all pairs nobody"


def test_likeness_by_distance_wants_people_of_one_size() -> None:
    person, child = np.array([[100.0, 250, 40, 100]]), np.array([[100.0, 250, 20, 50]])
    assert nearness(person, person, np.array([0.5]))[0, 0] == 1
    assert nearness(person, child, np.array([0.5]))[0, 0] == 0


@given(st.floats(0.02, 0.5))
def test_two_half_steps_predict_what_one_whole_step_does(step_s: float) -> None:
    start = Motion.start(np.array([[100.0, 250, 40, 100]]))
    once = start.predict(np.array([2 * step_s]))
    twice = start.predict(np.array([step_s])).predict(np.array([step_s]))
    for name in ("position", "velocity", "pp", "pv", "vv", "body"):
        assert np.allclose(getattr(once, name), getattr(twice, name)), name


def test_the_filter_learns_a_walkers_speed() -> None:
    motion = Motion.start(np.array([[100.0, 250, 40, 100]]))
    for step in range(1, 30):
        motion = motion.predict(np.array([0.1]))
        motion = motion.correct(np.array([0]), np.array([[100.0 + 8 * step, 250, 40, 100]]))
    assert motion.velocity[0, 0] == pytest.approx(80, rel=0.05)
