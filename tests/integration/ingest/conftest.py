"""A database with one store, and the orders API over it."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from tests.support.ledger import add_store
from tests.support.mqtt import WireDevice, wire_device
from tests.support.servers import RunningBroker
from tests.support.tills import orders_api


@pytest.fixture
def store(database: str) -> str:
    """URL of a database that knows the store `riverside`."""
    add_store(database)
    return database


@pytest.fixture
def api(store: str) -> Iterator[TestClient]:
    """A client of the orders API with a key for every store."""
    with orders_api(store) as client:
        yield client


@pytest.fixture
def device(broker: RunningBroker) -> Iterator[WireDevice]:
    """A box on the wire, connected to the broker."""
    with wire_device(broker) as connected:
        yield connected
