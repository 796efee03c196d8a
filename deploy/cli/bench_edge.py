"""`footfall bench edge`: what one camera costs on this machine, beside the floor and what one could pick instead."""

import json
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

_MADE: Final = "1080p"
_RATE: Final = 5.0


def edge(
    clip: Annotated[
        str, typer.Option(help=f"Clip to work on, or `{_MADE}`: one like a camera's, made here from a clip at hand.")
    ] = _MADE,
    line: Annotated[
        list[str] | None, typer.Option(help="NAME=x1,y1,x2,y2. Repeatable. Default: down the middle.")
    ] = None,
    model: Annotated[str | None, typer.Option(help="Name or path; default: yolo11n if it is here.")] = None,
    fps: Annotated[float, typer.Option(help="Frames analysed per second; 0: all.", min=0)] = _RATE,
    gate: Annotated[bool, typer.Option("--gate/--no-gate", help="Rest the detector where nothing moves.")] = True,
    whole_frame: Annotated[bool, typer.Option("--whole-frame", help="Look at the whole picture always.")] = False,
    rivals: Annotated[bool, typer.Option("--rivals/--no-rivals", help="Run what one could pick instead.")] = True,
    json_: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Measure one camera: processor time and memory of Footfall, of the floor, and of two rivals.

    Each runs in a process of its own. The rivals get environments of their own the first time, which takes minutes.
    """
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("starting")
        result = measure(clip, line, model, fps, (gate, whole_frame, rivals), lambda text: _say(progress, task, text))
    if json_:
        typer.echo(json.dumps(result))
    else:
        _print_table(result)


def measure(
    clip: str,
    line: list[str] | None,
    model: str | None,
    fps: float,
    switches: tuple[bool, bool, bool],
    say: Any,
) -> dict[str, Any]:
    """Return what `deploy.bench.edge` measures, and what the clip was made from if it was made."""
    from deploy.bench import edge as bench
    from deploy.bench.camera_clip import camera_clip
    from deploy.demo.assets import choose_clip
    from models.registry import cache_folder, find_spec, locate

    path, origin = Path(clip), None
    if clip == _MADE:
        origin = choose_clip(say).path
        say("making a clip like a camera's")
        path = camera_clip(origin, cache_folder().parent / "bench")
    chosen = model or ("yolo11n" if locate(find_spec("yolo11n")) else "yolox-nano")
    gate, whole_frame, rivals = switches
    wanted = bench.Wanted(path, tuple(line or ()), chosen, fps or None, gate, whole_frame, rivals)
    return {"made_from": origin.name if origin else None, **bench.run(wanted, say=say)}


def _say(progress: Progress, task: Any, text: str) -> None:
    progress.update(task, description=text)
    if not progress.console.is_terminal:
        # Nothing is drawn into a file: whoever waits reads a line per step.
        typer.echo(text, err=True)


def _print_table(result: dict[str, Any]) -> None:
    console = Console()
    size = "x".join(map(str, result["size"]))
    console.print(
        f"{result['clip']}: {size} at {result['clip_fps']:g} fps, {result['fps']:g} analysed, {result['model']}"
    )
    table = Table("", "ms of processor a frame", "share of a core", "peak MB", "crossings")
    rate = result["fps"]
    table.add_row("floor: decoding + bare network", _ms(result["floor_core_share"] / rate),
                  f"{result['floor_core_share']:.1%}", "", "")  # fmt: skip
    table.add_row("footfall, all frames as a whole", _ms(result["plain"]["cpu_s_per_frame"]),
                  f"{result['plain']['core_share']:.1%}", "", "")  # fmt: skip
    table.add_row("footfall", _ms(result["cpu_s_per_frame"]), f"{result['core_share']:.1%}", f"{result['rss_mb']:.0f}",
                  str(result["crossings"]))  # fmt: skip
    for name, rival in result["rivals"].items():
        if rival and rival["cpu_s_per_frame"] is not None:
            spent = rival["cpu_s_per_frame"]
            table.add_row(name, _ms(spent), f"{spent * rate:.1%}", f"{rival['rss_mb']:.0f}", str(rival["crossings"]))
        elif rival:
            table.add_row(name, rival["reason"], "", "", "")
    console.print(table)
    console.print(f"overhead over the floor {result['overhead']:.0%}; levers {result['levers']}")


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f}"
