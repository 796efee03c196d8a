"""Properties of counting that hold for whoever walks however: on exact tracks, of single simulated people."""

from collections import Counter as Tally
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from math import cos, sin

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from deploy.simulation.tracks.scenes import Scene
from deploy.simulation.tracks.scoring import score
from deploy.simulation.tracks.truth import crossings
from deploy.simulation.tracks.walks import Line, Walk
from deploy.simulation.tracks.ways import WAYS
from edge.counting.lines import LineCounter
from edge.counting.protocol import Counted
from edge.events import LineCrossed
from edge.geometry import Place, Segment
from edge.tracking.protocol import Tracks
from tests.support.scenes import tracks
from tests.support.walkers import crossings_in, exact_tracks, run, scene_of, segment_of, walker

SCENES = st.sampled_from(["sparse door", "crossroads"])
RATES = st.sampled_from([5.0, 7.5, 10.0, 15.0, 25.0, 30.0])
SEEDS = st.integers(0, 100_000)
SWAPPED = {"in": "out", "out": "in"}


@st.composite
def somebody(draw: st.DrawFn) -> Scene:
    """A scene with one person who walks in any way."""
    name = draw(SCENES)
    walk = walker(draw(st.sampled_from(list(WAYS))), draw(SEEDS), name=name, speed_mps=draw(st.floats(0.7, 1.9)))
    return scene_of(walk, name=name)


def counted(scene: Scene, fps: float = 10.0, segment: Segment | None = None) -> list[Counted]:
    return run(line(segment or segment_of(scene)), exact_tracks(scene, fps), fps)


def line(segment: Segment) -> LineCounter:
    return LineCounter("line", segment, "foot")


def ways(found: Sequence[Counted]) -> list[str]:
    return [one.event.direction for one in found if isinstance(one.event, LineCrossed)]


def moments(found: Sequence[Counted]) -> list[float]:
    return [one.event.at_s for one in found]


@given(somebody(), RATES)
def test_whoever_is_followed_without_error_is_counted_as_an_auditor_would(scene: Scene, fps: float) -> None:
    # The auditor sees metres on the floor, the line boxes in the picture: they share no rule.
    errors = score(scene, crossings(scene), crossings_in(counted(scene, fps)))
    assert errors.total == 0, errors


@given(somebody(), RATES, RATES)
def test_the_frame_rate_changes_no_sure_crossing(scene: Scene, fps: float, other: float) -> None:
    if all(crossing.sure for crossing in crossings(scene)):
        one, two = counted(scene, fps), counted(scene, other)
        assert ways(one) == ways(two)
        assert moments(one) == pytest.approx(moments(two), abs=0.12)


@given(somebody())
def test_a_mirror_swaps_in_and_out_and_changes_no_moment(scene: Scene) -> None:
    wide = scene.model.view.size[0]
    drawn = segment_of(scene)
    mirrored = [
        replace(now, xyxy=np.stack([wide - now.xyxy[:, 2], now.xyxy[:, 1], wide - now.xyxy[:, 0], now.xyxy[:, 3]], 1))
        for now in exact_tracks(scene, 10)
    ]
    segment = Segment((wide - drawn.a[0], drawn.a[1]), (wide - drawn.b[0], drawn.b[1]))
    there, back = counted(scene), run(line(segment), mirrored, 10)
    assert ways(back) == [SWAPPED[way] for way in ways(there)]
    assert moments(back) == pytest.approx(moments(there), abs=1e-3)


@given(somebody())
def test_a_line_drawn_the_other_way_round_swaps_in_and_out(scene: Scene) -> None:
    drawn = segment_of(scene)
    there, back = counted(scene), counted(scene, segment=Segment(drawn.b, drawn.a))
    assert ways(back) == [SWAPPED[way] for way in ways(there)]
    assert moments(back) == pytest.approx(moments(there))


@given(somebody(), st.floats(0, 6.28))
def test_turning_the_picture_changes_nothing(scene: Scene, angle: float) -> None:
    def turned(place: Place) -> Place:
        return place[0] * cos(angle) - place[1] * sin(angle), place[0] * sin(angle) + place[1] * cos(angle)

    drawn = segment_of(scene)
    there = counted(scene)
    # Boxes stay upright, and as high: their feet turn.
    back = run(
        line(Segment(turned(drawn.a), turned(drawn.b))), [_moved(now, turned) for now in exact_tracks(scene, 10)], 10
    )
    if all(crossing.sure for crossing in crossings(scene)):
        assert ways(back) == ways(there)
        assert moments(back) == pytest.approx(moments(there), abs=1e-2)


def _moved(now: Tracks, to: object) -> Tracks:
    feet = {}
    for number, (x0, _, x1, y1) in zip(now.ids.tolist(), now.xyxy.tolist(), strict=True):
        feet[number] = to(((x0 + x1) / 2, y1))  # type: ignore[operator]
    heights = (now.xyxy[:, 3] - now.xyxy[:, 1]).tolist()
    return tracks(feet, ended=now.ended, height=heights[0] if heights else 100.0)


@given(somebody(), st.sampled_from([0.25, 0.5, 2.0, 4.0]))
def test_a_picture_of_another_resolution_changes_nothing(scene: Scene, scale: float) -> None:
    drawn = segment_of(scene)
    segment = Segment((drawn.a[0] * scale, drawn.a[1] * scale), (drawn.b[0] * scale, drawn.b[1] * scale))
    scaled = [replace(now, xyxy=now.xyxy * np.float32(scale)) for now in exact_tracks(scene, 10)]
    there, back = counted(scene), run(line(segment), scaled, 10)
    assert [one.event for one in back] == [one.event for one in there]


@given(somebody())
def test_running_time_backwards_swaps_in_and_out(scene: Scene) -> None:
    (walk,) = scene.walks
    backwards = replace(scene, walks=(replace(walk, floor=walk.floor[::-1].copy()),))
    if all(crossing.sure for crossing in crossings(scene)):
        assert ways(counted(backwards)) == [SWAPPED[way] for way in ways(counted(scene))][::-1]


@given(somebody())
def test_in_minus_out_is_the_change_of_who_is_inside(scene: Scene) -> None:
    # A line without ends: nobody comes in but through it.
    (walk,) = scene.walks
    model = scene.model
    endless = _lengthened(model.line)
    closed = replace(scene, model=replace(model, line=endless))
    seen = walk.floor[model.view.sees_foot(walk.floor)]
    firm = np.abs(endless.place(seen)[:, 1]) > 0.35 * walk.height_m
    if len(seen) and firm[0] and firm[-1]:
        side = endless.place(seen)[[0, -1], 1] > 0
        tally = Tally(ways(counted(closed, 25)))
        assert tally["in"] - tally["out"] == int(side[1]) - int(side[0])


def _lengthened(line_: Line) -> Line:
    far = np.array([[-3.0, 0.0], [line_.length + 3.0, 0.0]])
    (ax, az), (bx, bz) = line_.floor(far).tolist()
    return Line((ax, max(az, 1.0)), (bx, max(bz, 1.0)))


feet = st.lists(st.tuples(st.floats(0, 640), st.floats(0, 480)), min_size=1, max_size=60)


@given(feet, st.floats(30, 300))
@example([(300.0, 240.0), (340.0, 240.0)] * 10, 100.0)
def test_there_are_never_more_crossings_than_changes_of_side(path: list[Place], height: float) -> None:
    segment = Segment((320, 100), (320, 400))
    changes = sum((segment.side(one) > 0) != (segment.side(other) > 0) for one, other in pairwise(path))
    seen = [tracks({1: foot}, height=height) for foot in path]
    assert len(run(line(segment), [*seen, tracks({}, ended=[1])], 10)) <= changes


@given(feet)
def test_who_is_never_confirmed_never_counts(path: list[Place]) -> None:
    seen = [tracks({1: foot}, confirmed=False) for foot in path]
    assert run(line(Segment((320, 100), (320, 400))), [*seen, tracks({}, ended=[1])], 10) == []


@given(somebody(), st.floats(1, 1e5))
def test_an_hour_later_the_same_happens_later(scene: Scene, later_s: float) -> None:
    counter, found = line(segment_of(scene)), []
    for number, now in enumerate(exact_tracks(scene, 10)):
        found += counter.update(now, number, later_s + number / 10)
    found += counter.cut(later_s + 1e4)
    assert ways(found) == ways(counted(scene))
    assert [at_s - later_s for at_s in moments(found)] == pytest.approx(moments(counted(scene)), abs=1e-2)


@given(somebody(), somebody())
def test_two_people_count_as_each_of_them_alone(scene: Scene, other: Scene) -> None:
    if scene.model.line == other.model.line:
        both = scene_of(*scene.walks, _again(other), name="sparse door")
        both = replace(both, model=scene.model)
        alone = ways(counted(scene)) + ways(counted(replace(other, walks=(_again(other),))))
        assert Tally(ways(counted(both))) == Tally(alone)


def _again(scene: Scene) -> Walk:
    return replace(scene.walks[0], group=1)
