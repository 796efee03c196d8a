"""`footfall verify`: whether everything that devices counted is in the database."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from deploy.cli.connection import database
from deploy.cli.words import count_of, ranges_of

if TYPE_CHECKING:
    from ingest.verify import Verdict

app = typer.Typer()


@app.command(epilog="Example: footfall verify --json")
def verify(json_: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False) -> None:
    """Say what devices counted and the database lacks, and where registers disagree; exit code 1 if there is any.

    What a box says it had to let go of is listed as lost, and is no error: nothing can bring it back.

    It knows what devices have told: of a device that never connected, or of what one has counted since it last did,
    nothing is known here.
    """
    from ingest.verify import verify as look

    with database() as opened:
        verdict = look(opened)
    if json_:
        typer.echo(json.dumps(verdict.as_dict()))
    else:
        _tell(verdict)
    if not verdict.complete:
        raise typer.Exit(1)


def _tell(verdict: "Verdict") -> None:
    for gap in verdict.missing:
        typer.echo(
            f"missing: {gap.store}/{gap.device} epoch {gap.epoch}: {gap.missing} of {gap.last_seq}: "
            f"{ranges_of(gap.ranges)}"
        )
    for line in verdict.registers:
        typer.echo(
            f"register: {line.store} line {line.line}, {line.since:%Y-%m-%d %H:%MZ} to {line.until:%Y-%m-%d %H:%MZ}: "
            f"in {line.ins} (crossings {line.in_least} to {line.in_most}), "
            f"out {line.outs} (crossings {line.out_least} to {line.out_most})"
        )
    for loss in verdict.losses:
        number = "an unknown number of entries" if loss.entries is None else count_of(loss.entries, "entry", "entries")
        ended = f"; epoch {loss.of_epoch} ended, {loss.never_came or 0} of it never came" if loss.of_epoch else ""
        if loss.seqs:
            ended = f"; of epoch {loss.of_epoch}: {ranges_of(loss.seqs)}"
        typer.echo(
            f"lost: {loss.store}/{loss.device}, {loss.since:%Y-%m-%d %H:%MZ} to {loss.until:%Y-%m-%d %H:%MZ}: {number} "
            f"({loss.reason}){ended}"
        )
    looked = (
        f"{count_of(verdict.entries, 'entry', 'entries')} of {count_of(verdict.devices, 'device')} "
        f"in {count_of(verdict.epochs, 'epoch')}"
    )
    if verdict.complete:
        typer.echo(f"complete: nothing is missing of {looked}, every register agrees")
    else:
        typer.echo(f"not complete: looked at {looked}. A device that is online sends what is missing by itself,")
        typer.echo("or is asked for it within minutes: footfall ingest gaps list")
    if verdict.dead_letters:
        typer.echo(f"{count_of(verdict.dead_letters, 'dead letter')}: footfall ingest dead-letters list")
