"""`footfall release rollout` and `status`: a release on its way to 1 %, 10 %, all boxes, and what they say of it."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from deploy.cli.config_decision import By, Why, decided
from deploy.cli.config_rollout import share_of
from deploy.cli.connection import database
from deploy.cli.release_depot import depot

if TYPE_CHECKING:
    from deploy.control.rollouts import Subject
    from deploy.releases.depot import Published


def rollout(
    name: Annotated[str, typer.Argument(help="The release's name: `footfall`, or that of a model.")],
    version: Annotated[str, typer.Argument(help="Its version.")],
    to: Annotated[str, typer.Option(help="Which share of the boxes: 1%, 10%, all. A larger one widens it.")],
    store: Annotated[list[str] | None, typer.Option(help="Only this store's; may be repeated.")] = None,
    at_once: Annotated[
        int | None, typer.Option(min=1, max=10_000, help="So many boxes may try it at a time; default: 20.")
    ] = None,
    tolerate: Annotated[
        str | None, typer.Option(help="It stops when a larger share fails, and more than one box; default: 5%.")
    ] = None,
    shadow: Annotated[bool, typer.Option(help="A model: compare it with the present one before it takes over.")] = True,
    minutes: Annotated[float, typer.Option(min=0.1, max=20_160, help="Of film to compare.")] = 60,
    crossings: Annotated[int, typer.Option(min=0, max=100_000, help="That the present model has to see by then.")] = 50,
    difference: Annotated[
        str, typer.Option(help="It takes over by itself where counts differ by no more: 5%, 0%, or never.")
    ] = "5%",
    prove: Annotated[float, typer.Option(min=0.1, max=1_440, help="An application: minutes to prove itself.")] = 15,
    rollback: Annotated[bool, typer.Option(help="Take it although it is older than what is there.")] = False,
    by: By = None,
    why: Why = None,
) -> None:
    """Roll a published release out, or widen its roll-out; watch and steer it with `footfall config rollout`.

    A model counts in the shadow of the present one first. It takes over by itself where their counts differ by no more
    than `--difference`; where they differ by more, the box says by how much and goes on with the present one.
    """
    from contract.releases import ShadowRules
    from deploy.control.rollouts import start

    bound = None if difference == "never" else share_of(difference, "--difference") if difference != "0%" else 0.0
    rules = ShadowRules(minutes=minutes, crossings=crossings, difference_max=bound) if shadow else None
    subject = _subject(depot().find(name, version), rules, prove=prove, rollback=rollback)
    with database() as opened:
        begun = start(
            opened, subject, share=share_of(to, "--to"), stores=store, at_once=at_once,
            tolerated=None if tolerate is None else share_of(tolerate, "--tolerate"), decision=decided(by, why),
        )  # fmt: skip
    typer.echo(
        f"{begun.words} is on its way to {begun.boxes} of {begun.eligible} boxes: footfall config rollout status, "
        "footfall release status"
    )


def status(
    store: Annotated[str | None, typer.Option(help="Only this store's.")] = None,
    json_: Annotated[bool, typer.Option("--json", help="One JSON array.")] = False,
) -> None:
    """Show what each box runs, how far it is with what was asked of it, and by how much a new model differs."""
    from analytics.clock import utc_now
    from deploy.releases.status import box_releases
    from deploy.releases.status import difference as in_words

    with database() as opened:
        found = box_releases(opened, now=utc_now(), store=store)
    if json_:
        typer.echo(json.dumps([each.as_dict() for each in found]))
        return
    table = Table("box", "", "runs", "asked", "state", "why, or what was compared", box=None)
    for each in found:
        box, online = f"{each.store}/{each.device}", "online" if each.online else "offline"
        reports = [report for report in (each.application, each.model) if report is not None]
        for report in reports:
            asked = f"{report.name or ''} {report.version or ''}".strip() or "none"
            words = " ".join(part for part in (report.reason, in_words(report)) if part)
            table.add_row(box, online, each.version, asked, report.state, words)
        if not reports:
            table.add_row(box, online, each.version, "", "", "")
    Console().print(table)


def _subject(published: "Published", rules: Any, *, prove: float, rollback: bool) -> "Subject":
    import msgspec

    from contract.releases import ApplicationRelease, ModelRelease
    from deploy.control.rollouts import Subject

    manifest = published.manifest
    wish = (
        ModelRelease(manifest=published.sha256, shadow=rules, rollback=rollback)
        if manifest.kind == "model"
        else ApplicationRelease(manifest=published.sha256, prove_minutes=prove, rollback=rollback)
    )
    # As the database keeps it: what is null there is nothing.
    plain = {key: value for key, value in msgspec.to_builtins(wish).items() if value is not None}
    return Subject(manifest.kind, f"{manifest.name} {manifest.version}", release=plain)
