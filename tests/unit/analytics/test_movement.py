"""Movement: what may be told of where people went and were."""

from analytics.visits.movement import STEPS_MAX, Step, Warmth, movement, warm

GRID = Warmth("floor", 2, 1, (30, 0))


def test_steps_of_few_people_are_withheld_with_the_next_smallest() -> None:
    steps = [Step(None, "table", 40), Step("table", "till", 12), Step("till", None, 3)]
    seen = movement([steps], 60, [])
    assert [(step.from_zone, step.people) for step in seen.steps] == [(None, 40)]
    assert seen.held_back == 2


def test_the_share_of_stays_whose_way_was_seen_is_told_and_never_above_all() -> None:
    steps = [Step(None, "table", 40), Step("table", None, 38)]
    assert movement([steps], 50, []).known_share == 0.8
    assert movement([steps], 30, []).known_share == 1.0
    assert movement([], 0, []).known_share is None


def test_only_the_greatest_steps_are_told_one_by_one() -> None:
    steps = [Step("a", f"z{number}", 10 + number) for number in range(STEPS_MAX + 3)]
    seen = movement([steps], 500, [])
    assert (len(seen.steps), seen.held_back, seen.steps[0].people) == (STEPS_MAX, 3, 10 + STEPS_MAX + 2)


def test_grids_add_up_by_camera_and_the_fuller_of_two_shapes_is_shown() -> None:
    other = Warmth("floor", 1, 1, (80,))
    assert warm([GRID, GRID, other]) == (other,)
    assert warm([GRID, GRID, Warmth("door", 1, 1, (4,)), GRID, other]) == (
        Warmth("door", 1, 1, (4,)), Warmth("floor", 2, 1, (90, 0)),
    )  # fmt: skip
    assert movement([], 0, warm([])).warmth == ()
