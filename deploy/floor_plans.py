"""Floor plans of stores: keeping a drawing, and what an installer placed on it."""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from analytics.visits.floor_plan import Placed, json_of, placed_of
from dashboard.set_up.office import PlanDesk
from deploy.errors import FloorPlanError
from deploy.floor_images import clean
from ingest.database import Database
from ingest.sql_blocks import parse_blocks

_SQL: Final = parse_blocks(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"), "floor_plans")
#: Sides of a plain grid, in metres.
GRID_MIN, GRID_MAX = 2.0, 500.0


def keep_image(database: Database, store: str, image: bytes, *, now: datetime) -> None:
    """Keep an uploaded drawing; what was placed on an earlier one stays where it was.

    Raises:
        FloorPlanError: it is no image that can be taken, or there is no such store.
    """
    kept = clean(image)
    _keep(database, store, {"width": kept.width, "height": kept.height, "media": kept.media, "image": kept.image}, now)


def keep_grid(database: Database, store: str, width_m: float, height_m: float, *, now: datetime) -> None:
    """Keep a plain grid of so many metres instead of a drawing.

    Raises:
        FloorPlanError: no shop is of that size, or there is no such store.
    """
    if not all(GRID_MIN <= side <= GRID_MAX for side in (width_m, height_m)):
        raise FloorPlanError(
            f"grid: expected {GRID_MIN:g} to {GRID_MAX:g} m, got {width_m:g} × {height_m:g}", column="plan_grid"
        )
    _keep(database, store, {"width": width_m, "height": height_m, "media": None, "image": None}, now)


def place(database: Database, store: str, said: Any, *, now: datetime) -> None:
    """Write down what stands where on a store's plan.

    Raises:
        FloorPlanError: something cannot be placed so, the store has no such zone, line or camera, or no plan.
    """
    try:
        placed = placed_of(said)
    except ValueError as error:
        raise FloorPlanError(str(error), column="placed") from error
    with database.transaction() as cursor:
        cursor.execute(_SQL["names"], {"store": store})
        _check_names(placed, _names(cursor.fetchone(), store))
        cursor.execute(_SQL["place"], {"store": store, "placed": json.dumps(json_of(placed)), "now": now})
        if cursor.fetchone() is None:
            raise FloorPlanError(f"store {store} has no floor plan to place anything on", column="placed")


def remove(database: Database, store: str) -> None:
    """Take a store's plan away, with what was placed on it."""
    with database.transaction() as cursor:
        cursor.execute(_SQL["remove"], {"store": store})


def plan_desk(database: Database, store: str) -> PlanDesk:
    """Return a store's plan as it stands, and what could be placed on it.

    Raises:
        FloorPlanError: there is no such store.
    """
    with database.transaction() as cursor:
        cursor.execute(_SQL["names"], {"store": store})
        names = _names(cursor.fetchone(), store)
        cursor.execute(_SQL["plan"], {"store": store})
        row = cursor.fetchone()
    if row is None:
        return PlanDesk(None, None, False, "", {}, **names)
    width, height, drawn, placed, changed_at = row
    return PlanDesk(width, height, drawn, f"{changed_at.timestamp():.6f}", json_of(placed_of(placed)), **names)


def _keep(database: Database, store: str, drawing: Mapping[str, Any], now: datetime) -> None:
    with database.transaction() as cursor:
        cursor.execute(_SQL["keep"], {**drawing, "store": store, "now": now})
        if cursor.fetchone() is None:
            raise FloorPlanError(f"there is no store {store}", column="plan")


def _names(row: Any, store: str) -> dict[str, tuple[str, ...]]:
    if row is None:
        raise FloorPlanError(f"there is no store {store}", column="plan")
    return {what: tuple(found or ()) for what, found in zip(("zones", "lines", "cameras"), row[1:], strict=True)}


def _check_names(placed: Placed, known: Mapping[str, tuple[str, ...]]) -> None:
    for what, names in (("zones", placed.zones), ("lines", placed.lines), ("cameras", placed.cameras)):
        unknown = sorted(set(names) - set(known[what]))
        if unknown:
            raise FloorPlanError(f"{what}: expected {', '.join(known[what])}, got {unknown[0]}", column="placed")
