"""`footfall doctor`: whether this box can do its work."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

app = typer.Typer()

_BAD = 1
_MARKS = {
    "good": ("✓", typer.colors.GREEN),
    "warning": ("!", typer.colors.YELLOW),
    "error": ("✗", typer.colors.RED),
}


@app.command(epilog="Example: footfall doctor --site /var/lib/footfall-edge/site.toml")
def doctor(
    site: Annotated[Path, typer.Option(help="The site file (TOML).")] = Path("site.toml"),
    json_: Annotated[bool, typer.Option("--json", help="One JSON object: works, and every check.")] = False,
    seconds: Annotated[float, typer.Option(min=0.5, max=60, help="How long each camera is watched.")] = 5.0,
    timeout: Annotated[float, typer.Option(min=0.5, max=60, help="Seconds the broker may take.")] = 5.0,
) -> None:
    """Examine a camera box: cameras, frame rate, light, lines, models, speed, disk, clock, broker. Exit 1 on a ✗.

    Each finding says what to do. A running agent is not disturbed, but a USB camera cannot be watched beside one.
    """
    from dataclasses import asdict

    from edge.clock import SystemClock
    from edge.doctor.checks import Check, works
    from edge.doctor.examining import examine

    checks: list[Check] = []
    with Console(stderr=True).status(f"examining the box of {site}"):
        for check in examine(site, clock=SystemClock(), look_s=seconds, broker_timeout_s=timeout):
            checks.append(check)
            if not json_:
                _show(check.grade, f"{check.about} {check.name}".strip(), check.message, check.advice)
    if json_:
        typer.echo(
            json.dumps({"works": works(checks), "checks": [asdict(check) for check in checks]}, ensure_ascii=False)
        )
    if not works(checks):
        raise typer.Exit(_BAD)


def _show(grade: str, what: str, message: str, advice: str) -> None:
    mark, color = _MARKS[grade]
    typer.secho(f"{mark} {what}: {message}", fg=color)
    if advice:
        typer.echo(f"    {advice}.")
