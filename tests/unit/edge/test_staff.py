"""Staff: told by zone, stay, colour or badge; never by who somebody is."""

import itertools
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from edge.config import CameraConfig, ZoneConfig
from edge.events import LineCrossed, Moved, ZoneLeft
from edge.staff.colour import UniformColour
from edge.staff.judge import StaffCounted, StaffJudge
from edge.staff.looks import WornCue
from edge.staff.marker import StaffMarker
from edge.staff.opening import open_judge
from edge.staff.presence import StaffZone, StayTime
from edge.staff.settings import StaffConfig
from tests.support.dressed import LIGHTS, Bgr, Person, frame_of, marker, picture, tracks_of
from tests.support.scenes import frame, tracks

UNIFORM = "#c8102e"
RED: Bgr = (46, 16, 200)
#: What visitors wear. The pink and the wine red are as near to the uniform's red as clothes come.
VISITORS: Mapping[str, Bgr] = {
    "black": (30, 28, 26), "white": (235, 235, 235), "navy": (90, 45, 30), "grey": (120, 120, 120),
    "jeans": (140, 100, 70), "beige": (150, 180, 200), "green": (70, 130, 60), "yellow": (40, 200, 230),
    "pale pink": (190, 180, 235), "brown": (50, 80, 120),
}  # fmt: skip
TILL = ((400.0, 200.0), (600.0, 200.0), (600.0, 470.0), (400.0, 470.0))


def watch(
    judge: StaffJudge, people: Mapping[int, Person], *, light: Sequence[float] = (1, 1, 1), seconds: float = 2.0
) -> None:
    for number in range(round(seconds * 4)):
        image = picture(list(people.values()), light=(light[0], light[1], light[2]), seed=number)
        judge.look(frame_of(image, number / 4), tracks_of(people))


def uniform_judge(share: float = 0.4) -> StaffJudge:
    return StaffJudge([WornCue(UniformColour([UNIFORM], share))])


def test_without_a_rule_there_is_no_opinion() -> None:
    judge = open_judge(CameraConfig(name="door", source="usb:0"))
    judge.look(frame(), tracks({1: (100, 200)}))
    assert judge.staff(1) is None
    assert judge.flagged(LineCrossed("door", "in", 3, 0.3), 1).staff is None


@pytest.mark.parametrize("light", LIGHTS)
def test_the_uniform_s_colour_is_known_in_every_light_and_no_visitor_wears_it(light: str) -> None:
    judge = uniform_judge()
    for start in range(0, len(VISITORS), 3):
        some = dict(itertools.islice(VISITORS.items(), start, start + 3))
        people = {10 * start + n: Person(20 + 125 * n, shirt) for n, shirt in enumerate(some.values(), start=1)}
        watch(judge, {**people, 10 * start: Person(540, RED)}, light=LIGHTS[light])
        assert judge.staff(10 * start), f"the uniform in {light}"
        assert {name: judge.staff(n) for n, name in zip(people, some, strict=True)} == dict.fromkeys(some, False)


def test_one_look_does_not_make_staff() -> None:
    judge = uniform_judge()
    for number in range(40):
        shirt = RED if number < 2 else VISITORS["navy"]
        judge.look(frame_of(picture([Person(300, shirt)], seed=number), number / 4), tracks_of({1: Person(300, shirt)}))
    assert judge.staff(1) is False


def test_a_visitor_behind_staff_is_not_looked_at() -> None:
    judge = uniform_judge()
    watch(judge, {1: Person(300, RED, foot=460), 2: Person(330, VISITORS["navy"], foot=430)})
    assert (judge.staff(1), judge.staff(2)) == (True, False)


def test_a_person_is_looked_at_a_few_times_a_second_and_then_ever_less() -> None:
    class Looks(UniformColour):
        number = 0

        def worn(self, crop: NDArray[np.uint8]) -> bool:
            self.number += 1
            return super().worn(crop)

    looks = Looks([UNIFORM], 0.4)
    judge = StaffJudge([WornCue(looks)])
    for number in range(25 * 60):
        judge.look(frame_of(np.zeros((480, 640, 3), np.uint8), number / 25), tracks_of({1: Person(300, RED)}))
    assert 12 + 20 <= looks.number <= 12 + 30, "four a second for three seconds, then one in two"


@pytest.mark.parametrize("side", [20, 26, 34])
@pytest.mark.parametrize("turn", [-20, 35])
@pytest.mark.parametrize("light", ["daylight", "shade"])
def test_the_one_marker_is_read_on_a_chest(side: int, turn: float, light: str) -> None:
    judge = StaffJudge([WornCue(StaffMarker(7))])
    watch(judge, {1: Person(150, RED, badge=marker(7, side, turn=turn)), 2: Person(400, RED)}, light=LIGHTS[light])
    assert (judge.staff(1), judge.staff(2)) == (True, False)


def test_any_other_marker_is_nothing() -> None:
    judge = StaffJudge([WornCue(StaffMarker(7))])
    others = {
        number: Person(70 + 90 * place, RED, badge=marker(number, 40)) for place, number in enumerate((0, 1, 8, 23, 49))
    }
    watch(judge, others)
    assert not any(judge.staff(number) for number in others)


def test_who_stands_in_the_staff_zone_is_staff_as_long_as_the_track_lives() -> None:
    judge = StaffJudge([StaffZone([(TILL, "foot")], after_s=5)])
    for number in range(80):
        here = {
            1: (500.0, 400.0) if number < 60 else (100.0, 400.0),
            2: (500.0, 400.0) if number % 60 < 20 else (50.0, 400.0),
        }
        judge.look(frame(number), tracks(here))
    assert (judge.staff(1), judge.staff(2)) == (True, False)
    judge.look(frame(81), tracks({}, ended=[1]))
    assert judge.staff(1), "a counter may still speak of it"
    judge.look(frame(81 + 500), tracks({}))
    assert judge.staff(1) is False, "then it is forgotten"


def test_who_stays_in_view_for_longer_than_anybody_shops_is_staff() -> None:
    judge = StaffJudge([StayTime(300)])
    for second in range(310):
        judge.look(frame(second, fps=1), tracks({1: (100, 200)} if second < 200 else {1: (100, 200), 2: (200, 200)}))
    assert (judge.staff(1), judge.staff(2)) == (True, False)


def test_the_split_says_where_and_by_which_rule() -> None:
    judge = StaffJudge([StayTime(1)])
    for number in range(15):
        judge.look(frame(number), tracks({1: (100, 200)}))
    for event in (LineCrossed("door", "out", 3, 0.3), ZoneLeft("table", 0, 9, 0.9, 0.9), Moved("table", None, 1.0)):
        assert judge.flagged(event, 1).staff is True
        assert judge.flagged(event, 2).staff is False
    assert judge.split == {StaffCounted("door", "out", "stay"): 1, StaffCounted("table", None, "stay"): 1}


def test_a_cut_forgets_everyone() -> None:
    judge = open_judge(
        CameraConfig(
            name="door",
            source="usb:0",
            zones=(ZoneConfig(name="till", polygon=TILL, role="staff"),),
            staff=StaffConfig(zone_after_s=1, stay_after_min=5, uniform=(UNIFORM,), marker=7),
        )
    )
    person = {1: Person(500, RED, badge=marker(7, 40))}
    watch(judge, person)
    assert judge.staff(1)
    judge.cut()
    assert judge.staff(1) is False
