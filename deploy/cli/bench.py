"""`footfall bench`: what this machine can do."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from deploy.cli.bench_counting import counting
from deploy.cli.bench_estimates import groups, reentry

app = typer.Typer(no_args_is_help=True)
app.command(epilog="Example: footfall bench counting --quick --json")(counting)
app.command(epilog="Example: footfall bench groups --minutes 20 --json")(groups)
app.command(epilog="Example: footfall bench reentry --trials 20 --json")(reentry)

_Json = Annotated[bool, typer.Option("--json", help="One JSON object.")]


@app.command(epilog="Example: footfall bench codec --json")
def codec(json_: _Json = False) -> None:
    """Measure encoding and decoding of ledger entries, beside msgspec alone and pydantic."""
    from deploy.bench import codec as bench

    _print({"codec": bench.run()}, json_=json_)


@app.command(epilog="Example: footfall bench ingest")
def ingest(json_: _Json = False) -> None:
    """Measure rows a second into a throw-away PostgreSQL, beside plain COPY and one INSERT a row."""
    _print({"ingest": _ingest()}, json_=json_)


@app.command(epilog="Example: footfall bench edge --video clip.mp4 --model yolox-nano")
def edge(
    video: Annotated[Path | None, typer.Option(help="Clip to work on; default: the demo's.")] = None,
    model: Annotated[list[str] | None, typer.Option(help="Only these models; default: all that are here.")] = None,
    json_: _Json = False,
) -> None:
    """Measure what one camera costs: decoding, detection, the whole pipeline."""
    _print({"edge": _edge(video, model)}, json_=json_)


@app.command("all", epilog="Example: footfall bench all --json")
def all_(json_: _Json = False) -> None:
    """Run all of them."""
    from deploy.bench import codec as bench

    _print({"codec": bench.run(), "ingest": _ingest(), "edge": _edge(None, None)}, json_=json_)


def _ingest() -> dict[str, Any]:
    import tempfile

    from deploy.bench import ingest as bench
    from deploy.migrate import migrate
    from deploy.postgres import EmbeddedPostgres
    from deploy.process import Process

    with tempfile.TemporaryDirectory(prefix="footfall-bench-") as folder:
        Path(folder).chmod(0o755)  # PostgreSQL may run as another user than this one
        postgres = EmbeddedPostgres(Path(folder) / "postgres")
        process = Process(postgres.service())
        try:
            process.start()
            migrate(postgres.url())
            return bench.run(postgres.url())
        finally:
            process.stop()


def _edge(video: Path | None, models: list[str] | None) -> dict[str, Any]:
    from deploy.bench import edge as bench
    from deploy.demo.assets import choose_clip

    console = Console(stderr=True)
    clip = video or choose_clip(console.print).path
    return bench.run(clip, models=models, heard=lambda name: console.print(f"measuring {name}"))


def _print(result: dict[str, Any], *, json_: bool) -> None:
    if json_:
        typer.echo(json.dumps(result))
    else:
        Console().print_json(data=result)
