"""`footfall config`: what head office wants of its boxes, and how they are with it."""

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from deploy.cli.config_decision import By, Why, decided
from deploy.cli.config_rollout import app as rollout_app
from deploy.cli.config_standard import app as standard_app
from deploy.cli.connection import database

if TYPE_CHECKING:
    from collections.abc import Sequence

    from deploy.control.status import BoxStatus, Change

app = typer.Typer(no_args_is_help=True)
app.add_typer(standard_app, name="standard")
app.add_typer(rollout_app, name="rollout")

_Store = Annotated[str, typer.Argument(help="The store's code.")]
_Device = Annotated[str, typer.Argument(help="The device's name.")]
_Json = Annotated[bool, typer.Option("--json", help="One JSON object.")]
_Limit = Annotated[int, typer.Option(min=1, max=10_000, help="The newest so many.")]
_TROUBLE = ("refused", "rolled_back")


@app.command(epilog="Example: footfall config status --json")
def status(
    store: Annotated[str | None, typer.Option(help="Only this store's.")] = None,
    troubled: Annotated[bool, typer.Option(help="Only boxes that are behind, refused, rolled back or edited.")] = False,
    json_: _Json = False,
) -> None:
    """Show which box runs which standard, and which are behind, refused it, rolled it back or are offline."""
    from analytics.clock import utc_now
    from deploy.control.status import boxes

    with database() as opened:
        found = boxes(opened, now=utc_now(), store=store)
    kept = [each for each in found if not troubled or each.standing in ("behind", *_TROUBLE) or each.edited]
    if json_:
        typer.echo(json.dumps({"counts": _counts(found), "boxes": [each.as_dict() for each in kept]}))
        return
    table = Table(box=None)
    for title in ("store", "device", "standing", "online", "version", "standard", "edited"):
        # These go into other commands, or are looked for by eye: they are never cut.
        table.add_column(title, no_wrap=True, overflow="ignore")
    for each in kept:
        version = f"{each.running or '–'} of {each.desired}" if each.desired else "–"
        standard = each.standard or "–"
        if each.standard != each.standard_desired:
            standard += f" → {each.standard_desired or 'none'}"
        online, edited = "yes" if each.online else "no", "yes" if each.edited else ""
        table.add_row(each.store, each.device, each.standing, online, version, standard, edited)
    Console().print(table)
    for each in kept:
        for said in (each.reason, each.rejected and f"it refused a message that is not head office's: {each.rejected}"):
            if said:
                typer.echo(f"{each.store}/{each.device}: {said}")
    counts = _counts(found)
    typer.echo(", ".join(f"{number} {what}" for what, number in {**counts["standings"], **counts["standards"]}.items()))


@app.command(epilog="Example: footfall config show riverside door-box")
def show(store: _Store, device: _Device, json_: _Json = False) -> None:
    """Show what is desired of a box now: its site text and its standard."""
    from deploy.control.setting import shown

    with database() as opened:
        found = shown(opened, store, device)
    if json_:
        said = {"version": found.version, **found.body, "site_sha256": found.site_sha256, "edited": found.edited}
        typer.echo(json.dumps(said))
        return
    typer.echo(f"# {store}/{device}, version {found.version or 'none: it is as it was set up there'}")
    if found.edited:
        typer.echo("# its site file was written or changed by hand")
    if standard := found.body.get("standard"):
        typer.echo(f"# standard {standard['name']} {standard['number']} is laid over it:")
        typer.echo("".join(f"#   {line}\n" for line in standard["settings"].splitlines()))
    typer.echo(found.body.get("site", "# its site text is the box's own"))


@app.command("set", epilog="Example: footfall config set riverside door-box new-site.toml --why 'second door'")
def set_(
    store: _Store,
    device: _Device,
    site: Annotated[Path, typer.Argument(help="A site file without store, device, [broker] and [outbox].")],
    replace_local_edits: Annotated[
        bool, typer.Option(help="Also where a person has changed the file that the box last reported.")
    ] = False,
    by: By = None,
    why: Why = None,
) -> None:
    """Set a box up anew. It checks the text, tries it, and goes back by itself if a camera goes blind."""
    from analytics.clock import utc_now
    from deploy.control.setting import read_site, set_site
    from deploy.trust.devices import listed_devices

    text = read_site(site, store, device)
    with database() as opened:
        version = set_site(opened, store, device, text, decided(by, why), replace_local_edits=replace_local_edits)
        (box,) = (one for one in listed_devices(opened, now=utc_now(), store=store) if one.device == device)
    typer.echo(f"version {version} is desired of {store}/{device}: footfall config history {store} {device}")
    if box.standing in ("revoked", "store closed"):
        again = f"footfall device code {store} {device}"
        typer.echo(
            f"but it is shut out ({box.standing}) and hears of it only once it is enrolled again: {again}", err=True
        )


@app.command(epilog="Example: footfall config assign autumn riverside hilltop/door-box")
def assign(
    standard: Annotated[str, typer.Argument(help="NAME or NAME:NUMBER; `none` takes a standard away.")],
    boxes: Annotated[list[str], typer.Argument(help="Stores, or store/device.")],
    by: By = None,
    why: Why = None,
) -> None:
    """Give a standard to some boxes at once, without a roll-out."""
    from deploy.control.standards import assign as give
    from deploy.control.standards import named

    wanted = None if standard == "none" else named(standard)
    with database() as opened:
        number = give(opened, wanted, boxes, decided(by, why))
    typer.echo(f"{standard} is desired of {number} boxes: footfall config status")


@app.command(epilog="Example: footfall config history riverside door-box --json")
def history(
    store: _Store,
    device: _Device,
    limit: _Limit = 50,
    json_: Annotated[bool, typer.Option("--json", help="One JSON array.")] = False,
) -> None:
    """Show what was wanted and asked of a box, by whom and why, and what it reported."""
    from deploy.control.status import history as changes

    with database() as opened:
        found = changes(opened, store, device, limit=limit)
    _print(found, json_=json_)


@app.command(epilog="Example: footfall config log --limit 20")
def log(limit: _Limit = 50, json_: Annotated[bool, typer.Option("--json", help="One JSON array.")] = False) -> None:
    """Show what people decided about boxes, standards and roll-outs: what, who, why, the newest first."""
    from deploy.control.status import log as changes

    with database() as opened:
        found = changes(opened, limit=limit)
    _print(found, json_=json_)


def _print(found: "Sequence[Change]", *, json_: bool) -> None:
    if json_:
        typer.echo(json.dumps([each.as_dict() for each in found]))
        return
    table = Table("at", "what", "where", "by", "detail", box=None)
    for each in found:
        fields = (each.what, each.where, each.by, each.detail)
        table.add_row(each.at.strftime("%m-%d %H:%M:%S"), *(field or "" for field in fields))
    Console().print(table)


def _counts(found: "Sequence[BoxStatus]") -> dict[str, dict[str, int]]:
    """Return how many boxes are how, and how many run which standard."""
    standings = Counter(str(each.standing) for each in found)
    standings["offline"] = sum(not each.online for each in found)
    standards = Counter(f"run {each.standard}" if each.standard else "run none" for each in found)
    return {"standings": dict(standings), "standards": dict(standards)}
