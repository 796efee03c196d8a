"""`footfall config rollout`: a standard, or a release, on its way to 1 %, 10 %, all boxes."""

import json
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from deploy.cli.config_decision import By, Why, decided
from deploy.cli.connection import database

if TYPE_CHECKING:
    from deploy.control.rollouts import Action, Rollout

app = typer.Typer(no_args_is_help=True, help="Roll-outs: a standard to 1 %, 10 %, all boxes, watched.")

_FAILED = 1


@app.command(epilog="Example: footfall config rollout start autumn --to 10%")
def start(
    standard: Annotated[str, typer.Argument(help="NAME for the latest version, or NAME:NUMBER.")],
    to: Annotated[str, typer.Option(help="Which share of the boxes: 1%, 10%, all. A larger one widens it.")],
    store: Annotated[list[str] | None, typer.Option(help="Only this store's; may be repeated.")] = None,
    at_once: Annotated[
        int | None, typer.Option(min=1, max=10_000, help="So many boxes may try it at a time; default: 20.")
    ] = None,
    tolerate: Annotated[
        str | None, typer.Option(help="It stops when a larger share fails, and more than one box; default: 5%.")
    ] = None,
    by: By = None,
    why: Why = None,
) -> None:
    """Roll a standard out, or widen its roll-out. Boxes that are offline get it when they are back."""
    from deploy.control.rollouts import start as begin
    from deploy.control.standards import named

    with database() as opened:
        begun = begin(
            opened, named(standard), share=share_of(to, "--to"), stores=store, at_once=at_once,
            tolerated=None if tolerate is None else share_of(tolerate, "--tolerate"), decision=decided(by, why),
        )  # fmt: skip
    typer.echo(
        f"{begun.words} is on its way to {begun.boxes} of {begun.eligible} boxes: footfall config rollout status"
    )


@app.command(epilog="Example: footfall config rollout widen --to 10% --why 'all is well'")
def widen(
    to: Annotated[str, typer.Option(help="Which share of the boxes: 10%, all.")], by: By = None, why: Why = None
) -> None:
    """Widen the roll-out that is on its way, of a standard or of a release, as it was begun."""
    from deploy.control.rollouts import widen as more

    with database() as opened:
        found = more(opened, share_of(to, "--to"), decided(by, why))
    typer.echo(
        f"{found.words} is on its way to {found.boxes} of {found.eligible} boxes: footfall config rollout status"
    )


@app.command(epilog="Example: footfall config rollout status --json")
def status(
    json_: Annotated[bool, typer.Option("--json", help="One JSON object, with each box.")] = False,
) -> None:
    """Show how far the roll-out is that is on its way, or was last. Exit 1 where it has stopped by itself."""
    from deploy.control.rollouts import latest, members

    with database() as opened:
        found = latest(opened)
        boxes = members(opened, found.rollout_id) if found is not None else []
    if json_:
        typer.echo(json.dumps(None if found is None else {**found.as_dict(), "members": boxes}))
    elif found is None:
        typer.echo("there was no roll-out yet")
    else:
        _print(found, boxes)
    if found is not None and found.state == "stopped":
        raise typer.Exit(_FAILED)


@app.command(epilog="Example: footfall config rollout pause")
def pause(by: By = None, why: Why = None) -> None:
    """Let no further box have it for now; who has it keeps it."""
    _change("pause", by, why)


@app.command(epilog="Example: footfall config rollout resume")
def resume(by: By = None, why: Why = None) -> None:
    """Go on; where it has stopped by itself, the boxes that failed have their turn again."""
    _change("resume", by, why)


@app.command(epilog="Example: footfall config rollout end")
def end(by: By = None, why: Why = None) -> None:
    """End it where it is: who has it keeps it, nobody else gets it."""
    _change("end", by, why)


@app.command(epilog="Example: footfall config rollout back --why 'queues are miscounted'")
def back(by: By = None, why: Why = None) -> None:
    """Take it back: each of its boxes gets the standard or release that it had before, or none."""
    _change("back", by, why)


def _change(action: "Action", by: str | None, why: str | None) -> None:
    from deploy.control.rollouts import change

    with database() as opened:
        found = change(opened, action, decided(by, why))
    typer.echo(f"the roll-out of {found.words} is {found.state}")


def share_of(text: str, option: str) -> float:
    """Return the share that an option says."""
    if text == "all":
        return 1.0
    try:
        share = float(text.removesuffix("%")) / 100
    except ValueError:
        share = 0.0
    if not (text.endswith("%") and 0 < share <= 1):
        raise typer.BadParameter(f"expected such as 1%, 10% or all, got {text}", param_hint=option)
    return share


def _print(found: "Rollout", boxes: list[dict[str, str | None]]) -> None:
    typer.echo(
        f"{found.words}: {found.state} at {found.share:.0%}, {found.boxes} of {found.eligible} boxes"
        f". {found.runs} run it, {found.pending} try it, {found.waiting} wait for their turn or are offline, "
        f"{found.refused} refused it, {found.rolled_back} rolled it back (more than {found.failures_max} stop it)"
    )
    failed = [each for each in boxes if each["outcome"] in ("refused", "rolled_back")]
    if failed:
        table = Table("store", "device", "outcome", "reason", box=None)
        for each in failed:
            table.add_row(*(each[key] or "" for key in ("store", "device", "outcome", "reason")))
        Console().print(table)
