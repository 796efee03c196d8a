"""`footfall simulate draw`: store-days drawn in memory, their intervals held against the truth in minutes."""

from datetime import date, datetime
from typing import Annotated

import typer


def draw(
    stores: Annotated[int, typer.Option(min=1, help="How many stores.")] = 20,
    days: Annotated[int, typer.Option(min=7, max=84, help="Days of each stretch, which shares its audits.")] = 28,
    stretches: Annotated[int, typer.Option(min=1, help="How often each store is drawn anew.")] = 6,
    seed: Annotated[int, typer.Option(min=0, help="What everything is drawn from; each stretch takes the next.")] = 1,
    first: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The first day; default: as many days ago.")
    ] = None,
    json_: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Hold figures of store-days drawn in memory against the truth about them; exit code 1 where one lies outside.

    The same functions as behind the pages, without broker, ingest and database between: what `footfall verify --truth`
    says of hundreds of store-days that went the whole way, this says of thousands. It needs neither.
    """
    from deploy.cli.verify_truth import tell_coverage
    from deploy.simulation.coverage import coverage
    from deploy.simulation.drawn import drawn_cases
    from deploy.simulation.fleet import fleet
    from deploy.simulation.model import MISCOUNTING

    begin = first.date() if first else date.fromordinal(date.today().toordinal() - days)  # noqa: DTZ011  # any day does
    chosen = fleet(stores)
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("the rates behind the days", total=stores * stretches)

        def show(done: int) -> None:
            progress.update(task, completed=done, description="stretches of days")

        found = drawn_cases(
            chosen, MISCOUNTING, seeds=range(seed, seed + stretches), first=begin, days=days, progress=show
        )
    table = coverage(found)
    tell_coverage(table, days=sum(one.kpi == "transactions" for one in found), json_=json_)
    if not all(one.kept for one in table):
        raise typer.Exit(1)
