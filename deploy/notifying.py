"""Telling others, as threads of one process: what watches the stores, sends webhooks, and speaks to Home Assistant."""

import os
import random
import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from deploy.homeassistant.publishing import DiscoveryPublisher
from deploy.webhooks.sending import Report, Sender
from deploy.webhooks.watching import Watcher
from ingest.database import Database
from ingest.settings import OrdersSettings

_SENDERS: Final = 4


def serve(settings: OrdersSettings, stopping: threading.Event, *, now: Callable[[], datetime], report: Report) -> None:
    """Watch and send until `stopping` is set; `report` hears of each attempt's outcome."""
    url, secret = settings.database_url.get_secret_value(), settings.hash_secret.get_secret_value()
    rng = random.Random()  # noqa: S311  # jitter, no secret
    watcher = Watcher(Database(url, name="footfall-notify-watcher"), now=now)
    work: Sequence[Callable[[threading.Event], None]] = [
        watcher.run,
        *(
            Sender(Database(url, name=f"footfall-notify-{n}"), secret, now=now, rng=rng, report=report).run
            for n in range(_SENDERS)
        ),
    ]
    broker_url = os.environ.get("FOOTFALL_BROKER_URL")
    if broker_url is not None:
        tls_ca = os.environ.get("FOOTFALL_BROKER_TLS_CA")
        database = Database(url, name="footfall-notify-ha")
        work = [*work, DiscoveryPublisher(database, broker_url, now=now, tls_ca=tls_ca).run]
    # What is under way when it is to end is left: its lease runs out, and it is sent again under the same id.
    threads = [threading.Thread(target=each, args=(stopping,), daemon=True) for each in work]
    for thread in threads:
        thread.start()
    stopping.wait()
    for thread in threads:
        thread.join(timeout=2.0)
