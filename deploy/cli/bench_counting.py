"""`footfall bench counting`: how often counting errs, on simulated people."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

if TYPE_CHECKING:
    from deploy.bench.counting import Plan


def counting(
    quick: Annotated[bool, typer.Option("--quick", help="A few minutes of film per scene, few cells: a look.")] = False,
    seed: Annotated[int, typer.Option(min=0, help="Of people and faults; another seed, other people.")] = 1,
    write: Annotated[Path | None, typer.Option(help="Write the section and its picture into this document.")] = None,
    json_: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Measure how often counting errs, by detector recall and frame rate, on simulated people with exact truth."""
    from dataclasses import replace

    from deploy.bench import counting as bench

    plan = replace(bench.QUICK if quick else bench.FULL, seed=seed)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("counting", total=plan.cells)
        done = -1

        def heard(cell: str) -> None:
            nonlocal done
            done += 1
            progress.update(task, completed=done, description=cell)

        result = bench.run(plan, heard=heard)
    if write is not None:
        from deploy.bench import counting_report

        counting_report.write(result, plan, write)
    if json_:
        typer.echo(json.dumps({"counting": result}))
    else:
        _show(result, plan)


def _show(result: dict[str, Any], plan: "Plan") -> None:
    table = Table("scene", "recall", "fps", "n", "Footfall", "one-sided", "once per number", "perfect tracks")
    for cell in result["cells"]:
        rates = (cell[tool]["rate"] for tool in ("footfall", "one_sided", "once_per_id", "perfect_tracks"))
        shown = ("–" if rate is None else f"{rate:.1%}" for rate in rates)
        table.add_row(cell["scene"], f"{cell['recall']:g}", f"{cell['fps']:g}", str(cell["n"]), *shown)
    console = Console()
    console.print(table)
    console.print(f"Errors per true crossing; {result['crossings']} crossings in {plan.cells} cells.")
