"""The database as readers see it: a pool of connections that heals itself and, unless it `writes`, only reads."""

import logging
import select
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812  # a class, whatever psycopg2 calls it
from psycopg2.extensions import cursor as Cursor  # noqa: N812  # as above
from psycopg2.pool import PoolError, ThreadedConnectionPool

from analytics.clock import Clock
from analytics.errors import DatabaseError, DatabaseUnavailableError

__all__ = ["OPTIONS", "Cursor", "Database"]

_log = logging.getLogger(__name__)

#: Sessions speak UTC, and give up on a query that a person would not wait for. Compiling one of ours takes longer than
#: it does.
OPTIONS = "-c timezone=UTC -c statement_timeout=15000 -c jit=off"
_READ_ONLY = " -c default_transaction_read_only=on"
_CONNECT_TIMEOUT_S = 2
#: So many stay open between questions: signing in anew costs more than most of these.
_KEPT = 10


class Database:
    """Connections that only read unless it `writes`; `down_since` says since when there are none."""

    down_since: datetime | None = None

    def __init__(self, dsn: str, *, clock: Clock, connections: int, writes: bool = False) -> None:
        self._dsn = dsn
        self._options = OPTIONS if writes else OPTIONS + _READ_ONLY
        self._clock = clock
        self._connections = connections
        self._free = threading.BoundedSemaphore(connections)
        self._lock = threading.Lock()
        self._pool = self._new_pool()

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """Lend a connection in autocommit.

        Raises:
            DatabaseUnavailableError: the server does not answer or went away meanwhile; the next call tries anew.
        """
        with self._free:
            pool = self._pool
            try:
                lent = _alive(pool)
                lent.autocommit = True
            except (psycopg2.Error, PoolError) as error:
                raise self._gone(pool, str(error)) from error
            try:
                yield lent
            except (psycopg2.Error, DatabaseError) as error:
                if lent.closed:
                    raise self._gone(pool, str(error)) from error
                pool.putconn(lent, close=True)
                raise
            except BaseException:
                pool.putconn(lent)
                raise
            pool.putconn(lent)
            self._answered()

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """Lend a connection on which every query sees the same moment.

        Raises:
            DatabaseUnavailableError: as `connection`.
        """
        with self.connection() as lent, lent.cursor() as cursor:
            # By hand: the connection stays in autocommit, so that the queries open no transaction of their own.
            cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            try:
                yield lent
            finally:
                if not lent.closed:
                    cursor.execute("ROLLBACK")

    @contextmanager
    def statements(self) -> Iterator[Cursor]:
        """Yield a cursor whose statements each stand for themselves: one takes a single round trip.

        Raises:
            DatabaseUnavailableError: as `connection`.
            DatabaseError: it refuses a statement.
        """
        with self.connection() as lent:
            try:
                with lent.cursor() as cursor:
                    yield cursor
            except psycopg2.Error as error:
                raise DatabaseError(str(error).strip()) from error

    @contextmanager
    def transaction(self) -> Iterator[Cursor]:
        """Yield a cursor; commit when the block ends, roll back when it raises.

        Raises:
            DatabaseUnavailableError: as `connection`.
            DatabaseError: it refuses a statement.
        """
        with self.connection() as lent:
            try:
                lent.autocommit = False
                with lent, lent.cursor() as cursor:
                    yield cursor
                lent.autocommit = True
            except psycopg2.Error as error:
                raise DatabaseError(str(error).strip()) from error

    def close(self) -> None:
        """Close every connection; once is enough, twice does no harm."""
        if not self._pool.closed:
            self._pool.closeall()

    def _answered(self) -> None:
        if self.down_since is not None:
            _log.info("the database answers again", extra={"action": "database_back"})
            self.down_since = None

    def _gone(self, pool: ThreadedConnectionPool, reason: str) -> DatabaseUnavailableError:
        """Forget a pool whose connections are dead, and remember since when nobody answers."""
        with self._lock:
            if self.down_since is None:
                self.down_since = self._clock()
                _log.warning("the database does not answer: %s", reason.strip(), extra={"action": "database_down"})
            if self._pool is pool:
                self._pool = self._new_pool()
                pool.closeall()
            return DatabaseUnavailableError(self.down_since, reason.strip())

    def _new_pool(self) -> ThreadedConnectionPool:
        # None is opened before it is needed; afterwards so many are kept.
        pool = ThreadedConnectionPool(
            0, self._connections, self._dsn, connect_timeout=_CONNECT_TIMEOUT_S, options=self._options
        )
        pool.minconn = min(self._connections, _KEPT)
        return pool


def _alive(pool: ThreadedConnectionPool) -> Connection:
    """Return a connection of the pool that its server has not ended while nobody used it."""
    while True:
        lent: Connection = pool.getconn()
        said = select.poll()
        said.register(lent.fileno(), select.POLLIN)
        if not said.poll(0):
            return lent
        pool.putconn(lent, close=True)
