"""Plane geometry of lines and zones, in pixels of the source: origin top left, x to the right, y down.

A line is a segment from its first point A to its second B. Whoever walks from A to B has `in` on the right-hand side:

        A                          out (side < 0)
        │                      A ───────────────► B
  in    │    out                   in  (side > 0)
 (> 0)  ▼   (< 0)
        B

Along the line, A is at 0 and B at 1; beyond the ends is below 0 or above 1.
"""

from dataclasses import dataclass
from math import hypot

Place = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Segment:
    """The line from `a` to `b`, two different points."""

    a: Place
    b: Place

    def side(self, point: Place) -> float:
        """Return the distance in pixels from `point` to the endless line through A and B; positive on the `in` side."""
        dx, dy = self.b[0] - self.a[0], self.b[1] - self.a[1]
        return ((point[1] - self.a[1]) * dx - (point[0] - self.a[0]) * dy) / hypot(dx, dy)

    def along(self, point: Place) -> float:
        """Return where `point` projects on the line: 0 at A, 1 at B."""
        dx, dy = self.b[0] - self.a[0], self.b[1] - self.a[1]
        return ((point[0] - self.a[0]) * dx + (point[1] - self.a[1]) * dy) / (dx * dx + dy * dy)

    def distance(self, point: Place) -> float:
        """Return the distance in pixels from `point` to the segment, ends included."""
        share = min(1.0, max(0.0, self.along(point)))
        x = self.a[0] + share * (self.b[0] - self.a[0])
        y = self.a[1] + share * (self.b[1] - self.a[1])
        return hypot(point[0] - x, point[1] - y)


def between(start: Place, end: Place, share: float) -> Place:
    """Return the point at `share` (0 … 1) of the way from `start` to `end`."""
    return start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])


def inside(polygon: tuple[Place, ...], point: Place) -> bool:
    """Return whether `point` lies in the polygon, by the even-odd rule (left and top edges belong to it)."""
    x, y = point
    within = False
    previous = polygon[-1]
    for corner in polygon:
        (x0, y0), (x1, y1) = previous, corner
        if (y0 > y) != (y1 > y) and x < x0 + (y - y0) * (x1 - x0) / (y1 - y0):
            within = not within
        previous = corner
    return within


def outside_by(polygon: tuple[Place, ...], point: Place) -> float:
    """Return how far in pixels `point` lies outside the polygon; 0 inside it."""
    if inside(polygon, point):
        return 0.0
    corners = (polygon[-1], *polygon[:-1])
    return min(Segment(a, b).distance(point) for a, b in zip(corners, polygon, strict=True) if a != b)
