"""Flows: steps between places, each of one track alone."""

from itertools import pairwise

from edge.counting.flows import WITHIN_S, FlowCounter
from edge.counting.lines import LineCounter
from edge.counting.protocol import Counted
from edge.counting.queues import QueueCounter
from edge.counting.zones import ZoneCounter
from edge.events import Moved
from edge.geometry import Place, Segment
from edge.tracking.protocol import Tracks
from tests.support.scenes import tracks, walk

#: Walking to the right: through the door, past a table and a shelf to the queue.
OUTSIDE, TABLE, SHELF, QUEUE = (50.0, 300.0), (300.0, 300.0), (500.0, 300.0), (700.0, 300.0)
FPS = 10.0


def square(x: float) -> tuple[Place, ...]:
    return ((x - 50, 200.0), (x + 50, 200.0), (x + 50, 400.0), (x - 50, 400.0))


class Shop:
    """A door, two zones and a queue, and the steps between them."""

    def __init__(self) -> None:
        self.door = LineCounter("door", Segment((150, 600), (150, 0)), "foot")
        self.zones: list[ZoneCounter | QueueCounter] = [
            ZoneCounter("table", square(300), "foot"),
            ZoneCounter("shelf", square(500), "foot"),
            QueueCounter("queue", square(700), "foot", till=(900, 300)),
        ]
        self.flows = FlowCounter(["door"], self.zones)
        self.frame = 0
        self.steps: list[tuple[str | None, str | None]] = []

    def see(self, seen: Tracks) -> None:
        time_s = self.frame / FPS
        counters = (self.door, *self.zones)
        counted = [one for counter in counters for one in counter.update(seen, self.frame, time_s)]
        self._note(self.flows.update(seen, counted))
        self.frame += 1

    def walk(self, *places: Place, number: int = 1, stay: int = 20) -> None:
        """Let `number` walk from place to place and stay at each."""
        for start, end in pairwise(places):
            for foot in [*[start] * stay, *walk(start, end, 20)]:
                self.see(tracks({number: foot}))
        for _ in range(stay):
            self.see(tracks({number: places[-1]}))

    def cut(self) -> None:
        counted = [one for counter in (self.door, *self.zones) for one in counter.cut(self.frame / FPS)]
        self._note(self.flows.cut(counted))

    def _note(self, moves: list[Counted]) -> None:
        events = [one.event for one in moves]
        self.steps += [(event.from_zone, event.to_zone) for event in events if isinstance(event, Moved)]


def test_a_visit_is_its_steps_from_coming_in_to_going_out() -> None:
    shop = Shop()
    shop.walk(OUTSIDE, TABLE, SHELF, QUEUE, SHELF, OUTSIDE)
    # On the way back he walks across the table's zone, too short to be a stay anywhere else.
    assert shop.steps[:4] == [(None, "table"), ("table", "shelf"), ("shelf", "queue"), ("queue", "shelf")]
    assert shop.steps[-1][1] is None


def test_who_comes_in_and_goes_out_again_stopped_nowhere() -> None:
    shop = Shop()
    shop.walk(OUTSIDE, (200, 300), OUTSIDE)
    assert shop.steps == [(None, None)]


def test_who_comes_in_right_into_a_zone_went_there_from_outside() -> None:
    shop = Shop()
    # The door's line runs through this zone: he is in it before he has crossed the line.
    shop.zones.append(ZoneCounter("mat", ((80, 200), (220, 200), (220, 400), (80, 400)), "foot"))
    shop.flows = FlowCounter(["door"], shop.zones)
    shop.walk((20, 300), (100, 300), (200, 300), TABLE)
    assert shop.steps == [(None, "mat"), ("mat", "table")]


def test_two_zones_that_are_entered_before_the_line_is_crossed_are_two_steps() -> None:
    shop = Shop()
    shop.zones += [
        ZoneCounter("mat", ((80, 200), (220, 200), (220, 400), (80, 400)), "foot"),
        ZoneCounter("gate", ((110, 200), (190, 200), (190, 400), (110, 400)), "foot"),
    ]
    shop.flows = FlowCounter(["door"], shop.zones)
    shop.walk((20, 300), (130, 300), (170, 300), stay=10)
    assert shop.steps == [("mat", "gate"), (None, "mat")]


def test_who_is_first_seen_inside_came_from_nowhere_that_is_known() -> None:
    shop = Shop()
    shop.walk(SHELF, QUEUE)
    assert shop.steps == [("shelf", "queue")]


def test_who_is_lost_on_the_way_leaves_the_step_uncounted() -> None:
    shop = Shop()
    shop.walk(TABLE, (400, 300))
    shop.see(tracks({}, ended=[1]))
    shop.walk((420, 300), SHELF, number=2)
    assert shop.steps == []


def test_who_is_hidden_in_a_zone_goes_on_from_there() -> None:
    shop = Shop()
    shop.walk(OUTSIDE, TABLE)
    shop.see(tracks({}, ended=[1]))
    shop.walk(TABLE, SHELF, number=2)
    assert shop.steps == [(None, "table"), ("table", "shelf")]


def test_who_takes_too_long_was_busy_elsewhere() -> None:
    shop = Shop()
    shop.walk(TABLE, (400, 300), stay=20)
    for _ in range(round(WITHIN_S * FPS)):
        shop.see(tracks({1: (400, 300)}))
    shop.walk((400, 300), SHELF)
    assert shop.steps == []


def test_who_goes_back_to_where_he_was_went_nowhere() -> None:
    shop = Shop()
    shop.walk(TABLE, (300, 500), TABLE, stay=40)
    assert shop.steps == []


def test_nobody_after_a_cut_is_anybody_before_it() -> None:
    shop = Shop()
    shop.walk(OUTSIDE, TABLE)
    shop.cut()
    shop.walk(SHELF)
    assert shop.steps == [(None, "table")]


def test_state_ends_with_the_track() -> None:
    shop = Shop()
    for number in range(500):
        shop.see(tracks({number: TABLE}, ended=[number - 1]))
    assert len(shop.flows._last) == 1


def test_nobody_goes_from_a_zone_to_one_that_holds_the_same_place() -> None:
    shop = Shop()
    shop.zones.insert(1, QueueCounter("counter", square(300), "foot", till=(900, 300)))
    shop.flows = FlowCounter(["door"], shop.zones)
    shop.walk(OUTSIDE, TABLE, OUTSIDE, stay=40)
    assert shop.steps == [(None, "table"), ("table", None)]
