"""Matching and scoring: one to one, in time and direction, and what is left over is called by its name."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.types import Direction
from deploy.evaluation.matching import Crossing, match
from deploy.evaluation.scores import score_lines, score_occupancy, score_zone, share, total
from deploy.evaluation.truth import TrueCrossing, TrueLine, TrueOccupancy, TrueVisit, TrueZone
from edge.events import ZoneLeft
from edge.geometry import Segment

DOOR = Segment((100, 0), (100, 200))


def line(
    *crossings: tuple[float, Direction], totals: dict[Direction, int] | None = None, tolerance: float | None = 4
) -> TrueLine:
    facts = tuple(TrueCrossing(frame, way, tolerance) for frame, way in crossings) if totals is None else None
    sums = totals or {"in": sum(way == "in" for _, way in crossings), "out": sum(way == "out" for _, way in crossings)}
    return TrueLine("door", DOOR, "foot", facts, sums)


def kinds(true: Sequence[Crossing], counted: Sequence[Crossing]) -> list[str]:
    return [fault.kind for fault in match(true, counted, fps=10).faults]


def test_the_most_pairs_are_made_even_if_a_nearer_one_must_be_passed_over() -> None:
    true = [Crossing(10, "in", 4), Crossing(14, "in", 4)]
    counted = [Crossing(13, "in"), Crossing(17, "in")]
    assert match(true, counted, fps=10).pairs == ((0, 0), (1, 1))


def test_of_two_that_fit_the_nearer_one_is_taken_and_the_other_is_a_double() -> None:
    found = match([Crossing(10, "in", 4)], [Crossing(13, "in"), Crossing(11, "in")], fps=10)
    assert found.pairs == ((0, 1),)
    assert [(fault.kind, fault.frame) for fault in found.faults] == [("double", 13)]


def test_what_is_left_over_is_called_by_its_name() -> None:
    true = [Crossing(10, "in", 4), Crossing(100, "in", 4), Crossing(200, "out", 4)]
    counted = [Crossing(10, "in"), Crossing(18, "in"), Crossing(101, "out"), Crossing(400, "in")]
    assert kinds(true, counted) == ["double", "wrong_direction", "missed", "invented"]


def test_a_crossing_beyond_the_tolerance_is_missed_and_invented() -> None:
    assert kinds([Crossing(10, "in", 4)], [Crossing(30, "in")]) == ["missed", "invented"]
    assert kinds([Crossing(10, "in", 4)], [Crossing(14, "in")]) == []


CROSSINGS = st.lists(
    st.builds(Crossing, st.integers(0, 60).map(float), st.sampled_from(["in", "out"]), st.just(4.0)), max_size=8
)


@given(CROSSINGS, CROSSINGS)
def test_every_crossing_is_accounted_for_once(true: list[Crossing], counted: list[Crossing]) -> None:
    found = match(true, counted, fps=10)
    assert len(true) == len(found.pairs) + found.of("missed") + found.of("wrong_direction")
    assert len(counted) == len(found.pairs) + found.of("wrong_direction") + found.of("double") + found.of("invented")
    for fact, guess in found.pairs:
        assert true[fact].direction == counted[guess].direction
        assert abs(true[fact].frame - counted[guess].frame) <= true[fact].tolerance


@given(CROSSINGS)
def test_the_truth_fits_itself(true: list[Crossing]) -> None:
    assert match(true, true, fps=10).faults == ()


def test_each_direction_has_its_recall_and_precision_with_interval_and_n() -> None:
    facts = line((10, "in"), (50, "in"), (90, "out"))
    scored = score_lines([facts], {"door": [(11, "in"), (52, "out"), (90, "out")]}, fps=10, step=1)
    assert (scored["truth"], scored["predicted"], scored["matched"], scored["wrong_direction"]) == (3, 3, 2, 1)
    row = scored["lines"]["door"]
    assert (row["in"]["recall"]["value"], row["in"]["recall"]["n"]) == (0.5, 2)
    assert row["out"]["precision"] == share(1, 2)
    assert row["faults"] == [{"kind": "wrong_direction", "frame": 50, "direction": "in"}]


def test_frames_left_out_widen_the_tolerance_by_their_step() -> None:
    late: dict[str, list[tuple[float, Direction]]] = {"door": [(16.0, "in")]}
    assert score_lines([line((10, "in"))], late, fps=10, step=1)["matched"] == 0
    assert score_lines([line((10, "in"))], late, fps=10, step=2)["matched"] == 1


def test_without_a_stated_tolerance_half_a_second_is_allowed() -> None:
    for frame, matched in ((22, 1), (23, 0)):
        scored = score_lines([line((10, "in"), tolerance=None)], {"door": [(frame, "in")]}, fps=25, step=1)
        assert scored["matched"] == matched


def test_totals_alone_are_compared_direction_by_direction() -> None:
    scored = score_lines(
        [line(totals={"in": 3, "out": 1})], {"door": [(1, "in"), (2, "out"), (3, "out")]}, fps=10, step=1
    )
    assert (scored["truth"], scored["predicted"], scored["matched"], scored["missed"]) == (4, 3, 2, 2)
    assert scored["lines"]["door"]["timed"] is False
    assert scored["lines"]["door"]["out"]["invented"] == 1


def test_no_truth_is_none_and_never_zero() -> None:
    unknown = TrueLine("door", DOOR, "foot", None, None)
    scored = score_lines([unknown], {"door": [(1, "in")]}, fps=10, step=1)
    assert (scored["truth"], scored["predicted"], scored["matched"], scored["missed"]) == (None, 1, None, None)
    assert score_lines([], {}, fps=10, step=1)["predicted"] is None
    assert total([scored])["truth"] is None
    assert share(0, 0) == {"value": None, "interval": None, "n": 0}


def test_the_sum_over_clips_is_a_ratio_of_sums() -> None:
    first = score_lines([line((10, "in"))], {"door": [(10, "in")]}, fps=10, step=1)
    second = score_lines([line((10, "in"), (20, "in"), (30, "in"))], {"door": []}, fps=10, step=1)
    sums = total([first, second])
    assert (sums["clips"], sums["truth"], sums["matched"], sums["missed"]) == (2, 4, 1, 3)
    assert sums["in"]["recall"] == share(1, 4)


def left(enter: int, end: int) -> ZoneLeft:
    return ZoneLeft("table", enter, end, (end - enter) / 10, end / 10)


def zone(*visits: TrueVisit, occupancy: tuple[TrueOccupancy, ...] = (), end: int | None = None) -> TrueZone:
    return TrueZone("table", ((0, 0), (9, 0), (9, 9)), "foot", visits or None, occupancy, end)


def test_stays_are_paired_by_the_time_they_share() -> None:
    facts = zone(
        TrueVisit(0, 100, 10.0), TrueVisit(200, 300, None), TrueVisit(400, 500, 10.0), TrueVisit(600, None, None)
    )
    row = score_zone(facts, [left(5, 95), left(210, 300), left(305, 320), left(610, 690)], [], fps=10)
    assert row["visits"] == {"truth": 4, "predicted": 4, "matched": 3, "missed": 1, "invented": 1}
    assert [visit["error_s"] for visit in row["dwell"]["visits"]] == [-1.0, -1.0, None]
    assert (row["dwell"]["n"], row["dwell"]["median_error_s"], row["dwell"]["max_error_s"]) == (2, 1.0, 1.0)


def test_people_inside_are_compared_over_the_stated_frames() -> None:
    seen = [(0, 2), (5, 1), (10, 3), (20, 3)]
    row = score_occupancy((TrueOccupancy(0, 5, 2, 2), TrueOccupancy(10, 12, 2, 3)), seen)
    assert (row["frames"], row["mean_error"], row["max_error"]) == (3, pytest.approx(0.333), 1)
    assert score_zone(zone(end=2), [], seen, fps=10)["inside_end"] == {"truth": 2, "predicted": 3, "error": 1}
