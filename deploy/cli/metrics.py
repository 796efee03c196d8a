"""`footfall metrics`: where Prometheus finds the metrics of the running services."""

import json
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True)


@app.command("list", epilog="Example: footfall metrics list --json")
def list_(json_: Annotated[bool, typer.Option("--json", help="One JSON object: service → URL.")] = False) -> None:
    """Say where the metrics of each service of the running `footfall up` are; on this machine only."""
    from rich.console import Console
    from rich.table import Table

    places = _places()
    if json_:
        typer.echo(json.dumps(places))
        return
    table = Table("service", "metrics", box=None)
    for service, url in places.items():
        table.add_row(service, url)
    Console().print(table)


@app.command(epilog="Example: footfall metrics scrape-config > prometheus.yml")
def scrape_config() -> None:
    """Print a configuration for a Prometheus on this machine, with our alert rules."""
    from deploy.metrics.places import scrape_config as written

    typer.echo(written(_places()), nl=False)


def _places() -> dict[str, str]:
    """Return where they are.

    Raises:
        ServiceError: nothing runs here.
    """
    from deploy.errors import ServiceError
    from deploy.home import Home, default_folder
    from deploy.metrics.places import read_places

    home = Home(default_folder())
    places = read_places(home.metrics_file) if home.held else {}
    if not places:
        raise ServiceError(
            f"no `footfall up` runs in {home.folder}. Services that run by themselves show their metrics where "
            "FOOTFALL_METRICS_PORT says"
        )
    return places
