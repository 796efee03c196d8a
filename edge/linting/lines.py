"""Lines: whether a person can be seen firmly on both sides of one, and pass through it.

The counter needs a person beyond a band of 0.1 body heights on both sides, and 0.2 s beyond it on the new one unless
the track ends there (edge.counting.lines). A walker makes 0.8 heights a second, so what is comfortable is 0.26 heights.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from edge.config import Anchor, CameraConfig, LineConfig, ZoneConfig
from edge.counting.lines import DEFAULT_RULES
from edge.geometry import Place, Segment
from edge.linting.problems import Problem
from edge.linting.scene import People, region
from edge.linting.shapes import cross, inside_by, length, normal, samples

_WALK_HEIGHTS_PER_S: Final = 0.8
_COMFORT: Final = DEFAULT_RULES.band + DEFAULT_RULES.settle_s * _WALK_HEIGHTS_PER_S
#: At least this share of a line should have comfortable room.
_COMFORTABLE_SHARE: Final = 0.75
#: A door of 0.8 m for people of 1.7 m; along the view a metre looks up to three times shorter than across it.
_DOOR: Final = 0.45
_FORESHORTENED: Final = 0.33
#: A line within this many heights of another, for most of its length, watches the same people.
_SAME_PLACE: Final = 0.5
_MOST: Final = 0.5

_Side = Literal["in", "out"]


@dataclass(frozen=True, slots=True)
class _Spot:
    """One place on a line: the room to each side, and the height of people there, in pixels."""

    place: Place
    room: dict[_Side, float]
    height: float
    smallest: float

    @property
    def tightest(self) -> _Side:
        return min(self.room, key=lambda side: self.room[side])


def lint_line(camera: CameraConfig, line: LineConfig, size: tuple[int, int], people: People) -> list[Problem]:
    """Return what is wrong with one line in frames of `size` (width, height) pixels, looked at by itself."""
    outside = [place for place in line.points if not (0 <= place[0] <= size[0] and 0 <= place[1] <= size[1])]
    if outside:
        message = f"point {_at(outside[0])} lies outside of the picture of {size[0]} x {size[1]} pixels"
        return [Problem("line_outside_frame", "error", camera.name, line.name, message, "Draw it inside the picture")]
    spots = _spots(line, line.anchor or camera.anchor, size, people)
    return _room_problems(camera, line, spots, people) or _length_problems(camera, line, spots, people)


def lint_line_and_zone(camera: CameraConfig, line: LineConfig, zone: ZoneConfig, people: People) -> list[Problem]:
    """Return whether a line runs through the inside of a zone, not along its border."""
    if line.role == "internal":
        return []
    places = samples(*line.points)
    within = [place for place in places if inside_by(zone.polygon, place) > DEFAULT_RULES.band * people.height(place)]
    share = len(within) / len(places)
    if share * length(*line.points) < _DOOR / 2 * people.height(places[len(places) // 2]):
        return []
    cuts = f"{share:.0%} of it runs through the inside of zone {zone.name}"
    if zone.role == "staff":
        message = f"{cuts}, which is for staff: whoever comes through it would be taken for staff"
        advice = "Draw the staff zone behind the counter, away from the door"
        return [Problem("line_through_staff_zone", "warning", camera.name, line.name, message, advice)]
    message = f"{cuts}: everybody who comes through also begins or ends a stay there, and who waits there stands on it"
    advice = "Let the zone end half a body height from the line, or along it"
    return [Problem("line_cuts_zone", "warning", camera.name, line.name, message, advice)]


def lint_two_lines(camera: CameraConfig, one: LineConfig, other: LineConfig, people: People) -> list[Problem]:
    """Return whether two lines of one camera count the same people."""
    if "internal" in (one.role, other.role):
        return []
    both = one.role == other.role
    twice = (
        "is counted by both" if both else f"is counted by {one.name} ({one.role}) and by {other.name} ({other.role})"
    )
    if cross(one.points, other.points):
        message = f"it crosses line {other.name}: whoever passes near the crossing {twice}"
        advice = "Shorten one, or move them apart, so that a way leads through one of them only"
        return [Problem("lines_cross", "warning", camera.name, one.name, message, advice)]
    short, long = sorted((one, other), key=lambda line: length(*line.points))
    places = samples(*short.points)
    near = [p for p in places if Segment(*long.points).distance(p) < _SAME_PLACE * people.height(p)]
    if len(near) < _MOST * len(places):
        return []
    message = f"it lies within half a body height of line {other.name}: whoever passes {twice}"
    advice = 'Keep one of them, or give one role = "internal"'
    return [Problem("lines_overlap", "error" if both else "warning", camera.name, one.name, message, advice)]


def _spots(line: LineConfig, anchor: Anchor, size: tuple[int, int], people: People) -> list[_Spot]:
    """Return places along the line; of one that reaches beyond where people are seen, the part within."""
    (x, y), spots = normal(*line.points), []
    within = []
    for place in samples(*line.points):
        height = people.height(place)
        seen = region(size, anchor, height)
        room: dict[_Side, float] = {"in": seen.room(place, (x, y)), "out": seen.room(place, (-x, -y))}
        spots.append(_Spot(place, room, height, people.smallest(place)))
        if seen.holds(place):
            within.append(spots[-1])
    return within or spots


def _room_problems(camera: CameraConfig, line: LineConfig, spots: Sequence[_Spot], people: People) -> list[Problem]:
    band = DEFAULT_RULES.band
    best = max(spots, key=lambda spot: min(spot.room.values()) / spot.height)
    least = max(0.0, best.room[best.tightest])
    needs = band * best.height
    edge, hidden = _edge(line, best), _hidden(camera, line)
    if least < band * best.smallest or (people.origin != "assumed" and least < needs):
        message = (
            f"it never counts: nobody can be seen firmly on its `{best.tightest}` side. {least:.0f} px are left to the "
            f"{edge} of the picture{hidden}, {needs:.0f} are needed: {band:g} body heights of {people.told(best.place)}"
        )
        advice = f"Move it at least {_COMFORT * best.height - least:.0f} px away from the {edge}"
        return [Problem("line_never_counts", "error", camera.name, line.name, message, advice)]
    comfortable = [spot for spot in spots if min(spot.room.values()) >= _COMFORT * spot.height]
    if len(comfortable) >= _COMFORTABLE_SHARE * len(spots):
        return []
    worst = min(spots, key=lambda spot: min(spot.room.values()) / spot.height)
    left, edge = max(0.0, worst.room[worst.tightest]), _edge(line, worst)
    message = (
        f"it is too close to the {edge} of the picture{hidden}: at {_at(worst.place)} {left:.0f} px are left on its "
        f"`{worst.tightest}` side, and {_COMFORT * worst.height:.0f} are comfortable: {_COMFORT:.2f} body heights of "
        f"{people.told(worst.place)}. Whoever is seen there for a moment only may be missed"
    )
    advice = f"Move it {_COMFORT * worst.height - left:.0f} px away from the {edge}"
    return [Problem("line_near_edge", "warning", camera.name, line.name, message, advice)]


def _length_problems(camera: CameraConfig, line: LineConfig, spots: Sequence[_Spot], people: People) -> list[Problem]:
    long = length(*line.points)
    middle = spots[len(spots) // 2]
    level = abs(line.points[1][0] - line.points[0][0]) / long
    door = _DOOR * max(level, _FORESHORTENED) * middle.height
    if long >= door:
        return []
    never = long < DEFAULT_RULES.band * middle.smallest
    message = (
        f"it is {long:.0f} px long, and a narrow door is {door:.0f} for {people.told(middle.place)}: "
        "most would walk round its ends, which does not count"
    )
    advice = "Draw it over the whole width of the way"
    return [Problem("line_too_short", "error" if never else "warning", camera.name, line.name, message, advice)]


def _edge(line: LineConfig, spot: _Spot) -> str:
    """Return the name of the edge of the picture that the tight side of a line faces."""
    x, y = normal(*line.points)
    if spot.tightest == "out":
        x, y = -x, -y
    if abs(x) > abs(y):
        return "right edge" if x > 0 else "left edge"
    return "lower edge" if y > 0 else "upper edge"


def _hidden(camera: CameraConfig, line: LineConfig) -> str:
    return (
        " (feet are cut off there)" if (line.anchor or camera.anchor) == "foot" else " (half of the person is cut off)"
    )


def _at(place: Place) -> str:
    return f"({place[0]:g}, {place[1]:g})"
