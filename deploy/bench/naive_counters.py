"""Lines as one would write them at first: what our rules are compared with, on the same tracks."""

from dataclasses import dataclass

from edge.config import Anchor
from edge.counting.protocol import Counted, anchor_points
from edge.events import LineCrossed
from edge.geometry import Place, Segment, between
from edge.tracking.protocol import Tracks


@dataclass(frozen=True, slots=True)
class _Last:
    point: Place
    distance: float
    time_s: float


class OneSidedLine:
    """Counts whenever a confirmed person's foot is on the other side than in the frame before, through the segment.

    No hysteresis: what many counters do, `LineZone` of supervision at threshold 1 among them.
    """

    def __init__(self, name: str, segment: Segment, anchor: Anchor, *, once: bool = False) -> None:
        """Count at `segment`; `once`: a number counts once and never again, as in Ultralytics' ObjectCounter."""
        self.name = name
        self._segment = segment
        self._anchor: Anchor = anchor
        self._once = once
        self._last: dict[int, _Last] = {}
        self._counted: set[int] = set()

    @property
    def attending(self) -> bool:
        """Whether someone is in the picture."""
        return bool(self._last)

    def update(self, tracks: Tracks, frame: int, time_s: float) -> list[Counted]:
        """Return the crossings of this frame."""
        for number in tracks.ended:
            self._last.pop(number, None)
            self._counted.discard(number)
        found: list[Counted] = []
        points = anchor_points(tracks.xyxy, self._anchor).tolist()
        heights = (tracks.xyxy[:, 3] - tracks.xyxy[:, 1]).tolist()
        for number, confirmed, (x, y), height in zip(
            tracks.ids.tolist(), tracks.confirmed.tolist(), points, heights, strict=True
        ):
            now = _Last((x, y), self._segment.side((x, y)), time_s)
            before = self._last.get(number)
            if confirmed and before is not None and (before.distance > 0) != (now.distance > 0):
                found += self._crossed(number, before, now, frame, height)
            if confirmed or before is None:
                self._last[number] = now
        return found

    def cut(self, time_s: float) -> list[Counted]:
        """Forget everyone."""
        del time_s
        self._last.clear()
        self._counted.clear()
        return []

    def _crossed(self, number: int, before: _Last, now: _Last, frame: int, height: float) -> list[Counted]:
        share = before.distance / (before.distance - now.distance)
        place = between(before.point, now.point, share)
        if not 0 <= self._segment.along(place) <= 1 or (self._once and number in self._counted):
            return []
        self._counted.add(number)
        at_s = before.time_s + share * (now.time_s - before.time_s)
        event = LineCrossed(line=self.name, direction="in" if now.distance > 0 else "out", frame=frame, at_s=at_s)
        return [Counted(event, number, place, height)]
