"""The readers' connections: kept between questions, and given up when the server has ended them."""

from collections.abc import Iterator

import psycopg2
import pytest

from analytics.clock import utc_now
from analytics.database import Database


@pytest.fixture
def reading(database: str) -> Iterator[Database]:
    opened = Database(database, clock=utc_now, connections=6)
    yield opened
    opened.close()


def backend(reading: Database) -> int:
    with reading.connection() as connection:
        return connection.info.backend_pid


def test_questions_one_after_the_other_share_a_connection(reading: Database) -> None:
    assert backend(reading) == backend(reading)


def test_a_connection_that_the_server_ended_in_between_is_replaced_unseen(reading: Database, database: str) -> None:
    first = backend(reading)
    owner = psycopg2.connect(database)
    owner.autocommit = True
    with owner.cursor() as cursor:
        # Returns once it has ended, within ten seconds.
        cursor.execute("SELECT pg_terminate_backend(%s, 10000)", (first,))
        assert cursor.fetchone() == (True,)
    owner.close()
    assert backend(reading) != first
    assert reading.down_since is None


def test_of_many_at_once_some_are_kept(reading: Database) -> None:
    with reading.connection() as one, reading.connection() as two, reading.connection() as three:
        asked = {each.info.backend_pid for each in (one, two, three)}
    assert len(asked) == 3
    assert backend(reading) in asked
