"""`footfall kpis`: a store's figures over business days, as known now or at a past moment."""

import json
from dataclasses import asdict, fields
from datetime import date, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from analytics.clock import utc_now
from deploy.cli.connection import database
from deploy.cli.moments import moment
from deploy.cli.words import count_of, number_of

app = typer.Typer()


@app.command(
    epilog="Example: footfall kpis riverside --from 2026-11-20 --to 2026-11-20 --as-of 2026-11-21T09:00+01:00 --json",
)
def kpis(
    store: Annotated[str, typer.Argument(help="The store's code.")],
    first: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First business day.")],
    last: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last business day; default: the first.")
    ] = None,
    as_of: Annotated[
        str | None, typer.Option(help="As it was known then: a moment with its zone, or in UTC. Default: now.")
    ] = None,
    json_: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Print a store's figures over business days, as known now or at a past moment."""
    from analytics.stores import all_stores, store_of
    from analytics.visits.known_kpis import read_kpis

    at = moment(as_of, "--as-of") if as_of else None
    begin, end = first.date(), (last or first).date()
    if end < begin:
        raise typer.BadParameter(f"expected a day from {begin} on, got {end}", param_hint="--to")
    with database() as opened, opened.transaction() as cursor:
        found = store_of(all_stores(cursor.connection), store)
        known = read_kpis(cursor.connection, found, first=begin, last=end, now=utc_now(), as_of=at)
    told = {one.name: asdict(getattr(known.base, one.name)) for one in fields(known.base)}
    told |= {one.definition_id: asdict(one) for one in known.floor}
    if json_:
        head = {"store": store, "from": begin, "to": end, "days": known.days}
        typer.echo(json.dumps({**head, "figures": told}, default=_text))
        return
    table = Table(box=None)
    for title in ("figure", "value", "from", "to", "quality", "completeness"):
        table.add_column(title)
    for name, one in told.items():
        numbers = [number_of(one[key]) for key in ("value", "low", "high")]
        table.add_row(name, *numbers, one["quality"], number_of(one["completeness"]))
    Console().print(table)
    typer.echo(f"{count_of(known.days, 'business day')}, as known at {known.base.footfall.as_of:%Y-%m-%d %H:%M:%S %Z}")


def _text(value: date) -> str:
    return value.isoformat()
