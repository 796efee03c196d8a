"""`footfall verify --truth`: what is shown of simulated store-days, beside the truth about them."""

import csv
import json
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from deploy.cli.words import count_of, percent_of

if TYPE_CHECKING:
    from deploy.simulation.cases import Case
    from deploy.simulation.coverage import Covered
    from ingest.database import Database

_HEADINGS = ("KPI", "truth", "shown", "error", "interval ±", "figures", "covered", "by chance", "kept")


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
    tell_coverage(table, days=days, json_=json_, counted_as_stored=verdict.agrees)
    return verdict.agrees and bool(table) and all(one.kept for one in table)


def tell_coverage(table: "list[Covered]", *, days: int, json_: bool, counted_as_stored: bool | None = None) -> None:
    """Print the table, and whether the database holds what was counted where that was looked at."""
    if json_:
        told = {} if counted_as_stored is None else {"counted_as_stored": counted_as_stored}
        kpis = [asdict(one) | {"kept": one.kept} for one in table]
        typer.echo(json.dumps({**told, "store_days": days, "kpis": kpis}))
        return
    typer.echo(markdown(table))
    partial = max((one.partial for one in table), default=0)
    typer.echo(
        f"\n{count_of(days, 'store-day')}; up to {partial} figures of a kind are called partial, a camera being dark: "
        "they claim nothing.\n“by chance”: what the number of stores and days leaves open about the share covered; 93 "
        "to 97 % is promised."
    )
    if counted_as_stored is not None:
        wrong = "the database DIFFERS from what was counted"
        typer.echo("the database says exactly what was counted" if counted_as_stored else wrong)


def markdown(table: "list[Covered]") -> str:
    """Return the table in Markdown."""
    lines = ["| " + " | ".join(_HEADINGS) + " |", "|---" + "|---:" * (len(_HEADINGS) - 2) + "|---|"]
    return "\n".join([*lines, *("| " + " | ".join(_row(one)) + " |" for one in table)])


def _read(opened: "Database", truth: Any, rates: Any) -> "list[Case]":
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from deploy.simulation.shown import read_cases

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


def _row(one: "Covered") -> tuple[str, ...]:
    chance = "–" if one.low is None or one.high is None else f"{100 * one.low:.1f}–{100 * one.high:.1f} %"
    covered = "exact" if one.exact else "NOT exact" if one.covered is None else f"{100 * one.covered:.1f} %"
    return (
        f"`{one.kpi}`", f"{one.truth:,.3f}", f"{one.shown:,.3f}", percent_of(one.error), percent_of(one.half_width),
        str(one.days), covered, chance, "yes" if one.kept else "NO",
    )  # fmt: skip
