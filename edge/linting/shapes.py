"""Plane geometry that only the linter needs: sampling, crossing, overlapping. Pixels, y down."""

from math import hypot
from typing import Final

from edge.geometry import Place, Segment, between, inside

_GRID: Final = 48


def samples(a: Place, b: Place, count: int = 41) -> list[Place]:
    """Return `count` places from `a` to `b`, both included."""
    return [between(a, b, number / (count - 1)) for number in range(count)]


def normal(a: Place, b: Place) -> Place:
    """Return the unit vector across the line from `a` to `b`, towards its `in` side."""
    length = hypot(b[0] - a[0], b[1] - a[1])
    return -(b[1] - a[1]) / length, (b[0] - a[0]) / length


def length(a: Place, b: Place) -> float:
    """Return the distance between two places."""
    return hypot(b[0] - a[0], b[1] - a[1])


def cross(first: tuple[Place, Place], second: tuple[Place, Place]) -> bool:
    """Return whether two segments properly cross: each has the other's ends on different sides."""
    one, other = Segment(*first), Segment(*second)
    return one.side(second[0]) * one.side(second[1]) < 0 and other.side(first[0]) * other.side(first[1]) < 0


def self_intersects(polygon: tuple[Place, ...]) -> bool:
    """Return whether two sides of the polygon that do not meet at a corner cross."""
    sides = list(zip(polygon, (*polygon[1:], polygon[0]), strict=True))
    sides = [side for side in sides if side[0] != side[1]]
    return any(
        cross(sides[one], sides[other])
        for one in range(len(sides))
        for other in range(one + 2, len(sides))
        if not (one == 0 and other == len(sides) - 1)
    )


def area(polygon: tuple[Place, ...]) -> float:
    """Return the area in square pixels, by the shoelace formula."""
    sides = zip(polygon, (*polygon[1:], polygon[0]), strict=True)
    return abs(sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in sides)) / 2


def inside_by(polygon: tuple[Place, ...], place: Place) -> float:
    """Return how far in pixels `place` lies inside the polygon; 0 outside."""
    if not inside(polygon, place):
        return 0.0
    sides = zip(polygon, (*polygon[1:], polygon[0]), strict=True)
    return min(Segment(a, b).distance(place) for a, b in sides if a != b)


def grid_inside(polygon: tuple[Place, ...]) -> list[Place]:
    """Return places spread evenly over the polygon."""
    xs, ys = [x for x, _ in polygon], [y for _, y in polygon]
    steps = [(number + 0.5) / _GRID for number in range(_GRID)]
    places = [(min(xs) + u * (max(xs) - min(xs)), min(ys) + v * (max(ys) - min(ys))) for v in steps for u in steps]
    return [place for place in places if inside(polygon, place)]


def shared_area(first: tuple[Place, ...], second: tuple[Place, ...]) -> float:
    """Return which share of the smaller polygon lies in the other, 0 to 1."""
    small, large = sorted((first, second), key=area)
    places = grid_inside(small)
    return sum(inside(large, place) for place in places) / len(places) if places else 0.0
