"""Zones: whether people can be seen to stay in one, and whether two of them count the same stay."""

from typing import Final

from edge.config import CameraConfig, ZoneConfig
from edge.linting.problems import Problem
from edge.linting.scene import People, region
from edge.linting.shapes import area, grid_inside, self_intersects, shared_area

#: Below this many square body heights a standing person's box trembles in and out.
_SMALL: Final = 0.1
#: Two zones of one role may share so much of the smaller one.
_SHARED: Final = 0.05
#: A till may stand outside of the picture, by up to this share of its width or height: who goes there is seen to.
_TILL_BEYOND: Final = 0.5


def lint_zone(camera: CameraConfig, zone: ZoneConfig, size: tuple[int, int], people: People) -> list[Problem]:
    """Return what is wrong with one zone in frames of `size` (width, height) pixels, looked at by itself."""

    def problem(message: str, advice: str) -> tuple[str, str, str, str]:
        return camera.name, zone.name, message, advice

    outside = [place for place in zone.polygon if not (0 <= place[0] <= size[0] and 0 <= place[1] <= size[1])]
    if outside:
        message = (
            f"corner ({outside[0][0]:g}, {outside[0][1]:g}) lies outside of the picture of {size[0]} x {size[1]} px"
        )
        return [Problem("zone_outside_frame", "error", *problem(message, "Draw it inside the picture"))]
    if self_intersects(zone.polygon):
        message = "its sides cross each other, so that parts of it count as outside"
        return [
            Problem(
                "zone_self_intersecting", "error", *problem(message, "Name its corners in order, all the way round")
            )
        ]
    places = grid_inside(zone.polygon)
    middle = places[len(places) // 2] if places else zone.polygon[0]
    height = people.height(middle)
    needed = _SMALL * height**2
    if area(zone.polygon) < needed:
        message = (
            f"it covers {area(zone.polygon):.0f} square pixels, less than the {needed:.0f} in which "
            f"{people.told(middle)} can be seen to stay"
        )
        return [
            Problem("zone_too_small", "warning", *problem(message, "Draw it around where people stand, not the goods"))
        ]
    smallest = region(size, zone.anchor or camera.anchor, people.smallest(middle))
    if not any(smallest.holds(place) for place in places):
        what = "foot" if (zone.anchor or camera.anchor) == "foot" else "middle"
        message = f"nobody's {what} can be seen in it: it lies along the edge of the picture"
        return [
            Problem(
                "zone_never_seen", "error", *problem(message, 'Draw it where people stand, or try anchor = "centre"')
            )
        ]
    return []


def lint_till(camera: CameraConfig, zone: ZoneConfig, size: tuple[int, int]) -> list[Problem]:
    """Return whether a queue's `served_towards` lies so far outside of the picture that it must be a slip."""
    if zone.served_towards is None:
        return []
    beyond = [max(-value, value - most) / most for value, most in zip(zone.served_towards, size, strict=True)]
    if max(beyond) <= _TILL_BEYOND:
        return []
    x, y = zone.served_towards
    message = (
        f"`served_towards` ({x:g}, {y:g}) lies far outside of the picture of {size[0]} x {size[1]} pixels: who was "
        "served would be told by a place that nobody goes to"
    )
    advice = "Name the till in pixels of the source; it may lie outside by half of the picture"
    return [Problem("till_outside_frame", "error", camera.name, zone.name, message, advice)]


def lint_two_zones(camera: CameraConfig, one: ZoneConfig, other: ZoneConfig) -> list[Problem]:
    """Return whether two zones of one role and camera count the same stays."""
    if one.role != other.role or self_intersects(one.polygon) or self_intersects(other.polygon):
        return []
    share = shared_area(one.polygon, other.polygon)
    if share <= _SHARED:
        return []
    message = f"it shares {share:.0%} of the smaller one with zone {other.name}: a stay there counts in both"
    advice = "Draw them side by side"
    return [Problem("zones_overlap", "warning", camera.name, one.name, message, advice)]
