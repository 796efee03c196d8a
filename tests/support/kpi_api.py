"""The KPI API over a database, with a clock that the test holds, and keys for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import ApiSettings
from ingest.database import Database
from ingest.orders.keys import create_key
from tests.support.served import HeldClock


def reader_key(url: str, *, store: str | None = None, outside: bool = False, staff: bool = False) -> str:
    """Return a new key for figures, with `staff` for sales by staff alias, too."""
    database = Database(url)
    try:
        return create_key(
            database, "a program", store=store, scopes=["kpis", "staff"] if staff else ["kpis"], outside=outside
        )
    finally:
        database.close()


@contextmanager
def kpi_api(url: str, clock: HeldClock, **settings: Any) -> Iterator[TestClient]:
    """Yield a client without a key."""
    told = ApiSettings.model_validate({"database_url": url, "api_rate_per_s": 100_000, **settings})
    with TestClient(create_app(told, clock=clock), raise_server_exceptions=False) as client:
        yield client


def bearer(key: str) -> dict[str, str]:
    """Return the header that shows a key."""
    return {"Authorization": f"Bearer {key}"}
