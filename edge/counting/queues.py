"""Queues: how long people wait, and whether they were served.

                  ┌───────────── queue zone ────────────┐
     till ✕  ◄──  │ ● ● ● ● ●                           │  ◄── join
     served:      └──────────────────┼──────────────────┘
     nearer to the till              ▼ abandoned: left, and never came nearer to the till
     than any of the queue is          than the queue's end is

A camera does not see a sale. The site file says where the till is (`served_towards`), and who was served is who went on
to it: within `served_s` after leaving the zone nearer to it than any place of the zone is. Who is lost before that is
known is not assessed, nor is anyone where no till is given: their stay is a `ZoneLeft`, no outcome is made up. Who was
not served and stayed less than the zone's `engaged_after_s` only passed through: a `ZoneLeft`, too.

People in a queue stand still for minutes and hide one another: see `QUEUE_RULES`.
"""

from collections import deque
from dataclasses import dataclass
from math import dist, inf
from statistics import median_low
from typing import TYPE_CHECKING, Final

from edge.config import Anchor
from edge.counting.protocol import Counted, anchor_points
from edge.counting.zones import Entered, ZoneCounter, ZoneRules
from edge.events import QueueLeft, ZoneLeft
from edge.geometry import Place, inside, outside_by
from edge.tracking.protocol import Tracks

if TYPE_CHECKING:
    from contract.types import QueueOutcome

#: So long after leaving the zone is the way to the till watched; who is back by then never left.
SERVED_S: Final = 3.0
#: The length is the median of so many seconds: it does not tremble with the detector.
LENGTH_S: Final = 5.0
#: Who is lost on the way out, this much farther from the till (in box heights) than when leaving, went elsewhere.
AWAY: Final = 0.25

#: As in any zone, but who is hidden by others may come out again after 20 s, a step further on.
QUEUE_RULES: Final = ZoneRules(gap_s=SERVED_S, hidden_s=20.0, hidden_reach=1.0)


@dataclass(slots=True)
class _Way:
    """What is known of someone's way relative to the till, in pixels."""

    left_at: float
    last: float
    height: float
    nearest_outside: float = inf
    outside_s: float | None = None


class QueueCounter:
    """Counts waits in one queue zone."""

    def __init__(
        self,
        name: str,
        polygon: tuple[Place, ...],
        anchor: Anchor,
        *,
        till: Place | None = None,
        least_s: float = 0.0,
        frame_height: float = inf,
    ) -> None:
        """Count in `polygon`, in pixels of frames that are `frame_height` high; `till` lies outside it."""
        self.name = name
        self._zone = ZoneCounter(name, polygon, anchor, frame_height=frame_height, rules=QUEUE_RULES)
        self._polygon = polygon
        self._anchor: Anchor = anchor
        self._till = till
        self._end = outside_by(polygon, till) if till is not None else 0.0
        self._least_s = least_s
        self._ways: dict[int, _Way] = {}
        self._lengths: deque[tuple[float, int]] = deque()

    @property
    def attending(self) -> bool:
        """Whether someone is inside."""
        return self._zone.attending

    @property
    def entered(self) -> list[Entered]:
        """Who joined in the newest frame."""
        return self._zone.entered

    @property
    def people(self) -> tuple[int, ...]:
        """The numbers of those who wait now, of whom some are hidden for a moment."""
        return self._zone.people

    def update(self, tracks: Tracks, frame: int, time_s: float) -> list[Counted]:
        """Return the waits that are over at `time_s`."""
        left = self._zone.update(tracks, frame, time_s)
        if self._till is not None:
            self._follow(tracks, self._till, time_s)
            left = [self._judged(counted) for counted in left]
            self._ways = {number: way for number, way in self._ways.items() if self._zone.visiting(number)}
        return left

    def cut(self, time_s: float) -> list[Counted]:
        """End every stay, censored: nobody saw how it ended."""
        self._ways.clear()
        self._lengths.clear()
        return self._zone.cut(time_s)

    def note_length(self, people: int, time_s: float) -> None:
        """Take in how many wait in the newest frame."""
        self._lengths.append((time_s, people))
        while self._lengths[0][0] <= time_s - LENGTH_S:
            self._lengths.popleft()

    @property
    def length(self) -> int:
        """How many waited in the last `LENGTH_S`, the median."""
        return median_low(people for _, people in self._lengths) if self._lengths else 0

    def _follow(self, tracks: Tracks, till: Place, time_s: float) -> None:
        """Note how far from the till each of those is who wait, or have just left."""
        points = anchor_points(tracks.xyxy, self._anchor).tolist()
        heights = (tracks.xyxy[:, 3] - tracks.xyxy[:, 1]).tolist()
        for number, (x, y), height in zip(tracks.ids.tolist(), points, heights, strict=True):
            if not self._zone.visiting(number):
                continue
            away = dist((x, y), till)
            if inside(self._polygon, (x, y)):
                self._ways[number] = _Way(away, away, height)
            elif (way := self._ways.get(number)) is not None:
                way.last, way.outside_s = away, time_s
                way.nearest_outside = min(way.nearest_outside, away)

    def _judged(self, counted: Counted) -> Counted:
        """Return the wait with its outcome; as it is where that is not known."""
        left, way = counted.event, self._ways.get(counted.number)
        if not isinstance(left, ZoneLeft) or left.censored or way is None:
            return counted
        outcome = self._outcome(way, left)
        if outcome is None or (outcome == "abandoned" and left.dwell_s < self._least_s):
            return counted
        wait = QueueLeft(self.name, left.enter_frame, left.exit_frame, left.dwell_s, left.at_s, outcome)
        return Counted(wait, counted.number, counted.point, counted.height)

    def _outcome(self, way: _Way, left: ZoneLeft) -> "QueueOutcome | None":
        if way.nearest_outside < self._end:
            return "served"
        if way.outside_s is None:
            return None
        followed = way.outside_s - left.at_s >= SERVED_S * 0.9
        return "abandoned" if followed or way.last > way.left_at + AWAY * way.height else None
