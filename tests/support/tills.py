"""The orders API for tests, and builders of orders."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import uvicorn
from fastapi.testclient import TestClient

from deploy.process import free_port
from ingest.database import Database
from ingest.orders.app import create_app
from ingest.orders.keys import create_key
from ingest.settings import OrdersSettings
from tests.support.clocks import wait_until

#: The tests' orders closed before it, whenever the tests run.
NOW = datetime(2030, 6, 1, 12, 0, tzinfo=UTC)
HASH_SECRET = "an-owl-hoots-1234567890-in-the-barn"


def order(**changes: Any) -> dict[str, Any]:
    return {
        "store": "riverside",
        "source": "till",
        "external_id": "A-1",
        "version": 1,
        "kind": "sale",
        "closed_at": "2026-11-21T14:03:00+01:00",
        "gross": "64.90",
        "discount": "5.00",
        "tax": "9.56",
        "net": "59.90",
        "currency": "EUR",
        "units": 3,
        **changes,
    }


def new_key(url: str, *, store: str | None = None) -> str:
    database = Database(url)
    try:
        return create_key(database, "a till", store=store)
    finally:
        database.close()


@contextmanager
def orders_api(url: str, *, key: str | None = None) -> Iterator[TestClient]:
    settings = OrdersSettings.model_validate({"database_url": url, "hash_secret": HASH_SECRET})
    bearer = key if key is not None else new_key(url)
    with TestClient(
        create_app(settings, now=lambda: NOW),
        headers={"Authorization": f"Bearer {bearer}"},
        raise_server_exceptions=False,
    ) as client:
        yield client


@contextmanager
def served_orders_api(url: str) -> Iterator[str]:
    """Serve the API over HTTP; yield its address."""
    settings = OrdersSettings.model_validate({"database_url": url, "hash_secret": HASH_SECRET})
    port = free_port()
    server = uvicorn.Server(
        uvicorn.Config(create_app(settings, now=lambda: NOW), host="127.0.0.1", port=port, log_config=None)
    )
    thread = threading.Thread(target=server.run, name="orders-under-test")
    thread.start()
    try:
        wait_until(lambda: server.started, what="the orders API listens")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(15)
