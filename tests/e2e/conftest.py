"""A browser, and the dashboard over a database with stores of every kind."""

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg2
import pytest
from playwright.sync_api import expect

from tests.support.floor_data import add_categories, add_shifts
from tests.support.served import Served, served
from tests.support.servers import Cluster
from tests.support.store_data import add_device, add_shop, add_store, fill

NOW = datetime(2026, 11, 21, 6, 7, tzinfo=UTC)  # Saturday, 14:07 in Shanghai

#: Layout shifts that nobody asked for, added up as browsers do (Cumulative Layout Shift).
SHIFTS = """window.shifted = 0;
new PerformanceObserver((list) => list.getEntries().forEach((one) => {
  if (!one.hadRecentInput) { window.shifted += one.value; }
})).observe({ type: "layout-shift", buffered: true });"""

# A page beside a second worker's database and browser on two cores may take longer than Playwright's 5 s.
expect.set_options(timeout=20_000)


@pytest.fixture(scope="session")
def shops(cluster: Cluster) -> Iterator[Served]:
    """Three stores: a busy one, one elsewhere with another currency, and an empty one."""
    url = cluster.create()
    connection = psycopg2.connect(url)
    connection.autocommit = True
    busy = add_shop(connection, "nanjing-road", name="Nanjing Road", seed=1)
    elsewhere = add_shop(
        connection, "orchard", name="Orchard", seed=2, timezone="Asia/Singapore", currency="SGD",
        region="South-East Asia", visitors_per_day=150.0, basket=60.0,
    )  # fmt: skip
    for shop in (busy, elsewhere):
        fill(connection, shop, now=NOW)
        cameras = (("door", "up"), ("side", "up"), ("street", "up"))
        add_device(connection, shop.store_id, at=NOW, cameras=cameras)
    add_shifts(connection, busy.store_id, until=NOW)
    add_categories(connection, busy.store_id)
    add_store(connection, "new-shop", name="New shop")
    connection.close()
    with served(url, NOW) as running:
        yield running
    cluster.drop(url)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that an unprivileged server process may enter."""
    with tempfile.TemporaryDirectory(prefix="footfall-e2e-") as name:
        path = Path(name)
        path.chmod(0o755)
        yield path
