"""`footfall notify`: the service that keeps the alarms and tells other systems what happens in the stores."""

import signal
import threading

import typer

from analytics.clock import utc_now

app = typer.Typer(no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Tell others."""


@app.command(epilog="Example: footfall notify run")
def run() -> None:
    """Send webhooks, and announce boxes to Home Assistant, until SIGTERM or Ctrl-C.

    Keeps the alarms of the Devices page, too. Needs FOOTFALL_DATABASE_URL and _HASH_SECRET, for Home Assistant
    FOOTFALL_BROKER_URL. Whom to tell: see `footfall webhooks add`, `footfall ha enable`.
    """
    from deploy.metrics.exposition import expose, wanted
    from deploy.notifying import serve
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
    serve(settings, stopping, now=utc_now, report=metrics.attempted)
