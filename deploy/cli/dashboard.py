"""`footfall dashboard`: the pages."""

from typing import TYPE_CHECKING, Annotated

import typer

from analytics.clock import utc_now

if TYPE_CHECKING:
    from flask import Flask

app = typer.Typer(no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Serve the pages."""


@app.command(epilog="Example: footfall dashboard serve --port 8050")
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; default: FOOTFALL_DASHBOARD_HOST.")] = None,
    port: Annotated[
        int | None, typer.Option(min=1, max=65_535, help="Port to listen on; default: FOOTFALL_DASHBOARD_PORT.")
    ] = None,
) -> None:
    """Serve the pages over the database of FOOTFALL_DATABASE_URL."""
    import signal
    import sys

    from dashboard.serve import serve as serve_pages
    from dashboard.settings import DashboardSettings
    from deploy.cli.codes import enrolment_server
    from deploy.home import default_folder
    from deploy.set_up import Office
    from ingest.database import Database
    from ingest.settings import load

    given = {"dashboard_host": host, "dashboard_port": port}
    settings = load(DashboardSettings).model_copy(update={name: value for name, value in given.items() if value})
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    # The pages' own connections only read, or write what is theirs: this one opens and closes stores.
    database = Database(settings.dsn, name="footfall-set-up")
    certificate = default_folder() / "trust" / "root.pem"
    office = Office(database, certificate, enrolment_server(), now=utc_now)
    serve_pages(settings, office, prepare=_measured)


def _measured(pages: "Flask") -> None:
    """Show the pages' metrics, if they are wanted."""
    from deploy.metrics.exposition import expose, wanted
    from deploy.metrics.http import HttpMetrics, measure_pages

    if shown := wanted():
        metrics = HttpMetrics()
        measure_pages(pages, metrics)
        expose("dashboard", metrics.registry, shown)
