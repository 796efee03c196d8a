"""`footfall models`: which models there are, getting them onto this machine, and how well they count."""

import json
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TransferSpeedColumn,
)
from rich.table import Table

from models.registry import find_spec, load_registry, locate

app = typer.Typer(no_args_is_help=True)

_Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
_Name = Annotated[str, typer.Argument(help="A name from `footfall models list`.")]
_Folder = Annotated[Path | None, typer.Option(help="Where to put it (default: ~/.cache/footfall/models).")]


@app.command("list", epilog="Example: footfall models list --json")
def list_models(*, as_json: _Json = False) -> None:
    """List the models, their licences, and which of them are on this machine."""
    rows = [
        {
            "name": spec.name,
            "task": spec.task,
            "input": list(spec.input),
            "classes": list(spec.classes),
            "licence": spec.licence,
            "backend": spec.backend,
            "url": spec.files[0].url if spec.files else None,
            "sha256": spec.files[0].sha256 if spec.files else None,
            "path": str(path) if (path := locate(spec)) else None,
            "ready": path is not None or not spec.entries,
            "note": spec.note,
        }
        for spec in load_registry().values()
    ]
    if as_json:
        typer.echo(json.dumps(rows))
        return
    table = Table("name", "licence", "runs on", "on this machine", "note")
    for row in rows:
        table.add_row(
            str(row["name"]),
            str(row["licence"]),
            str(row["backend"]),
            "yes" if row["ready"] else "no",
            str(row["note"]),
        )
    Console().print(table)


@app.command("fetch", epilog="Example: footfall models fetch yolox-nano")
def fetch_model(name: _Name, *, folder: _Folder = None, as_json: _Json = False) -> None:
    """Bring a model onto this machine from its publisher, checked against its pinned digest."""
    from models.fetch import fetch

    with _progress() as progress:
        path, downloaded = fetch(find_spec(name), folder=folder, on_progress=_Bars(progress).hear)
    _tell(name, path, "fetched" if downloaded else "already there", as_json=as_json)


@app.command("export", epilog="Example: footfall models export yolo26n --to openvino")
def export_model(
    name: _Name,
    *,
    to: Annotated[Literal["onnx", "openvino"], typer.Option(help="What to make.")] = "onnx",
    image_size: Annotated[int | None, typer.Option(help="Side of the input, in pixels.", min=32)] = None,
    folder: _Folder = None,
    as_json: _Json = False,
) -> None:
    """Export an Ultralytics checkpoint into what the agent loads (needs the `ultralytics` extra, AGPL-3.0)."""
    from models.export import export

    with _progress() as progress:
        path = export(find_spec(name), to=to, image_size=image_size, folder=folder, on_progress=_Bars(progress).hear)
    _tell(name, path, "exported", as_json=as_json)


@app.command("evaluate", epilog="Example: footfall models evaluate --clips clips --truth truth --model yolo11n --json")
def evaluate_models(
    clips: Annotated[Path, typer.Option(help="Folder of clips.")],
    truth: Annotated[Path, typer.Option(help="Folder of truth files (deploy/evaluation/truth.py shows the format).")],
    *,
    fps: Annotated[str, typer.Option(help="Frames analysed per second, with commas; `full`: all.")] = "full,10,5",
    model: Annotated[
        list[str] | None, typer.Option(help="Name or path, as everywhere. Repeatable; default: yolox-nano.")
    ] = None,
    rivals: Annotated[
        bool,
        typer.Option(help="Also run what one would pick instead; installed once, 2 GB, in ~/.cache/footfall."),
    ] = True,
    rivals_python: Annotated[
        Path | None, typer.Option(help="Interpreter that has the rivals already, instead of installing them.")
    ] = None,
    write: Annotated[Path | None, typer.Option(help="Markdown document to write the tables into.")] = None,
    as_json: _Json = False,
) -> None:
    """Count clips with our pipeline and with the rivals, and hold each crossing against hand-made truth."""
    import sys

    from deploy.evaluation import report
    from deploy.evaluation.clips import collect
    from deploy.evaluation.run import Plan, evaluate, rates_of

    plan = Plan(collect(clips, truth), tuple(model or ("yolox-nano",)), rates_of(fps), rivals, rivals_python)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        result = evaluate(plan, hear=_Stages(progress).hear)
    if write:
        report.write(write, result, f"footfall {' '.join(sys.argv[1:])}")
    if as_json:
        typer.echo(json.dumps(result))
    else:
        for table in report.tables(result):
            Console().print(table)
    for note in report.notes(result):
        typer.echo(note, err=True)


class _Stages:
    """One progress bar that changes its words."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task = progress.add_task("", total=None)

    def hear(self, what: str, done: int, total: int | None) -> None:
        """Show that `done` frames of `total` of `what` are done."""
        self._progress.update(self._task, description=what, completed=done, total=total)


class _Bars:
    """One progress bar per file."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}

    def hear(self, file: str, done: int, total: int | None) -> None:
        """Show that `done` bytes of `total` of `file` are here."""
        if file not in self._tasks:
            self._tasks[file] = self._progress.add_task(file, total=total)
        self._progress.update(self._tasks[file], completed=done, total=total)


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    return Progress(*columns, console=Console(stderr=True))


def _tell(name: str, path: Path, what: str, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"name": name, "path": str(path), "state": what}))
    else:
        typer.echo(f"{name}: {what}: {path}")
