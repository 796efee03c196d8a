"""`python -m tests.soak`: a box for days of its cameras' time within the hour; nothing it holds may grow.

Example: python -m tests.soak --minutes 15 --speed 96

Judged, after a warm-up: memory (< 1 MB a camera-hour), threads and open handles of box and ingest, rows in the outbox,
and that everything counted has arrived. Exit code 1 where something grows; then logs and databases are kept.
"""

import json
import logging
import shutil
import signal
import sys
import tempfile
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from tests.soak.run import Soak, faults_of, finish, running_soak

app = typer.Typer(add_completion=False)
#: Looks between two lines where no progress can be drawn.
_LOOKS_PER_LINE = 15


@app.command(epilog="Example: python -m tests.soak --minutes 15 --speed 96")
def soak(
    minutes: Annotated[float, typer.Option(min=0.5, help="How long.")] = 60.0,
    speed: Annotated[float, typer.Option(min=1, help="How many times too fast the box's clock runs.")] = 48.0,
    json_: Annotated[bool, typer.Option("--json", help="End with one line of JSON.")] = False,
) -> None:
    """Let a box count for days of its cameras' time, and look whether anything that it holds grows."""
    folder = Path(tempfile.mkdtemp(prefix="footfall-soak-"))
    logging.basicConfig(filename=folder / "run.log", level="INFO")
    console = Console(stderr=True)
    # A run that is stopped from outside ends its children, too. Started in the background, it ignores Ctrl-C's signal.
    signal.signal(signal.SIGTERM, _interrupted)
    try:
        with running_soak(folder, minutes=minutes, speed=speed) as running:
            _watch(running, minutes, console)
            report = finish(running)
    except BaseException:
        console.print(f"logs, outbox and database: {folder}", soft_wrap=True)
        raise
    faults = faults_of(report)
    for fault in faults:
        console.print(f"[red]✗[/] {fault}", highlight=False)
    if not faults:
        console.print(
            f"[green]✓[/] {report['camera_hours']} camera-hours: nothing grows, {report['entries']} entries arrived",
            highlight=False,
        )
    if json_:
        typer.echo(json.dumps(report))
    if faults:
        console.print(f"logs, outbox and database: {folder}", soft_wrap=True)
        sys.exit(1)
    shutil.rmtree(folder, ignore_errors=True)


def _watch(running: Soak, minutes: float, console: Console) -> None:
    if not console.is_terminal:
        running.watch(minutes, lambda soak: _line(soak, console))
        return
    with Progress(console=console) as progress:
        task = progress.add_task("soak", total=60 * minutes)
        running.watch(minutes, lambda soak: progress.update(task, advance=2, description=_said(soak)))


def _line(soak: Soak, console: Console) -> None:
    if len(soak.kept) % _LOOKS_PER_LINE == 1:
        console.print(_said(soak), soft_wrap=True, highlight=False)


def _said(soak: Soak) -> str:
    box, ingest = soak.seen["box"][-1], soak.seen["ingest"][-1]
    return (
        f"{box.camera_hours:.1f} camera-hours, {soak.last['last_seq']} entries, {soak.kept[-1]} in the outbox; "
        f"box {box.rss_mb:.1f} MB, {box.threads} threads, {box.handles} handles; "
        f"ingest {ingest.rss_mb:.1f} MB, {ingest.threads} threads, {ingest.handles} handles"
    )


def _interrupted(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    app()
