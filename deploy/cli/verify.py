"""`footfall verify`: whether everything that devices counted is in the database, and in what it serves."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from deploy.cli.connection import database
from deploy.cli.words import count_of, ranges_of

if TYPE_CHECKING:
    from deploy.recomputing import Recomputed
    from ingest.database import Database
    from ingest.verify import Verdict

app = typer.Typer()


@app.command(epilog="Example: footfall verify --deep --store riverside --since 2026-11-01")
def verify(
    deep: Annotated[
        bool, typer.Option("--deep", help="Also compute every aggregate anew from raw rows and compare it.")
    ] = False,
    store: Annotated[list[str] | None, typer.Option(help="Only this store's aggregates. Repeatable.")] = None,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only aggregates from this day, UTC, on.")
    ] = None,
    truth: Annotated[
        Path | None,
        typer.Option(help="What `footfall simulate run --miscount --truth` wrote: hold what is shown against it."),
    ] = None,
    cases: Annotated[
        Path | None, typer.Option(help="With --truth: a CSV row per store-day and figure, written here.")
    ] = None,
    json_: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Say what devices counted and the database lacks, and where registers disagree; exit code 1 if there is any.

    What a box says it had to let go of is listed as lost, and is no error: nothing can bring it back.

    It knows what devices have told: of a device that never connected, or of what one has counted since it last did,
    nothing is known here.

    With --deep, quarter-hours, hours, business days and sales are added up once more from the raw rows (90 days of them
    are kept) and compared with what pages and exports are told; exit code 1 where something differs.

    With --truth, of simulated stores: each figure beside the truth, and how often the 95 % intervals hold it; exit code
    1 where a figure lies outside its word.
    """
    from ingest.verify import verify as look

    if not deep and (store or since):
        raise typer.BadParameter("--store and --since choose what --deep looks at: say --deep, too")
    if cases and not truth:
        raise typer.BadParameter("--cases writes what --truth looked at: say --truth FILE, too")
    if truth:
        from deploy.cli.verify_truth import verify_truth

        with database() as opened:
            kept = verify_truth(opened, truth, cases=cases, json_=json_)
        raise typer.Exit(0 if kept else 1)
    with database() as opened:
        verdict = look(opened)
        recomputed = _recompute(opened, store, since and since.replace(tzinfo=UTC)) if deep else None
    if json_:
        more = {"deep": recomputed.as_dict()} if recomputed else {}
        typer.echo(json.dumps({**verdict.as_dict(), **more}))
    else:
        _tell(verdict)
        if recomputed:
            _tell_deep(recomputed)
    if not verdict.complete or (recomputed and not recomputed.agrees):
        raise typer.Exit(1)


def _recompute(opened: "Database", stores: list[str] | None, since: datetime | None) -> "Recomputed":
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from deploy.recomputing import recompute

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("stores")

        def show(done: int, total: int, what: str) -> None:
            progress.update(task, completed=done, total=total, description=what)

        return recompute(opened, stores=stores, since=since, on_progress=show)


def _tell_deep(recomputed: "Recomputed") -> None:
    for each in recomputed.relations:
        for found in each.shown:
            key = ", ".join(f"{name} {value}" for name, value in found.key.items())
            values = ", ".join(
                f"{name} {served or 'nothing'} instead of {found.computed[name] or 'nothing'}"
                for name, served in found.served.items()
            )
            typer.echo(f"differs: {each.relation}, {found.store}, {key}: {values}")
        if each.different > len(each.shown):
            typer.echo(f"differs: {each.relation}: {each.different - len(each.shown)} more")
        if each.late:
            typer.echo(f"refreshed: {each.relation}: {count_of(each.late, 'group')} lacked late rows until now")
    if recomputed.raw_from:
        typer.echo(f"raw rows are kept from {recomputed.raw_from:%Y-%m-%d %H:%MZ}: nothing older can be computed anew")
    groups = sum(each.groups for each in recomputed.relations)
    wrong = sum(each.different for each in recomputed.relations)
    what = f"{count_of(groups, 'group')} in {count_of(len(recomputed.relations), 'aggregate')} of " + count_of(
        recomputed.stores, "store"
    )
    typer.echo(f"recomputed {what}: " + (f"{wrong} are served otherwise" if wrong else "all are served as computed"))


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
