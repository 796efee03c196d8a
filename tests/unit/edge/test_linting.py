"""The linter: what cannot count as meant is named, with where, why and what to do; what can is not."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from edge.config import CameraConfig, LineConfig, SiteConfig, ZoneConfig
from edge.counting.lines import LineCounter
from edge.geometry import Segment
from edge.linting.problems import Problem
from edge.linting.scene import People, assumed_people, given_people
from edge.linting.site import lint_camera, lint_site
from edge.linting.walked import Walked
from tests.support.scenes import PERSON_PX, counted, walk

SIZE = (1280, 720)
PEOPLE = given_people(200)


def line(*points: float, name: str = "door", **settings: Any) -> LineConfig:
    x0, y0, x1, y1 = points
    return LineConfig(name=name, points=((x0, y0), (x1, y1)), **settings)


def zone(*corners: float, name: str = "shelf", **settings: Any) -> ZoneConfig:
    return ZoneConfig(name=name, polygon=tuple(zip(corners[::2], corners[1::2], strict=True)), **settings)


def square(left: float, top: float, side: float) -> tuple[float, ...]:
    return (left, top, left + side, top, left + side, top + side, left, top + side)


def lint(
    *lines: LineConfig,
    zones: Sequence[ZoneConfig] = (),
    people: People | None = PEOPLE,
    walked: Walked | None = None,
    **settings: Any,
) -> list[Problem]:
    camera = CameraConfig(name="hall", source="x", lines=lines, zones=tuple(zones), **settings)
    return lint_camera(camera, SIZE, people=people, walked=walked)


def codes(problems: list[Problem]) -> list[tuple[str, str]]:
    return [(problem.code, problem.severity) for problem in problems]


@pytest.mark.parametrize(
    "points",
    [(320, 480, 960, 480), (640, 300, 640, 600), (640, 0, 640, 720), (0, 500, 1280, 500), (300, 300, 600, 620)],
)
def test_a_line_with_room_on_both_sides_is_fine(points: tuple[float, ...]) -> None:
    assert lint(line(*points)) == []
    assert lint(line(*points), people=None) == []
    assert lint(line(*points, anchor="centre")) == []


@pytest.mark.parametrize(
    ("points", "anchor", "edge"),
    [
        ((300, 715, 900, 715), "foot", "lower edge"),
        ((300, 690, 900, 690), "centre", "lower edge"),
        ((300, 20, 900, 20), "centre", "upper edge"),
        ((300, 60, 900, 60), "foot", "upper edge"),
        ((1270, 200, 1270, 600), "foot", "right edge"),
        ((12, 200, 12, 600), "foot", "left edge"),
    ],
)
def test_a_line_that_never_counts_is_an_error_that_names_the_edge(
    points: tuple[float, ...], anchor: Any, edge: str
) -> None:
    (problem,) = lint(line(*points, anchor=anchor))
    assert (problem.code, problem.severity, problem.camera, problem.where) == (
        "line_never_counts", "error", "hall", "door",
    )  # fmt: skip
    assert edge in problem.message
    assert "a person of 200 px (given)" in problem.message
    assert problem.advice.startswith("Move it at least")


def test_what_the_linter_calls_dead_the_counter_does_not_count_and_what_it_calls_fine_it_does() -> None:
    """The feet of someone who leaves below go to the lower edge, where they are cut off."""
    for y, fine in ((715, False), (660, True)):
        counter = LineCounter("door", Segment((900, y), (300, y)), "foot")
        path = [(x, min(y_, SIZE[1])) for x, y_ in walk((600, 400), (600, 760), 30)]
        told = lint(line(900, y, 300, y), people=given_people(PERSON_PX))
        assert (len(counted(counter, path)), told == []) == (fine, fine)


def test_the_advice_moves_a_dead_line_to_where_it_counts() -> None:
    (problem,) = lint(line(300, 715, 900, 715))
    by = float(problem.advice.split()[4])
    assert lint(line(300, 715 - by, 900, 715 - by)) == []


def test_a_line_near_an_edge_is_a_warning() -> None:
    (problem,) = lint(line(300, 690, 900, 690))
    assert (problem.code, problem.severity) == ("line_near_edge", "warning")
    assert "too close to the lower edge" in problem.message


def test_without_knowledge_the_assumption_is_said_and_only_what_holds_for_anybody_is_an_error() -> None:
    assert codes(lint(line(300, 719, 900, 719), people=None)) == [("line_never_counts", "error")]
    (problem,) = lint(line(300, 705, 900, 705), people=None)
    assert (problem.code, problem.severity) == ("line_near_edge", "warning")
    assert "a person of 180 px (assumed)" in problem.message
    assert assumed_people(SIZE).height((0, 0)) == 180


def test_a_line_out_of_the_picture_is_an_error() -> None:
    (problem,) = lint(line(300, 400, 1500, 400))
    assert (problem.code, problem.severity) == ("line_outside_frame", "error")
    assert "(1500, 400)" in problem.message


def test_a_line_too_short_to_walk_through_is_found() -> None:
    assert codes(lint(line(600, 400, 650, 400))) == [("line_too_short", "warning")]
    assert codes(lint(line(600, 400, 605, 400))) == [("line_too_short", "error")]
    assert lint(line(600, 400, 600, 450)) == [], "into the depth of the picture 50 px may well be a door"


def test_a_line_that_cuts_through_a_zone_is_found_and_one_along_its_border_is_not() -> None:
    door = line(300, 500, 900, 500)
    assert codes(lint(door, zones=[zone(*square(500, 400, 200))])) == [("line_cuts_zone", "warning")]
    assert codes(lint(door, zones=[zone(*square(500, 400, 200), role="staff")])) == [
        ("line_through_staff_zone", "warning")
    ]
    assert lint(door, zones=[zone(*square(500, 300, 200))]) == []
    assert lint(line(300, 500, 900, 500, role="internal"), zones=[zone(*square(500, 400, 200))]) == []


def test_two_lines_that_count_the_same_people_are_found() -> None:
    door = line(300, 500, 900, 500)
    (over,) = lint(door, line(320, 540, 880, 540, name="again"))
    assert (over.code, over.severity) == ("lines_overlap", "error")
    assert "line again" in over.message
    assert codes(lint(door, line(600, 300, 600, 650, name="again"))) == [("lines_cross", "warning")]
    assert codes(lint(door, line(600, 300, 600, 650, name="street", role="pass_by"))) == [("lines_cross", "warning")]
    assert lint(door, line(320, 540, 880, 540, name="again", role="internal")) == []
    assert lint(door, line(300, 250, 900, 250, name="other")) == []


def test_zones_in_which_nobody_can_stay_are_found() -> None:
    assert codes(lint(zones=[zone(100, 300, 500, 600, 500, 300, 100, 600)])) == [("zone_self_intersecting", "error")]
    assert codes(lint(zones=[zone(*square(600, 400, 40))])) == [("zone_too_small", "warning")]
    assert codes(lint(zones=[zone(0, 0, 1280, 0, 1280, 20, 0, 20)])) == [("zone_never_seen", "error")]
    assert codes(lint(zones=[zone(*square(1200, 400, 200))])) == [("zone_outside_frame", "error")]
    assert lint(zones=[zone(*square(400, 300, 300))]) == []


@pytest.mark.parametrize(
    ("till", "found"), [((1400, 400), []), ((-600, 400), []), ((7000, 380), ["error"]), ((600, -400), ["error"])]
)
def test_a_till_may_stand_a_little_outside_of_the_picture_but_not_far(
    till: tuple[float, float], found: list[str]
) -> None:
    queue = zone(*square(600, 300, 200), role="queue", served_towards=till)
    assert codes(lint(zones=[queue])) == [("till_outside_frame", severity) for severity in found]


def test_two_zones_of_one_role_that_overlap_are_found() -> None:
    one, other = zone(*square(200, 300, 300)), zone(*square(400, 300, 300), name="table")
    (problem,) = lint(zones=[one, other])
    assert (problem.code, problem.where) == ("zones_overlap", "shelf")
    assert "33%" in problem.message
    assert lint(zones=[one, zone(*square(400, 300, 300), name="till", role="queue")]) == []
    assert lint(zones=[one, zone(*square(500, 300, 300), name="table")]) == []


def walked(angle: float, *, rows: slice, paths: float = 20) -> Walked:
    """Everybody walked at `angle` (radians, y down) through some rows of a grid of 9 by 16 cells."""
    through = np.zeros((9, 16))
    through[rows] = paths
    return Walked(SIZE, through, through * np.exp(2j * angle), through, total=int(paths))


def test_a_line_along_which_people_walk_is_found_and_one_across_is_not() -> None:
    door = line(300, 500, 900, 500)
    assert codes(lint(door, walked=walked(0.05, rows=slice(0, 9)))) == [("line_along_the_walk", "warning")]
    assert codes(lint(door, walked=walked(3.1, rows=slice(0, 9)))) == [("line_along_the_walk", "warning")]
    assert lint(door, walked=walked(1.4, rows=slice(0, 9))) == []


def test_a_line_that_nobody_came_near_is_found_once_enough_were_watched() -> None:
    door = line(300, 500, 900, 500)
    assert codes(lint(door, walked=walked(1.5, rows=slice(0, 3)))) == [("line_nobody_near", "warning")]
    assert lint(door, walked=walked(1.5, rows=slice(0, 3), paths=3)) == []


def test_two_cameras_that_read_one_source_are_found() -> None:
    cameras = tuple(
        CameraConfig(name=name, source="rtsp://a", lines=(line(300, 500, 900, 500, name=name),)) for name in ("a", "b")
    )
    (problem,) = lint_site(SiteConfig(store="s", device="d", cameras=cameras))
    assert (problem.code, problem.camera) == ("source_used_twice", "a")


def test_people_get_smaller_towards_the_back_where_that_was_measured() -> None:
    people = People(20, "observed", slope=0.25, least=30, most=190)
    assert [people.height((0, y)) for y in (0, 400, 720)] == [30, 120, 190]
    far = line(600, 100, 640, 100)
    assert lint(far, people=people) == []
    assert codes(lint(line(600, 600, 640, 600), people=people)) == [("line_too_short", "warning")]
