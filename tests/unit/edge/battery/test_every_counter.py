"""One battery over everything that counts. To try another: one line in `COUNTERS`.

What stands behind the counters (flows, groups, passers-by) completes what they say: here it is tried in their company,
as it works in the pipeline.
"""

from collections.abc import Callable, Sequence
from typing import Final

import pytest

from deploy.bench.naive_counters import OneSidedLine
from edge.counting.flows import FlowCounter
from edge.counting.groups import BuyingUnits
from edge.counting.heat import HeatGrid
from edge.counting.lines import LineCounter
from edge.counting.passers import PassersBy
from edge.counting.protocol import Counted, Counter
from edge.counting.queues import QueueCounter
from edge.counting.zones import ZoneCounter
from edge.geometry import Place, Segment
from edge.tracking.protocol import Tracks
from tests.support.battery import counter_checks as checks

MIDDLE: Final = Segment((320, 80), (320, 480))
FLOOR: Final = Segment((640, 300), (0, 300))
LEFT: Final[tuple[Place, ...]] = ((60, 150), (280, 150), (280, 460), (60, 460))
RIGHT: Final[tuple[Place, ...]] = ((340, 200), (600, 200), (600, 470), (340, 470))


class Together:
    """Several counters as one, and what completes their events behind them."""

    def __init__(
        self,
        counters: Sequence[LineCounter | ZoneCounter | QueueCounter],
        *,
        flows: FlowCounter | None = None,
        passers: PassersBy | None = None,
        units: BuyingUnits | None = None,
        heat: HeatGrid | None = None,
    ) -> None:
        self._counters = counters
        self._flows, self._passers, self._units, self._heat = flows, passers, units, heat

    @property
    def attending(self) -> bool:
        return any(counter.attending for counter in self._counters)

    def update(self, tracks: Tracks, frame: int, time_s: float) -> list[Counted]:
        counted = [one for counter in self._counters for one in counter.update(tracks, frame, time_s)]
        moves = self._flows.update(tracks, counted) if self._flows else []
        if self._passers:
            counted = self._passers.settle(counted, tracks.ended, time_s)
        if self._heat:
            self._heat.update(tracks, time_s, lambda _number: None)
        counted += moves
        return self._units.update(counted, tracks, time_s) if self._units else counted

    def cut(self, time_s: float) -> list[Counted]:
        counted = [one for counter in self._counters for one in counter.cut(time_s)]
        moves = self._flows.cut(counted) if self._flows else []
        if self._passers:
            counted = self._passers.cut(counted, time_s)
        if self._heat:
            self._heat.cut()
        counted += moves
        return self._units.cut(counted) if self._units else counted


def line(name: str = "door", segment: Segment = MIDDLE) -> LineCounter:
    return LineCounter(name, segment, "foot")


def zone(name: str = "left", polygon: tuple[Place, ...] = LEFT) -> ZoneCounter:
    return ZoneCounter(name, polygon, "foot", frame_height=480)


def flows() -> Together:
    zones = [zone(), zone("right", RIGHT)]
    return Together([line("door", FLOOR), *zones], flows=FlowCounter(["door"], zones))


COUNTERS: dict[str, Callable[[], Counter]] = {
    "line": line,
    "line at the centre": lambda: LineCounter("door", MIDDLE, "centre"),
    "zone": zone,
    "queue": lambda: QueueCounter("left", LEFT, "foot", frame_height=480),
    "queue with a till": lambda: QueueCounter("left", LEFT, "foot", till=(300, 250), frame_height=480),
    "flows": flows,
    "passers-by": lambda: Together([line(), line("street", FLOOR)], passers=PassersBy(["street"], ["door"])),
    "groups": lambda: Together([line()], units=BuyingUnits({"door": MIDDLE})),
    "heat": lambda: Together([line()], heat=HeatGrid(checks.SIZE, "foot")),
    "one-sided line": lambda: OneSidedLine("door", MIDDLE, "foot"),
}


@pytest.mark.parametrize("check", checks.CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("name", COUNTERS)
def test_every_counter_keeps_its_promises(name: str, check: Callable[[checks.Make], None]) -> None:
    check(COUNTERS[name])


@pytest.mark.slow
@pytest.mark.parametrize("name", COUNTERS)
def test_no_counter_grows_over_a_hundred_thousand_frames(name: str) -> None:
    checks.memory_is_bounded(COUNTERS[name], frames=100_000)


class Broken(LineCounter):
    """A line that breaks one promise."""

    def __init__(self) -> None:
        super().__init__("door", MIDDLE, "foot")


class CountsAnybody(Broken):
    def update(self, tracks: Tracks, frame: int, time_s: float) -> list[Counted]:
        tracks.confirmed[:] = True
        return super().update(tracks, frame, time_s)


class KeepsTheEnded(Broken):
    def _ended(self, numbers: tuple[int, ...]) -> list[Counted]:
        del numbers
        return []


class ForgetsToCut(Broken):
    def cut(self, time_s: float) -> list[Counted]:
        del time_s
        return []


class SeesTheFirstOnly(Broken):
    def update(self, tracks: Tracks, frame: int, time_s: float) -> list[Counted]:
        first = Tracks(tracks.ids[:1], tracks.xyxy[:1], tracks.confirmed[:1], tracks.ended)
        return super().update(first, frame, time_s)


class CountsNothing(Broken):
    def update(self, tracks: Tracks, frame: int, time_s: float) -> list[Counted]:
        super().update(tracks, frame, time_s)
        return []


class TiedToNumbers(Broken):
    def update(self, tracks: Tracks, frame: int, time_s: float) -> list[Counted]:
        return [one for one in super().update(tracks, frame, time_s) if one.number < 100]


@pytest.mark.parametrize(
    ("broken", "check"),
    [
        (CountsAnybody, checks.unconfirmed_tracks_never_count),
        (CountsAnybody, checks.what_is_handed_in_stays_as_it_is),
        (KeepsTheEnded, checks.memory_is_bounded),
        (ForgetsToCut, checks.nobody_after_a_cut_is_anybody_before_it),
        (ForgetsToCut, checks.a_second_cut_has_nothing_to_say),
        (SeesTheFirstOnly, checks.the_order_of_tracks_means_nothing),
        (CountsNothing, checks.the_walks_are_worth_counting),
        (TiedToNumbers, checks.numbers_mean_nothing),
    ],
    ids=lambda value: value.__name__,
)
def test_the_battery_finds_what_breaks_a_promise(broken: type[Broken], check: Callable[[checks.Make], None]) -> None:
    with pytest.raises(AssertionError):
        check(broken)
