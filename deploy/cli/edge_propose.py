"""`footfall edge propose`: entrance lines from where people are seen to come and go."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from deploy.cli.words import count_of

if TYPE_CHECKING:
    from edge.config import CameraConfig
    from edge.proposing.comparing import Comparison
    from edge.proposing.lines import Proposal
    from edge.proposing.observing import Observed

_VERDICTS = {
    "agrees": "lies where {proposal} does, the same way round",
    "other_way_round": "lies where {proposal} does, but its `in` points the other way: swap its points",
    "differs": "lies where {proposal} does, but is turned by {degrees} degrees",
    "elsewhere": "no proposed line is near it",
}


def propose(
    source: Annotated[str, typer.Argument(help="rtsp://…, http://…, usb:0, a folder of images or a video file.")],
    minutes: Annotated[float, typer.Option(min=0.1, max=1_440, help="How long to watch.")] = 60.0,
    model: Annotated[
        str | None, typer.Option(help="Name (`footfall models list`) or path; default: the site's.")
    ] = None,
    fps: Annotated[float | None, typer.Option(min=1, max=60, help="Frames analysed per second.")] = None,
    site: Annotated[
        Path | None, typer.Option(help="A site file: its lines are compared with the proposed ones.")
    ] = None,
    camera: Annotated[str | None, typer.Option(help="Which camera of the site file; needed if it has several.")] = None,
    json_: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    svg: Annotated[Path | None, typer.Option(help="Draw lines over a heat of paths; no pixel of the camera.")] = None,
) -> None:
    """Watch people come and go, and propose entrance lines: just inside each door, `in` leading away from it.

    Keeps sums in memory and writes nothing but the lines. Exit 2 where nobody was seen, or nowhere people come and go.
    """
    from edge.errors import NobodySeenError
    from edge.proposing.comparing import compare
    from edge.proposing.drawing import draw
    from edge.proposing.lines import propose as proposed_lines
    from edge.proposing.watching import watched_camera
    from edge.recount_setup import camera_of

    own = camera_of(site, camera) if site else None
    observed = _watched(watched_camera(source, own, model=model, fps=fps), minutes * 60)
    proposals = proposed_lines(observed)
    comparisons = compare(own, proposals) if own else []
    if svg is not None:
        svg.write_text(draw(observed, proposals, own.lines if own else ()), encoding="utf-8")
    if not proposals:
        raise NobodySeenError(
            f"{_seen(observed)}, and nowhere did three people come or go the same way. Watch for longer, or where the "
            "door is in the picture"
        )
    if json_:
        typer.echo(json.dumps(_plain(observed, proposals, comparisons)))
    else:
        _print(observed, proposals, comparisons)


def _seen(observed: "Observed") -> str:
    """Return how many people were seen in what time."""
    minutes = observed.seconds / 60
    time = f"{minutes:.1f} minutes" if minutes >= 1 else count_of(round(observed.seconds), "second")
    people = observed.walked.total
    return f"{count_of(people, 'person', 'people')} {'was' if people == 1 else 'were'} seen in {time}"


def _watched(settings: "CameraConfig", seconds: float) -> "Observed":
    from edge.detection.opening import open_detector
    from edge.proposing.watching import watch
    from edge.sources.opening import open_source
    from edge.tracking.bytetrack import ByteTrack

    source = open_source(settings)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    try:
        detector = open_detector(settings.model, confidence=settings.confidence, threads=settings.threads)
        if source.frame_count and source.fps:
            seconds = min(seconds, source.frame_count / source.fps)
        with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task("watching", total=seconds)

            def _told(done_s: float, people: int) -> None:
                progress.update(task, completed=done_s, description=f"watching: {people} people")

            return watch(source, detector, ByteTrack(detector.confidence), seconds=seconds, on_frame=_told)
    finally:
        source.close()


def _plain(observed: "Observed", proposals: "list[Proposal]", comparisons: "list[Comparison]") -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "size": observed.size,
        "minutes": round(observed.seconds / 60, 2),
        "people": observed.walked.total,
        "proposals": [
            {
                "name": one.line.name,
                "points": one.line.points,
                "anchor": one.line.anchor or "foot",
                "in": one.came_in,
                "out": one.went_out,
                "person_px": round(one.height),
                "at_edge": one.at_edge,
                "findings": [
                    {"code": each.code, "severity": each.severity, "message": each.message, "advice": each.advice}
                    for each in one.problems
                ],
            }
            for one in proposals
        ],
        "site": [asdict(one) for one in comparisons],
    }


def _print(observed: "Observed", proposals: "list[Proposal]", comparisons: "list[Comparison]") -> None:
    typer.echo(f"# {_seen(observed)}, {count_of(len(proposals), 'door')}.")
    typer.echo("# `in` leads away from where people appear. Keep the lines at the store's doors, with their names.")
    for one in proposals:
        (x0, y0), (x1, y1) = one.line.points
        typer.echo(f"\n# seen: {one.came_in} in, {one.went_out} out, about {one.height:.0f} px tall")
        if not one.at_edge:
            typer.echo("# in the middle of the picture: keep it only if a door is there, not a shelf that hides people")
        for problem in one.problems:
            typer.echo(f"# {problem.severity}: {problem.message}. {problem.advice}")
        typer.echo(f'[[cameras.lines]]\nname = "{one.line.name}"\nrole = "{one.line.role}"')
        if one.line.anchor:
            typer.echo(f'anchor = "{one.line.anchor}"     # the lower edge of the picture hides the feet there')
        typer.echo(f"points = [[{x0:g}, {y0:g}], [{x1:g}, {y1:g}]]")
    if comparisons:
        typer.echo("")
    for comparison in comparisons:
        said = _VERDICTS[comparison.verdict].format(proposal=comparison.proposal, degrees=comparison.degrees)
        typer.echo(f"# site line {comparison.line}: {said}")
