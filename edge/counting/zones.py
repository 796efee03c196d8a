"""Zones: who stays in an area, from when to when.

            ├── gap_s or less: bridged ──┤
    inside ████████████          ██████████████
           ▲ enter                            ▲ exit, decided when gap_s has passed outside

Where the lower edge of the picture cuts a person, the feet are not seen and the box's lower edge is not where they
stand: a stay of someone who walks into the picture begins with the first sight of the feet, one of someone who walks
out of it ends with the last, if that is a matter of moments. Who stands cut off by the edge all the time is inside.

A track that is lost inside is not yet a visit that ended: people who stand still or are hidden are lost and found
under a new number. The visit waits for somebody to appear at that very place, and only then ends, censored.
"""

import math
from dataclasses import dataclass
from typing import Final

from edge.config import Anchor
from edge.counting.protocol import Counted, anchor_points
from edge.events import ZoneLeft
from edge.geometry import Place, inside
from edge.tracking.protocol import Tracks


@dataclass(frozen=True, slots=True)
class ZoneRules:
    """When a stay is one.

    Attributes:
        stay_s: shorter stays are none: someone cut a corner, or a box trembled across the border.
        gap_s: who is back within this time never left.
        lost_s: who is lost inside may be found again for this long after last being seen, …
        lost_reach: … within so many box heights of that place.
        walk_in_s: so long may a person be cut off by the picture's lower edge while walking in or out of it.
        edge: a foot this near to the lower edge, in picture heights, is cut off: what detectors leave of the edge.
    """

    stay_s: float = 0.5
    gap_s: float = 1.0
    lost_s: float = 4.0
    lost_reach: float = 0.5
    walk_in_s: float = 2.0
    edge: float = 0.015


DEFAULT_RULES: Final = ZoneRules()


@dataclass(slots=True)
class _Visit:
    """A stay that is not over."""

    number: int
    enter_frame: int
    enter_s: float
    exit_frame: int
    exit_s: float
    point: Place
    height: float
    #: The true beginning was not seen: the picture began with the person inside.
    cut_start: bool
    confirmed: bool = False
    #: First and last frame and time at which the feet were seen; None: not yet.
    feet_first: tuple[int, float] | None = None
    feet_last: tuple[int, float] | None = None
    #: Last seen outside the zone, as opposed to last seen inside and then not at all.
    outside: bool = False
    lost: bool = False


class ZoneCounter:
    """Counts stays in one zone."""

    def __init__(
        self,
        name: str,
        polygon: tuple[Place, ...],
        anchor: Anchor,
        *,
        frame_height: float = math.inf,
        rules: ZoneRules = DEFAULT_RULES,
    ) -> None:
        """Count in `polygon`, in pixels of frames that are `frame_height` high."""
        self.name = name
        self._feet_limit = frame_height * (1 - rules.edge) if anchor == "foot" else math.inf
        self._polygon = polygon
        self._anchor: Anchor = anchor
        self._rules = rules
        self._visits: dict[int, _Visit] = {}
        self._begun = False

    @property
    def attending(self) -> bool:
        """Whether someone is inside."""
        return bool(self._visits)

    @property
    def people(self) -> int:
        """People inside now, those who are hidden for a moment included."""
        return sum(1 for visit in self._visits.values() if self._counts(visit))

    def update(self, tracks: Tracks, frame: int, time_s: float) -> list[Counted]:
        """Return the stays that are over at `time_s`."""
        for number in tracks.ended:
            if number in self._visits:
                self._visits[number].lost = True
        points = anchor_points(tracks.xyxy, self._anchor).tolist()
        heights = (tracks.xyxy[:, 3] - tracks.xyxy[:, 1]).tolist()
        for number, confirmed, (x, y), height in zip(
            tracks.ids.tolist(), tracks.confirmed.tolist(), points, heights, strict=True
        ):
            if inside(self._polygon, (x, y)):
                visit = self._visit_of(number, (x, y), height, frame, time_s)
                visit.exit_frame, visit.exit_s, visit.point, visit.height = frame, time_s, (x, y), height
                visit.confirmed |= confirmed
                self._note_feet(visit, y)
            elif number in self._visits:
                self._visits[number].outside = True
        self._begun = True
        return self._over(time_s)

    def cut(self, time_s: float) -> list[Counted]:
        """End every stay, censored: nobody saw it end."""
        del time_s
        visits = self._visits.values()
        events: list[Counted] = [self._left(visit, censored=True) for visit in visits if self._counts(visit)]
        self._visits.clear()
        self._begun = False
        return events

    def _visit_of(self, number: int, point: Place, height: float, frame: int, time_s: float) -> _Visit:
        """Return the track's stay: its own, one that was lost at this place, or a new one."""
        visit = self._visits.get(number)
        if visit is None:
            found = self._lost_at(point, height)
            visit = self._visits.pop(found) if found is not None else None
        if visit is None:
            visit = _Visit(number, frame, time_s, frame, time_s, point, height, cut_start=not self._begun)
        visit.number, visit.lost, visit.outside = number, False, False
        self._visits[number] = visit
        return visit

    def _note_feet(self, visit: _Visit, foot_y: float) -> None:
        """Note whether the feet are seen in the visit's newest frame."""
        now = (visit.exit_frame, visit.exit_s)
        if foot_y < self._feet_limit:
            visit.feet_first = visit.feet_first or now
            visit.feet_last = now
        elif visit.exit_s - visit.enter_s <= self._rules.walk_in_s:
            visit.feet_first = None

    def _lost_at(self, point: Place, height: float) -> int | None:
        def gap(visit: _Visit) -> float:
            return math.hypot(point[0] - visit.point[0], point[1] - visit.point[1]) / max(height, visit.height)

        gaps = [(gap(visit), number) for number, visit in self._visits.items() if visit.lost and not visit.outside]
        return next((number for distance, number in sorted(gaps) if distance <= self._rules.lost_reach), None)

    def _over(self, time_s: float) -> list[Counted]:
        """Drop and report the stays whose person went out and stayed out for `gap_s`, or was lost for `lost_s`."""
        events: list[Counted] = []
        for number, visit in list(self._visits.items()):
            if time_s - visit.exit_s <= (self._rules.gap_s if visit.outside else self._rules.lost_s):
                continue
            del self._visits[number]
            if self._counts(visit):
                events.append(self._left(visit, censored=visit.cut_start or not visit.outside))
        return events

    def _counts(self, visit: _Visit) -> bool:
        return visit.confirmed and visit.exit_s - visit.enter_s >= self._rules.stay_s

    def _left(self, visit: _Visit, *, censored: bool) -> Counted:
        enter, leave = (visit.enter_frame, visit.enter_s), (visit.exit_frame, visit.exit_s)
        if visit.feet_first is not None and visit.feet_first[1] - visit.enter_s <= self._rules.walk_in_s:
            enter = visit.feet_first
        if visit.feet_last is not None and visit.exit_s - visit.feet_last[1] <= self._rules.walk_in_s:
            leave = visit.feet_last
        left = ZoneLeft(
            zone=self.name,
            enter_frame=enter[0],
            exit_frame=leave[0],
            dwell_s=leave[1] - enter[1],
            at_s=leave[1],
            censored=censored,
        )
        return Counted(left, visit.number, visit.point, visit.height)
