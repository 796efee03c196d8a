"""What two models counted over the same film, line by line."""

from contract.types import Direction
from edge.events import LineCrossed, ZoneLeft
from edge.shadow.comparing import TOLERANCE_S, Comparison


def crossed(at_s: float, way: Direction = "in", line: str = "door") -> LineCrossed:
    return LineCrossed(line, way, int(at_s * 10), at_s)


def compared(old: list[float], new: list[float], begin_s: float = 0.0, end_s: float = 60.0) -> tuple[int, int, int]:
    comparison = Comparison(("door",))
    comparison.add([crossed(at) for at in old], [crossed(at) for at in new], begin_s, end_s)
    (line,) = comparison.report()
    return line.old_in, line.new_in, line.matched_in


def test_who_both_saw_at_one_moment_is_matched() -> None:
    assert compared([10, 20, 30], [10.4, 19.7, 30 + TOLERANCE_S]) == (3, 3, 3)
    assert compared([10, 20, 30], [10, 30]) == (3, 2, 2)
    assert compared([10], [10, 40]) == (1, 2, 1)
    assert compared([10, 20], [15]) == (2, 1, 0)


def test_a_crossing_at_an_end_of_the_window_is_no_difference() -> None:
    assert compared([4.9], [5.2], begin_s=5) == (0, 0, 0)
    assert compared([5.2], [4.9], begin_s=5) == (1, 1, 1)
    assert compared([5.2], [], begin_s=5) == (0, 0, 0)
    assert compared([5 + TOLERANCE_S], [], begin_s=5) == (1, 0, 0)
    assert compared([], [59.5]) == (0, 0, 0)


def test_lines_and_directions_are_told_apart_and_windows_add_up() -> None:
    comparison = Comparison(("door", "side"))
    comparison.add([crossed(10), crossed(20, "out")], [crossed(10, "out"), crossed(20, line="side")], 0, 60)
    comparison.add([crossed(70), ZoneLeft("table", 0, 9, 3.0, 80.0)], [crossed(70)], 60, 90)
    door, side = comparison.report()
    assert (door.old_in, door.old_out, door.new_in, door.new_out, door.matched_in) == (2, 1, 1, 1, 1)
    assert (side.old_in, side.new_in) == (0, 1)
    assert comparison.watched_s == 90
    assert comparison.crossings == 3
    assert comparison.difference == 2 / 3


def test_nothing_counted_is_no_difference_and_something_out_of_nothing_is_one() -> None:
    comparison = Comparison(("door",))
    assert comparison.difference == 0.0
    comparison.add([], [crossed(30)], 0, 60)
    assert comparison.difference == 1.0
