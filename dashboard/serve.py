"""The dashboard as a process: `python -m dashboard.serve`, told by the environment where the database is."""

import logging
import signal
import sys

import waitress

from dashboard.app import create_app
from dashboard.settings import DashboardSettings

_log = logging.getLogger(__name__)


def serve(settings: DashboardSettings) -> None:
    """Serve until interrupted."""
    app = create_app(settings)
    _log.info("dashboard on http://%s:%d", settings.dashboard_host, settings.dashboard_port, extra={"action": "serve"})
    # A page that opens asks for a dozen files at once: that a few wait their turn is no news.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    waitress.serve(
        app.server,
        host=settings.dashboard_host,
        port=settings.dashboard_port,
        threads=settings.dashboard_threads,
        ident=None,
    )


def main() -> None:
    """Serve with settings from the environment; SIGTERM ends it as Ctrl-C does."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    serve(DashboardSettings())  # type: ignore[call-arg]  # the environment gives them


if __name__ == "__main__":
    main()
