"""`python -m tests.chaos`: kill, cut, stall and fill for a while, then prove that nothing was lost and nothing doubled.

Example: python -m tests.chaos --cycles 20 --seed 7

Compared is what the box promised, what it kept and what arrived, and the counts with those of an undisturbed run:
tests/chaos/reckoning.py says what exactly. Exit code 1 where anything differs; then the seed, what was done and the
place of all logs are printed, and everything is kept.
"""

import json
import logging
import random
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tests.chaos.ending import end, walk_again
from tests.chaos.faults import KINDS
from tests.chaos.reckoning import Reckoning, reckon
from tests.chaos.run import Chaos, Cycle
from tests.chaos.stage import Stage, running_stage

app = typer.Typer(add_completion=False)


@app.command(epilog="Example: python -m tests.chaos --cycles 20 --seed 7 --only kill-box --only disk")
def chaos(  # noqa: PLR0917  # a command's options are its parameters
    cycles: Annotated[int, typer.Option(min=1, help="How many times something goes wrong.")] = 200,
    seed: Annotated[int | None, typer.Option(help="What is drawn from; by default another one each time.")] = None,
    minutes: Annotated[float | None, typer.Option(min=0.1, help="Begin no cycle after so long.")] = None,
    only: Annotated[
        list[str] | None, typer.Option(help=f"Only this kind; may be repeated: {', '.join(KINDS)}.")
    ] = None,
    json_: Annotated[bool, typer.Option("--json", help="End with one line of JSON.")] = False,
    keep: Annotated[bool, typer.Option(help="Keep databases, outbox and logs of a run that went well, too.")] = False,
) -> None:
    """Kill, cut, stall and fill, and then prove that nothing was lost and nothing doubled."""
    unknown = sorted(set(only or []) - set(KINDS))
    if unknown:
        raise typer.BadParameter(f"expected {', '.join(KINDS)}, got {', '.join(unknown)}", param_hint="--only")
    seed = random.randrange(10**6) if seed is None else seed  # noqa: S311  # a schedule, no secret
    folder = Path(tempfile.mkdtemp(prefix="footfall-chaos-"))
    logging.basicConfig(filename=folder / "run.log", level="INFO")
    console = Console(stderr=True)
    # A run that is stopped from outside ends its children, too. Started in the background, it ignores Ctrl-C's signal.
    signal.signal(signal.SIGTERM, _interrupted)
    made: list[Chaos] = []
    began_s = time.monotonic()
    try:
        with running_stage(folder) as stage:
            run = Chaos(stage, random.Random(seed), _kinds(stage, only, console))  # noqa: S311  # as above
            made.append(run)
            _run(run, cycles, None if minutes is None else began_s + 60 * minutes, console)
            console.print("all is mended: the processions end, and the same people walk past an undisturbed box")
            last = end(stage)
            walk_again(stage, last)
            found = reckon(stage)
    except BaseException as error:
        _post_mortem(console, seed, made, folder)
        if isinstance(error, Exception):
            console.print(f"[red]{type(error).__name__}: {error}", highlight=False)
            sys.exit(1)
        raise
    report = _report(found, made[0], seed, time.monotonic() - began_s)
    _tell(found, console)
    if found.faults:
        _post_mortem(console, seed, made, folder)
    elif keep:
        console.print(f"kept: {folder}", soft_wrap=True)
    else:
        shutil.rmtree(folder, ignore_errors=True)
    if json_:
        typer.echo(json.dumps(report))
    if found.faults:
        sys.exit(1)


def _kinds(stage: Stage, only: list[str] | None, console: Console) -> tuple[str, ...]:
    kinds = tuple(only or KINDS)
    if "disk" in kinds and stage.disk is None:
        if kinds == ("disk",):
            raise typer.BadParameter(stage.why_no_disk, param_hint="--only disk")
        console.print(f"no cycle fills the disk: {stage.why_no_disk}")
        kinds = tuple(kind for kind in kinds if kind != "disk")
    return kinds


def _run(run: Chaos, cycles: int, until_s: float | None, console: Console) -> None:
    if not console.is_terminal:
        run.run(cycles, until_s=until_s, tell=lambda cycle: _line(console, cycle, cycles))
        return
    columns = (
        TextColumn("chaos"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("", total=cycles)
        run.run(cycles, until_s=until_s, tell=lambda cycle: progress.update(task, advance=1, description=str(cycle)))


def _line(console: Console, cycle: Cycle, cycles: int) -> None:
    console.print(f"{cycle.number}/{cycles} {cycle}", soft_wrap=True, highlight=False)


def _report(found: Reckoning, run: Chaos, seed: int, seconds: float) -> dict[str, object]:
    return {
        "cycles": len(run.cycles),
        "entries": found.entries,
        "lost": found.lost,
        "doubled": found.doubled,
        "counts_equal": found.counts_equal,
        "verified": found.verified,
        "people": found.people,
        "silent_s": round(found.silent_s, 1),
        "box_ended_by_itself": run.stage.box_ended,
        "faults": dict(sorted(run.counts.items())),
        "seed": seed,
        "seconds": round(seconds, 1),
    }


def _tell(found: Reckoning, console: Console) -> None:
    for fault in found.faults:
        console.print(f"[red]✗[/] {fault}", highlight=False)
    if not found.faults:
        console.print(
            f"[green]✓[/] {found.entries} entries: 0 lost, 0 doubled; {found.people} people counted as undisturbed; "
            "footfall verify finds nothing",
            highlight=False,
        )


def _post_mortem(console: Console, seed: int, made: list[Chaos], folder: Path) -> None:
    for run in made:
        for cycle in run.cycles:
            console.print(f"{cycle.number}: {cycle}", highlight=False, soft_wrap=True)
        if run.doing:
            console.print(f"{len(run.cycles) + 1}: {' + '.join(run.doing)}", highlight=False, soft_wrap=True)
    console.print(f"seed {seed}; logs, outbox, journal and databases: {folder}", highlight=False, soft_wrap=True)


def _interrupted(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    app()
