"""`footfall staff`: hours that staff worked."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from deploy.cli.orders import KEY_VARIABLE, mapping_of, zone_of

app = typer.Typer(no_args_is_help=True)

_DRY_ROWS = 5
# As ingest.orders.staff_csv.FIELDS, which a camera box does not import; a test keeps the two equal.
_MAP = (
    "OURS=THEIRS: their column for our field. OURS is one of external_id, version, staff_ref, starts_at, ends_at, "
    "hours, break_min, on_floor, cancelled."
)


@app.callback()
def _group() -> None:
    """Hours that staff worked: nobody's name is kept, only an alias."""


@app.command(
    "import",
    epilog="Example: footfall staff import roster.csv --store riverside --map staff_ref=Employee --map starts_at=In "
    "--map ends_at=Out --timezone Europe/Berlin --dry-run",
)
def import_(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A roster's or time clock's CSV export.")],
    store: Annotated[str, typer.Option(help="Where the hours were worked.")],
    map_: Annotated[list[str] | None, typer.Option("--map", help=_MAP)] = None,
    source: Annotated[str, typer.Option(help="The roster; with its numbers it tells shifts apart.")] = "roster",
    timezone: Annotated[str | None, typer.Option(help="IANA zone of times without an offset.")] = None,
    date_format: Annotated[str | None, typer.Option(help="Such as '%d.%m.%Y %H:%M'; default: ISO.")] = None,
    encoding: Annotated[str, typer.Option(help="Of the file.")] = "utf-8-sig",
    url: Annotated[str, typer.Option(envvar="FOOTFALL_ORDERS_URL", help="The orders API.")] = "http://127.0.0.1:8081",
    key: Annotated[str | None, typer.Option(help=f"API key; better in {KEY_VARIABLE}.")] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="A corrected export: its rows replace what is kept of their shifts.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the first rows as understood, post nothing; exit code 1 if none is.")
    ] = False,
) -> None:
    """Post hours worked to the orders API; rows not taken go to FILE.rejected.csv with their reason.

    Importing again changes nothing; a row that says something else than what is kept is reported.
    """
    from deploy.cli import till_import
    from ingest.orders.client import OrdersClient
    from ingest.orders.staff_csv import StaffExport, StaffLayout

    layout = StaffLayout(
        store=store, source=source, mapping=mapping_of(map_ or []), zone=zone_of(timezone), date_format=date_format
    )
    make = partial(StaffExport, layout=till_import.replacing(layout, replace=replace))
    if dry_run:
        raise typer.Exit(0 if till_import.dry_run(file, make, encoding, _DRY_ROWS) else 1)
    client = OrdersClient(url, till_import.key_of(key, name="roster", store=store), "staff-hours")
    till_import.end(till_import.post_file(file, make, encoding, client, replace=replace))
