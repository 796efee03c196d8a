"""HTTP applications as processes: a socket that is ours before anything starts, and a server on it."""

from typing import Any, Final

import typer

from deploy.cli.listening import listening

_EXIT_NOT_STARTED: Final = 3


def serve_http(service: str, name: str, application: Any, *, host: str, port: int) -> None:
    """Serve an ASGI application until SIGTERM or Ctrl-C, with its metrics where these are wanted.

    `service` is what its metrics call it, `name` what people do.

    Raises:
        ServiceError: the port is taken, or it is no address of this machine.
        typer.Exit: it did not start, which it has logged.
    """
    import uvicorn

    from deploy.metrics.exposition import expose, wanted
    from deploy.metrics.http import HttpMetrics, MeasuredAsgi

    if shown := wanted():
        metrics = HttpMetrics()
        application.add_middleware(MeasuredAsgi, metrics=metrics)
        expose(service, metrics.registry, shown)
    with listening(host, port, name) as listener:
        server = uvicorn.Server(
            uvicorn.Config(application, log_config=None, access_log=False, server_header=False, host=host, port=port)
        )
        server.run(sockets=[listener])
    if not server.started:
        raise typer.Exit(_EXIT_NOT_STARTED)
