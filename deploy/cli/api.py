"""`footfall api`: the KPI API."""

from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Serve figures to other programs."""


@app.command(epilog="Example: footfall api serve --port 8082")
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on; put TLS in front of any other.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Port to listen on.")] = 8082,
) -> None:
    """Run the KPI API over the database of FOOTFALL_DATABASE_URL until SIGTERM or Ctrl-C."""
    from api.app import create_app
    from api.settings import ApiSettings
    from deploy.cli.serving import serve_http
    from ingest.settings import load

    serve_http("api", "KPI API", create_app(load(ApiSettings)), host=host, port=port)
