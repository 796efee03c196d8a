"""The ratchet of counting on simulated people: errors per scene, recall and frame rate, at a fixed seed.

`python -m tests.support.track_ratchet` measures anew and writes `tests/golden/tracks.json`, unless there are more
errors in all than before; then it says where, and `--even-so` writes them nonetheless (a harder simulation is a reason,
a worse counter is none).
"""

import json
import sys
from pathlib import Path
from typing import Any

from deploy.bench.counting import Plan, measure
from deploy.simulation.tracks.detector import Faults
from deploy.simulation.tracks.scenes import draw_scene
from deploy.simulation.tracks.truth import crossings

FILE = Path(__file__).resolve().parents[1] / "golden" / "tracks.json"
PLAN = Plan(
    duration_s={"sparse door": 400, "busy door": 100, "edge door": 240, "crossroads": 100, "loiterers": 200},
    recalls=(0.7, 0.95),
    rates_fps=(5.0, 10.0),
    seed=2026,
)
_ABOUT = (
    "Errors (missed + extra + wrong way) of n true crossings on simulated people, by scene, recall and frames per "
    "second. A ratchet: none may get worse. Written by: python -m tests.support.track_ratchet"
)


def measured(scene: str) -> dict[str, dict[str, int]]:
    """Return, for each cell of the scene, what is wrong today."""
    drawn = draw_scene(scene, seed=PLAN.seed, duration_s=PLAN.duration_s[scene])
    truth = crossings(drawn)
    found: dict[str, dict[str, int]] = {}
    for recall in PLAN.recalls:
        for fps in PLAN.rates_fps:
            errors = measure(drawn, truth, fps=fps, faults=Faults(recall=recall), seed=PLAN.seed, tools=("footfall",))[
                "footfall"
            ]
            found[f"{scene}, recall {recall:g}, {fps:g} fps"] = {"n": errors.true, "errors": errors.total}
    return found


def known() -> dict[str, dict[str, int]]:
    """Return what was wrong when the file was written."""
    cells: dict[str, dict[str, int]] = json.loads(FILE.read_text(encoding="utf-8"))["cells"]
    return cells


def main() -> None:
    """Write the file."""
    now: dict[str, Any] = {}
    for scene in PLAN.duration_s:
        now |= measured(scene)
    before = known() if FILE.exists() else {}
    total, allowed = (sum(cell["errors"] for cell in cells.values()) for cells in (now, before))
    for name, cell in now.items():
        was = before.get(name, cell)["errors"]
        if was != cell["errors"]:
            sys.stdout.write(f"{name}: {was} → {cell['errors']} of {cell['n']}\n")
    sys.stdout.write(f"in all: {allowed} → {total} errors\n")
    if before and total > allowed and "--even-so" not in sys.argv[1:]:
        sys.exit("worse than before: not written (--even-so writes it nonetheless)")
    text = json.dumps({"about": _ABOUT, "cells": now}, indent=2)
    FILE.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
