"""Lines and zones as geometry, and what must not change when the picture is turned, moved or mirrored."""

from math import cos, hypot, isclose, sin

from hypothesis import assume, given
from hypothesis import strategies as st

from edge.geometry import Place, Segment, between, inside, outside_by

coordinates = st.floats(-2_000, 2_000, allow_nan=False).map(lambda value: round(value, 3))
places = st.tuples(coordinates, coordinates)


def turned(point: Place, angle: float) -> Place:
    return (point[0] * cos(angle) - point[1] * sin(angle), point[0] * sin(angle) + point[1] * cos(angle))


def far_apart(a: Place, b: Place) -> bool:
    return hypot(a[0] - b[0], a[1] - b[1]) > 1


def test_in_is_on_the_right_hand_of_who_walks_down_the_line() -> None:
    line = Segment((340, 180), (340, 370))
    assert line.side((300, 250)) == 40, "left in the picture is the right hand of who walks down"
    assert line.side((400, 250)) == -60


def test_in_is_below_a_line_that_runs_to_the_right() -> None:
    assert Segment((0, 250), (560, 250)).side((100, 300)) == 50


def test_along_tells_the_ends() -> None:
    line = Segment((0, 0), (10, 0))
    assert [line.along((x, 3)) for x in (-5, 0, 5, 10, 20)] == [-0.5, 0, 0.5, 1, 2]
    assert line.distance((-3, 4)) == 5
    assert line.distance((5, -7)) == 7


@given(places, places, places)
def test_walking_the_line_the_other_way_swaps_the_sides(a: Place, b: Place, point: Place) -> None:
    assume(far_apart(a, b))
    assert isclose(Segment(a, b).side(point), -Segment(b, a).side(point), abs_tol=1e-6)


@given(places, places, places)
def test_a_mirror_swaps_the_sides(a: Place, b: Place, point: Place) -> None:
    assume(far_apart(a, b))
    mirrored = Segment((-a[0], a[1]), (-b[0], b[1])).side((-point[0], point[1]))
    assert isclose(Segment(a, b).side(point), -mirrored, abs_tol=1e-6)


@given(places, places, places, st.floats(0, 6.28))
def test_turning_the_picture_changes_nothing(a: Place, b: Place, point: Place, angle: float) -> None:
    assume(far_apart(a, b))
    before, after = Segment(a, b), Segment(turned(a, angle), turned(b, angle))
    assert isclose(before.side(point), after.side(turned(point, angle)), abs_tol=1e-3)
    assert isclose(before.distance(point), after.distance(turned(point, angle)), abs_tol=1e-3)


@given(places, places, st.floats(0, 1))
def test_between_stays_between(a: Place, b: Place, share: float) -> None:
    middle = between(a, b, share)
    assert isclose(hypot(middle[0] - a[0], middle[1] - a[1]), share * hypot(b[0] - a[0], b[1] - a[1]), abs_tol=1e-6)


def test_a_hollow_of_the_polygon_is_outside() -> None:
    hollow = ((0, 0), (10, 0), (10, 10), (5, 2), (0, 10))
    assert inside(hollow, (5, 1))
    assert not inside(hollow, (5, 8))
    assert not inside(hollow, (-1, 5))


@given(places, st.integers(0, 3))
def test_a_polygon_may_start_at_any_corner_and_run_either_way(point: Place, first: int) -> None:
    square = ((-500.0, -500.0), (500.0, -500.0), (500.0, 500.0), (-500.0, 500.0))
    assume(abs(abs(point[0]) - 500) > 1e-6)
    assume(abs(abs(point[1]) - 500) > 1e-6)
    expected = abs(point[0]) < 500 and abs(point[1]) < 500
    moved = square[first:] + square[:first]
    assert inside(moved, point) == inside(moved[::-1], point) == expected
    assert (outside_by(moved, point) == 0) == expected


def test_outside_by_is_the_way_to_the_nearest_edge() -> None:
    square = ((0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0))
    assert outside_by(square, (13, 14)) == 5
    assert outside_by(square, (5, 5)) == 0
