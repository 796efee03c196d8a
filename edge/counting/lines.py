"""Lines: a person is counted who was firmly on one side and is now firmly on the other, through the segment.

                 out        │        in
      ─ ─ ─ ─ ─ ─ ─ ─ ┆     │     ┆ ─ ─ ─ ─ ─ ─
         firmly out   ┆  band of  ┆   firmly in
                      ┆ hysteresis┆
                      ┆     │     ┆

Inside the band nothing is decided: who jitters there stays on the side he came from. The band is as wide as the
person is tall in the picture (times a share), so it fits near and far people and every resolution. The moment and
place are where the path last met the line, interpolated; a path that met it beyond the segment's ends only changes
sides. Who is not seen for some frames at the line is counted all the same, since only the two sides matter.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from edge.config import Anchor
from edge.counting.protocol import Counted, anchor_points
from edge.events import LineCrossed
from edge.geometry import Place, Segment, between
from edge.tracking.protocol import Tracks

if TYPE_CHECKING:
    from contract.types import Direction

Side = Literal[-1, 0, 1]


@dataclass(frozen=True, slots=True)
class LineRules:
    """When a crossing is one.

    Attributes:
        band: half the width of the band of hysteresis, in box heights. 0.1 of a person is 17 cm: more than a box
            trembles (a detector's edges are off by 0.05), less than a step.
        settle_s: how long a person must be beyond the band before it counts: a box that jumps back is noise.
        attend: how near, in box heights, a person makes the line worth watching in every frame.
    """

    band: float = 0.1
    settle_s: float = 0.2
    attend: float = 2.0


DEFAULT_RULES: Final = LineRules()


@dataclass(frozen=True, slots=True)
class _Meeting:
    """Where a path met the endless line."""

    frame: int
    at_s: float
    point: Place
    within: bool


@dataclass(slots=True)
class _Walker:
    """What a line knows of one track."""

    number: int
    side: Side
    point: Place
    height: float
    distance: float
    frame: int
    time_s: float
    met: _Meeting | None = None
    beyond_since_s: float | None = None
    confirmed: bool = False
    near: bool = False


class LineCounter:
    """Counts crossings of one line."""

    def __init__(self, name: str, segment: Segment, anchor: Anchor, rules: LineRules = DEFAULT_RULES) -> None:
        self.name = name
        self._segment = segment
        self._anchor: Anchor = anchor
        self._rules = rules
        self._walkers: dict[int, _Walker] = {}

    @property
    def attending(self) -> bool:
        """Whether someone is near the line."""
        return any(walker.near for walker in self._walkers.values())

    def update(self, tracks: Tracks, frame: int, time_s: float) -> list[Counted]:
        """Return the crossings that the people seen in `frame` complete, and those that ended tracks leave behind."""
        events = self._ended(tracks.ended)
        points = anchor_points(tracks.xyxy, self._anchor)
        heights = tracks.xyxy[:, 3] - tracks.xyxy[:, 1]
        for number, confirmed, (x, y), height in zip(
            tracks.ids.tolist(), tracks.confirmed.tolist(), points.tolist(), heights.tolist(), strict=True
        ):
            walker = self._seen(number, (x, y), height, frame, time_s)
            walker.confirmed = confirmed
            events += self._decided(walker, time_s - self._rules.settle_s)
        return events

    def cut(self, time_s: float) -> list[Counted]:
        """Count who had just crossed, and forget everyone."""
        del time_s
        return self._ended(tuple(self._walkers))

    def _seen(self, number: int, point: Place, height: float, frame: int, time_s: float) -> _Walker:
        """Move the walker to `point`, note where the path met the line, and since when it is beyond the band."""
        distance, band = self._segment.side(point), self._rules.band * height
        walker = self._walkers.get(number)
        if walker is None:
            # Half a band is enough for the first sight: there is no past that it could contradict.
            walker = _Walker(number, _firm(distance, band / 2), point, height, distance, frame, time_s)
            self._walkers[number] = walker
        elif (distance > 0) != (walker.distance > 0):
            walker.met = self._meeting(walker, point, distance, frame, time_s)
        firm = _firm(distance, band)
        if firm in (0, walker.side):
            walker.beyond_since_s = None
        elif walker.beyond_since_s is None:
            walker.beyond_since_s = time_s
        walker.near = self._segment.distance(point) <= self._rules.attend * height
        walker.point, walker.height, walker.distance = point, height, distance
        walker.frame, walker.time_s = frame, time_s
        return walker

    def _meeting(self, walker: _Walker, point: Place, distance: float, frame: int, time_s: float) -> _Meeting:
        share = walker.distance / (walker.distance - distance)
        place = between(walker.point, point, share)
        return _Meeting(
            frame=round(walker.frame + share * (frame - walker.frame)),
            at_s=walker.time_s + share * (time_s - walker.time_s),
            point=place,
            within=0 <= self._segment.along(place) <= 1,
        )

    def _decided(self, walker: _Walker, beyond_before_s: float) -> list[Counted]:
        """Take the new side if the walker is a person and beyond the band long enough; count if that is a crossing."""
        # A hair of tolerance: two frames at 5 per second are 0.2 s apart, give or take rounding.
        since_s = walker.beyond_since_s
        if since_s is None or not walker.confirmed or since_s > beyond_before_s + 1e-3:
            return []
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
        events: list[Counted] = []
        for number in numbers:
            walker = self._walkers.pop(number, None)
            if walker is not None:
                events += self._decided(walker, walker.time_s)
        return events


def _firm(distance: float, band: float) -> Side:
    if distance > band:
        return 1
    return -1 if distance < -band else 0
