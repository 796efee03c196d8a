"""A simulated fleet's history, delivered through the real broker, ingest and orders API, and the truth about it."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import uvicorn

from analytics.clock import utc_now
from deploy.process import free_port
from deploy.simulation.clock import FastClock
from deploy.simulation.fleet import StoreProfile
from deploy.simulation.model import DEFAULT_MODEL, Model
from deploy.simulation.progress import Progress
from deploy.simulation.run import Plan
from deploy.simulation.service import Servers, simulate
from ingest.orders.app import create_app
from ingest.settings import OrdersSettings
from tests.support.clocks import wait_until
from tests.support.servers import RunningBroker

#: Saturday, 17:00 in China.
AFTERNOON = datetime(2026, 11, 14, 9, 0, tzinfo=UTC)


def simulate_history(
    home: Path,
    broker: RunningBroker,
    database: str,
    *,
    stores: Sequence[StoreProfile],
    days: int = 2,
    start: datetime = AFTERNOON,
    orders_url: str | None = None,
    model: Model = DEFAULT_MODEL,
) -> list[Progress]:
    """Run a fleet until everything up to now is delivered; the truth lands in `home`."""
    progress: list[Progress] = []
    simulate(
        Plan(home=home, stores=tuple(stores), days=days, model=model),
        Servers(broker_url=broker.device_url, database_url=database, orders_url=orders_url),
        report=progress.append,
        opened=lambda _: None,
        clock=FastClock(1.0, start=start),
        history_only=True,
        truth=home / "truth.json",
    )
    return progress


@contextmanager
def running_orders_api(database: str) -> Iterator[str]:
    """The real API on a free port, its address."""
    settings = OrdersSettings.model_validate({"database_url": database, "hash_secret": "0123456789abcdef" * 3})
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(create_app(settings, now=utc_now), port=port, log_level="warning"))
    thread = threading.Thread(target=server.run, name="orders-api-under-test")
    thread.start()
    try:
        wait_until(lambda: server.started, what="the orders API listens")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(20)
