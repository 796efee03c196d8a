"""`footfall orders`: the till's orders – API, CSV import, erasing."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from analytics.clock import utc_now
from deploy.cli.connection import database
from deploy.cli.words import count_of

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from ingest.orders.book import Terms
    from ingest.orders.till_csv import Layout

app = typer.Typer(no_args_is_help=True)

_DRY_ROWS = 5
# As ingest.orders.till_csv.FIELDS, which a camera box does not import; a test keeps the two equal.
_MAP = (
    "OURS=THEIRS: their column for our field. OURS is one of external_id, version, kind, original_external_id, "
    "business_date, closed_at, gross, discount, tax, net, currency, units, channel, register, staff_ref, "
    "customer_ref, is_test."
)
KEY_VARIABLE = "FOOTFALL_ORDERS_KEY"


DecimalCommaOf = Annotated[
    bool | None,
    typer.Option(
        "--decimal-comma/--decimal-point",
        help="Amounts are written 1.234,50, or 1,234.50; without either, 1,234 or 1.234 is refused as unclear.",
    ),
]
DirectOf = Annotated[
    bool,
    typer.Option(
        "--direct",
        help="On the server, for long files: straight into the database, several times as fast, and an import that "
        "was killed goes on where it was. Needs no key, but FOOTFALL_DATABASE_URL and FOOTFALL_HASH_SECRET.",
    ),
]


@app.command(epilog="Example: footfall orders serve --port 8081")
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on; put TLS in front of any other.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Port to listen on.")] = 8081,
) -> None:
    """Run the orders API until SIGTERM or Ctrl-C; needs FOOTFALL_DATABASE_URL and FOOTFALL_HASH_SECRET."""
    from deploy.cli.serving import serve_http
    from ingest.orders.app import create_app
    from ingest.settings import OrdersSettings, load

    serve_http("orders", "orders API", create_app(load(OrdersSettings), now=utc_now), host=host, port=port)


@app.command(
    "import",
    epilog="Example: footfall orders import export.csv --store riverside --map external_id=Receipt "
    "--map closed_at=Date --map net=Total --map units=Items --timezone Europe/Berlin --dry-run",
)
def import_(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The till's CSV export.")],
    store: Annotated[str, typer.Option(help="Whose orders they are.")],
    map_: Annotated[list[str] | None, typer.Option("--map", help=_MAP)] = None,
    source: Annotated[str, typer.Option(help="The till system; with its numbers it tells orders apart.")] = "csv",
    currency: Annotated[str, typer.Option(help="Where no column says it.")] = "EUR",
    timezone: Annotated[str | None, typer.Option(help="IANA zone of times without an offset.")] = None,
    date_format: Annotated[str | None, typer.Option(help="Such as '%d.%m.%Y %H:%M'; default: ISO.")] = None,
    decimal_comma: DecimalCommaOf = None,
    encoding: Annotated[str, typer.Option(help="Of the file.")] = "utf-8-sig",
    url: Annotated[str, typer.Option(envvar="FOOTFALL_ORDERS_URL", help="The orders API.")] = "http://127.0.0.1:8081",
    key: Annotated[str | None, typer.Option(help=f"API key; better in {KEY_VARIABLE}.")] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="A corrected export: its rows replace what is kept of their orders.")
    ] = False,
    direct: DirectOf = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the first rows as understood, post nothing; exit code 1 if none is.")
    ] = False,
) -> None:
    """Post a till's CSV export to the orders API; rows not taken go to FILE.rejected.csv with their reason.

    Importing again changes nothing; a row that says something else than what is kept is reported.
    """
    from deploy.cli import till_import
    from ingest.orders.client import OrdersClient
    from ingest.orders.till_csv import TillExport

    layout = till_import.replacing(
        _layout(store, source, currency, map_ or [], timezone, date_format, decimal_comma=decimal_comma),
        replace=replace,
    )
    make = partial(TillExport, layout=layout)
    if dry_run:
        raise typer.Exit(0 if till_import.dry_run(file, make, encoding, _DRY_ROWS) else 1)
    if direct:
        with database() as opened:
            done = till_import.import_directly(file, layout, encoding, opened, _terms(), replace=replace)
        till_import.end(done)
    client = OrdersClient(url, till_import.key_of(key, name="import", store=store))
    till_import.end(till_import.post_file(file, make, encoding, client, replace=replace))


@app.command(epilog="Example: footfall orders erase --source csv --order 4711 --yes")
def erase(
    source: Annotated[str, typer.Option(help="The till or roster system, as orders and hours name it.")],
    order: Annotated[list[str] | None, typer.Option(help="Number of an order to delete. Repeatable.")] = None,
    customer: Annotated[
        list[str] | None,
        typer.Option(help="Customer whom orders name no more; needs FOOTFALL_HASH_SECRET. Repeatable."),
    ] = None,
    shift: Annotated[list[str] | None, typer.Option(help="Number of a shift to delete. Repeatable.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase orders, customers' references or hours of staff, with what they said before: nothing of them is left.

    Figures of their days are counted anew. A till that sends them once more brings them back.
    """
    from ingest import erasing

    if not (order or customer or shift):
        raise typer.BadParameter("expected at least one --order, --customer or --shift, got none")
    if not yes:
        typer.confirm("Erase them for good?", abort=True)
    with database() as opened:
        orders = erasing.erase_orders(opened, source, order or ())
        named = erasing.erase_customers(opened, source, customer, hash_secret=_terms().hash_secret) if customer else 0
        shifts = erasing.erase_shifts(opened, source, shift or ())
    typer.echo(
        f"erased: {count_of(orders, 'order')}, the customer of {count_of(named, 'order')}, {count_of(shifts, 'shift')}"
    )


def _terms() -> "Terms":
    from ingest.orders.book import Terms
    from ingest.settings import OrdersSettings, load

    return Terms.of(load(OrdersSettings), utc_now())


def _layout(
    store: str, source: str, currency: str, mapping: list[str], timezone: str | None, date_format: str | None,
    *, decimal_comma: bool | None,
) -> "Layout":  # fmt: skip
    from ingest.orders.till_csv import Layout

    return Layout(
        store=store, source=source, currency=currency, mapping=mapping_of(mapping), zone=zone_of(timezone),
        date_format=date_format, decimal_comma=decimal_comma,
    )  # fmt: skip


def mapping_of(texts: list[str]) -> dict[str, str]:
    """Return what OURS=THEIRS texts say."""
    pairs = {}
    for text in texts:
        ours, equals, theirs = text.partition("=")
        if not equals or not theirs:
            raise typer.BadParameter(f"expected OURS=THEIRS such as net=Total, got {text!r}", param_hint="--map")
        pairs[ours.strip()] = theirs.strip()
    return pairs


def zone_of(timezone: str | None) -> "ZoneInfo | None":
    """Return the zone of an IANA name."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(timezone) if timezone else None
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise typer.BadParameter(
            f"expected an IANA zone such as Europe/Berlin, got {timezone!r}", param_hint="--timezone"
        ) from error
