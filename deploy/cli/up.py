"""`footfall up`: the whole installation on this machine; `footfall status`: how it is doing."""

import json
from pathlib import Path
from typing import Annotated

import typer

from deploy.cli.reach import checked_hosts

app = typer.Typer()


@app.command(epilog="Example: footfall up --site site.toml")
def up(
    site: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Also run the camera box of this site file here.")
    ] = None,
    dashboard_port: Annotated[
        int, typer.Option(min=1, max=65_535, help="Where the pages are; a free port if another program has it.")
    ] = 8050,
    reach: Annotated[
        list[str] | None,
        typer.Option(
            callback=checked_hosts,
            help="A host name or address under which boxes on other machines reach this one; may be repeated. Opens "
            "the broker's TLS port and the enrolment service to the network.",
        ),
    ] = None,
    json_: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Start database, broker, ingest, both APIs and dashboard here; Ctrl-C stops them. Data stays in FOOTFALL_HOME.

    Where Mosquitto is installed, boxes can enrol: see `footfall store open`.
    """
    from deploy.first_account import first_account
    from deploy.installation import running

    with running(json_=json_, dashboard_port=dashboard_port, reach=reach or []) as machine:
        machine.start_servers()
        first_account(machine.database_url, machine.announcer)
        if site:
            machine.start_agent(site)
        machine.announcer.note("running; Ctrl-C stops it")
        machine.watch(machine.look_for_counters)


@app.command(epilog="Example: footfall status --json")
def status(json_: Annotated[bool, typer.Option("--json", help="One JSON array.")] = False) -> None:
    """Say how the services of the `footfall up` in FOOTFALL_HOME are doing; exit code 1 when one is not running."""
    from dataclasses import asdict

    from rich.console import Console
    from rich.table import Table

    from deploy.children import load, seen_now
    from deploy.home import Home, default_folder

    home = Home(default_folder())
    children = seen_now(load(home.record))
    held = home.held
    if json_:
        typer.echo(json.dumps([asdict(child) for child in children]))
    else:
        table = Table("service", "state", "process", "restarts", "since", "last exit", box=None)
        for child in children:
            fields = (child.name, child.state, child.pid, child.restarts, child.since, child.last_exit)
            table.add_row(*("" if field is None else str(field) for field in fields))
        Console().print(table)
        if not held:
            typer.echo(f"nobody looks after {home.folder}: `footfall up` is not running there", err=True)
    if not held or not children or any(child.state not in ("running", "finished") for child in children):
        raise typer.Exit(1)
