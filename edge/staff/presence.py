"""Staff by where they are: who is in a staff-only zone, and who stays in view far longer than anybody shops."""

from collections.abc import Sequence
from typing import Final

from edge.config import Anchor
from edge.counting.protocol import anchor_points
from edge.frames import Frame
from edge.geometry import Place, inside
from edge.staff.judge import StaffRuleName
from edge.tracking.protocol import Tracks

#: Who is out of the zone, or unseen, for longer than this starts again: a visitor who leans over now and then is none.
_GAP_S: Final = 3.0


class StaffZone:
    """Who has been in one of the staff-only zones for `after_s` without leaving them."""

    name: StaffRuleName = "zone"

    def __init__(self, zones: Sequence[tuple[tuple[Place, ...], Anchor]], after_s: float) -> None:
        """Watch `zones`, each a polygon in pixels of the source and the point of a person that must be in it."""
        self._zones = tuple(zones)
        self._after_s = after_s
        #: First and last moment in the zone.
        self._stays: dict[int, tuple[float, float]] = {}

    def found(self, frame: Frame, tracks: Tracks, known: frozenset[int]) -> list[int]:
        """Return who has now been in for `after_s`."""
        for number in tracks.ended:
            self._stays.pop(number, None)
        points = {anchor: anchor_points(tracks.xyxy, anchor).tolist() for _, anchor in self._zones}
        found: list[int] = []
        for place, (number, confirmed) in enumerate(zip(tracks.ids.tolist(), tracks.confirmed.tolist(), strict=True)):
            if number in known or not any(inside(area, tuple(points[anchor][place])) for area, anchor in self._zones):
                continue
            since_s, last_s = self._stays.get(number, (frame.time_s, frame.time_s))
            since_s = since_s if frame.time_s - last_s <= _GAP_S else frame.time_s
            self._stays[number] = (since_s, frame.time_s)
            if confirmed and frame.time_s - since_s >= self._after_s:
                found.append(number)
        return found

    def cut(self) -> None:
        """Forget everyone."""
        self._stays.clear()


class StayTime:
    """Who has been in view for `after_s`. The crossing that brought them in was counted long before."""

    name: StaffRuleName = "stay"

    def __init__(self, after_s: float) -> None:
        self._after_s = after_s
        self._since_s: dict[int, float] = {}

    def found(self, frame: Frame, tracks: Tracks, known: frozenset[int]) -> list[int]:
        """Return who has now been in view for `after_s`."""
        for number in tracks.ended:
            self._since_s.pop(number, None)
        return [
            number
            for number, confirmed in zip(tracks.ids.tolist(), tracks.confirmed.tolist(), strict=True)
            if frame.time_s - self._since_s.setdefault(number, frame.time_s) >= self._after_s
            and confirmed
            and number not in known
        ]

    def cut(self) -> None:
        """Forget everyone."""
        self._since_s.clear()
