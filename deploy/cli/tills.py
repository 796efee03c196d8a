"""`footfall tills`: tills that are asked, or that tell by themselves."""

import json
import signal
import threading
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from analytics.clock import utc_now
from deploy.cli.connection import database
from deploy.cli.words import count_of
from deploy.home import default_folder

if TYPE_CHECKING:
    from ingest.tills.keeping import Kept

app = typer.Typer(no_args_is_help=True)

FileOf = Annotated[
    Path | None,
    typer.Option(
        "--file", envvar="FOOTFALL_TILLS_FILE", help="The file of tills; default: tills.toml in FOOTFALL_HOME."
    ),
]
_SHOWN = 3


@app.command(epilog="Example: footfall tills run --file tills.toml")
def run(file: FileOf = None) -> None:
    """Ask the tills until SIGTERM or Ctrl-C; needs FOOTFALL_DATABASE_URL and FOOTFALL_HASH_SECRET."""
    from deploy.metrics.exposition import expose, wanted
    from ingest.settings import OrdersSettings, load
    from ingest.tills.metrics import TillMetrics
    from ingest.tills.serving import open_rounds, serve

    rounds = open_rounds(_file(file), load(OrdersSettings), now=utc_now)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    metrics = TillMetrics()
    if shown := wanted():
        expose("tills", metrics.registry, shown)
    serve(rounds, stopping, metrics)


@app.command(epilog="Example: footfall tills check tills.toml --ask")
def check(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The file of tills.")],
    ask: Annotated[
        bool, typer.Option("--ask", help="Ask each till for today's orders and show the first as understood.")
    ] = False,
    json_: Annotated[bool, typer.Option("--json", help="One JSON array.")] = False,
) -> None:
    """Check a file of tills, and with --ask the tills in it; nothing is stored. Exit code 1 if one does not."""
    from ingest.tills.checking import checked

    found = [checked(each, file, ask=ask, many=_SHOWN, now=utc_now()) for each in _tills(file)]
    if json_:
        typer.echo(json.dumps(found, default=str))
    else:
        for each in found:
            typer.echo(f"{each['till']} ({each['kind']}): {each['verdict']}")
            for order in each["orders"]:
                typer.echo(f"  {order['kind']} {order['external_id']} at {order['closed_at']}: net {order['net']} "
                           f"{order['currency']}, {count_of(order['units'], 'unit')}, {order['store']}")  # fmt: skip
    if any(not each["ok"] for each in found):
        raise typer.Exit(1)


@app.command(epilog="Example: footfall tills reconcile square --days 7")
def reconcile(
    name: Annotated[str, typer.Argument(help="The till's name.")],
    days: Annotated[int, typer.Option(min=1, max=400, help="How many days back.")] = 3,
    file: FileOf = None,
    json_: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Read a till's last days again as a whole, now: what was missed comes in, what is here already changes nothing."""
    from ingest.errors import TillsFileError
    from ingest.settings import OrdersSettings, load
    from ingest.tills.asking import TillAsker
    from ingest.tills.serving import open_rounds

    found = open_rounds(_file(file), load(OrdersSettings), now=utc_now, only=name)
    if not found or not isinstance(found[0], TillAsker):
        raise TillsFileError(f"{_file(file)}: no till that is asked is called {name!r}")
    with Console(stderr=True).status(f"reading {count_of(days, 'day')} of {name}"):
        kept = found[0].reconcile(days)
    typer.echo(
        json.dumps(_counts(kept)) if json_ else ", ".join(f"{many} {what}" for what, many in _counts(kept).items())
    )


@app.command("list", epilog="Example: footfall tills list --json")
def list_(json_: Annotated[bool, typer.Option("--json", help="One JSON array.")] = False) -> None:
    """Say how each till is doing: when it last answered, what waits to be fetched, what was refused."""
    from dataclasses import asdict

    from ingest.tills.register import reports

    with database() as opened:
        found = reports(opened)
    if json_:
        typer.echo(json.dumps([asdict(each) for each in found], default=str))
        return
    table = Table("till", "kind", "answered", "told us", "waiting", "refused", "orders", "failure", box=None)
    for each in found:
        table.add_row(
            each.till, each.kind, _moment(each.answered_at), _moment(each.notified_at), str(each.waiting),
            str(each.refused), str(each.orders), each.failure or "",
        )  # fmt: skip
    Console().print(table)


@app.command(epilog="Example: footfall tills refused square --json")
def refused(
    name: Annotated[str | None, typer.Argument(help="The till's name; default: all.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many, the newest first.")] = 50,
    json_: Annotated[bool, typer.Option("--json", help="One JSON array.")] = False,
) -> None:
    """List documents that could not be taken, with the reason."""
    from dataclasses import asdict

    from ingest.tills.register import refusals

    with database() as opened:
        found = refusals(opened, name, limit)
    if json_:
        typer.echo(json.dumps([asdict(each) for each in found], default=str))
        return
    for each in found:
        typer.echo(f"{each.at:%Y-%m-%d %H:%M} {each.till} {each.document}: {each.reason}")


def _file(given: Path | None) -> Path:
    return given or default_folder() / "tills.toml"


def _tills(file: Path) -> Any:
    from ingest.tills.settings import load_tills

    return load_tills(file).tills


def _counts(kept: "Kept") -> dict[str, int]:
    return {
        "created": kept.created, "updated": kept.updated, "documents taken": len(kept.taken),
        "refused": len(kept.refused),
    }  # fmt: skip


def _moment(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M}" if at else ""
