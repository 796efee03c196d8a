"""Carrying a camera's picture over to a floor plan, and which ways may be drawn on it."""

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from analytics.visits.floor_plan import (
    FloorPlan,
    Placed,
    Quad,
    Shot,
    cells,
    homography,
    json_of,
    placed_of,
    warmth_on_plan,
    ways,
)
from analytics.visits.movement import Step, Warmth

WHOLE: Quad = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
#: A room as a camera on the wall sees it: the far side is narrow.
TRAPEZE: Quad = ((0.35, 0.3), (0.65, 0.3), (0.95, 0.95), (0.05, 0.95))
HALF: Quad = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))
RING = [[0, 0], [1, 0], [1, 1], [0, 1]]
CORNER = st.floats(0.0, 0.3)


def a_plan(placed: Placed, *entrances: str, width: float = 32.0, height: float = 16.0) -> FloorPlan:
    return FloorPlan(width, height, False, "1", placed, entrances)


def taken(matrix: Any, x: float, y: float) -> tuple[float, float]:
    u, v, w = matrix @ (x, y, 1.0)
    return u / w, v / w


@given(st.lists(CORNER, min_size=8, max_size=8), st.lists(CORNER, min_size=8, max_size=8))
def test_four_points_go_where_they_are_said_to_lie_and_back(one: list[float], other: list[float]) -> None:
    def quad(by: list[float]) -> Quad:
        a, b, c, d, e, f, g, h = by
        return ((a, b), (1 - c, d), (1 - e, 1 - f), (g, 1 - h))

    there, back = homography(quad(one), quad(other)), homography(quad(other), quad(one))
    for source, target in zip(quad(one), quad(other), strict=True):
        assert taken(there, *source) == pytest.approx(target, abs=1e-7)
    x, y = 0.5, 0.5
    assume(abs(np.linalg.det(there)) > 1e-3)
    assert taken(back, *taken(there, x, y)) == pytest.approx((x, y), abs=1e-5)


def test_time_is_neither_lost_nor_made_up_on_its_way_to_the_plan() -> None:
    rng = np.random.default_rng(1)
    grid = Warmth("floor", 32, 18, tuple(rng.integers(1, 50, 32 * 18).tolist()))
    straight = warmth_on_plan(a_plan(Placed(cameras={"floor": Shot(WHOLE, WHOLE)})), [grid])
    assert straight is not None
    assert np.nansum(straight) == pytest.approx(sum(grid.person_s), rel=0.02)
    # Through a trapeze: what stands between its points in the picture stands on half of the plan.
    told = warmth_on_plan(a_plan(Placed(cameras={"floor": Shot(TRAPEZE, HALF)})), [grid])
    assert told is not None
    even = Warmth("floor", 320, 180, (1,) * (320 * 180))
    flat = warmth_on_plan(a_plan(Placed(cameras={"floor": Shot(TRAPEZE, HALF)})), [even])
    assert flat is not None
    area = 0.5 * (0.3 + 0.9) * 0.65
    assert np.nansum(flat) == pytest.approx(area * 320 * 180, rel=0.02)
    assert np.isnan(told[:, 40:]).all(), "nothing is said of what no camera sees"
    assert flat[-1, 5] > 9 * flat[0, 5], "far away a cell of the picture is more floor: less of its time on each part"


def test_of_two_cameras_over_one_floor_the_larger_counts() -> None:
    both = Placed(cameras={"a": Shot(WHOLE, WHOLE), "b": Shot(WHOLE, HALF)})
    grids = [Warmth("a", 1, 1, (64,)), Warmth("b", 1, 1, (640,)), Warmth("not-placed", 1, 1, (9999,))]
    found = warmth_on_plan(a_plan(both), grids)
    assert found is not None
    assert found.shape == (32, 64)
    assert cells(a_plan(both)) == (64, 32)
    assert (found[0, 0] * 1024, found[0, -1] * 2048) == (pytest.approx(640), pytest.approx(64))
    assert warmth_on_plan(a_plan(Placed()), grids) is None


def test_outside_is_the_door_only_where_there_is_one() -> None:
    zone = ((0.1, 0.1), (0.3, 0.1), (0.3, 0.3), (0.1, 0.3))
    placed = Placed(zones={"shelf": zone, "till": zone}, lines={"door": ((0.4, 1.0), (0.6, 1.0))})
    steps = [Step(None, "shelf", 30), Step("shelf", "till", 20), Step("till", "cellar", 10), Step("till", "till", 9)]
    drawn = ways(a_plan(placed, "door"), steps)
    assert [(way.step.from_zone, way.step.to_zone) for way in drawn] == [(None, "shelf"), ("shelf", "till")]
    assert drawn[0].start == (0.5, 1.0)
    assert drawn[0].end == pytest.approx((0.2, 0.2))
    assert [way.step.people for way in ways(a_plan(placed, "door", "side"), steps)] == [20]


def test_what_was_placed_is_read_back_as_it_was_written() -> None:
    placed = Placed({"shelf": TRAPEZE[:3]}, {"door": ((0.0, 1.0), (0.5, 1.0))}, {"floor": Shot(TRAPEZE, WHOLE)})
    assert placed_of(json_of(placed)) == placed
    assert placed_of({}) == Placed()


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ([], "expected zones, lines and cameras"),
        ({"sofas": {}}, "expected zones, lines and cameras"),
        ({"zones": []}, "by name"),
        ({"zones": {"shelf": [[0, 0], [1, 1]]}}, "zone shelf: expected 3 to 24 points"),
        ({"zones": {"shelf": [[0, 0], [1, 1], [2, 0]]}}, "from 0 to 1"),
        ({"zones": {"shelf": [[0, 0], [1, 1], [0.5, float("nan")]]}}, "from 0 to 1"),
        ({"zones": {"shelf": [[0, 0], [1, 1], ["0", 0]]}}, r"points \[x, y\]"),
        ({"lines": {"door": [[0, 0]]}}, "line door"),
        ({"cameras": {"floor": {"picture": []}}}, "expected picture and plan"),
        ({"cameras": {"floor": {"picture": [[0, 0], [1, 0], [0.5, 0.0], [0, 1]], "plan": []}}}, "four corners"),
        (
            {"cameras": {"floor": {"picture": RING, "plan": RING[::-1]}}},
            "the same way",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_placed_so_is_refused_by_name(said: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        placed_of(said)
