"""`footfall models`: which models there are, and getting them onto this machine."""

import json
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TransferSpeedColumn
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
