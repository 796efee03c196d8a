"""Where visitors of a made-up shop go and stand: rows as a device's sums would make them."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import numpy as np


def movement_rows(
    store_id: int, shop_zones: Mapping[str, int], camera: int, rng: np.random.Generator, begun_at: Iterable[datetime]
) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """Return rows of `flow` and of `heat` for each quarter-hour in which visits began."""
    zones: dict[str | None, int | None] = {None: None}
    zones.update(shop_zones)
    ways: dict[tuple[str | None, str | None], float] = {
        (None, "new-in"): 0.4,
        (None, "fitting"): 0.15,
        ("new-in", "fitting"): 0.12,
        ("fitting", "till"): 0.1,
        ("new-in", "till"): 0.08,
        ("till", None): 0.2,
        ("new-in", None): 0.2,
        ("fitting", None): 0.004,
    }
    row, column = np.mgrid[0:18, 0:32]
    spots = ((13, 7, 9, 1.0), (6, 22, 14, 0.6), (15, 25, 5, 0.8))
    shape = sum(heat * np.exp(-((row - y) ** 2 + (column - x) ** 2) / wide) for y, x, wide, heat in spots)
    begun: dict[datetime, int] = {}
    for at in begun_at:
        quarter = at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0)
        begun[quarter] = begun.get(quarter, 0) + 1
    flows: list[tuple[Any, ...]] = []
    grids: list[tuple[Any, ...]] = []
    for quarter, people in begun.items():
        flows += [(quarter, store_id, zones[start], zones[end], int(rng.poisson(people * share)))
                  for (start, end), share in ways.items()]  # fmt: skip
        cells = rng.poisson(shape * people * 0.8).ravel().tolist()
        grids.append((quarter, store_id, camera, 32, 18, "{" + ",".join(map(str, cells)) + "}"))
    return [row for row in flows if row[-1]], grids
