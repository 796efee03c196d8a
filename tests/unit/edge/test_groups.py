"""Groups: who comes in together is one buying unit, and each of them is still counted, in time and once."""

from collections.abc import Mapping

import pytest

from deploy.bench.groups import CAMERAS, Camera, followers, groups, rates, singles
from edge.counting.groups import BuyingUnits, GroupRules
from edge.counting.lines import LineCounter
from edge.counting.protocol import Counted
from edge.events import LineCrossed, ZoneLeft
from edge.geometry import Segment
from tests.support.scenes import tracks

#: Across the picture; down is `in`. A person is 100 px tall, so a walk is 70 px a second.
DOOR = Segment((600, 300), (0, 300))
WALK = 70.0


def come_in(
    people: Mapping[int, tuple[float, float]],
    *,
    fps: float = 10,
    staff: frozenset[int] = frozenset(),
    pace: Mapping[int, float] | None = None,
    seconds: float = 12.0,
) -> list[tuple[float, Counted]]:
    """What is released, and when, if `people` (number: x and the moment at the door) walk in."""
    line = LineCounter("door", DOOR, "foot")
    units = BuyingUnits({"door": DOOR}, lambda number: number in staff)
    released: list[tuple[float, Counted]] = []
    for frame in range(round(seconds * fps)):
        now = frame / fps
        seen = {
            number: (x, 300 + WALK * (pace or {}).get(number, 1.0) * (now - at_s))
            for number, (x, at_s) in people.items()
            if -3 <= now - at_s <= 2
        }
        gone = [number for number, (_, at_s) in people.items() if 2 < now - at_s <= 2 + 1 / fps]
        here = tracks(seen, ended=gone)
        released += [(now, one) for one in units.update(line.update(here, frame, now), here, now)]
    end_s = seconds
    return released + [(end_s, one) for one in units.cut(line.cut(end_s))]


def sizes(released: list[tuple[float, Counted]]) -> dict[int, int | None]:
    return {one.number: one.event.group_size for _, one in released if isinstance(one.event, LineCrossed)}


@pytest.mark.parametrize("fps", [5, 10, 25])
def test_two_abreast_are_one_unit_and_two_people(fps: float) -> None:
    assert sizes(come_in({1: (200, 4.0), 2: (245, 4.1)}, fps=fps)) == {1: 2, 2: 2}


@pytest.mark.parametrize("fps", [5, 10, 25])
def test_a_family_in_single_file_is_one_unit(fps: float) -> None:
    assert sizes(come_in({n: (200.0 + 5 * n, 4.0 + 0.7 * n) for n in range(4)}, fps=fps)) == dict.fromkeys(range(4), 4)


@pytest.mark.parametrize("behind_s", [2.0, 3.0, 4.0])
def test_a_stranger_who_follows_is_another_unit(behind_s: float) -> None:
    assert sizes(come_in({1: (200, 4.0), 2: (205, 4.0 + behind_s)})) == {1: 1, 2: 1}


def test_who_overtakes_at_the_door_is_another_unit() -> None:
    assert sizes(come_in({1: (200, 4.0), 2: (240, 4.2)}, pace={1: 0.8, 2: 1.3})) == {1: 1, 2: 1}


def test_two_at_either_end_of_a_wide_door_are_two_units() -> None:
    assert sizes(come_in({1: (100, 4.0), 2: (400, 4.0)})) == {1: 1, 2: 1}


def test_ways_in_and_out_are_never_one_group() -> None:
    assert sizes(come_in({1: (200, 4.0), 2: (240, 4.0)}, pace={2: -1.0})) == {1: 1, 2: 1}


def test_staff_belongs_to_no_group_and_parts_none() -> None:
    assert sizes(come_in({1: (200, 4.0), 2: (230, 4.3), 3: (215, 4.5)}, staff=frozenset({2}))) == {1: 2, 2: None, 3: 2}


def test_a_crossing_waits_no_longer_than_it_must_and_keeps_its_moment() -> None:
    rules = GroupRules()
    released = come_in({n: (200.0, 4.0 + n) for n in range(8)})
    for now, one in released:
        assert isinstance(one.event, LineCrossed)
        assert one.event.at_s == pytest.approx(4.0 + one.number, abs=0.02)
        assert now - one.event.at_s <= rules.hold_s + 0.11
    alone = come_in({1: (200, 4.0)})
    assert alone[0][0] - 4.0 <= 2.0, "somebody alone is known to be within two seconds"


def test_who_waits_is_told_at_once() -> None:
    units = BuyingUnits({"door": DOOR, "side": DOOR})
    crossed = Counted(LineCrossed("door", "in", 10, 1.0), 1, (200, 300), 100)
    assert units.update([crossed], tracks({1: (200, 310)}), 1.2) == []
    assert units.waiting() == {"door": (1, 0), "side": (0, 0)}
    (released,) = units.update([], tracks({}), 4.1)
    assert isinstance(released.event, LineCrossed)
    assert released.event.group_size == 1
    assert units.waiting() == {"door": (0, 0), "side": (0, 0)}


def test_other_lines_and_stays_do_not_wait() -> None:
    units = BuyingUnits({"door": DOOR})
    others = [
        Counted(LineCrossed("pavement", "in", 10, 1.0), 1, (200, 300), 100),
        Counted(ZoneLeft("table", 0, 10, 1.0, 1.0), 2, (200, 300), 100),
    ]
    assert units.update(others, tracks({}), 1.2) == others


def test_a_cut_releases_everyone_in_order_of_their_moments() -> None:
    units = BuyingUnits({"door": DOOR})
    late = Counted(LineCrossed("door", "in", 12, 1.2), 2, (230, 300), 100)
    early = Counted(LineCrossed("door", "in", 10, 1.0), 1, (200, 300), 100)
    assert units.update([late, early], tracks({}), 1.3) == []
    assert [one.number for one in units.cut([])] == [1, 2]
    assert units.waiting() == {"door": (0, 0)}


@pytest.mark.parametrize("camera", CAMERAS.values(), ids=list(CAMERAS))
def test_simulated_doors_are_told_right_more_often_than_not(camera: Camera) -> None:
    quiet = rates(groups(4, (70, 22, 5, 3)), camera, minutes=20, seed=3)
    assert abs(quiet["units_bias"] or 0.0) < 0.08
    assert quiet["split"] is not None
    assert quiet["split"] < 0.3
    apart, busy = (rates(scene, camera, minutes=5, seed=3) for scene in (followers(2, 4), singles(20)))
    assert apart["split"] is None, "nobody belongs together"
    assert apart["merged"] == 0
    assert busy["merged"] is not None
    assert busy["merged"] < 0.4
