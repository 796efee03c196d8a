"""Probation: a camera that was well before must be so at the end, and may not be blind for long in between."""

from contract.messages import CameraHealth
from edge.control.probation import Pace, Probation

PACE = Pace(watch_s=120, patience_s=60)
UP, DOWN = CameraHealth(camera="door", state="up", fps=10), CameraHealth(camera="door", state="down", fps=0)
COVERED = CameraHealth(camera="door", state="down", fps=10, trouble="covered")
BLURRED = CameraHealth(camera="door", state="up", fps=10, trouble="blurred")
SIDE = CameraHealth(camera="side", state="down", fps=0)


def test_a_camera_may_take_its_time_to_come_back_and_passes_when_the_time_is_over() -> None:
    watch = Probation(["door"], PACE, 0.0)
    assert [watch.look([each], at) for each, at in ((DOWN, 1), (DOWN, 59), (UP, 60), (UP, 119), (UP, 120))] == [
        None, None, None, None, "",
    ]  # fmt: skip


def test_a_camera_that_is_blind_beyond_the_patience_fails_with_what_it_has() -> None:
    watch = Probation(["door"], PACE, 0.0)
    assert [watch.look([COVERED], at) for at in (10, 69)] == [None, None]
    assert watch.look([COVERED], 70) == "camera door, up before, is covered since the change"


def test_blindness_at_the_end_is_waited_out() -> None:
    watch = Probation(["door"], PACE, 0.0)
    assert [watch.look([each], at) for each, at in ((UP, 100), (BLURRED, 115), (BLURRED, 174))] == [None, None, None]
    assert watch.look([BLURRED], 175) == "camera door, up before, is blurred since the change"


def test_a_camera_that_was_down_before_is_not_held_against_the_change() -> None:
    assert Probation(["door"], PACE, 0.0).look([UP, SIDE], 120) == ""
    assert Probation([], PACE, 0.0).look([DOWN], 120) == ""


def test_a_renamed_camera_must_be_up_all_the_same() -> None:
    watch = Probation(["door"], PACE, 0.0)
    watch.look([SIDE], 60)
    assert watch.look([SIDE], 120) == "0 cameras are up since the change, 1 were before"
    assert Probation(["door", "side"], PACE, 0.0).look([UP], 120) == "", "one that was taken away on purpose"
