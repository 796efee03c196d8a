"""`footfall edge enroll`: from a one-time code to a box that may speak."""

import json
from pathlib import Path
from typing import Annotated

import typer


def picture_size(source: str) -> tuple[int, int]:
    """Return (width, height) in pixels of the camera at `source`; if it does not answer, say what is assumed."""
    from edge.errors import SourceError
    from edge.site_check import frame_size
    from edge.starter import ASSUMED_SIZE, starter_camera

    try:
        return frame_size(starter_camera(source))
    except SourceError as error:
        width, height = ASSUMED_SIZE
        typer.secho(f"{error}; assuming pictures of {width} x {height}", fg=typer.colors.YELLOW, err=True)
        return ASSUMED_SIZE


def enroll(
    code: Annotated[str, typer.Argument(help="The one-time code from head office.")],
    server: Annotated[str, typer.Option(help="The enrolment service: https://host:8443.")],
    site: Annotated[Path, typer.Option(help="The site file; what there is stays, else one is written.")] = Path(
        "site.toml"
    ),
    camera: Annotated[
        str, typer.Option(help="The camera, where head office has prepared no site file: rtsp://…, http://…, usb:0.")
    ] = "usb:0",
    json_: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Make this box's key, get its certificate and its set-up. The key never leaves the box.

    Writes box.pem (key and certificate, for this user alone), authority.pem and a site file side by side. An answer
    that got lost may be asked for again with the same code.
    """
    from contract.enrolment import EnrolmentCode
    from edge.clock import SystemClock
    from edge.enrolment import enrol
    from edge.releases.opening import learn_keys

    outcome = enrol(EnrolmentCode.parse(code), server, site, source=camera, size=lambda: picture_size(camera))
    keys = learn_keys(site, outcome.broker, SystemClock())
    until = outcome.identity.not_after
    if json_:
        said = {"store": outcome.store, "device": outcome.device, "certificate_until": until.isoformat()}
        typer.echo(json.dumps({**said, "site": str(site), "site_kept": outcome.site_kept, "release_keys": keys}))
        return
    typer.echo(f"this box is {outcome.store}/{outcome.device}; its certificate ends {until:%Y-%m-%d} and renews itself")
    if keys:
        typer.echo(f"it takes releases that are signed with {'one key' if keys == 1 else f'one of {keys} keys'}")
    done = "kept" if outcome.site_kept else "wrote"
    typer.echo(f"{done} {site}: footfall edge check-config --site {site}, then footfall edge run --site {site}")
