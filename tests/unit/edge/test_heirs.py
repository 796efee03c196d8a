"""A number that changes at the line: the crossing counts, once, and only if nobody else could have made it."""

from collections import Counter as Tally
from collections.abc import Mapping, Sequence
from itertools import permutations

import pytest

from edge.counting.lines import LineCounter
from edge.events import LineCrossed
from edge.geometry import Place, Segment
from tests.support.scenes import bare, tracks, walk

# Down the middle of the picture: leftwards is `in`. People are a hundred pixels tall.
DOOR = Segment((300, 100), (300, 500))
FPS = 10.0
KEEP = 20
Film = list[dict[int, Place]]


def counted(film: Sequence[Mapping[int, Place]], *, confirmed: bool = True) -> dict[str, int]:
    """What a line counts of `film`; a number ends two seconds after its last sight."""
    line = LineCounter("door", DOOR, "foot")
    last = {number: frame for frame, people in enumerate(film) for number in people}
    said: Tally[str] = Tally()
    for frame in range(len(film) + KEEP + 1):
        people = dict(film[frame]) if frame < len(film) else {}
        ended = [number for number, seen in last.items() if frame - seen == KEEP]
        events = bare(line.update(tracks(people, ended=ended, confirmed=confirmed), frame, frame / FPS))
        said.update(event.direction for event in events if isinstance(event, LineCrossed))
    return dict(said)


def alone(number: int, path: Sequence[Place]) -> Film:
    return [{number: foot} for foot in path]


#: At 0.8 heights a second up to the line, five frames unseen, and on beyond it.
BEFORE, AFTER = walk((420, 300), (308, 300), 15), walk((260, 300), (150, 300), 15)
UNSEEN: Film = [{}] * 5


def test_who_crosses_under_two_numbers_is_one_crossing() -> None:
    assert counted([*alone(1, BEFORE), *UNSEEN, *alone(2, AFTER)]) == {"in": 1}
    assert counted([*alone(1, AFTER[::-1]), *UNSEEN, *alone(2, BEFORE[::-1])]) == {"out": 1}


def test_it_is_counted_where_and_when_the_path_between_met_the_line() -> None:
    line = LineCounter("door", DOOR, "foot")
    for frame, people in enumerate([*alone(1, BEFORE), *UNSEEN, *alone(2, AFTER)]):
        assert line.update(tracks(people), frame, frame / FPS) == [], "the lost one may still come back"
    (crossing,) = line.update(tracks({2: AFTER[-1]}, ended=[1]), 40, 4.0)
    assert crossing.point == pytest.approx((300, 300))
    assert isinstance(crossing.event, LineCrossed)
    assert 1.4 < crossing.event.at_s < 2.0


def test_who_comes_back_was_not_the_one_who_appeared() -> None:
    waits = [BEFORE[-1]] * 10
    film = [
        *alone(1, BEFORE),
        *UNSEEN,
        *alone(2, AFTER[:5]),
        *({1: a, 2: b} for a, b in zip(waits, AFTER[5:], strict=True)),
    ]
    assert counted(film) == {}


def test_who_comes_back_and_crosses_is_one_crossing_however_many_appeared() -> None:
    on = walk((308, 300), (200, 300), 10)
    film = [
        *alone(1, BEFORE),
        *UNSEEN,
        *alone(2, AFTER[:5]),
        *({1: a, 2: b} for a, b in zip(on, AFTER[5:], strict=True)),
    ]
    assert counted(film) == {"in": 1}


@pytest.mark.parametrize("place", [(200.0, 420.0), (120.0, 300.0), (305.0, 180.0)])
def test_who_appears_elsewhere_is_somebody_else(place: Place) -> None:
    assert counted([*alone(1, BEFORE), *UNSEEN, *alone(2, [place] * 15)]) == {}


def test_who_appears_after_two_seconds_is_somebody_else() -> None:
    waits = alone(1, [(308.0, 300.0)] * 15)
    assert counted([*waits, *UNSEEN, *alone(2, [(285.0, 300.0)] * 9)]) == {"in": 1}
    assert counted([*waits, *UNSEEN * 5, *alone(2, [(285.0, 300.0)] * 9)]) == {}


def test_who_was_lost_beyond_the_line_counts_by_himself_and_no_heir_again() -> None:
    over = walk((420, 300), (280, 300), 15)
    assert counted([*alone(1, over), *UNSEEN, *alone(2, walk((240, 300), (150, 300), 15))]) == {"in": 1}


def test_a_person_broken_in_three_at_the_line_is_one_crossing() -> None:
    film = [*alone(1, BEFORE), {}, *alone(2, [(301.0, 300.0)] * 3), {}, *alone(3, walk((280, 300), (150, 300), 15))]
    assert counted(film) == {"in": 1}


def test_an_heir_who_turns_back_never_crossed() -> None:
    there = [(285.0, 300.0)] * 4
    assert counted([*alone(1, BEFORE), *UNSEEN, *alone(2, there + walk((285, 300), (420, 300), 15))]) == {}


def test_of_two_who_appear_one_is_the_heir_whatever_their_numbers() -> None:
    lost = [*alone(1, BEFORE), *UNSEEN]
    places: list[Place] = [(262.0, 300.0), (262.0, 330.0)]
    for one, other in permutations((2, 3)):
        both: Film = [{one: places[0], other: places[1]}] * 15
        assert counted([*lost, *both]) == {"in": 1}


def test_nobody_unconfirmed_leaves_or_takes_anything() -> None:
    assert counted([*alone(1, BEFORE), *UNSEEN, *alone(2, AFTER)], confirmed=False) == {}


def test_a_cut_counts_an_heir_and_forgets_him() -> None:
    line = LineCounter("door", DOOR, "foot")
    for frame, people in enumerate([*alone(1, BEFORE), *UNSEEN, *alone(2, AFTER)]):
        line.update(tracks(people), frame, frame / FPS)
    assert len(line.cut(4.0)) == 1
    assert line.cut(4.1) == []
