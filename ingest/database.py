"""One connection to the store: opened when needed, reopened after a loss, its errors told apart by SQLSTATE class."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final

import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812  # a class with a lower-case name
from psycopg2.extensions import cursor as Cursor  # noqa: N812  # as above

from ingest.errors import DatabaseError, GivenUpError, MisconfiguredError, UnavailableError, UnstorableError

__all__ = ["Connection", "Cursor", "Database", "connect", "translated"]

logger = logging.getLogger(__name__)

_CONNECT_TIMEOUT_S: Final = 5
#: https://www.postgresql.org/docs/current/errcodes-appendix.html
#: Connection exception, transaction rollback, insufficient resources, object in use, operator intervention. Anything
#: that is not listed is taken for the data's fault: nothing is lost by that, its device holds it until a receipt.
_TRY_AGAIN: Final = frozenset({"08", "40", "53", "55", "57"})
_MISCONFIGURED: Final = frozenset({"28", "3D", "42"})  # authorization, no such database, no such table or right
#: A failover's old primary answers writes with this until clients come to the new one.
_READ_ONLY: Final = "25006"
_CANCELLED: Final = "57014"
#: After these the connection is of no use any more.
_LOST: Final = ("08", "57P", _READ_ONLY)


class Database:
    """A connection that heals: each transaction opens it anew where it was lost.

    `on_connect` is called after each opening: what was remembered of another database may not be true of this one.
    """

    def __init__(self, url: str, *, name: str = "footfall", on_connect: Callable[[], None] | None = None) -> None:
        self._url = url
        self._name = name
        self._on_connect = on_connect
        self._connection: Connection | None = None
        #: Somebody called `cancel`. A server's own time-out has the same SQLSTATE.
        self._cancelled = False

    @contextmanager
    def transaction(self) -> Iterator[Cursor]:
        """Yield a cursor; commit when the block ends, roll back when it raises.

        Raises:
            UnavailableError: the connection is lost or another transaction was in the way; try again.
            MisconfiguredError: wrong password, missing database or tables; says what to do.
            UnstorableError: a value does not fit.
        """
        connection = self._open()
        with self._translating(connection), connection, connection.cursor() as cursor:
            yield cursor

    @contextmanager
    def autocommit(self) -> Iterator[Cursor]:
        """Yield a cursor whose statements each stand for themselves, as procedures that commit need it.

        Raises:
            UnavailableError, MisconfiguredError, UnstorableError: as `transaction` does.
        """
        connection = self._open()
        with self._translating(connection):
            connection.autocommit = True
            try:
                with connection.cursor() as cursor:
                    yield cursor
            finally:
                if not connection.closed:
                    connection.autocommit = False

    @contextmanager
    def _translating(self, connection: Connection) -> Iterator[None]:
        try:
            yield
        except psycopg2.Error as error:
            if connection.closed or (error.pgcode or "").startswith(_LOST):
                self.close()
            if self._cancelled and error.pgcode == _CANCELLED:
                raise GivenUpError(f"it was given up half done: {error}".strip(), error.pgcode) from error
            raise translated(error) from error
        finally:
            self._cancelled = False

    def cancel(self) -> None:
        """Have the server give up what it is at for us, if it is; callable from any thread.

        Whoever asked gets a GivenUpError.
        """
        connection = self._connection
        if connection is not None:
            self._cancelled = True
            with suppress(psycopg2.Error):  # closed or lost meanwhile: then nothing is left to give up
                connection.cancel()

    def close(self) -> None:
        """Close the connection; the next transaction opens it again."""
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                connection.close()
            except psycopg2.Error as error:
                logger.debug("closing a lost connection: %s", error, extra={"action": "database_closed"})

    def _open(self) -> Connection:
        if self._connection is None:
            self._connection = connect(self._url, name=self._name)
            logger.info("connected to the database", extra={"action": "database_connected"})
            if self._on_connect:
                self._on_connect()
        return self._connection


def connect(url: str, *, name: str = "footfall") -> Connection:
    """Return a new connection, in UTC.

    Raises:
        UnavailableError: nobody answers there.
        MisconfiguredError: user, password or database are refused.
    """
    try:
        return psycopg2.connect(
            url,
            connect_timeout=_CONNECT_TIMEOUT_S,
            application_name=name,
            options="-c timezone=UTC",
            # A server that vanished without a word is noticed within half a minute, not after the kernel's two hours.
            keepalives_idle=15,
            keepalives_interval=5,
            keepalives_count=3,
            # Keepalives rest while a question is on its way: into the void it would be, for 15 minutes.
            tcp_user_timeout=30_000,
        )
    except psycopg2.Error as error:
        raise translated(error) from error


def translated(error: psycopg2.Error) -> DatabaseError:
    """Return our error for psycopg2's: by SQLSTATE class, never by text where a state is given."""
    state = error.pgcode
    text = str(error).strip() or type(error).__name__
    if state is None:
        return _connection_error(text)
    if state == _READ_ONLY:
        return UnavailableError(f"this database only reads now, perhaps after a failover: {text}", state)
    if state[:2] in _TRY_AGAIN:
        return UnavailableError(f"the database cannot do it now: {text}", state)
    if state[:2] in _MISCONFIGURED:
        advice = (
            "apply the migrations first (footfall db migrate)" if state[:2] == "42" else "check FOOTFALL_DATABASE_URL"
        )
        return MisconfiguredError(f"the database is not ready for us: {text}; {advice}", state)
    return UnstorableError(f"the database refuses a value: {text}", state)


def _connection_error(text: str) -> DatabaseError:
    # While connecting, libpq gives psycopg2 no SQLSTATE: the server's own words are all there is.
    if "authentication failed" in text or "does not exist" in text or "no pg_hba.conf entry" in text:
        return MisconfiguredError(
            f"the database refuses us: {text}. Check user, password and database name in FOOTFALL_DATABASE_URL"
        )
    return UnavailableError(
        f"the database does not answer: {text}. Check that it runs and that host and port in FOOTFALL_DATABASE_URL "
        "are right"
    )
