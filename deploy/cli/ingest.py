"""`footfall ingest`: the ledger's way into the database, and what could not go it."""

import json
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from analytics.clock import utc_now
from deploy.cli.connection import database, database_url
from deploy.cli.ingest_gaps import app as gaps_app
from deploy.cli.words import count_of

if TYPE_CHECKING:
    from types import FrameType

_SWITCH_S = 0.001

app = typer.Typer(no_args_is_help=True)
letters_app = typer.Typer(no_args_is_help=True, help="Messages that could not be read or stored.")
app.add_typer(letters_app, name="dead-letters")
app.add_typer(gaps_app, name="gaps")


@app.command(epilog="Example: footfall ingest run")
def run() -> None:
    """Take what devices send into the database until SIGTERM or Ctrl-C; needs FOOTFALL_DATABASE_URL and _BROKER_URL."""
    import random
    import sys
    import time

    from deploy.metrics.exposition import expose, wanted
    from ingest.service import IngestService
    from ingest.settings import IngestSettings, load
    from ingest.store_metrics import StoreCollector

    settings, shown = load(IngestSettings), wanted()
    # COPY asks for more rows many times a second: it must not wait Python's 5 ms for the thread that reads ahead.
    sys.setswitchinterval(_SWITCH_S)
    service = IngestService(
        settings,
        now=utc_now,
        monotonic=time.monotonic,
        rng=random.Random(),  # noqa: S311  # jitter, no secret
    )
    if shown:
        url = settings.database_url.get_secret_value()
        service.metrics.registry.register(StoreCollector(url, now=utc_now, monotonic=time.monotonic))
        expose("ingest", service.metrics.registry, shown)
    with _on_signal(service.stop):
        service.run()


@letters_app.command("list", epilog="Example: footfall ingest dead-letters list --json")
def list_(
    topic: Annotated[str | None, typer.Option(help="Only topics like this SQL pattern, such as %/riverside/%.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Most letters shown, latest first.")] = 50,
    json_: Annotated[bool, typer.Option("--json", help="One JSON array.")] = False,
) -> None:
    """List dead letters, the latest first."""
    from ingest.dead_letters import listed

    with database() as opened, opened.transaction() as cursor:
        letters = listed(cursor, topic=topic, limit=limit)
    if json_:
        typer.echo(json.dumps([letter.as_dict() for letter in letters]))
        return
    if not letters:
        typer.echo("no dead letters")
        return
    for letter in letters:
        # A block each: a topic is as long as a narrow screen is wide, and is copied from here.
        typer.echo(
            f"{letter.number}: {letter.topic}\n"
            f"  came {count_of(letter.times, 'time')}, last {letter.last_at:%Y-%m-%d %H:%M:%SZ}\n"
            f"  {letter.reason}"
        )


@letters_app.command(epilog="Example: footfall ingest dead-letters show 17")
def show(number: Annotated[int, typer.Argument(help="As listed.")]) -> None:
    """Print a dead letter's payload as it came."""
    from ingest.dead_letters import payload_of

    with database() as opened, opened.transaction() as cursor:
        _, payload, _ = payload_of(cursor, number)
    typer.echo(payload.decode("utf-8", errors="backslashreplace"))


@letters_app.command(epilog="Example: footfall ingest dead-letters replay 17")
def replay(
    numbers: Annotated[list[int] | None, typer.Argument(help="As listed.")] = None,
    every: Annotated[bool, typer.Option("--all", help="All that are kept.")] = False,
) -> None:
    """Store dead letters after their cause was mended; what is stored (or was here already) leaves the list."""
    from ingest.dead_letters import listed
    from ingest.replay import Replay

    if every == bool(numbers):
        raise typer.BadParameter("name the letters, or say --all", param_hint="NUMBERS")
    if every:
        with database() as opened, opened.transaction() as cursor:
            numbers = [letter.number for letter in listed(cursor, limit=10_000)]
    left = 0
    with Replay.opened(database_url()) as work:
        for number in numbers or []:
            outcome = work.replay(number)
            left += not outcome.stored
            typer.echo(f"{number}: {outcome.text}")
    if left:
        raise typer.Exit(1)


@contextmanager
def _on_signal(stop: Callable[[], None]) -> Iterator[None]:
    """Call `stop` on SIGTERM and SIGINT, once; a second Ctrl-C ends the process as usual."""

    def handle(number: int, _frame: "FrameType | None") -> None:
        signal.signal(number, signal.SIG_DFL)
        stop()

    before = {number: signal.signal(number, handle) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
