"""`footfall restatements`: what changed of past business days, and why."""

import json
from dataclasses import asdict
from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from analytics.clock import utc_now
from deploy.cli.connection import database
from deploy.cli.moments import moment
from deploy.cli.words import number_of

if TYPE_CHECKING:
    from analytics.quality.restatements import Change, Restatement

app = typer.Typer(no_args_is_help=True)
_MONTH = timedelta(days=30)


@app.callback()
def _restatements() -> None:
    """Say what changed of past business days, and why."""


@app.command("list", epilog="Example: footfall restatements list --store riverside --since 2026-11-20 --json")
def list_(
    store: Annotated[list[str] | None, typer.Option(help="Only this store. Repeatable.")] = None,
    since: Annotated[
        str | None, typer.Option(help="Changes from this day or moment on (UTC); default: the last 30 days.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="So many, the latest first.")] = 100,
    json_: Annotated[bool, typer.Option("--json", help="One JSON array.")] = False,
) -> None:
    """List each change: figures before and after, when, why, and how many rows or orders it came from."""
    from analytics.quality.restatements import read_restatements
    from analytics.stores import all_stores, store_of

    now = utc_now()
    begin = moment(since, "--since") if since else now - _MONTH
    with database() as opened, opened.transaction() as cursor:
        known = all_stores(cursor.connection)
        chosen = [store_of(known, code) for code in store] if store else known
        codes = {one.store_id: one.code for one in chosen}
        until = now + timedelta(minutes=1)
        found = read_restatements(cursor.connection, list(codes), since=begin, until=until, limit=limit)
    if json_:
        typer.echo(json.dumps([_as_dict(one, codes[one.store_id]) for one in found]))
        return
    table = Table(box=None)
    for title in ("store", "day", "changed", "why", "figure", "before", "after"):
        table.add_column(title, overflow="fold")
    for one in found:
        why = ", ".join(f"{reason.name} ({reason.rows})" for reason in one.reasons)
        where = [codes[one.store_id], one.business_date.isoformat(), f"{one.at:%Y-%m-%d %H:%M}", why]
        told = [_told(change) for change in one.changes]
        nothing = ("sales withheld: few orders gone" if one.withheld else "intervals only", "", "")
        for number, cells in enumerate(told or [nothing]):
            table.add_row(*(where if number == 0 else [""] * 4), *cells)
    Console().print(table if found else "nothing changed of a past day in that time")


def _as_dict(one: "Restatement", store: str) -> dict[str, Any]:
    plain = asdict(one)
    plain.pop("store_id")
    return {
        "store": store,
        **{key: _text(value) if isinstance(value, date) else value for key, value in plain.items()},
    }


def _told(change: "Change") -> tuple[str, str, str]:
    return change.definition_id, number_of(change.before), number_of(change.after)


def _text(value: Any) -> str:
    return str(value.isoformat())
