"""The dashboard as a process: `python -m dashboard.serve`, told by the environment where the database is."""

import errno
import logging
import signal
import socket
import sys
from collections.abc import Callable
from typing import Any

import flask
import waitress

from analytics.clock import utc_now
from analytics.database import Database
from analytics.errors import DatabaseUnavailableError
from dashboard.app import BODY_MAX, create_app
from dashboard.errors import AddressError
from dashboard.set_up.office import StoreOffice
from dashboard.settings import DashboardSettings

_log = logging.getLogger(__name__)

#: How long a thread that computes may keep the others from their answers, most of which take 2 ms.
_SWITCH_S = 0.0005


def serve(
    settings: DashboardSettings,
    office: StoreOffice | None = None,
    prepare: Callable[[flask.Flask], None] = lambda _pages: None,
) -> None:
    """Serve until interrupted. A database that is away or empty is only warned of: the pages wait for it.

    `prepare` is called with the pages before the first of them is asked for.

    Raises:
        AddressError: nothing can listen at the address.
    """
    sys.setswitchinterval(_SWITCH_S)
    app = create_app(settings, office=office, warm=True)
    prepare(app.server)
    server = listening(app.server, settings)
    _log.info("dashboard on http://%s:%d", settings.dashboard_host, settings.dashboard_port, extra={"action": "serve"})
    _look_at(settings)
    if settings.in_the_clear:
        _log.warning(
            "others reach this address without TLS, so passwords travel in the clear: put a proxy with TLS in front, "
            "set FOOTFALL_DASHBOARD_URL=https://…",
            extra={"action": "in_the_clear"},
        )
    # A page that opens asks for a dozen files at once: that a few wait their turn is no news.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    server.run()


def listening(pages: flask.Flask, settings: DashboardSettings) -> Any:
    """Return a server that listens already and answers once it runs.

    Raises:
        AddressError: nothing can listen at the address.
    """
    host, port = settings.dashboard_host, settings.dashboard_port
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        # Opened here, as waitress leaves a socket open that it cannot bind.
        place = socket.create_server((host, port), family=family, backlog=1024)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise AddressError(
                f"port {port} on {host} is taken by another program: end that one, or choose another port with --port "
                f"or FOOTFALL_DASHBOARD_PORT (for example {port % 65_535 + 1})"
            ) from error
        raise AddressError(
            f"cannot listen on {host}, port {port}: {error}. Choose others with --host and --port "
            "or FOOTFALL_DASHBOARD_HOST and FOOTFALL_DASHBOARD_PORT"
        ) from error
    # What nobody will read is not even kept on the way.
    return waitress.create_server(
        pages, sockets=[place], threads=settings.dashboard_threads, ident=None, max_request_body_size=BODY_MAX
    )


def _look_at(settings: DashboardSettings) -> None:
    """Say at the start what a person must do about the database."""
    database = Database(settings.dsn, clock=utc_now, connections=1)
    try:
        with database.connection() as connection, connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass('store') IS NULL")
            if cursor.fetchone() == (True,):
                _log.warning(
                    "the database has no tables yet: run “footfall db migrate”", extra={"action": "unmigrated"}
                )
    except DatabaseUnavailableError:
        return  # which it has logged itself
    finally:
        database.close()


def main() -> None:
    """Serve with settings from the environment; SIGTERM ends it as Ctrl-C does."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        serve(DashboardSettings())  # type: ignore[call-arg]  # the environment gives them
    except AddressError as error:
        _log.error("%s", error, extra={"action": "serve"})
        sys.exit(2)


if __name__ == "__main__":
    main()
