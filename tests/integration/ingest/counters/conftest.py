"""A store whose counters push."""

from collections.abc import Iterator

import pytest

from tests.support.counter_house import CounterHouse
from tests.support.ledger import add_store


@pytest.fixture
def house(database: str) -> Iterator[CounterHouse]:
    """The store `riverside` in Berlin, open from 10 to 21 o'clock."""
    add_store(database)
    opened = CounterHouse(database)
    yield opened
    opened.close()
