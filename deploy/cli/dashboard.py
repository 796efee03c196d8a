"""`footfall dashboard`: the pages."""

from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Serve the pages."""


@app.command(epilog="Example: footfall dashboard serve --port 8050")
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Port to listen on.")] = 8050,
) -> None:
    """Serve the dashboard over the database of FOOTFALL_DATABASE_URL."""
    import waitress
    from dashboard.app import create_app
    from dashboard.settings import load_settings

    pages = create_app(load_settings())
    waitress.serve(pages.server, host=host, port=port, threads=8, ident=None)
