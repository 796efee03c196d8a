"""The metrics' page as the agent runs it: opened from the site file or the environment, served in a thread."""

import logging
import os
import threading
from collections.abc import Callable, Mapping
from functools import partial
from http.server import BaseHTTPRequestHandler
from typing import Any, Final

from edge.bounded_server import BoundedServer
from edge.config import MetricsConfig
from edge.errors import ConfigError, ListenError
from edge.metrics.exposition import MEDIA_TYPE, BoxState, exposition

logger = logging.getLogger(__name__)

#: As of every service (docs/configuration.md): `footfall up` gives the box that it runs a port by them.
PORT_ENV: Final = "FOOTFALL_METRICS_PORT"
HOST_ENV: Final = "FOOTFALL_METRICS_HOST"


class MetricsService:
    """The page of one box, listening from the moment it is made.

    Raises:
        ListenError: its address cannot be listened on.
    """

    def __init__(self, address: tuple[str, int], state: Callable[[], BoxState]) -> None:
        self._server = BoundedServer(address, partial(_Handler, state))  # type: ignore[arg-type]  # a factory does
        self._thread = threading.Thread(target=self._server.serve_forever, name="metrics", daemon=True)
        self.url = f"http://{address[0]}:{self._server.server_port}/metrics"

    def start(self) -> None:
        """Answer who asks."""
        self._thread.start()

    def stop(self) -> None:
        """Answer nobody any more."""
        if self._thread.ident is not None:
            self._server.shutdown()
        self._server.server_close()


def open_metrics(
    config: MetricsConfig, state: Callable[[], BoxState], environ: Mapping[str, str] = os.environ
) -> MetricsService | None:
    """Return the page where the environment or the site file asks for one.

    None also where it cannot be served, with an error in the log: counting goes before being watched.
    """
    config = wanted(config, environ)
    if not config.enabled:
        return None
    try:
        opened = MetricsService(config.address, state)
    except ListenError as error:
        logger.error(  # noqa: TRY400  # the reason is in the text
            "metrics cannot be shown on %s (%s): set another `listen` in [metrics] of the site file, or %s",
            config.listen, error.__cause__, PORT_ENV, extra={"action": "metrics_hidden"},
        )  # fmt: skip
        return None
    logger.info("metrics: %s", opened.url, extra={"action": "metrics_shown"})
    return opened


def wanted(config: MetricsConfig, environ: Mapping[str, str]) -> MetricsConfig:
    """Return what the environment says where it names a port, else what the site file says.

    Raises:
        ConfigError: the environment's port or address cannot be.
    """
    port = environ.get(PORT_ENV)
    if not port:
        return config
    asked = MetricsConfig(enabled=True, listen=f"{environ.get(HOST_ENV) or '127.0.0.1'}:{port}")
    try:
        _ = asked.address
    except ValueError as error:
        raise ConfigError(
            "the environment", f"{HOST_ENV} and {PORT_ENV}", expected=str(error), got=asked.listen
        ) from error
    return asked


class _Handler(BaseHTTPRequestHandler):
    """Answers GET /metrics."""

    def __init__(self, state: Callable[[], BoxState], *args: Any) -> None:
        self._state = state
        super().__init__(*args)

    def do_GET(self) -> None:
        """Answer with the page; anything else there is not."""
        found = self.path == "/metrics"
        body = exposition(self._state()).encode() if found else b"GET /metrics\n"
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", MEDIA_TYPE if found else "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class's name
        """Log nothing: it is asked every few seconds."""
