"""A store's floor plan: what was placed on it, and cameras' warmth and people's ways carried over to it.

    the camera's picture            the plan
      1 ┌──────┐ 2                   1 ╱────────╲ 2
        │      │      homography      ╱          ╲       four points of the floor in the picture,
      4 └──────┘ 3    ─────────►   4 └────────────┘ 3    and where the same four lie on the plan

All points are shares of width and height, from the top left. Only what lies between the four points is carried over:
towards the horizon a picture's row is metres of floor, and beyond it none at all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from analytics.queries import Connection, rows
from analytics.visits.movement import Step, Warmth

Point: TypeAlias = tuple[float, float]
Quad: TypeAlias = tuple[Point, Point, Point, Point]
Floats: TypeAlias = NDArray[np.float64]

#: Cells along the longer side of the plan.
CELLS: Final = 64
CORNERS_MAX: Final = 24
#: Least area between three of four points, twice it, as a share of the picture or plan: less is a slip of the mouse.
_AREA_MIN: Final = 0.0005


@dataclass(frozen=True, slots=True)
class Shot:
    """A camera on the plan: four points of its picture, going round, and where they lie on the floor."""

    picture: Quad
    plan: Quad


@dataclass(frozen=True, slots=True)
class Placed:
    """What stands where on a plan, by name; a line goes from its first to its last end."""

    zones: Mapping[str, tuple[Point, ...]] = field(default_factory=dict)
    lines: Mapping[str, tuple[Point, Point]] = field(default_factory=dict)
    cameras: Mapping[str, Shot] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FloorPlan:
    """A plan: its size (pixels of its image, metres of a plain grid), what was placed, and the entrance lines."""

    width: float
    height: float
    has_image: bool
    version: str
    placed: Placed
    entrances: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Way:
    """A step drawn on the plan, from the middle of one place to that of another."""

    step: Step
    start: Point
    end: Point


def placed_of(said: Any) -> Placed:
    """Return what was placed, out of JSON.

    Raises:
        ValueError: names the place that cannot be so.
    """
    if not isinstance(said, dict) or set(said) - {"zones", "lines", "cameras"}:
        raise ValueError("placed: expected zones, lines and cameras")
    zones = {str(name): _points(points, f"zone {name}", 3, CORNERS_MAX) for name, points in _named(said, "zones")}
    lines = {str(name): _points(points, f"line {name}", 2, 2) for name, points in _named(said, "lines")}
    return Placed(
        zones,
        {name: (points[0], points[1]) for name, points in lines.items()},
        {str(name): _shot(name, both) for name, both in _named(said, "cameras")},
    )


def json_of(placed: Placed) -> dict[str, Any]:
    """Return it as JSON again."""
    return {
        "zones": {name: [list(point) for point in points] for name, points in placed.zones.items()},
        "lines": {name: [list(point) for point in points] for name, points in placed.lines.items()},
        "cameras": {
            name: {"picture": [list(point) for point in shot.picture], "plan": [list(point) for point in shot.plan]}
            for name, shot in placed.cameras.items()
        },
    }


def homography(source: Quad, target: Quad) -> Floats:
    """Return the 3 × 3 matrix that takes each of four points to its own, scaled so that its last entry is 1.

    Raises:
        ValueError: three of the points lie on one line.
    """
    equations, values = [], []
    for (x, y), (u, v) in zip(source, target, strict=True):
        equations += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    try:
        found = np.linalg.solve(np.array(equations, dtype=float), np.array(values, dtype=float))
    except np.linalg.LinAlgError as error:
        raise ValueError("expected four points of which no three lie on one line") from error
    return np.append(found, 1.0).reshape(3, 3)


def warmth_on_plan(plan: FloorPlan, grids: Sequence[Warmth]) -> Floats | None:
    """Return person-seconds per cell of the plan, row by row, NaN where no placed camera looks; None without any.

    Where two cameras see the same floor the larger counts: both saw the same people.
    """
    parts = [
        _carried(plan.placed.cameras[grid.camera], grid, *cells(plan))
        for grid in grids
        if grid.camera in plan.placed.cameras
    ]
    if not parts:
        return None
    warmest: Floats = np.fmax.reduce(parts)
    return warmest


def cells(plan: FloorPlan) -> tuple[int, int]:
    """Return (columns, rows) of the plan's grid, nearly square cells."""
    side = max(plan.width, plan.height) / CELLS
    return max(1, round(plan.width / side)), max(1, round(plan.height / side))


def ways(plan: FloorPlan, steps: Sequence[Step]) -> tuple[Way, ...]:
    """Return the steps of which both ends are on the plan; outside is there where just one entrance is.

    With two doors nobody knows by which of them a step came in.
    """
    doors = [name for name in plan.entrances if name in plan.placed.lines]
    places: dict[str | None, Point] = {name: middle(points) for name, points in plan.placed.zones.items()}
    if len(doors) == len(plan.entrances) == 1:
        places[None] = middle(plan.placed.lines[doors[0]])
    return tuple(
        Way(step, places[step.from_zone], places[step.to_zone])
        for step in steps
        if step.from_zone in places and step.to_zone in places and step.from_zone != step.to_zone
    )


def middle(points: Sequence[Point]) -> Point:
    """Return the mean of the corners."""
    return sum(x for x, _ in points) / len(points), sum(y for _, y in points) / len(points)


def read_floor_plan(connection: Connection, store_id: int) -> FloorPlan | None:
    """Return a store's plan; None without one.

    Raises:
        DatabaseError: the database could not be asked.
    """
    found = rows(connection, "floor_plan", store_id=store_id)
    if not found:
        return None
    width, height, media, placed, changed_at, entrances = found[0]
    return FloorPlan(
        width, height, media is not None, f"{changed_at.timestamp():.6f}", placed_of(placed), tuple(entrances or ())
    )


def read_floor_image(connection: Connection, store_id: int) -> tuple[str, bytes] | None:
    """Return the plan's image and its media type; None where there is none.

    Raises:
        DatabaseError: the database could not be asked.
    """
    found = rows(connection, "floor_image", store_id=store_id)
    return (found[0][0], bytes(found[0][1])) if found else None


def _carried(shot: Shot, grid: Warmth, columns: int, lines: int) -> Floats:
    """Return a camera's person-seconds on the plan's cells: seconds per area, times the area that a cell has there."""
    matrix = homography(shot.plan, shot.picture)
    x, y = np.meshgrid((np.arange(columns) + 0.5) / columns, (np.arange(lines) + 0.5) / lines)
    scale = matrix[2, 0] * x + matrix[2, 1] * y + matrix[2, 2]
    inside = _inside(shot.plan, x, y)
    safe = np.where(inside, scale, 1.0)
    u = (matrix[0, 0] * x + matrix[0, 1] * y + matrix[0, 2]) / safe
    v = (matrix[1, 0] * x + matrix[1, 1] * y + matrix[1, 2]) / safe
    column = np.clip((u * grid.columns).astype(int), 0, grid.columns - 1)
    row = np.clip((v * grid.rows).astype(int), 0, grid.rows - 1)
    per_picture = np.array(grid.person_s, dtype=float).reshape(grid.rows, grid.columns) * grid.columns * grid.rows
    per_plan = per_picture[row, column] * np.abs(np.linalg.det(matrix) / safe**3)
    return np.where(inside, per_plan / (columns * lines), np.nan)


def _inside(quad: Quad, x: Floats, y: Floats) -> NDArray[np.bool_]:
    turn = np.sign(_turns(quad)[0])
    sides = [
        turn * ((bx - ax) * (y - ay) - (by - ay) * (x - ax)) >= 0
        for (ax, ay), (bx, by) in zip(quad, (*quad[1:], quad[0]), strict=True)
    ]
    within: NDArray[np.bool_] = np.logical_and.reduce(sides)
    return within


def _turns(quad: Quad) -> list[float]:
    ring = (*quad, *quad[:2])
    return [
        (bx - ax) * (cy - by) - (by - ay) * (cx - bx)
        for (ax, ay), (bx, by), (cx, cy) in zip(ring, ring[1:], ring[2:], strict=False)
    ]


def _named(said: Mapping[str, Any], what: str) -> Sequence[tuple[Any, Any]]:
    found = said.get(what, {})
    if not isinstance(found, dict):
        raise ValueError(f"{what}: expected them by name")  # noqa: TRY004  # it comes from outside
    return list(found.items())


def _points(said: Any, what: str, least: int, most: int) -> tuple[Point, ...]:
    if not isinstance(said, list) or not least <= len(said) <= most:
        raise ValueError(f"{what}: expected {least} to {most} points")
    return tuple(_point(one, what) for one in said)


def _point(said: Any, what: str) -> Point:
    if not isinstance(said, list) or len(said) != 2 or not all(isinstance(one, int | float) for one in said):  # noqa: PLR2004  # x and y
        raise ValueError(f"{what}: expected points [x, y]")
    x, y = float(said[0]), float(said[1])
    if not (0 <= x <= 1 and 0 <= y <= 1):
        raise ValueError(f"{what}: expected shares from 0 to 1, got {x:g}, {y:g}")
    return x, y


def _shot(name: str, both: Any) -> Shot:
    if not isinstance(both, dict) or set(both) != {"picture", "plan"}:
        raise ValueError(f"camera {name}: expected picture and plan")
    picture, plan = (_quad(both[side], f"camera {name}, {side}") for side in ("picture", "plan"))
    if (_turns(picture)[0] > 0) != (_turns(plan)[0] > 0):
        raise ValueError(f"camera {name}: expected both sets of points to go round the same way")
    return Shot(picture, plan)


def _quad(said: Any, what: str) -> Quad:
    first, second, third, fourth = _points(said, what, 4, 4)
    quad = (first, second, third, fourth)
    turns = _turns(quad)
    if not (all(turn > _AREA_MIN for turn in turns) or all(turn < -_AREA_MIN for turn in turns)):
        raise ValueError(f"{what}: expected four corners of an area, none of them within the others")
    return quad
