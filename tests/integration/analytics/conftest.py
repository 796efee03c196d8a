"""A fresh database with a connection in autocommit."""

from collections.abc import Iterator

import psycopg2
import pytest

from tests.support.store_data import Connection


@pytest.fixture
def connection(database: str) -> Iterator[Connection]:
    """An open connection whose session speaks another time zone than UTC: nothing may depend on it."""
    opened = psycopg2.connect(database, options="-c timezone=America/New_York")
    opened.autocommit = True
    yield opened
    opened.close()
