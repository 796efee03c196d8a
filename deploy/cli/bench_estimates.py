"""`footfall bench groups` and `footfall bench reentry`: how well is told what can only be estimated."""

import json
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from deploy.cli.words import percent_of

_Json = Annotated[bool, typer.Option("--json", help="One JSON object.")]


def groups(
    minutes: Annotated[float, typer.Option(min=1, help="Minutes simulated per scene.")] = 60.0,
    seed: Annotated[int, typer.Option(help="Another seed, other people.")] = 1,
    json_: _Json = False,
) -> None:
    """Measure how often buying units are told right: simulated doors with pairs, families and strangers."""
    from deploy.bench.groups import report

    found = report(minutes=minutes, seed=seed)
    if json_:
        typer.echo(json.dumps({"groups": found}))
        return
    table = Table("scene", "camera", "people", "units", "split", "merged", "units counted")
    for scene, cameras in found.items():
        for camera, told in cameras.items():
            table.add_row(
                scene, camera, str(told["people"]), str(told["units"]),
                percent_of(told["split"]), percent_of(told["merged"]), f"{100 * told['units_bias']:+.1f} %",
            )  # fmt: skip
    Console().print(table)


def reentry(
    trials: Annotated[int, typer.Option(min=10, help="Estimates made per door.")] = 100,
    seed: Annotated[int, typer.Option(help="Another seed, other people.")] = 1,
    json_: _Json = False,
) -> None:
    """Measure how well the share of re-entries is told: simulated weeks of doors where it is known."""
    from deploy.bench.reentry import run

    found = run(trials=trials, seed=seed)
    if json_:
        typer.echo(json.dumps({"reentry": found}))
        return
    table = Table("door", "true", "bias, points", "half interval, points", "interval holds")
    for door, told in found.items():
        table.add_row(
            door, percent_of(told["true"]), _points(told), _number(told["half_interval"]), percent_of(told["covered"])
        )
    Console().print(table)


def _points(told: dict[str, Any]) -> str:
    return f"{100 * told['bias']:+.1f} ± {100 * told['bias_error']:.1f}"


def _number(share: float) -> str:
    return f"{100 * share:.1f}"
