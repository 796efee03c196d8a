"""`footfall store target`: what stores want to reach."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from analytics.clock import utc_now
from deploy.cli.config_decision import By, decided
from deploy.cli.connection import database
from deploy.cli.moments import day

app = typer.Typer(no_args_is_help=True, help="Targets: visitors, conversion and net sales by weekday, from a day on.")

_Store = Annotated[str, typer.Argument(help="The store's code.")]
_WEEK = "One number for every day, or such as 'mon-fri=400, sat=900'; a weekday that is not named has none."


@app.command(
    "set",
    epilog="Example: footfall store target set riverside --visitors 'mon-fri=400, sat=900' --conversion 24% "
    "--from 2026-12-01",
)
def set_(
    code: _Store,
    visitors: Annotated[str | None, typer.Option(help=f"Visitors a day. {_WEEK}")] = None,
    conversion: Annotated[
        str | None, typer.Option(help="Of the visitors, how many buy: 24%, by weekday as above.")
    ] = None,
    sales: Annotated[
        str | None, typer.Option(help="Net sales a day in the store's currency, by weekday as above.")
    ] = None,
    from_: Annotated[
        str | None, typer.Option("--from", help="First day that they hold on, YYYY-MM-DD; default: today (UTC).")
    ] = None,
    by: By = None,
) -> None:
    """Set targets from a day on, until the next ones begin. Days before keep those of their time."""
    from analytics.visits.targets import Metric, Plan
    from deploy.targets import parse_week, set_targets

    now = utc_now()
    first = day(from_, "--from") if from_ else now.date()
    said: dict[Metric, str | None] = {"visitors": visitors, "conversion": conversion, "net_sales": sales}
    plans = [(code, Plan(name, first, parse_week(text, name))) for name, text in said.items() if text is not None]
    if not plans:
        raise typer.BadParameter("expected one of --visitors, --conversion, --sales")
    with database() as opened:
        set_targets(opened, plans, by=decided(by, None).by, at=now)
    typer.echo(f"{code}: {', '.join(plan.metric for _, plan in plans)} from {first} on")


@app.command("list", epilog="Example: footfall store target list riverside --json")
def list_(
    code: Annotated[str | None, typer.Argument(help="Only this store's.")] = None,
    json_: Annotated[bool, typer.Option("--json", help="One JSON array.")] = False,
) -> None:
    """List targets, past and to come, Monday to Sunday."""
    from analytics.weekdays import DAYS
    from deploy.targets import targets, write_week

    with database() as opened:
        found = targets(opened, code)
    if json_:
        typer.echo(
            json.dumps(
                [
                    {
                        "store": one.store, "metric": one.plan.metric, "from": one.plan.valid_from.isoformat(),
                        **dict(zip(DAYS, one.plan.by_weekday, strict=True)), "said_by": one.said_by,
                        "said_at": one.said_at.isoformat(),
                    }
                    for one in found
                ]
            )
        )  # fmt: skip
        return
    table = Table(box=None)
    for title in ("store", "metric", "from"):
        # These go into other commands: they are never cut.
        table.add_column(title, no_wrap=True, overflow="ignore")
    for title in ("targets", "said by"):
        table.add_column(title, overflow="fold")
    for one in found:
        plan = one.plan
        table.add_row(one.store, plan.metric, str(plan.valid_from), write_week(plan.by_weekday), one.said_by)
    Console().print(table)


@app.command(epilog="Example: footfall store target withdraw riverside visitors 2026-12-01")
def withdraw(
    code: _Store,
    metric: Annotated[str, typer.Argument(help="visitors, conversion or net_sales.")],
    from_: Annotated[str, typer.Argument(metavar="FROM", help="The day that it begins on, YYYY-MM-DD.")],
    by: By = None,
) -> None:
    """Take a target back that begins on a day: what began before it goes on."""
    from analytics.visits.targets import METRICS
    from deploy.targets import withdraw as take_back

    found = next((one for one in METRICS if one == metric), None)
    if found is None:
        raise typer.BadParameter(f"expected {', '.join(METRICS)}, got {metric!r}", param_hint="METRIC")
    with database() as opened:
        take_back(opened, code, found, day(from_, "FROM"), by=decided(by, None).by, at=utc_now())
    typer.echo(f"{code}: {metric} from {from_} on is taken back")


@app.command("import", epilog="Example: footfall store target import targets.csv")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV: store, metric, from, mon, tue, wed, thu, fri, sat, sun.")],
    by: By = None,
) -> None:
    """Set the targets of many stores from a list: all of them, or none where a line is wrong."""
    from deploy.errors import StoreError
    from deploy.targets import read_list, set_targets

    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(f"{file} cannot be read as a CSV file in UTF-8: {error}") from error
    plans = read_list(text)
    with database() as opened:
        set_targets(opened, plans, by=decided(by, None).by, at=utc_now())
    typer.echo(f"{len(plans)} targets of {len({store for store, _ in plans})} stores")
