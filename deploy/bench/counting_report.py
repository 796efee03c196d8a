"""The section of docs/accuracy.md that `footfall bench counting --write` writes, and its picture."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from deploy.bench.counting import TOOLS, Plan, row
from deploy.bench.curves import svg
from deploy.bench.document import replace_section
from deploy.bench.machine import in_words
from deploy.simulation.tracks.scenes import SCENES
from deploy.simulation.tracks.scoring import Errors

SECTION: Final = "counting"
PICTURE: Final = Path("images") / "counting-errors.svg"
_TITLE: Final = "# How well people are counted\n"
#: What a usual detector reaches on people whom nothing hides, and the usual frame rate.
_USUAL: Final = (0.95, 10.0)

Cell = Mapping[str, Any]


def write(result: Mapping[str, Any], plan: Plan, document: Path) -> None:
    """Write the section into `document` (made if it is not there) and the picture beside it."""
    picture = document.parent / PICTURE
    picture.parent.mkdir(parents=True, exist_ok=True)
    picture.write_text(curves(result["cells"]), encoding="utf-8")
    replace_section(document, SECTION, section(result, plan), title=_TITLE)


def section(result: Mapping[str, Any], plan: Plan) -> str:
    """Return the section's Markdown."""
    cells: Sequence[Cell] = result["cells"]
    recall, fps = _usual(plan)
    return f"""## On simulated people

`footfall bench counting --write docs/accuracy.md`, seed {result["seed"]}, on {in_words()}:
{result["crossings"]:,} true crossings in {plan.cells} cells.
A cell is one scene, filmed at one frame rate through a detector of one recall (the share of frames in which a person
whom nothing hides is found; most misses come in runs of 0.3 s). Boxes tremble and drift, end where somebody in front
hides the legs, are doubled, and stand where nobody is, in amounts that were measured on real clips
(`deploy/simulation/tracks/detector.py`). What counts is what a careful human auditor counts
(`deploy/simulation/tracks/truth.py`). An error is a crossing missed, one too many, or one in the wrong direction, each
matched by moment, place and direction. The scenes are made to be hard: many people walk in groups and hide one another
from a camera at 3 to 5 m.

![errors per true crossing against recall, a curve per frame rate, a panel per scene]({PICTURE.as_posix()})

Errors per true crossing by scene, recall {recall:g}, {fps:g} frames a second, with 95 % interval:

{_by_scene(cells, recall, fps)}

*One-sided line*: the same tracks, and a foot on the other side counts at once. *Once per number*: the same, and a track
counts once for ever. *Perfect tracks*: our line on tracks that are told who is who; no tracker could mend what it still
gets wrong.

Footfall's errors per true crossing over all scenes:

{_by_cell(cells, plan)}

The scenes:

{chr(10).join(f"- *{name}*: {SCENES[name].about}" for name in plan.duration_s)}
"""


def curves(cells: Sequence[Cell]) -> str:
    """Return the picture: Footfall's error rate against recall, a curve per frame rate, a panel per scene."""
    recalls, rates = _values(cells, "recall"), _values(cells, "fps")
    panels = {
        scene: {
            f"{fps:g} fps": [(cell["recall"], cell["footfall"]["rate"] or 0.0) for cell in cells
                             if (cell["scene"], cell["fps"]) == (scene, fps)]
            for fps in rates
        }
        for scene in dict.fromkeys(cell["scene"] for cell in cells)
    }  # fmt: skip
    highest = max((y for panel in panels.values() for curve in panel.values() for _, y in curve), default=0.0)
    top = next((limit for limit in (0.1, 0.2, 0.4, 0.6, 1.0) if highest <= limit), 1.0)
    ticks = [top * share / 4 for share in range(5)]
    labelled = [recalls[0], *[recall for recall in recalls[1:-1] if round(recall * 100) % 10 == 0], recalls[-1]]
    return svg(panels, x=labelled, y=ticks, x_name="detector recall, %", y_name="errors per true crossing")


def _by_scene(cells: Sequence[Cell], recall: float, fps: float) -> str:
    head = "| scene | n | Footfall | missed, extra, wrong way | one-sided line | once per number | perfect tracks |"
    lines = [head, "|---|---|---|---|---|---|---|"]
    chosen = [cell for cell in cells if (cell["recall"], cell["fps"]) == (recall, fps)]
    for cell in [*chosen, _pooled(chosen, "all")]:
        ours = cell["footfall"]
        kinds = f"{ours['missed']}, {ours['extra']}, {ours['wrong_way']}"
        others = " | ".join(_per_cent(cell[tool]) for tool in TOOLS[1:])
        lines.append(f"| {cell['scene']} | {cell['n']} | {_with_interval(ours)} | {kinds} | {others} |")
    return "\n".join(lines)


def _by_cell(cells: Sequence[Cell], plan: Plan) -> str:
    lines = [
        "| recall | " + " | ".join(f"{fps:g} fps" for fps in plan.rates_fps) + " |",
        "|---" * (len(plan.rates_fps) + 1) + "|",
    ]
    for recall in plan.recalls:
        found = [_pooled([cell for cell in cells if (cell["recall"], cell["fps"]) == (recall, fps)], "all")["footfall"]
                 for fps in plan.rates_fps]  # fmt: skip
        lines.append(f"| {recall:g} | " + " | ".join(_with_interval(one) for one in found) + " |")
    return "\n".join(lines)


def _pooled(cells: Sequence[Cell], name: str) -> Cell:
    def total(tool: str) -> Errors:
        kinds = ("missed", "extra", "wrong_way")
        return Errors(sum(cell["n"] for cell in cells), *(sum(cell[tool][kind] for cell in cells) for kind in kinds))

    return {"scene": name, "n": total("footfall").true, **{tool: row(total(tool)) for tool in TOOLS}}


def _with_interval(figures: Mapping[str, Any]) -> str:
    if figures["rate"] is None:
        return "–"
    low, high = figures["interval"]
    return f"{figures['rate']:.1%} ({low:.1%} … {high:.1%})"


def _per_cent(figures: Mapping[str, Any]) -> str:
    return "–" if figures["rate"] is None else f"{figures['rate']:.1%}"


def _values(cells: Sequence[Cell], key: str) -> list[float]:
    return sorted({cell[key] for cell in cells})


def _usual(plan: Plan) -> tuple[float, float]:
    """Return the recall and rate of the plan that are nearest to the usual ones."""
    recall, fps = _USUAL
    return (
        min(plan.recalls, key=lambda value: abs(value - recall)),
        min(plan.rates_fps, key=lambda value: abs(value - fps)),
    )
