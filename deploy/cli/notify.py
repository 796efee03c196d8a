"""`footfall notify`: the service that tells other systems what happens in the stores."""

import logging
import signal
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import typer

if TYPE_CHECKING:
    from ingest.database import Database

logger = logging.getLogger(__name__)

app = typer.Typer(no_args_is_help=True)

_LOOK_S: Final = 2.0


@app.callback()
def _group() -> None:
    """Tell others."""


@app.command(epilog="Example: footfall notify run")
def run() -> None:
    """Send webhooks, and announce boxes to Home Assistant, until SIGTERM or Ctrl-C.

    Needs FOOTFALL_DATABASE_URL and _HASH_SECRET, for Home Assistant FOOTFALL_BROKER_URL. Rests until somebody wants to
    be told of something: see `footfall webhooks add`, `footfall ha enable`.
    """
    from deploy.metrics.exposition import expose, wanted
    from deploy.webhooks.metrics import WebhookMetrics
    from ingest.database import Database
    from ingest.settings import OrdersSettings, load

    settings = load(OrdersSettings)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    database = Database(settings.database_url.get_secret_value(), name="footfall-notify")
    metrics = WebhookMetrics(database)
    if shown := wanted():
        expose("notify", metrics.registry, shown)
    while not _wanted(database):
        if stopping.wait(_LOOK_S):
            return
    # Only now: what reads figures takes some memory, which most small shops need not spend.
    from deploy.notifying import serve

    serve(settings, stopping, now=lambda: datetime.now(UTC), report=metrics.attempted)


def _wanted(database: "Database") -> bool:
    """Return whether there is anybody to tell."""
    from deploy.homeassistant.register import anything
    from deploy.webhooks.register import anybody
    from ingest.errors import DatabaseError

    try:
        return anybody(database) or anything(database)
    except DatabaseError as error:
        logger.warning("nobody is told anything: %s", error, extra={"action": "webhooks_wait"})
        return False
