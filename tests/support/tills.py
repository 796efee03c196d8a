"""The orders API for tests, and builders of orders."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from fastapi.testclient import TestClient

from ingest.database import Database
from ingest.orders.app import create_app
from ingest.orders.keys import create_key
from ingest.settings import OrdersSettings

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
        create_app(settings), headers={"Authorization": f"Bearer {bearer}"}, raise_server_exceptions=False
    ) as client:
        yield client
