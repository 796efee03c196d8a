"""Lines: a person is counted who was firmly on one side and is now firmly on the other, through the segment.

                 out        │        in
      ─ ─ ─ ─ ─ ─ ─ ─ ┆     │     ┆ ─ ─ ─ ─ ─ ─
         firmly out   ┆  band of  ┆   firmly in
                      ┆ hysteresis┆
                      ┆     │     ┆

Inside the band nothing is decided: who jitters there stays on the side he came from. The band is as wide as the
person is tall in the picture (times a share), so it fits near and far people and every resolution. The moment and
place are where the path last met the line, interpolated; a path that met it beyond the segment's ends only changes
sides. Who is not seen for some frames at the line is counted all the same, since only the two sides matter; under a new
number, too (`edge/counting/walkers.py`).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from edge.config import Anchor
from edge.counting.protocol import Counted, anchor_points
from edge.counting.walkers import HEIRS, HeirRules, Meeting, Walker, firm, heirs
from edge.events import LineCrossed
from edge.geometry import Place, Segment, between
from edge.tracking.protocol import Tracks

if TYPE_CHECKING:
    from contract.types import Direction


@dataclass(frozen=True, slots=True)
class LineRules:
    """When a crossing is one.

    Attributes:
        band: half the width of the band of hysteresis, in box heights. 0.1 of a person is 17 cm: more than a box
            trembles (a detector's edges are off by 0.05), less than a step.
        settle_s: how long a person must be beyond the band before it counts: a box that jumps back is noise.
        attend: how near, in box heights, a person makes the line worth watching in every frame.
        heir: who takes up a person lost at the line.
    """

    band: float = 0.1
    settle_s: float = 0.2
    attend: float = 2.0
    heir: HeirRules = HEIRS


DEFAULT_RULES: Final = LineRules()


class LineCounter:
    """Counts crossings of one line."""

    def __init__(self, name: str, segment: Segment, anchor: Anchor, rules: LineRules = DEFAULT_RULES) -> None:
        self.name = name
        self._segment = segment
        self._anchor: Anchor = anchor
        self._rules = rules
        self._walkers: dict[int, Walker] = {}

    @property
    def attending(self) -> bool:
        """Whether someone is near the line."""
        return any(walker.near for walker in self._walkers.values())

    def update(self, tracks: Tracks, frame: int, time_s: float) -> list[Counted]:
        """Return the crossings that the people seen in `frame` complete, and those that ended tracks leave behind."""
        events = self._ended(tracks.ended)
        points = anchor_points(tracks.xyxy, self._anchor)
        heights = tracks.xyxy[:, 3] - tracks.xyxy[:, 1]
        seen: list[Walker] = []
        born: list[Walker] = []
        for number, confirmed, (x, y), height in zip(
            tracks.ids.tolist(), tracks.confirmed.tolist(), points.tolist(), heights.tolist(), strict=True
        ):
            if number not in self._walkers:
                self._walkers[number] = self._first_seen(number, (x, y), height, frame, time_s)
                born.append(self._walkers[number])
            walker = self._seen(self._walkers[number], (x, y), height, frame, time_s)
            walker.confirmed = confirmed
            seen.append(walker)
        for lost, heir in heirs(born, self._walkers.values(), self._rules.heir, time_s):
            self._hand_over(lost, heir)
        for walker in seen:
            events += self._decided(walker, time_s - self._rules.settle_s)
        return events

    def cut(self, time_s: float) -> list[Counted]:
        """Count who had just crossed, and forget everyone."""
        del time_s
        return self._ended(tuple(self._walkers))

    def _first_seen(self, number: int, point: Place, height: float, frame: int, time_s: float) -> Walker:
        # Half a band is enough for the first sight: there is no past that it could contradict.
        distance = self._segment.side(point)
        return Walker(number, firm(distance, self._rules.band * height / 2), point, height, distance, frame, time_s)

    def _seen(self, walker: Walker, point: Place, height: float, frame: int, time_s: float) -> Walker:
        """Move the walker to `point`, note where the path met the line, and since when it is beyond the band."""
        if walker.heir is not None:
            self._take_back(walker)
        distance = self._segment.side(point)
        if (distance > 0) != (walker.distance > 0):
            walker.met = self._meeting(walker, point, distance, frame, time_s)
        walker.near = self._segment.distance(point) <= self._rules.attend * height
        walker.move(point, height, distance, frame, time_s)
        self._note_beyond(walker)
        return walker

    def _note_beyond(self, walker: Walker) -> None:
        if firm(walker.distance, self._rules.band * walker.height) in (0, walker.side):
            walker.beyond_since_s = None
        elif walker.beyond_since_s is None:
            walker.beyond_since_s = walker.time_s

    def _hand_over(self, lost: Walker, heir: Walker) -> None:
        """Let `heir`, just first seen, go on where `lost` was last seen."""
        lost.heir, heir.heir_of = heir.number, lost.number
        heir.side, heir.met = lost.side, lost.met
        if (heir.distance > 0) != (lost.distance > 0):
            heir.met = self._meeting(lost, heir.point, heir.distance, heir.frame, heir.time_s)
        self._note_beyond(heir)

    def _take_back(self, walker: Walker) -> None:
        """`walker` is seen again: whoever took him up is somebody else, and was never seen elsewhere."""
        heir = self._walkers.get(walker.heir) if walker.heir is not None else None
        walker.heir = None
        if heir is not None:
            heir.heir_of = heir.met = heir.beyond_since_s = None
            heir.side = firm(heir.distance, self._rules.band * heir.height)

    def _meeting(self, walker: Walker, point: Place, distance: float, frame: int, time_s: float) -> Meeting:
        share = walker.distance / (walker.distance - distance)
        place = between(walker.point, point, share)
        return Meeting(
            frame=round(walker.frame + share * (frame - walker.frame)),
            at_s=walker.time_s + share * (time_s - walker.time_s),
            point=place,
            within=0 <= self._segment.along(place) <= 1,
        )

    def _decided(self, walker: Walker, beyond_before_s: float) -> list[Counted]:
        """Take the new side if the walker is a person and beyond the band long enough; count if that is a crossing."""
        # A hair of tolerance: two frames at 5 per second are 0.2 s apart, give or take rounding.
        since_s = walker.beyond_since_s
        if since_s is None or not walker.confirmed or since_s > beyond_before_s + 1e-3:
            return []
        if walker.heir_of in self._walkers:
            return []  # who was lost may still come back
        came_from, met = walker.side, walker.met
        walker.side = 1 if walker.distance > 0 else -1
        walker.met = walker.beyond_since_s = None
        if came_from == 0 or met is None or not met.within:
            return []
        direction: Direction = "in" if walker.side > 0 else "out"
        crossed = LineCrossed(line=self.name, direction=direction, frame=met.frame, at_s=met.at_s)
        return [Counted(crossed, walker.number, met.point, walker.height)]

    def _ended(self, numbers: tuple[int, ...]) -> list[Counted]:
        """Drop ended tracks. Whoever was last seen beyond the band has crossed, however short he was seen there."""
        gone = [self._walkers.pop(number) for number in numbers if number in self._walkers]
        events: list[Counted] = []
        for walker in gone:
            events += self._decided(walker, walker.time_s)
            lost = self._walkers.get(walker.heir_of) if walker.heir_of is not None else None
            if lost is not None:
                lost.heir = None
        return events
