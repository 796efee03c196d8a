"""`footfall db`: the database's schema."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from deploy.cli.connection import database, database_url

if TYPE_CHECKING:
    from ingest.chunks import ChunkSize
    from ingest.jobs import Job

app = typer.Typer(no_args_is_help=True)


@app.command(epilog="Example: FOOTFALL_DATABASE_URL=postgresql://user:password@host/footfall footfall db migrate")
def migrate() -> None:
    """Bring the database up to date, creating it when it does not exist."""
    from deploy import migrate as migrations

    applied = migrations.migrate(database_url())
    typer.echo("\n".join(f"applied {name}" for name in applied) or "nothing to do: the database is up to date")


@app.command(epilog="Example: footfall db status --json")
def status(json_: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False) -> None:
    """Say which migrations are applied and which are not; exit code 1 when some are not."""
    from deploy.schema import migration_status

    found = migration_status(database_url())
    if json_:
        typer.echo(json.dumps({"flavour": found.flavour, "applied": found.applied, "pending": found.pending}))
    else:
        typer.echo(f"{found.flavour} PostgreSQL: {len(found.applied)} applied, {len(found.pending)} pending")
        for name in found.pending:
            typer.echo(f"pending {name}")
    if found.pending:
        raise typer.Exit(1)


@app.command(epilog="Example: footfall db jobs --json")
def jobs(
    run: Annotated[bool, typer.Option("--run", help="First call every job of TimescaleDB now, one by one.")] = False,
    json_: Annotated[bool, typer.Option("--json", help="One JSON array.")] = False,
) -> None:
    """Say whether the database's own work is done in time: maintenance, rollups, compression. Exit code 1 if not.

    Ingest looks every ten minutes, and calls what TimescaleDB's scheduler leaves undone.
    """
    from analytics.clock import utc_now
    from ingest.jobs import listed, look_after

    with database() as opened:
        if run:
            look_after(opened, utc_now(), at_once=True)
        found = listed(opened, utc_now())
    if json_:
        typer.echo(json.dumps([job.as_dict() for job in found]))
    else:
        typer.echo("\n".join(map(_told, found)) or "nothing is known yet: ingest looks every ten minutes once it runs")
    if any(job.unwell_since for job in found):
        raise typer.Exit(1)


@app.command(epilog="Example: footfall db chunks --json")
def chunks(
    apply: Annotated[bool, typer.Option("--apply", help="Let new chunks be as long as they should, now.")] = False,
    json_: Annotated[bool, typer.Option("--json", help="One JSON object; null on plain PostgreSQL.")] = False,
) -> None:
    """Say how much time each of TimescaleDB's chunks holds and should hold, by what is written a day.

    Ingest looks daily. The chunks being written shall fit, indexes included, into half of the database's
    shared_buffers, or into FOOTFALL_CHUNK_MEMORY_MB.
    """
    from analytics.clock import utc_now
    from ingest.chunks import resize, sizes
    from ingest.settings import ChunkSettings, load

    memory_mb = load(ChunkSettings).chunk_memory_mb
    with database() as opened:
        if apply:
            resize(opened, utc_now(), memory_mb=memory_mb)
        found = sizes(opened, utc_now(), memory_mb=memory_mb)
    if json_:
        typer.echo(json.dumps(found and found.as_dict()))
    elif found is None:
        typer.echo("plain PostgreSQL: its tables have no chunks")
    else:
        typer.echo(f"chunks being written may take {found.memory_bytes / 2**20:,.0f} MB in all")
        typer.echo("\n".join(map(_chunk_told, found.tables)))


def _chunk_told(one: "ChunkSize") -> str:
    text = f"{one.table}: {one.every.total_seconds() / 86_400:g} days"
    if one.wanted != one.every:
        text += f", should be {one.wanted.days}"
    if one.rate is None:
        return f"{text} (too little came to tell a rate)"
    return f"{text} ({one.rate.rows_per_day:,.0f} rows a day of {one.rate.bytes_per_row:,.0f} bytes with their indexes)"


def _told(job: "Job") -> str:
    done = f"done {job.done_at:%Y-%m-%d %H:%MZ}" if job.done_at else "never done yet"
    text = f"{'✗' if job.unwell_since else '✓'} {job.name}: {done}, wanted every {job.every}"
    if job.error:
        text += f"\n  its last call failed: {job.error}"
    elif job.unwell_since:
        text += f"\n  overdue since {job.unwell_since:%Y-%m-%d %H:%MZ}: does `footfall ingest run` run?"
    if job.scheduler_error:
        text += f"\n  TimescaleDB's scheduler fails it, so ingest calls it: {job.scheduler_error}"
    return text


@app.command(epilog="Example: footfall db snapshot --output deploy/schema.sql")
def snapshot(
    output: Annotated[Path | None, typer.Option(help="File to write; default: standard output.")] = None,
) -> None:
    """Print the schema that the migrations make, as pg_dump writes it."""
    from deploy.schema import schema_of

    text = schema_of(database_url())
    if output:
        output.write_text(text, encoding="utf-8")
    else:
        typer.echo(text, nl=False)
