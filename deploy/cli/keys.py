"""`footfall keys`: API keys – for tills that post orders, for programs that read figures."""

import json
from enum import StrEnum
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.table import Table

from contract.api_keys import Scope
from deploy.cli.connection import database

app = typer.Typer(no_args_is_help=True)


class ForWhat(StrEnum):
    """What a key may be for."""

    ORDERS = "orders"
    KPIS = "kpis"
    STAFF = "staff"


_SCOPES: Final[dict[ForWhat, Scope]] = {ForWhat.ORDERS: "orders", ForWhat.KPIS: "kpis", ForWhat.STAFF: "staff"}


@app.command(epilog="Example: footfall keys create --name 'till 1' --store riverside")
def create(
    name: Annotated[str, typer.Option(help="Whose key it is.")],
    store: Annotated[str | None, typer.Option(help="The only store it is for; default: all.")] = None,
    scope: Annotated[
        list[ForWhat] | None,
        typer.Option(
            help="orders: post and read them (the default). kpis: read figures. staff: beside kpis, sales by staff "
            "alias, where a store shows them. May be repeated."
        ),
    ] = None,
    outside: Annotated[
        bool,
        typer.Option(
            "--outside",
            help="For somebody outside the company: finished days only, and nothing of fewer than 10 people.",
        ),
    ] = False,
    json_: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Make a key and print it: it is kept as a hash only and cannot be shown again."""
    from ingest.orders.keys import create_key

    scopes = [_SCOPES[one] for one in scope or [ForWhat.ORDERS]]
    with database() as opened:
        key = create_key(opened, name, store=store, scopes=scopes, outside=outside)
    told = {"name": name, "store": store, "scopes": scopes, "outside": outside, "key": key}
    typer.echo(json.dumps(told) if json_ else key)


@app.command("list", epilog="Example: footfall keys list --json")
def list_(json_: Annotated[bool, typer.Option("--json", help="One JSON array.")] = False) -> None:
    """List the keys by their first characters."""
    from ingest.orders.keys import listed_keys

    with database() as opened:
        keys = listed_keys(opened)
    if json_:
        typer.echo(json.dumps([key.as_dict() for key in keys]))
        return
    table = Table("key", "name", "store", "for", "created", "revoked", box=None)
    for key in keys:
        revoked = f"{key.revoked_at:%Y-%m-%d}" if key.revoked_at else ""
        what = ", ".join([*key.scopes, *(["outside"] if key.outside else [])])
        table.add_row(f"{key.prefix}…", key.name, key.store or "all", what, f"{key.created_at:%Y-%m-%d}", revoked)
    Console().print(table)


@app.command(epilog="Example: footfall keys revoke ffk_1a2B3c4D")
def revoke(prefix: Annotated[str, typer.Argument(help="The key, or its first characters as listed.")]) -> None:
    """Revoke a key, at once and for good."""
    from ingest.orders.keys import revoke_key

    with database() as opened:
        name = revoke_key(opened, prefix)
    typer.echo(f"revoked the key of {name}")
