"""`footfall db`: the database's schema."""

import json
from pathlib import Path
from typing import Annotated

import typer

from deploy.cli.connection import database_url

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
