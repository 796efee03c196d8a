"""Passers-by: who crosses a pass-by line and does not come in."""

from itertools import pairwise

from edge.counting.lines import LineCounter
from edge.counting.passers import PassersBy
from edge.counting.protocol import Counted
from edge.events import LineCrossed
from edge.geometry import Place, Segment
from edge.tracking.protocol import Tracks
from tests.support.scenes import tracks, walk

#: A pavement along the top; the door below it leads down. The pass-by line stands across the pavement.
WEST, EAST, SHOP = (50.0, 200.0), (750.0, 200.0), (400.0, 500.0)
PAVEMENT, DOOR = Segment((300, 0), (300, 350)), Segment((300, 350), (500, 350))
FPS = 10.0


class Street:
    def __init__(self, *, door: bool = True) -> None:
        self.lines = [LineCounter("pavement", PAVEMENT, "foot")]
        if door:
            self.lines.append(LineCounter("door", DOOR, "foot"))
        self.passers = PassersBy(["pavement"], ["door"] if door else [])
        self.frame = 0
        self.counted: list[tuple[str, str]] = []

    def see(self, seen: Tracks) -> None:
        time_s = self.frame / FPS
        counted = [one for line in self.lines for one in line.update(seen, self.frame, time_s)]
        self._note(self.passers.settle(counted, seen.ended, time_s))
        self.frame += 1

    def walk(self, *places: Place, number: int = 1, end: bool = True) -> None:
        for start, stop in pairwise(places):
            for foot in walk(start, stop, 40):
                self.see(tracks({number: foot}))
        if end:
            self.see(tracks({}, ended=[number]))

    def stand(self, at: Place, seconds: float, number: int = 1) -> None:
        for _ in range(round(seconds * FPS)):
            self.see(tracks({number: at}))

    def cut(self) -> None:
        time_s = self.frame / FPS
        self._note(self.passers.cut([one for line in self.lines for one in line.cut(time_s)], time_s))

    def _note(self, settled: list[Counted]) -> None:
        events = [one.event for one in settled]
        self.counted += [(event.line, event.direction) for event in events if isinstance(event, LineCrossed)]


def test_who_walks_past_is_counted_when_gone() -> None:
    street = Street()
    street.walk(WEST, EAST, end=False)
    assert street.counted == []
    street.see(tracks({}, ended=[1]))
    assert street.counted == [("pavement", "out")]


def test_who_comes_in_is_a_visitor_and_no_passer_by() -> None:
    street = Street()
    street.walk(WEST, (400, 200), SHOP)
    assert street.counted == [("door", "in")]


def test_who_comes_out_and_walks_off_is_no_passer_by() -> None:
    street = Street()
    street.walk(SHOP, (400, 200), WEST)
    assert street.counted == [("door", "out")]


def test_who_goes_to_and_fro_is_one() -> None:
    street = Street()
    street.walk(WEST, EAST, WEST, EAST)
    assert street.counted == [("pavement", "out")]


def test_two_who_walk_past_are_two() -> None:
    street = Street()
    street.walk(WEST, EAST)
    street.walk(EAST, WEST, number=2)
    assert street.counted == [("pavement", "out"), ("pavement", "in")]


def test_who_stands_before_the_window_is_waited_for_half_a_minute() -> None:
    street = Street()
    street.walk(WEST, (400, 200), end=False)
    street.stand((400, 200), 25)
    assert street.counted == []
    street.stand((400, 200), 10)
    assert street.counted == [("pavement", "out")]
    street.walk((400, 200), EAST)
    assert len(street.counted) == 1


def test_without_a_door_in_view_nothing_waits() -> None:
    street = Street(door=False)
    street.walk(WEST, EAST, end=False)
    assert street.counted == [("pavement", "out")]


def test_a_cut_settles_what_waits() -> None:
    street = Street()
    street.walk(WEST, EAST, end=False)
    street.cut()
    assert street.counted == [("pavement", "out")]
    assert street.passers._walks == {}


def test_state_ends_with_the_track() -> None:
    street = Street()
    for number in range(30):
        street.walk(WEST, EAST, number=number)
    assert street.passers._walks == {}
    assert len(street.counted) == 30
