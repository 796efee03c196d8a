"""Zones: who stays in an area, from when to when.

            ├── gap_s or less: bridged ──┤
    inside ████████████          ██████████████
           ▲ enter                            ▲ exit, decided when gap_s has passed outside

Where the lower edge of the picture cuts a person, the feet are not seen and the box's lower edge is not where they
stand: a stay of someone who walks into the picture begins with the first sight of the feet, one of someone who walks
out of it ends with the last, if that is a matter of moments. Who stands cut off by the edge all the time is inside.

A track that is lost inside is not yet a visit that ended: people who stand still or are hidden are lost and found
under a new number. The visit waits for somebody to appear at that very place, and only then ends, censored. Where
people hide one another for long (a queue) it waits longer, but only for somebody who was never seen outside: who walks
in from outside is someone else.
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
        stay_s: shorter stays, as they are told, are none: someone cut a corner, or a box trembled across the border.
        gap_s: who is back within this time never left.
        lost_s: who is lost inside may be found again for this long after last being seen, …
        lost_reach: … within so many box heights of that place.
        hidden_s: the same for somebody who was never seen outside the zone: …
        hidden_reach: … they came out from behind others.
        away_s: who is outside for longer is not among the people there, though they may come back.
        walk_in_s: so long may a person be cut off by the picture's lower edge while walking in or out of it.
        edge: a foot this near to the lower edge, in picture heights, is cut off: what detectors leave of the edge.
    """

    stay_s: float = 0.5
    gap_s: float = 1.0
    lost_s: float = 4.0
    lost_reach: float = 0.5
    hidden_s: float = 4.0
    hidden_reach: float = 0.5
    away_s: float = 1.0
    walk_in_s: float = 2.0
    edge: float = 0.015


DEFAULT_RULES: Final = ZoneRules()


@dataclass(frozen=True, slots=True)
class Entered:
    """A stay is one from now on, or (`found`) goes on under another number.

    Attributes:
        number: whose it is.
        at_s: media time of entering.
        point: where the person is now.
        height: the box there, in pixels.
        found: the stay was known: its person was lost and is found.
    """

    number: int
    at_s: float
    point: Place
    height: float
    found: bool


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
    announced: bool = False


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
        #: Living tracks that were seen outside.
        self._outsiders: set[int] = set()
        self._begun = False
        self._now_s = 0.0
        #: What the newest frame decided about who is inside.
        self.entered: list[Entered] = []

    @property
    def attending(self) -> bool:
        """Whether someone is inside."""
        return bool(self._visits)

    @property
    def people(self) -> tuple[int, ...]:
        """The numbers of those inside now, of whom some are hidden for a moment."""
        return tuple(
            number
            for number, visit in self._visits.items()
            if self._counts(visit) and not (visit.outside and self._now_s - visit.exit_s > self._rules.away_s)
        )

    def visiting(self, number: int) -> bool:
        """Return whether `number` is inside, or was and may come back."""
        return number in self._visits

    def update(self, tracks: Tracks, frame: int, time_s: float) -> list[Counted]:
        """Return the stays that are over at `time_s`."""
        self._now_s, self.entered = time_s, []
        for number in tracks.ended:
            self._outsiders.discard(number)
            if number in self._visits:
                self._visits[number].lost = True
        points = anchor_points(tracks.xyxy, self._anchor).tolist()
        heights = (tracks.xyxy[:, 3] - tracks.xyxy[:, 1]).tolist()
        for number, confirmed, (x, y), height in zip(
            tracks.ids.tolist(), tracks.confirmed.tolist(), points, heights, strict=True
        ):
            if inside(self._polygon, (x, y)):
                self._seen_inside(number, (x, y), height, frame, confirmed=confirmed)
            else:
                self._outsiders.add(number)
                if number in self._visits:
                    self._visits[number].outside = True
        self._begun = True
        return self._over(time_s)

    def cut(self, time_s: float) -> list[Counted]:
        """End every stay, censored: nobody saw it end."""
        del time_s
        visits = self._visits.values()
        events: list[Counted] = [self._left(visit, censored=True) for visit in visits if self._counts(visit)]
        self._visits.clear()
        self._outsiders.clear()
        self._begun, self.entered = False, []
        return events

    def _seen_inside(self, number: int, point: Place, height: float, frame: int, *, confirmed: bool) -> None:
        visit = self._visit_of(number, point, height, frame, self._now_s)
        visit.exit_frame, visit.exit_s, visit.point, visit.height = frame, self._now_s, point, height
        visit.confirmed |= confirmed
        self._note_feet(visit, point[1])
        if not visit.announced and self._counts(visit):
            visit.announced = True
            self.entered.append(Entered(number, visit.enter_s, point, height, found=False))

    def _visit_of(self, number: int, point: Place, height: float, frame: int, time_s: float) -> _Visit:
        """Return the track's stay: its own, one that was lost at this place, or a new one."""
        visit = self._visits.get(number)
        if visit is None:
            found = self._lost_at(point, height, number, time_s)
            visit = self._visits.pop(found) if found is not None else None
            if visit is not None and visit.announced:
                self.entered.append(Entered(number, visit.enter_s, point, height, found=True))
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

    def _lost_at(self, point: Place, height: float, number: int, time_s: float) -> int | None:
        """Return whose lost stay `number`, who appears at `point`, takes up."""
        rules, came_in = self._rules, number in self._outsiders

        def gap(visit: _Visit) -> float:
            return math.hypot(point[0] - visit.point[0], point[1] - visit.point[1]) / max(height, visit.height)

        def reach(visit: _Visit) -> float:
            near = rules.lost_reach if time_s - visit.exit_s <= rules.lost_s else -1.0
            return near if came_in else max(near, rules.hidden_reach)

        lost = {key: visit for key, visit in self._visits.items() if visit.lost and not visit.outside}
        gaps = sorted((gap(visit), key) for key, visit in lost.items())
        return next((key for distance, key in gaps if distance <= reach(lost[key])), None)

    def _over(self, time_s: float) -> list[Counted]:
        """Drop and report the stays whose person went out and stayed out for `gap_s`, or was lost for `hidden_s`."""
        events: list[Counted] = []
        for number, visit in list(self._visits.items()):
            if time_s - visit.exit_s <= (self._rules.gap_s if visit.outside else self._rules.hidden_s):
                continue
            del self._visits[number]
            if self._counts(visit):
                events.append(self._left(visit, censored=visit.cut_start or not visit.outside))
        return events

    def _counts(self, visit: _Visit) -> bool:
        (_, enter_s), (_, leave_s) = self._bounds(visit)
        return visit.confirmed and leave_s - enter_s >= self._rules.stay_s

    def _bounds(self, visit: _Visit) -> tuple[tuple[int, float], tuple[int, float]]:
        """Return frame and time of the stay's beginning and end: by the feet, where a cut hides them for a moment."""
        enter, leave = (visit.enter_frame, visit.enter_s), (visit.exit_frame, visit.exit_s)
        if visit.feet_first is not None and visit.feet_first[1] - visit.enter_s <= self._rules.walk_in_s:
            enter = visit.feet_first
        if visit.feet_last is not None and visit.exit_s - visit.feet_last[1] <= self._rules.walk_in_s:
            leave = visit.feet_last
        return enter, leave

    def _left(self, visit: _Visit, *, censored: bool) -> Counted:
        enter, leave = self._bounds(visit)
        left = ZoneLeft(
            zone=self.name,
            enter_frame=enter[0],
            exit_frame=leave[0],
            dwell_s=leave[1] - enter[1],
            at_s=leave[1],
            censored=censored,
        )
        return Counted(left, visit.number, visit.point, visit.height)
