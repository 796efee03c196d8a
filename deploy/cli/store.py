"""`footfall store`: the shops."""

import json
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from analytics.clock import utc_now
from deploy.cli.connection import database, office
from deploy.cli.moments import day
from deploy.cli.store_target import app as target_app

app = typer.Typer(no_args_is_help=True)
app.add_typer(target_app, name="target")


@app.command(
    epilog="Example: footfall store add riverside --name Riverside --timezone Europe/Berlin --currency EUR "
    '--hours "mon-fri 10:00-20:00, sat 10:00-18:00"'
)
def add(
    code: Annotated[str, typer.Argument(help="The store's name in topics and addresses: a lower-case slug.")],
    name: Annotated[str | None, typer.Option(help="As people call it; default: the code.")] = None,
    timezone: Annotated[str, typer.Option(help="IANA zone: its days and hours are local to it.")] = "UTC",
    currency: Annotated[str, typer.Option(help="ISO 4217; an order in another one is refused.")] = "EUR",
    region: Annotated[str | None, typer.Option(help="For grouping.")] = None,
    opened_on: Annotated[str | None, typer.Option(help="First day of business, YYYY-MM-DD.")] = None,
    hours: Annotated[str | None, typer.Option(help="Opening hours; default: around the clock.")] = None,
) -> None:
    """Register a store, or bring a known one up to date."""
    from deploy.stores import ALWAYS, Store, parse_hours, register

    store = Store(
        code=code, name=name or code, timezone=timezone, currency=currency, region=region,
        opened_on=_opening(opened_on), hours=parse_hours(hours) if hours else ALWAYS,
    )  # fmt: skip
    with database() as opened:
        new = register(opened, store, today=utc_now().date())
    typer.echo(f"{'registered' if new else 'updated'} store {code}")


@app.command(
    "open",
    epilog="Example: footfall store open riverside --timezone Europe/Berlin --currency EUR "
    '--hours "mon-sat 10:00-20:00" --device door-box',
)
def open_(
    code: Annotated[str | None, typer.Argument(help="The store's name in topics and addresses: a slug.")] = None,
    name: Annotated[str | None, typer.Option(help="As people call it; default: the code.")] = None,
    timezone: Annotated[str, typer.Option("--timezone", "--zone", help="IANA zone.")] = "UTC",
    currency: Annotated[str, typer.Option(help="ISO 4217.")] = "EUR",
    region: Annotated[str | None, typer.Option(help="For grouping.")] = None,
    hours: Annotated[str | None, typer.Option(help="Opening hours; default: around the clock.")] = None,
    device: Annotated[list[str] | None, typer.Option(help="A box of the store; may be repeated.")] = None,
    template: Annotated[
        Path | None, typer.Option(help="What the boxes get as site file: without store, device and [broker].")
    ] = None,
    csv: Annotated[
        Path | None,
        typer.Option(
            help="Many stores at once: columns code, timezone, currency, and name, region, hours, devices, opened_on, "
            "format, city_tier, size_m2."
        ),
    ] = None,
    code_hours: Annotated[float, typer.Option(min=0.1, max=720, help="How long the codes are good.")] = 24,
    json_: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Open a store, or a list of them: registered, with a one-time code for each of its boxes."""
    from analytics.clock import utc_now
    from deploy.cli.codes import show
    from deploy.errors import StoreError
    from deploy.stores import ALWAYS, Store, parse_hours
    from deploy.trust.opening import Plan, open_stores, read_plans, read_template

    if (code is None) == (csv is None):
        raise StoreError("expected a store's code or --csv FILE")
    if csv is not None:
        plans = read_plans(csv)
    else:
        opening = parse_hours(hours) if hours else ALWAYS
        store = Store(
            code=code or "", name=name or code or "", timezone=timezone, currency=currency, region=region, hours=opening
        )
        plans = [Plan(store, device or ["door-box"])]
    site = read_template(template) if template else None
    with office() as (opened, trust):
        lasts = timedelta(hours=code_hours)
        issued = open_stores(opened, trust.enrolments, plans, now=utc_now(), lasts=lasts, site=site)
        show(issued, json_=json_, drawn=csv is None)


@app.command(
    "set",
    epilog="Example: footfall store set riverside --format flagship --city-tier 1 --size-m2 420 --opened-on 2019-03-01",
)
def set_(
    code: Annotated[str, typer.Argument(help="The store's code.")],
    format_: Annotated[
        str | None, typer.Option("--format", help="Kind of shop in your words: flagship, outlet.")
    ] = None,
    city_tier: Annotated[int | None, typer.Option(help="Class of its city, 1 (largest) to 9.")] = None,
    size_m2: Annotated[float | None, typer.Option(help="Sales floor in square metres.")] = None,
    opened_on: Annotated[str | None, typer.Option(help="First day of business, YYYY-MM-DD.")] = None,
    staff_figures: Annotated[
        bool | None,
        typer.Option(
            "--staff-figures/--no-staff-figures",
            help="Whether sales may be shown by staff alias: once those concerned, or their works council, agreed.",
        ),
    ] = None,
) -> None:
    """Set what a store is compared by: its peers (format, class of city, size) and, like for like, since when."""
    from deploy.stores import set_attributes

    with database() as opened:
        set_attributes(
            opened, code, opened_on=_opening(opened_on), format=format_, city_tier=city_tier, size_m2=size_m2,
            staff_figures=staff_figures,
        )  # fmt: skip
    typer.echo(f"updated store {code}")


@app.command(
    epilog="Example: footfall store categories riverside --zone window=dresses,tops --zone accessories=bags",
)
def categories(
    code: Annotated[str, typer.Argument(help="The store's code.")],
    zone: Annotated[
        list[str] | None,
        typer.Option(help="ZONE=CATEGORY,CATEGORY as the till calls them; ZONE= for none. May be repeated."),
    ] = None,
    json_: Annotated[bool, typer.Option("--json", help="One JSON array.")] = False,
) -> None:
    """Say which of the till's categories lie in which zone, and list it with those that lie nowhere yet."""
    from deploy.zone_categories import set_zone_categories, zone_categories

    with database() as opened:
        set_zone_categories(opened, code, dict(_lies(text) for text in zone or []))
        found = zone_categories(opened, code)
    if json_:
        typer.echo(json.dumps([asdict(one) for one in found]))
        return
    for one in found:
        name = "no zone" if one.zone is None else one.zone + ("" if one.known else " (no box names this zone)")
        typer.echo(f"{name}: {', '.join(one.categories)}")
    if not found:
        typer.echo("nothing is said of any zone, and the till sent no categories in the last 90 days")


@app.command(epilog="Example: footfall store close riverside")
def close(code: Annotated[str, typer.Argument(help="The store's code.")]) -> None:
    """Close a store for good: its boxes are shut out, nothing is expected of it any more. What was counted stays."""
    with office() as (_, trust):
        boxes = trust.close_store(code)
    typer.echo(f"closed store {code}; {boxes} boxes are shut out")


@app.command(epilog="Example: footfall store export > stores.csv")
def export() -> None:
    """Write the open stores as the CSV list that `footfall store open --csv` and the page Set-up read.

    Changed there, an empty field stays as it is; one that holds - alone is emptied.
    """
    from deploy.store_details import export as export_stores

    with database() as opened:
        typer.echo(export_stores(opened), nl=False)


@app.command("list", epilog="Example: footfall store list --json")
def list_(json_: Annotated[bool, typer.Option("--json", help="One JSON array.")] = False) -> None:
    """List the registered stores."""
    from deploy.stores import listed

    with database() as opened:
        stores = listed(opened)
    if json_:
        typer.echo(json.dumps([asdict(store) for store in stores], default=str))
        return
    table = Table(box=None)
    # The code goes into topics and other commands: it is never cut.
    table.add_column(
        "code", no_wrap=True, overflow="ignore", min_width=max((len(each.code) for each in stores), default=4)
    )
    for title in (
        "name", "time zone", "currency", "region", "devices", "unassigned lines", "opened on", "format", "tier", "m²"
    ):  # fmt: skip
        table.add_column(title, overflow="fold")
    for store in stores:
        table.add_row(*(str("" if value is None else value) for value in asdict(store).values()))
    Console().print(table)


@app.command(epilog="Example: footfall store retire riverside side-door")
def retire(
    code: Annotated[str, typer.Argument(help="The store's code.")],
    line: Annotated[str, typer.Argument(help="The line's name, as its box named it.")],
) -> None:
    """Take a line whose box is gone for good out of service: its door is no longer missed. What it counted stays."""
    from deploy.stores import retire as retire_line

    with database() as opened:
        retire_line(opened, code, line, now=utc_now())
    typer.echo(f"line {line} of {code} is out of service; a box that names it again brings it back")


def _opening(text: str | None) -> date | None:
    return day(text, "--opened-on") if text else None


def _lies(text: str) -> tuple[str, list[str]]:
    zone, equals, names = text.partition("=")
    if not equals or not zone.strip():
        raise typer.BadParameter(f"expected ZONE=CATEGORY,CATEGORY, got {text!r}", param_hint="--zone")
    return zone.strip(), [name.strip() for name in names.split(",") if name.strip()]
