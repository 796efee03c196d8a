"""`footfall config standard`: settings for many boxes."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from deploy.cli.config_decision import By, Why, decided
from deploy.cli.connection import database

app = typer.Typer(no_args_is_help=True, help="Standards: settings for many boxes, by camera, line and zone name or *.")


@app.command(epilog="Example: footfall config standard define autumn autumn.toml --why 'the new model'")
def define(
    name: Annotated[str, typer.Argument(help="A slug, such as autumn.")],
    settings: Annotated[Path, typer.Argument(help='TOML, such as: [cameras."*"] / model = "yolox-nano" / fps = 8')],
    by: By = None,
    why: Why = None,
) -> None:
    """Keep a standard, or the next version of it. No box changes by that: roll it out, or assign it."""
    from deploy.control.standards import define as keep
    from deploy.errors import ControlError

    try:
        text = settings.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise ControlError(f"{settings} cannot be read: {error}") from error
    with database() as opened:
        number = keep(opened, name, text, decided(by, why))
    typer.echo(f"{name} {number} is kept: footfall config rollout start {name} --to 1%")


@app.command("list", epilog="Example: footfall config standard list --json")
def list_(json_: Annotated[bool, typer.Option("--json", help="One JSON array.")] = False) -> None:
    """List standards and their versions, with how many boxes run each."""
    from deploy.control.standards import listed

    with database() as opened:
        found = listed(opened)
    if json_:
        typer.echo(json.dumps([each.as_dict() for each in found]))
        return
    table = Table("standard", "number", "boxes", "defined", "by", "why", box=None)
    for each in found:
        at = each.at.strftime("%Y-%m-%d %H:%M")
        table.add_row(each.name, str(each.number), str(each.boxes), at, each.by, each.why or "")
    Console().print(table)


@app.command(epilog="Example: footfall config standard show autumn:3")
def show(standard: Annotated[str, typer.Argument(help="NAME for the latest version, or NAME:NUMBER.")]) -> None:
    """Print the settings of a standard."""
    from deploy.control.standards import named, standard_of

    with database() as opened, opened.transaction() as cursor:
        found = standard_of(cursor, *named(standard))
    typer.echo(f"# {found['name']} {found['number']}\n{found['settings']}", nl=False)
