"""`footfall impute`: estimates for hours in which a camera did not count."""

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from analytics.clock import utc_now
from deploy.cli.connection import database
from deploy.cli.moments import day

if TYPE_CHECKING:
    from deploy.imputation import Imputation

app = typer.Typer(no_args_is_help=True)
_Json = Annotated[bool, typer.Option("--json", help="One JSON array, or object.")]


@app.command(epilog="Example: footfall impute run riverside --from 2026-11-01 --to 2026-11-14")
def run(
    store: Annotated[str, typer.Argument(help="The store's code.")],
    from_: Annotated[str | None, typer.Option("--from", help="First business day; default: four weeks ago.")] = None,
    to: Annotated[str | None, typer.Option(help="Last business day; default: yesterday.")] = None,
    json_: _Json = False,
) -> None:
    """Estimate the visitors of hours in which a camera did not count, with the method's error; counts stay."""
    from deploy.imputation import as_json
    from deploy.imputation import run as impute

    now = utc_now()
    last = day(to, "--to") if to else now.date() - timedelta(days=1)
    with database() as opened:
        made = impute(
            opened, store, first=day(from_, "--from") if from_ else last - timedelta(days=27), last=last, now=now
        )
    if json_:
        typer.echo(json.dumps(None if made is None else as_json(made)))
    else:
        typer.echo("no hour is missing, or none that can be estimated" if made is None else _line(made))


@app.command("list", epilog="Example: footfall impute list riverside --json")
def list_(
    store: Annotated[str | None, typer.Argument(help="The store's code; default: all.")] = None, json_: _Json = False
) -> None:
    """List what was estimated, with its method and error."""
    from deploy.imputation import as_json, listed

    with database() as opened:
        found = listed(opened, store)
    if json_:
        typer.echo(json.dumps([as_json(one) for one in found]))
    for one in () if json_ else found:
        typer.echo(_line(one))


@app.command(epilog="Example: footfall impute revert 3")
def revert(
    number: Annotated[int, typer.Argument(help="As `footfall impute list` says.")], json_: _Json = False
) -> None:
    """Take an estimate back: no figure holds it any more."""
    from deploy.imputation import as_json
    from deploy.imputation import revert as take_back

    with database() as opened:
        one = take_back(opened, number, now=utc_now())
    typer.echo(json.dumps(as_json(one)) if json_ else _line(one))


def _line(one: "Imputation") -> str:
    state = "in force" if one.reverted_at is None else f"taken back {one.reverted_at:%Y-%m-%d %H:%M}"
    return (
        f"{one.imputation_id}: {one.store} {one.first} to {one.last}: {one.visitors:.0f} visitors in {one.hours} "
        f"line-hours by {one.method}, error {100 * one.wape:.1f} % on {one.tested_hours} hidden hours; {state}"
    )
