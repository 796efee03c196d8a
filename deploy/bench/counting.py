"""How often counting errs: simulated people, true to the moment, against detector recall and frame rate.

Each cell is one scene filmed at one frame rate by a detector of one recall; the people are the same in all cells of a
scene. Beside the product's tracker and line run, on the same boxes:

    one_sided       the same tracks, a line without our rules: a foot on the other side is a crossing
    once_per_id     the same, and each number counts once and never again
    perfect_tracks  our line on tracks that cannot err: the share of the errors that no tracker could mend
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from analytics.statistics.intervals import poisson_ratio, wilson
from deploy.bench.machine import machine
from deploy.bench.naive_counters import OneSidedLine
from deploy.bench.oracle_tracker import oracle_tracks
from deploy.simulation.tracks.detector import Faults
from deploy.simulation.tracks.film import Film, film
from deploy.simulation.tracks.scenes import Scene, draw_scene
from deploy.simulation.tracks.scoring import CountedCrossing, Errors, score
from deploy.simulation.tracks.truth import TrueCrossing, crossings
from edge.counting.lines import LineCounter
from edge.counting.protocol import Counted, Counter
from edge.events import LineCrossed
from edge.geometry import Segment
from edge.tracking.bytetrack import ByteTrack
from edge.tracking.protocol import Tracks

#: From which score a box may start a person: what YOLOX-nano and YOLO11n are run with.
CONFIDENCE: Final = 0.4
TOOLS: Final = ("footfall", "one_sided", "once_per_id", "perfect_tracks")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to run.

    Attributes:
        duration_s: film time per scene.
        recalls: the detector's, 0 … 1.
        rates_fps: frames a second.
        seed: of people and faults.
    """

    duration_s: dict[str, float]
    recalls: tuple[float, ...] = (0.5, 0.7, 0.8, 0.9, 0.95, 1.0)
    rates_fps: tuple[float, ...] = (3.0, 5.0, 10.0, 15.0, 30.0)
    seed: int = 1

    @property
    def cells(self) -> int:
        """How many cells."""
        return len(self.duration_s) * len(self.recalls) * len(self.rates_fps)


FULL: Final = Plan(
    duration_s={"sparse door": 1500, "busy door": 300, "edge door": 750, "crossroads": 400, "loiterers": 750}
)
QUICK: Final = Plan(
    duration_s={"sparse door": 240, "busy door": 60, "edge door": 120, "crossroads": 60, "loiterers": 120},
    recalls=(0.7, 0.95),
    rates_fps=(5.0, 10.0),
)


def run(plan: Plan, *, heard: Callable[[str], None] = lambda _cell: None) -> dict[str, Any]:
    """Return, per cell and tool, misses, extras and wrong directions per true crossing; `heard` before each cell."""
    cells: list[dict[str, Any]] = []
    for name, duration_s in plan.duration_s.items():
        scene = draw_scene(name, seed=plan.seed, duration_s=duration_s)
        truth = crossings(scene)
        for recall in plan.recalls:
            for fps in plan.rates_fps:
                heard(f"{name}, recall {recall:g}, {fps:g} fps")
                errors = measure(scene, truth, fps=fps, faults=Faults(recall=recall), seed=plan.seed)
                rows = {tool: row(errors[tool]) for tool in TOOLS}
                cells.append({"scene": name, "recall": recall, "fps": fps, "n": errors["footfall"].true, **rows})
    return {
        "unit": "errors (missed + extra + wrong way) per true crossing",
        "crossings": sum(cell["n"] for cell in cells),
        "seed": plan.seed,
        "cells": cells,
        "machine": machine(),
    }


def measure(
    scene: Scene, truth: Sequence[TrueCrossing], *, fps: float, faults: Faults, seed: int, tools: Sequence[str] = TOOLS
) -> dict[str, Errors]:
    """Return each tool's errors on `scene`, filmed at `fps` by a detector with `faults`."""
    seen = film(scene, fps=fps, faults=faults, seed=seed)
    view, line = scene.model.view, scene.model.line
    segment = Segment(view.spot(line.a), view.spot(line.b))
    counters: dict[str, Counter] = {
        "footfall": LineCounter("line", segment, "foot"),
        "one_sided": OneSidedLine("line", segment, "foot"),
        "once_per_id": OneSidedLine("line", segment, "foot", once=True),
    }
    counted = _counted(seen, followed(seen), {tool: counters[tool] for tool in tools if tool in counters})
    if "perfect_tracks" in tools:
        perfect: dict[str, Counter] = {"perfect_tracks": LineCounter("line", segment, "foot")}
        counted |= _counted(seen, oracle_tracks(seen, confidence=CONFIDENCE), perfect)
    return {tool: score(scene, truth, found) for tool, found in counted.items()}


def followed(seen: Film) -> Iterator[Tracks]:
    """Yield what the product's tracker makes of each frame."""
    tracker = ByteTrack(CONFIDENCE)
    for _, time_s, found in seen:
        yield tracker.update(found, time_s)


def row(errors: Errors) -> dict[str, Any]:
    """Return the errors as figures: counts, their rate per true crossing, and its 95 % interval."""
    n, wrong = errors.true, errors.total
    low, high = (None, None) if not n else wilson(wrong, n) if wrong <= n else poisson_ratio(wrong, n)
    return {
        "missed": errors.missed,
        "extra": errors.extra,
        "wrong_way": errors.wrong_way,
        "rate": round(wrong / n, 5) if n else None,
        "interval": None if low is None or high is None else [round(low, 5), round(high, 5)],
    }


def _counted(seen: Film, tracks: Iterable[Tracks], counters: dict[str, Counter]) -> dict[str, list[CountedCrossing]]:
    found: dict[str, list[CountedCrossing]] = {tool: [] for tool in counters}
    for frame, people in enumerate(tracks):
        for tool, counter in counters.items():
            found[tool] += _bare(counter.update(people, frame, frame / seen.fps))
    for tool, counter in counters.items():
        found[tool] += _bare(counter.cut(seen.frames / seen.fps))
    return found


def _bare(counted: Sequence[Counted]) -> list[CountedCrossing]:
    return [
        CountedCrossing(one.event.at_s, one.event.direction, one.point)
        for one in counted
        if isinstance(one.event, LineCrossed)
    ]
