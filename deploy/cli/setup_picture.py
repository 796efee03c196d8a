"""`footfall setup-picture`: asking a box what a camera looks at without anybody in it, and looking at the answer."""

import json
from getpass import getuser
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from analytics.clock import utc_now
from deploy.cli.connection import database

app = typer.Typer(no_args_is_help=True)

_Request = Annotated[UUID, typer.Argument(help="The request's id.", metavar="REQUEST")]


@app.command(
    epilog='Example: footfall setup-picture request riverside door-box door --why "draw the new entrance line"'
)
def request(
    store: Annotated[str, typer.Argument(help="The store's code.")],
    device: Annotated[str, typer.Argument(help="The device's name.")],
    camera: Annotated[str, typer.Argument(help="The camera's name.")],
    why: Annotated[str, typer.Option(help="What it is for: it is written down with your name.")],
    json_: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Ask a box for a camera's set-up picture: the median of some minutes, who stays there covered.

    The box takes five minutes or more; `list` shows when it is there. You are written down as the user who runs this.
    """
    from deploy.control.desires import Decision
    from deploy.setup_pictures import request as ask

    decision = Decision(by=_me(), why=why, at=utc_now())
    with database() as opened:
        asked = ask(opened, store, device, camera, decision)
    if json_:
        typer.echo(json.dumps({"request": str(asked)}))
    else:
        typer.echo(f"asked {store}/{device} for the set-up picture of camera {camera}: request {asked}")


@app.command("list", epilog="Example: footfall setup-picture list --store riverside --json")
def list_(
    store: Annotated[str | None, typer.Option(help="Only this store's.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="The newest so many.")] = 50,
    json_: Annotated[bool, typer.Option("--json", help="One JSON array.")] = False,
) -> None:
    """List the requests, newest first: who asked for which camera, and how it stands."""
    from deploy.setup_pictures import listed

    with database() as opened:
        found = listed(opened, now=utc_now(), store=store, limit=limit)
    if json_:
        typer.echo(json.dumps([each.as_dict() for each in found]))
        return
    for each in found:
        typer.echo(f"{each.request}  {each.store}/{each.device} {each.camera}  {each.state}")
        typer.echo(f"    asked {each.asked_at:%Y-%m-%d %H:%M} by {each.asked_by}: {each.why}")
        if each.reason:
            typer.echo(f"    {each.reason}")
        if each.delete_at:
            typer.echo(
                f"    {each.width}×{each.height}, {each.covered_share:.0%} covered, "
                f"deleted at {each.delete_at:%Y-%m-%d %H:%M} UTC"
            )
    if not found:
        typer.echo("no set-up picture was asked for")


@app.command(epilog="Example: footfall setup-picture show 7a0c7d4e-5a39-4b8f-9a0e-2f3c1f6d8b11")
def show(asked: _Request, json_: Annotated[bool, typer.Option("--json", help="One JSON array.")] = False) -> None:
    """Show what became of a picture: when it came, every viewing with who and how, and its deletion."""
    from deploy.setup_pictures import events

    with database() as opened:
        found = events(opened, asked)
    if json_:
        typer.echo(json.dumps([
            {"at": each.at.isoformat(), "action": each.action, "by": each.by, "how": each.how} for each in found
        ]))  # fmt: skip
        return
    for each in found:
        viewer = f" by {each.by} ({each.how})" if each.by else ""
        typer.echo(f"{each.at:%Y-%m-%d %H:%M:%S} {each.action}{viewer}")
    if not found:
        typer.echo("no picture has come for this request")


@app.command(epilog="Example: footfall setup-picture save 7a0c7d4e-5a39-4b8f-9a0e-2f3c1f6d8b11 door.jpg")
def save(
    asked: _Request, file: Annotated[Path, typer.Argument(help="The JPEG to write, readable by you alone.")]
) -> None:
    """Write a picture to a file, and your name into its log. Delete the file when the lines are drawn."""
    from deploy.setup_pictures import view
    from edge.identity import write_secret

    with database() as opened:
        image = view(opened, asked, by=_me(), how="saved on the server", now=utc_now())
    write_secret(file, image)
    typer.echo(f"wrote {len(image)} bytes to {file}")


def _me() -> str:
    return f"{getuser()} on the server"
