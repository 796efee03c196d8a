"""`footfall recount`: what a clip counts to, without broker or database."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

if TYPE_CHECKING:
    from edge.config import CameraConfig
    from edge.recount import Recount

app = typer.Typer()

_EXAMPLE = "Example: footfall recount clip.mp4 --line door=340,180,340,370 --model yolox-nano --json"


@app.command("recount", epilog=_EXAMPLE)
def recount_command(
    video: Annotated[str, typer.Argument(help="A video file or a folder of images.")],
    site: Annotated[Path | None, typer.Option(help="Site file (TOML) with lines, zones, model and rate.")] = None,
    camera: Annotated[str | None, typer.Option(help="Which camera of the site file; needed if it has several.")] = None,
    line: Annotated[
        list[str] | None,
        typer.Option(
            help="NAME=x1,y1,x2,y2 in pixels of the source. `in` is towards the right-hand side of someone who walks "
            "from the first point to the second. Repeatable."
        ),
    ] = None,
    zone: Annotated[list[str] | None, typer.Option(help="NAME=x,y,x,y,x,y,… corner by corner. Repeatable.")] = None,
    anchor: Annotated[
        Literal["foot", "centre"] | None,
        typer.Option(help="Which point of a person counts, for all lines and zones (default: the site's, else foot)."),
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="Name (`footfall models list`), .onnx, .xml, or OpenVINO folder.")
    ] = None,
    fps: Annotated[float | None, typer.Option(help="Frames analysed per second (default: all).", min=0.01)] = None,
    from_frame: Annotated[int, typer.Option(help="First frame, counted from 0.", min=0)] = 0,
    until_frame: Annotated[int | None, typer.Option(help="Stop before this frame.", min=1)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Count a clip with the camera's own pipeline. Reads every due frame, in order; needs no broker, no database."""
    from edge.recount_setup import camera_for

    settings = camera_for(video, site, camera, lines=line or [], zones=zone or [], anchor=anchor, model=model, fps=fps)
    result = _recounted(settings, from_frame, until_frame)
    report = result.report(video, settings.model)
    if as_json:
        typer.echo(json.dumps(report))
    else:
        _print_tables(report)


def _recounted(settings: "CameraConfig", from_frame: int, until_frame: int | None) -> "Recount":
    from edge.pipeline import build_pipeline
    from edge.recount import recount
    from edge.sources.opening import open_source

    source = open_source(settings)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    try:
        pipeline = build_pipeline(settings, frame_size=source.size)
        with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task(Path(settings.source).name, total=until_frame or source.frame_count)
            return recount(
                source,
                pipeline,
                fps=settings.fps,
                from_frame=from_frame,
                until_frame=until_frame,
                on_frame=lambda number: progress.update(task, completed=number + 1),
            )
    finally:
        source.close()


def _print_tables(report: dict[str, Any]) -> None:
    console = Console()
    console.print(f"{report['video']}: {report['frames']} frames at {report['fps']:g} per second, {report['model']}")
    lines = Table("line", "in", "out")
    for name, totals in report["lines"].items():
        lines.add_row(name, str(totals["in"]), str(totals["out"]))
    zones = Table("zone", "visits", "dwell, seconds")
    for name, zone in report["zones"].items():
        dwells = ", ".join(f"{visit['dwell_s']:.1f}" for visit in zone["visits"])
        zones.add_row(name, str(len(zone["visits"])), dwells)
    queues = Table("queue", "served", "gave up", "wait, seconds")
    for name, waits in report["queues"].items():
        ends = [wait["outcome"] for wait in waits]
        shown = ", ".join(f"{wait['wait_s']:.1f}" for wait in waits)
        queues.add_row(name, str(ends.count("served")), str(ends.count("abandoned")), shown)
    flows = Table("from", "to", "people")
    for flow in report["flows"]:
        flows.add_row(flow["from"] or "(outside)", flow["to"] or "(outside)", str(flow["people"]))
    for table in (lines, zones, queues, flows):
        if table.row_count:
            console.print(table)
    if report["heat"] is not None:
        console.print(*_heat(**report["heat"]), sep="\n", highlight=False)


def _heat(columns: int, rows: int, person_s: list[int]) -> list[str]:
    """Return the picture in shades, the warmest cell darkest."""
    warmest = max(person_s)
    shades = ["·" if not cell else "░▒▓█"[min(3, cell * 4 // warmest)] for cell in person_s]
    lines = ["".join(shades[row * columns : (row + 1) * columns]) for row in range(rows)]
    return [f"where people were: {sum(person_s)} person-seconds, at most {warmest} in one cell", *lines]
