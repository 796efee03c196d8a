from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from ingest.orders.app import create_app
from tests.support.ledger import add_store
from tests.support.tills_file import KEY, NOW, settings_of


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TOKEN", "KEY"):
        monkeypatch.setenv(f"TILL_{name}", KEY if name == "KEY" else "let-me-in")


@pytest.fixture
def store(database: str) -> str:
    add_store(database, currency="USD")
    return database


@pytest.fixture
def hearing(store: str) -> Iterator[Callable[[Path], TestClient]]:
    opened: list[TestClient] = []

    def open_(file: Path) -> TestClient:
        client = TestClient(create_app(settings_of(store, file), now=lambda: NOW), raise_server_exceptions=False)
        client.__enter__()
        opened.append(client)
        return client

    yield open_
    for client in opened:
        client.__exit__(None, None, None)
