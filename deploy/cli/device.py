"""`footfall device`: the boxes of all stores, their way in, and shutting one out."""

import json
from datetime import timedelta
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from deploy.cli.codes import show
from deploy.cli.connection import database, office

app = typer.Typer(no_args_is_help=True)


@app.command("list", epilog="Example: footfall device list --store riverside --json")
def list_(
    store: Annotated[str | None, typer.Option(help="Only this store's.")] = None,
    json_: Annotated[bool, typer.Option("--json", help="One JSON array.")] = False,
) -> None:
    """List devices: how each stands with its enrolment, when it was last heard, until when its certificate is good."""
    from analytics.clock import utc_now
    from deploy.trust.devices import listed_devices

    with database() as opened:
        found = listed_devices(opened, now=utc_now(), store=store)
    if json_:
        typer.echo(json.dumps([each.as_dict() for each in found]))
        return
    columns = ("store", "device", "standing", "presence", "crashes", "last seen", "certificate", "code until")
    table = Table(*columns, box=None)
    for each in found:
        seen, code_until = (at and at.strftime("%m-%d %H:%M") for at in (each.last_seen_at, each.code_until))
        until = each.certificate_until and each.certificate_until.strftime("%Y-%m-%d")
        crashes = each.crashes_24_h and f"{each.crashes_24_h} a day, {each.crashes_10_min} in 10 min"
        fields = (each.store, each.device, each.standing, each.presence, crashes, seen, until, code_until)
        table.add_row(*(field or "" for field in fields))
    Console().print(table)


@app.command(epilog="Example: footfall device revoke riverside door-box")
def revoke(
    store: Annotated[str, typer.Argument(help="The store's code.")],
    device: Annotated[str, typer.Argument(help="The device's name.")],
) -> None:
    """Shut a device out, stolen or sold: what it says is refused from now on. What it counted stays."""
    with office() as (_, opened):
        spoke = opened.revoke(store, device)
    typer.echo(
        f"{store}/{device} is shut out" if spoke else f"{store}/{device} could not speak; its codes are void now"
    )


@app.command(epilog="Example: footfall device code riverside door-box")
def code(
    store: Annotated[str, typer.Argument(help="The store's code.")],
    device: Annotated[str, typer.Argument(help="The device's name; a new one is registered.")],
    hours: Annotated[float, typer.Option(min=0.1, max=720, help="How long the code is good.")] = 24,
    json_: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Make a new one-time code: for another box, a swapped one, or one whose certificate has ended."""
    from analytics.clock import utc_now
    from deploy.trust.opening import Issued

    now, lasts = utc_now(), timedelta(hours=hours)
    with office() as (_, opened):
        issued = opened.enrolments.issue_code(store, device, now=now, lasts=lasts)
    show([Issued(store, device, str(issued), now + lasts)], json_=json_)
