"""Simulated people: geometry, truth, what hides them, what the detector makes of them, and how counts are scored."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.simulation.tracks.detector import FAULTLESS, Faults
from deploy.simulation.tracks.film import film
from deploy.simulation.tracks.hiding import hidden
from deploy.simulation.tracks.scenes import SCENES, Pillar, Scene, draw_scene
from deploy.simulation.tracks.scoring import CountedCrossing, Errors, score
from deploy.simulation.tracks.truth import TrueCrossing, crossings, crossings_of, stays, stays_of
from deploy.simulation.tracks.view import View
from deploy.simulation.tracks.walks import STEP_S, Line, Stop, Walk, way
from deploy.simulation.tracks.ways import WAYS
from edge.geometry import Segment
from tests.support.walkers import scene_of, walker

VIEW = View()
LINE = Line((-1.2, 5.5), (1.2, 5.5))
SEEDS = st.integers(0, 10_000)


def person(*places: tuple[float, float], stay_s: float = 0.5, speed_mps: float = 1.2) -> Walk:
    """Somebody 1.7 m tall who goes from place to place (s, d) of LINE and lingers at each."""
    stops = [Stop(s, d, stay_s) for s, d in places]
    return Walk(0.0, LINE.floor(way(stops, speed_mps)), height_m=1.7, width=0.35, group=0)


def told(walk: Walk) -> list[tuple[str, bool]]:
    return [(crossing.direction, crossing.sure) for crossing in crossings_of(walk, LINE, VIEW)]


def test_near_people_are_large_and_low_in_the_picture() -> None:
    boxes = VIEW.boxes(np.array([[0.0, 4.0], [0.0, 8.0]]), np.array([1.7, 1.7]), np.array([0.3, 0.3]))
    tall = boxes[:, 3] - boxes[:, 1]
    assert tall.tolist() == pytest.approx([340.0, 170.0])
    assert boxes[:, 3].tolist() == pytest.approx([540.0, 240.0])


@given(st.floats(-4, 4), st.floats(3.5, 9))
def test_the_right_hand_side_is_in_on_the_floor_as_in_the_picture(x: float, z: float) -> None:
    floor = np.array([[x, z]])
    d = LINE.place(floor)[0, 1]
    side = Segment(VIEW.spot(LINE.a), VIEW.spot(LINE.b)).side(VIEW.spot((x, z)))
    assert abs(d) < 1e-6 or (d > 0) == (side > 0)
    assert LINE.floor(LINE.place(floor)).tolist()[0] == pytest.approx([x, z])


def test_straight_through_is_one_sure_crossing_at_the_moment_on_the_line() -> None:
    walk = person((1.2, -3), (1.2, 2))
    (crossing,) = crossings_of(walk, LINE, VIEW)
    assert (crossing.direction, crossing.sure) == ("in", True)
    assert LINE.place(walk.at(np.array([crossing.at_s])))[0, 1] == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ([(1, -3), (1, 1), (1, -3)], [("in", True), ("out", True)]),
        ([(1, -3), (1, -0.3), (1, -3)], []),
        ([(1, -3), (1, 0.1), (1, -3)], []),
        ([(1, -3), (1, 0.35), (1, -3)], [("in", False), ("out", False)]),
        ([(1, -3), (1, 0.1), (1, -0.1), (1, 2)], [("in", True)]),
        ([(1, -3), (-1, -1), (-1, 1), (1, 2)], []),
        ([(0, -3), (0, 2)], [("in", False)]),
        ([(1, -0.1), (1, 2)], [("in", False)]),
        ([(1, -0.8), (1, 2)], [("in", True)]),
        ([(1, 2), (1, -0.1)], [("out", False)]),
        ([(1, 2), (3, 2)], []),
    ],
    ids=[
        "turns back behind the line", "turns back before it", "sways over it", "a step over it and back",
        "dithers on it", "round the end", "along the door post", "first seen on the line", "first seen before it",
        "last seen on it", "never near",
    ],
)  # fmt: skip
def test_an_auditor_counts(places: list[tuple[float, float]], expected: list[tuple[str, bool]]) -> None:
    assert told(person(*places)) == expected


def test_nobody_crosses_where_the_picture_does_not_reach() -> None:
    unseen = replace(VIEW, horizon_px=-700.0)
    assert crossings_of(person((1, -3), (1, 2)), LINE, unseen) == []


@given(st.sampled_from(list(WAYS)), SEEDS)
def test_every_true_crossing_is_on_the_line_and_its_reverse_the_other_way(rule: str, seed: int) -> None:
    walk = walker(rule, seed)
    forth = crossings_of(walk, LINE, VIEW)
    back = crossings_of(replace(walk, floor=walk.floor[::-1].copy()), LINE, VIEW)
    for crossing in forth:
        assert abs(LINE.place(walk.at(np.array([crossing.at_s])))[0, 1]) < 1e-6
    swapped = {"in": "out", "out": "in"}
    if all(crossing.sure for crossing in forth):
        assert [swapped[crossing.direction] for crossing in back][::-1] == [crossing.direction for crossing in forth]
        ends = [walk.start_s + walk.end_s - crossing.since_s for crossing in back][::-1]
        assert ends == pytest.approx([crossing.at_s for crossing in forth])


@given(st.sampled_from(list(WAYS)), SEEDS)
def test_stays_are_where_a_fine_grid_of_moments_finds_the_person_inside(rule: str, seed: int) -> None:
    walk, zone = walker(rule, seed), ((-2.0, 3.4), (2.0, 3.4), (2.0, 5.0), (-2.0, 5.0))
    moments = np.arange(walk.start_s, walk.end_s, STEP_S / 5) + 1e-4
    places = walk.at(moments)
    inside = (np.abs(places[:, 0]) < 2) & (places[:, 1] > 3.4) & (places[:, 1] < 5)
    total = sum(stay.exit_s - stay.enter_s for stay in stays_of(walk, zone))
    assert total == pytest.approx(inside.sum() * STEP_S / 5, abs=0.05)


@pytest.mark.parametrize("name", SCENES)
def test_a_seed_draws_the_same_scene_and_film_again_and_another_seed_another(name: str) -> None:
    one, same, other = (draw_scene(name, seed=seed, duration_s=60) for seed in (3, 3, 4))
    assert [walk.floor.tolist() for walk in one.walks] == [walk.floor.tolist() for walk in same.walks]
    assert crossings(one) == crossings(same)
    assert stays(one) == stays(same)
    assert crossings(one) != crossings(other)
    films = [film(scene, fps=5, faults=Faults(), seed=1) for scene in (one, same)]
    assert films[0].found.xyxy.tolist() == films[1].found.xyxy.tolist()


def test_a_film_is_its_detections_frame_by_frame() -> None:
    seen = film(draw_scene("busy door", seed=1, duration_s=30), fps=10, faults=Faults(), seed=1)
    frames = list(seen)
    assert len(frames) == seen.frames
    assert sum(len(people) for _, _, people in frames) == len(seen.found) == len(seen.found_person)
    assert [time_s for _, time_s, _ in frames[:3]] == pytest.approx([0, 0.1, 0.2])
    size = np.array([*SCENES["busy door"].view.size] * 2)
    assert (seen.found.xyxy >= 0).all()
    assert (seen.found.xyxy <= size).all()
    assert ((seen.found.score > 0) & (seen.found.score <= 1)).all()


@pytest.mark.parametrize("recall", [0.5, 0.8, 0.95])
@pytest.mark.parametrize("fps", [5.0, 30.0])
def test_people_whom_nothing_hides_are_found_as_often_as_said(recall: float, fps: float) -> None:
    scene = draw_scene("sparse door", seed=5, duration_s=1_500)
    seen = film(scene, fps=fps, faults=Faults(recall=recall, ghosts=0, double_share=0), seed=2)
    clear = {(frame, who) for frame, who, share in
             zip(seen.true_frame.tolist(), seen.true_person.tolist(), seen.true_hidden.tolist(), strict=True)
             if share == 0}  # fmt: skip
    sure = [(frame, who) for frame, who, score_ in
            zip(seen.found_frame.tolist(), seen.found_person.tolist(), seen.found.score.tolist(), strict=True)
            if score_ > 0.39]  # fmt: skip
    assert len(clear & set(sure)) / len(clear) == pytest.approx(recall, abs=0.03)


def test_misses_come_in_runs_as_long_at_any_frame_rate() -> None:
    scene = scene_of(*(replace(walker("along", seed), start_s=20.0 * seed) for seed in range(120)))
    lengths = {}
    for fps in (10.0, 30.0):
        seen = film(scene, fps=fps, faults=Faults(recall=0.8, burst_share=1.0, ghosts=0, weak_share=0), seed=3)
        found = set(zip(seen.found_frame.tolist(), seen.found_person.tolist(), strict=True))
        missed = [key not in found for key in zip(seen.true_frame.tolist(), seen.true_person.tolist(), strict=True)]
        runs = "".join("x" if miss else " " for miss in missed).split()
        lengths[fps] = sum(len(run) for run in runs) / len(runs) / fps
    assert lengths[30.0] == pytest.approx(lengths[10.0], rel=0.25)
    assert lengths[10.0] > 0.25


def test_a_faultless_film_shows_everybody_who_is_not_hidden_where_they_are() -> None:
    scene = scene_of(walker("across", 1))
    seen = film(scene, fps=10, faults=FAULTLESS, seed=1)
    rows = [seen.true_frame.tolist().index(frame) for frame in seen.found_frame.tolist()]
    assert np.allclose(seen.found.xyxy, seen.true_boxes[rows], atol=0.01)
    assert len(seen.found) >= 0.9 * len(seen.true_frame)


def test_who_stands_behind_another_is_hidden_from_below() -> None:
    floor = np.array([[0.0, 5.0], [0.0, 6.0], [3.0, 6.0]])
    boxes = VIEW.boxes(floor, np.full(3, 1.7), np.full(3, 0.35))
    hiding = hidden(VIEW, boxes, floor[:, 1], np.zeros(3, np.int64), ())
    assert hiding.share[0] == hiding.share[2] == 0
    assert 0.4 < hiding.share[1] < 0.9
    assert 0.4 < hiding.below[1] < 0.9
    apart = hidden(VIEW, boxes, floor[:, 1], np.array([0, 1, 2]), ())
    assert apart.share.tolist() == [0, 0, 0]


def test_a_pillar_hides_who_is_behind_it_and_nobody_before_it() -> None:
    floor = np.array([[0.0, 4.0], [0.0, 6.0]])
    boxes = VIEW.boxes(floor, np.full(2, 1.7), np.full(2, 0.35))
    pillar = Pillar(spot=(0.0, 5.0), width_m=0.8)
    hiding = hidden(VIEW, boxes, floor[:, 1], np.array([0, 1]), (pillar,))
    assert hiding.share.tolist() == pytest.approx([0, 1], abs=0.05)


def truth_and_scene() -> tuple[Scene, list[TrueCrossing]]:
    scene = scene_of(person((1, -3), (1, 2)), replace(person((1, 2), (1, -3)), start_s=20.0))
    return scene, crossings(scene)


def counted(scene: Scene, crossing: TrueCrossing, *, late_s: float = 0.0, turned: bool = False) -> CountedCrossing:
    at_s = crossing.at_s + late_s
    place = scene.walks[crossing.walk].at(np.array([at_s]))[0]
    direction = crossing.direction if not turned else "in" if crossing.direction == "out" else "out"
    return CountedCrossing(at_s, direction, scene.model.view.spot((float(place[0]), float(place[1]))))


def test_scores_tell_missed_extra_and_wrong_way_apart() -> None:
    scene, truth = truth_and_scene()
    both = [counted(scene, crossing) for crossing in truth]
    assert score(scene, truth, both) == Errors(2, 0, 0, 0)
    assert score(scene, truth, both[:1]) == Errors(2, 1, 0, 0)
    assert score(scene, truth, [*both, both[0]]) == Errors(2, 0, 1, 0)
    assert score(scene, truth, [counted(scene, truth[0], turned=True), both[1]]) == Errors(2, 0, 0, 1)
    assert score(scene, truth, [counted(scene, truth[0], late_s=0.8), both[1]]) == Errors(2, 0, 0, 0)
    assert score(scene, truth, [counted(scene, truth[0], late_s=1.5), both[1]]) == Errors(2, 1, 1, 0)
    elsewhere = replace(both[0], point=(both[0].point[0] + 400, both[0].point[1]))
    assert score(scene, truth, [elsewhere, both[1]]) == Errors(2, 1, 1, 0)


def test_an_open_crossing_is_neither_missed_nor_extra() -> None:
    scene, truth = truth_and_scene()
    open_ = [replace(crossing, sure=False) for crossing in truth]
    assert score(scene, open_, []) == Errors(0, 0, 0, 0)
    assert score(scene, open_, [counted(scene, crossing) for crossing in truth]) == Errors(0, 0, 0, 0)
    assert score(scene, open_, [counted(scene, truth[0])] * 2) == Errors(0, 0, 1, 0)
