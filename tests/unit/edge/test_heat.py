"""Heat: seconds in cells, whatever the rate."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.counting.heat import GAP_S, HeatGrid
from edge.geometry import Place
from tests.support.scenes import tracks

SIZE = (1_280, 720)


def grid(size: tuple[int, int] = SIZE) -> HeatGrid:
    return HeatGrid(size, "foot")


def nobody_works_here(_number: int) -> None:
    return None


def stand(heat: HeatGrid, at: Place, seconds: float, *, fps: float = 10.0, since_s: float = 0.0) -> None:
    for frame in range(round(seconds * fps) + 1):
        heat.update(tracks({1: at}), since_s + frame / fps, nobody_works_here)


@pytest.mark.parametrize(
    ("size", "shape"),
    [
        ((1_920, 1_080), (32, 18)),
        ((768, 576), (24, 18)),
        ((720, 1_280), (10, 18)),
        ((3_840, 720), (32, 6)),
        ((9, 9), (18, 18)),
    ],
)
def test_cells_are_nearly_square_and_never_more_than_the_contract_takes(
    size: tuple[int, int], shape: tuple[int, int]
) -> None:
    heat = grid(size)
    assert (heat.columns, heat.rows) == shape


def test_who_stands_warms_the_cell_under_the_feet() -> None:
    heat = grid()
    stand(heat, (100, 300), 12)
    warmth = heat.take()
    assert warmth is not None
    assert (warmth.columns, warmth.rows, len(warmth.person_s)) == (32, 18, 576)
    assert {cell: seconds for cell, seconds in enumerate(warmth.person_s) if seconds} == {7 * 32 + 2: 12}


@given(fps=st.sampled_from([1.0, 3.0, 5.0, 10.0, 30.0]))
def test_the_rate_changes_nothing(fps: float) -> None:
    heat = grid()
    stand(heat, (100, 300), 60, fps=fps)
    warmth = heat.take(rest=True)
    assert warmth is not None
    assert sum(warmth.person_s) == 60


@given(parts=st.lists(st.floats(0.05, GAP_S), min_size=1, max_size=200))
def test_parts_of_seconds_are_carried_until_they_are_whole(parts: list[float]) -> None:
    heat, time_s, told = grid(), 0.0, 0
    heat.update(tracks({1: (5, 5)}), 0.0, nobody_works_here)
    for part in parts:
        time_s += part
        heat.update(tracks({1: (5, 5)}), time_s, nobody_works_here)
        told += sum(warmth.person_s) if (warmth := heat.take()) else 0
    assert told == pytest.approx(time_s, abs=1)
    told += sum(warmth.person_s) if (warmth := heat.take(rest=True)) else 0
    assert told == pytest.approx(time_s, abs=0.5 + 1e-6)


def test_at_the_end_what_is_left_of_many_seconds_is_not_lost() -> None:
    heat = grid()
    for frame in range(101):
        heat.update(tracks({1: (12.8 * frame, 300)}), frame / 10, nobody_works_here)
    assert heat.take() is None, "a walker is in no cell for a second"
    warmth = heat.take(rest=True)
    assert warmth is not None
    assert sum(warmth.person_s) == 10
    assert {cell // 32 for cell, seconds in enumerate(warmth.person_s) if seconds} == {7}
    assert heat.take(rest=True) is None


def test_no_time_is_credited_that_nobody_saw() -> None:
    heat = grid()
    stand(heat, (100, 300), 5)
    heat.cut()
    stand(heat, (100, 300), 5, since_s=6.0)
    stand(heat, (100, 300), 5, since_s=60.0)
    warmth = heat.take()
    assert warmth is not None
    assert sum(warmth.person_s) == 15, "one second of the cut and 49 of the stall belong to nobody"


def test_the_time_before_somebody_is_known_to_be_a_person_is_credited_then() -> None:
    heat = grid()
    for frame in range(41):
        heat.update(tracks({1: (5, 5)}, confirmed=frame >= 5), frame / 10, nobody_works_here)
    warmth = heat.take()
    assert warmth is not None
    assert sum(warmth.person_s) == 4


def test_nothing_is_told_of_staff_and_of_what_is_no_person() -> None:
    heat = grid()
    for frame in range(50):
        heat.update(tracks({1: (5, 5)}), frame / 10, lambda _: True)
        heat.update(tracks({2: (5, 5)}, confirmed=False), frame / 10, nobody_works_here)
    assert heat.take(rest=True) is None


def test_a_foot_on_the_border_is_in_the_last_cell() -> None:
    heat = grid()
    stand(heat, (1_300, 730), 2)
    warmth = heat.take()
    assert warmth is not None
    assert warmth.person_s[-1] == 2


def test_state_ends_with_the_track() -> None:
    heat = grid()
    for number in range(500):
        heat.update(tracks({number: (5, 5)}, ended=[number - 1]), number / 10, nobody_works_here)
    assert len(heat._since) == 1
