"""One-time codes on the terminal: as text, as a QR code to scan, or as JSON."""

import io
import json
import os
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from deploy.trust.opening import Issued

#: Where `footfall up` says that boxes enrol.
SERVER_VARIABLE = "FOOTFALL_ENROLMENT_URL"


def enrolment_server() -> str:
    """Return where boxes enrol, as far as it is known."""
    return os.environ.get(SERVER_VARIABLE, "https://THIS-SERVER:8443")


def show(codes: "Iterable[Issued]", *, json_: bool, drawn: bool = True) -> None:
    """Print each code with the command that uses it; the only time that it is seen."""
    server = enrolment_server()
    for each in codes:
        command = f"footfall edge enroll {each.code} --server {server}"
        if json_:
            said = {"store": each.store, "device": each.device, "code": each.code}
            typer.echo(json.dumps({**said, "expires_at": each.expires_at.isoformat(), "command": command}))
            continue
        typer.echo(f"\n{each.store}/{each.device}: good once, until {each.expires_at:%Y-%m-%d %H:%M} UTC. On the box:")
        typer.echo(f"\n  {command}\n")
        if drawn:
            typer.echo(_drawn(command))


def _drawn(text: str) -> str:
    import segno

    out = io.StringIO()
    segno.make(text, error="m", micro=False).terminal(out=out, compact=True)
    return out.getvalue()
