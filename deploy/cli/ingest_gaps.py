"""`footfall ingest gaps`: what devices counted and the database lacks, and asking for it."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from deploy.cli.config_decision import By, Why, decided
from deploy.cli.connection import database
from deploy.cli.words import count_of, ranges_of

if TYPE_CHECKING:
    from deploy.control.gaps import Gap

app = typer.Typer(no_args_is_help=True, help="Entries that are missing, until they came or are stated as lost.")


@app.command("list", epilog="Example: footfall ingest gaps list --json")
def list_(json_: Annotated[bool, typer.Option("--json", help="One JSON array.")] = False) -> None:
    """List what is missing of each box, since when, and what it answered when it was asked for."""
    from deploy.control.gaps import listed

    with database() as opened:
        gaps = listed(opened)
    if json_:
        typer.echo(json.dumps([gap.as_dict() for gap in gaps]))
        return
    if not gaps:
        typer.echo("nothing is missing")
    for gap in gaps:
        typer.echo(_told(gap))


@app.command(epilog="Example: footfall ingest gaps ask riverside door-box")
def ask(
    store: Annotated[str, typer.Argument(help="The store's code.")],
    device: Annotated[str, typer.Argument(help="The device's name.")],
    by: By = None,
    why: Why = None,
) -> None:
    """Ask an enrolled box for what is missing of it; good for 15 minutes.

    What the box still has leaves once more, what it has no longer it states as lost. The enrolment service asks by
    itself for what has been missing for five minutes, then ever more seldom, down to once a day.
    """
    from deploy.control.gaps import ask as ask_box

    with database() as opened:
        number = ask_box(opened, store, device, decided(by, why))
    asked = f"asked for {count_of(number, 'entry', 'entries')}: footfall ingest gaps list"
    typer.echo(f"{store}/{device} is {asked}" if number else f"nothing is missing of {store}/{device}")


def _told(gap: "Gap") -> str:
    since = f", since {gap.since:%Y-%m-%d %H:%MZ}" if gap.since else ""
    lines = [
        f"{gap.store}/{gap.device} ({gap.state or 'never heard of'}), epoch {gap.epoch}{since}",
        f"  {count_of(gap.missing, 'entry', 'entries')}: {ranges_of(gap.ranges)}",
    ]
    if gap.asked_at:
        answer = f"{gap.outcome}: {gap.answer}" if gap.answer else gap.outcome or "no answer yet"
        lines.append(f"  asked {count_of(gap.times, 'time')}, last {gap.asked_at:%Y-%m-%d %H:%MZ}: {answer}")
    return "\n".join(lines)
