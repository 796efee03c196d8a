"""`footfall trust`: the authority of this installation, the enrolment service, and the log of who was let in."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from deploy.cli.connection import database, office
from deploy.cli.reach import checked_hosts

app = typer.Typer(no_args_is_help=True)

_Reach = Annotated[
    list[str] | None,
    typer.Option(
        callback=checked_hosts, help="A host name or address under which boxes reach this machine; may be repeated."
    ),
]


@app.command(epilog="Example: footfall trust init")
def init() -> None:
    """Make this installation's authority in FOOTFALL_HOME if there is none, and say its fingerprint."""
    from analytics.clock import utc_now
    from deploy.home import Home, default_folder
    from deploy.trust.office import authority_of

    authority = authority_of(Home(default_folder()), now=utc_now, create=True)
    typer.echo(f"authority in {authority.folder}, SHA-256 {authority.fingerprint.hex(':')}")


@app.command(epilog="Example: footfall trust serve --host 0.0.0.0 --port 8443 --reach footfall.example.com")
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Port to listen on.")] = 8443,
    reach: _Reach = None,
    broker_host: Annotated[
        str | None, typer.Option(help="Where boxes find the broker; default: the same host.")
    ] = None,
    broker_port: Annotated[int, typer.Option(min=1, max=65_535, help="The broker's port for boxes.")] = 8883,
) -> None:
    """Run the enrolment service over HTTPS until SIGTERM or Ctrl-C; it also keeps the broker's lists up to date."""
    from deploy.trust.serving import serve as run

    run(host=host, port=port, reach=reach or [], broker=(broker_host, broker_port))


@app.command(epilog="Example: footfall trust export /etc/mosquitto/footfall --reach mqtt.example.com")
def export(
    folder: Annotated[Path, typer.Argument(help="Where the broker reads them; made if need be.")],
    reach: _Reach = None,
) -> None:
    """Write certificates, revoked ones and access rules for a Mosquitto that `footfall up` does not run.

    Have it read them anew after each change: `systemctl reload mosquitto`, or SIGHUP.
    """
    from analytics.clock import utc_now
    from deploy.home import Home, default_folder
    from deploy.trust.broker_files import BrokerFiles
    from deploy.trust.enrolments import Enrolments
    from deploy.trust.office import authority_of, hosts_of

    authority = authority_of(Home(default_folder()), now=utc_now)
    files = BrokerFiles(folder, authority, account=None, reload=lambda: None)
    with database() as opened:
        files.prepare(hosts_of(reach or []))
        changed = files.update(Enrolments(opened, authority), now=utc_now())
    typer.echo(f"{'wrote' if changed else 'nothing to change in'} {folder}")


@app.command(epilog="Example: footfall trust publish")
def publish() -> None:
    """Bring the lists of the broker in FOOTFALL_HOME up to the register; what changes it does so by itself."""
    with office() as (_, opened):
        changed = opened.publish()
    typer.echo("the broker reads new lists" if changed else "nothing to change")


@app.command(epilog="Example: footfall trust log --limit 20 --json")
def log(
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="The newest so many.")] = 50,
    json_: Annotated[bool, typer.Option("--json", help="One JSON array.")] = False,
) -> None:
    """Show what was decided about who may speak: codes, enrolments, renewals, refusals, revocations."""
    from deploy.trust.devices import events

    with database() as opened:
        found = events(opened, limit=limit)
    if json_:
        typer.echo(json.dumps([{**asdict(each), "at": each.at.isoformat()} for each in found]))
        return
    table = Table("at", "action", "store", "device", "from", "detail", box=None)
    for each in found:
        fields = (each.action, each.store, each.device, each.address, each.detail)
        table.add_row(each.at.strftime("%m-%d %H:%M:%S"), *(field or "" for field in fields))
    Console().print(table)
