"""`footfall verify --truth`: what is shown of simulated store-days, beside the truth about them."""

import csv
import json
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from deploy.cli.words import count_of

if TYPE_CHECKING:
    from deploy.simulation.cases import Case
    from deploy.simulation.coverage import Covered
    from ingest.database import Database

_HEADINGS = ("KPI", "truth", "shown", "error", "interval ±", "store-days", "covered", "by chance", "kept")


def verify_truth(opened: "Database", path: Path, *, cases: Path | None, json_: bool) -> bool:
    """Print a row per KPI and return whether the database holds what was counted and every KPI keeps its word.

    Raises:
        TruthError: the file cannot be read, or has no truth in it.
        DatabaseError: the database cannot answer.
    """
    from deploy.simulation.check import check
    from deploy.simulation.coverage import coverage
    from deploy.simulation.truth_file import read_truth_and_rates

    truth, rates = read_truth_and_rates(path)
    verdict = check(opened, truth)
    found = _read(opened, truth, rates)
    table = coverage(found)
    if cases is not None:
        _write(cases, found)
    days = len({(case.store, case.business_date) for case in found})
    if json_:
        told = {"counted_as_stored": verdict.agrees, "store_days": days}
        typer.echo(json.dumps({**told, "kpis": [asdict(one) | {"kept": one.kept} for one in table]}))
    else:
        _tell(table, days=days, agrees=verdict.agrees)
    return verdict.agrees and bool(table) and all(one.kept for one in table)


def markdown(table: "list[Covered]") -> str:
    """Return the table in Markdown."""
    lines = ["| " + " | ".join(_HEADINGS) + " |", "|---" + "|---:" * (len(_HEADINGS) - 2) + "|---|"]
    return "\n".join([*lines, *("| " + " | ".join(_row(one)) + " |" for one in table)])


def _read(opened: "Database", truth: Any, rates: Any) -> "list[Case]":
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from deploy.simulation.cases import read_cases

    columns = (TextColumn("stores"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress, opened.transaction() as cursor:
        task = progress.add_task("stores")
        return read_cases(
            cursor.connection,
            truth,
            rates,
            progress=lambda done, total: progress.update(task, completed=done, total=total),
        )


def _write(path: Path, found: "list[Case]") -> None:
    from deploy.simulation.cases import Case

    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([one.name for one in fields(Case)] + ["inside"])
        writer.writerows([*asdict(case).values(), case.inside] for case in found)


def _tell(table: "list[Covered]", *, days: int, agrees: bool) -> None:
    typer.echo(markdown(table))
    partial = max((one.partial for one in table), default=0)
    typer.echo(
        f"\n{count_of(days, 'store-day')}; up to {partial} are called partial, for a camera was dark: they claim "
        "nothing. “by chance”: what the number of days leaves open about the share covered; 93 to 97 % is promised."
    )
    typer.echo("the database says exactly what was counted" if agrees else "the database DIFFERS from what was counted")


def _row(one: "Covered") -> tuple[str, ...]:
    chance = "–" if one.low is None or one.high is None else f"{100 * one.low:.1f}–{100 * one.high:.1f} %"
    covered = "exact" if one.exact else "NOT exact" if one.covered is None else f"{100 * one.covered:.1f} %"
    return (
        f"`{one.kpi}`", f"{one.truth:,.3f}", f"{one.shown:,.3f}", _percent(one.error), _percent(one.half_width),
        str(one.days), covered, chance, "yes" if one.kept else "NO",
    )  # fmt: skip


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f} %"
