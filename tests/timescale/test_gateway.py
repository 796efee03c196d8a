"""The gateway behaves to psycopg2 as a server does, one transaction at a time."""

import io
import threading

import psycopg2
import psycopg2.errors
import pytest

from tests.support.timescale import cursor_at

pytestmark = pytest.mark.slow


def test_copied_rows_arrive(timescale_to_read: str) -> None:
    with cursor_at(timescale_to_read) as cursor:
        cursor.execute("CREATE TABLE copied (number integer, word text)")
        rows = "".join(f"{number}\twörd\\t{number}\n" for number in range(60_000))
        cursor.copy_expert("COPY copied (number, word) FROM STDIN", io.StringIO(rows))
        assert cursor.rowcount == 60_000
        cursor.execute("SELECT sum(number), max(word) FROM copied")
        assert cursor.fetchone() == (sum(range(60_000)), "wörd\t9999")


def test_a_bad_row_in_a_copy_fails_that_transaction_only(timescale_to_read: str) -> None:
    connection = psycopg2.connect(timescale_to_read)
    with connection.cursor() as cursor, pytest.raises(psycopg2.errors.InvalidTextRepresentation):
        cursor.copy_expert("COPY crossing (at, store_id) FROM STDIN", io.StringIO("2026-01-01\tnine\n"))
    connection.rollback()
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM crossing")
        assert cursor.fetchone() == (0,)
    connection.close()


def test_a_copy_that_the_client_breaks_off_stores_nothing(timescale_to_read: str) -> None:
    class Broken(io.StringIO):
        def read(self, _size: int | None = -1, /) -> str:
            raise OSError("the disk is gone")

    with cursor_at(timescale_to_read) as cursor:
        with pytest.raises(psycopg2.errors.QueryCanceled, match="COPY from stdin failed"):
            cursor.copy_expert("COPY crossing FROM STDIN", Broken())
        cursor.execute("SELECT count(*) FROM crossing")
        assert cursor.fetchone() == (0,)


def test_a_transaction_waits_for_the_one_before_it(timescale_to_read: str) -> None:
    writer = psycopg2.connect(timescale_to_read)
    seen: list[tuple[int]] = []

    def read() -> None:
        with cursor_at(timescale_to_read) as cursor:
            cursor.execute("SELECT number FROM waited")
            seen.extend(cursor.fetchall())

    with writer.cursor() as cursor:
        cursor.execute("CREATE TABLE waited (number integer)")
        reader = threading.Thread(target=read)
        reader.start()
        cursor.execute("INSERT INTO waited VALUES (7)")
    assert not seen
    writer.commit()
    reader.join(30)
    writer.close()
    assert seen == [(7,)]


def test_a_vanished_clients_transaction_is_rolled_back(timescale_to_read: str) -> None:
    vanishing = psycopg2.connect(timescale_to_read)
    with vanishing.cursor() as cursor:
        cursor.execute("CREATE TABLE vanished (number integer)")
    vanishing.close()
    with cursor_at(timescale_to_read) as cursor:
        cursor.execute("SELECT to_regclass('vanished')")
        assert cursor.fetchone() == (None,)
