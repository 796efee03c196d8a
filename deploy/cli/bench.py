"""`footfall bench`: what this machine can do."""

import json
from typing import Annotated, Any

import typer
from rich.console import Console

from deploy.cli.bench_counting import counting
from deploy.cli.bench_edge import edge, measure
from deploy.cli.bench_estimates import groups, reentry
from deploy.cli.bench_store import api, dashboard, forecast, ingest, measure_ingest, orders, query

app = typer.Typer(no_args_is_help=True)
app.command(epilog="Example: footfall bench counting --quick --json")(counting)
app.command(epilog="Example: footfall bench edge --clip clip.mp4 --line door=340,180,340,370 --model yolo11n --json")(
    edge
)
app.command(epilog="Example: footfall bench groups --minutes 20 --json")(groups)
app.command(epilog="Example: footfall bench reentry --trials 20 --json")(reentry)
app.command(epilog="Example: footfall bench ingest --json")(ingest)
app.command(epilog="Example: footfall bench orders --orders 100000 --json")(orders)
app.command(epilog="Example: footfall bench query --stores 50 --months 3 --json")(query)
app.command(epilog="Example: footfall bench forecast --stores 400 --json")(forecast)
app.command(epilog="Example: footfall bench api --stores 50 --months 3 --json")(api)
app.command(epilog="Example: footfall bench dashboard --stores 50 --months 3 --json")(dashboard)

_Json = Annotated[bool, typer.Option("--json", help="One JSON object.")]


@app.command(epilog="Example: footfall bench codec --json")
def codec(json_: _Json = False) -> None:
    """Measure encoding and decoding of ledger entries, beside msgspec alone and pydantic."""
    from deploy.bench import codec as bench

    _print({"codec": bench.run()}, json_=json_)


@app.command("all", epilog="Example: footfall bench all --json")
def all_(json_: _Json = False) -> None:
    """Run all of them."""
    from deploy.bench import codec as bench

    _print({"codec": bench.run(), "ingest": measure_ingest(None), "edge": _edge()}, json_=json_)


def _edge() -> dict[str, Any]:
    console = Console(stderr=True)
    return measure("1080p", None, None, 5.0, (True, False, False), console.print)


def _print(result: dict[str, Any], *, json_: bool) -> None:
    if json_:
        typer.echo(json.dumps(result))
    else:
        Console().print_json(data=result)
