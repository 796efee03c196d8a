"""A database of our own to measure in, on a server that somebody brings or on one started here; gone afterwards."""

import tempfile
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import psycopg2
import psycopg2.errors
from psycopg2.extensions import cursor as Cursor  # noqa: N812  # a class with a lower-case name
from psycopg2.extensions import make_dsn, parse_dsn, quote_ident

from deploy.errors import BenchError
from deploy.migrate import migrate
from deploy.postgres import EmbeddedPostgres
from deploy.process import Process

_JOBS = "SELECT job_id FROM timescaledb_information.jobs"


@contextmanager
def scratch_database(dsn: str | None) -> Iterator[str]:
    """Yield the URL of an empty, migrated database: on the server of `dsn`, or on an embedded one made for it.

    TimescaleDB's own jobs are taken out of it: they would run in the middle of a measurement. Nothing else on the
    server is touched; the role need not be a superuser.

    Raises:
        BenchError: the server cannot be reached, or the role may not create a database.
    """
    if dsn is None:
        with _embedded() as url, _migrated(url):
            yield url
        return
    try:
        settings = parse_dsn(dsn)
        with closing(psycopg2.connect(make_dsn(dsn, connect_timeout=10))):
            pass
    except psycopg2.Error as error:
        raise BenchError(
            f"cannot reach the server of --dsn: {str(error).strip()}. Expected a URL such as "
            "postgresql://user:password@host:5432/database, or host=... user=... dbname=..."
        ) from error
    name = f"footfall_bench_{uuid.uuid4().hex[:12]}"
    try:
        _run(dsn, "CREATE DATABASE {}", name)
    except psycopg2.errors.InsufficientPrivilege as error:
        raise BenchError(
            f"the role {settings.get('user', 'of --dsn')} may not create a database to measure in: "
            "ALTER ROLE ... CREATEDB, or take another role"
        ) from error
    try:
        url = _url({**settings, "dbname": name})
        with _migrated(url):
            yield url
    finally:
        _run(dsn, "DROP DATABASE {} WITH (FORCE)", name)


def machine_of(cursor: Cursor) -> dict[str, Any]:
    """Return what the server is: PostgreSQL's version, TimescaleDB's (None: none), and the settings that matter."""
    cursor.execute(
        "SELECT current_setting('server_version'), (SELECT extversion FROM pg_extension WHERE extname = 'timescaledb')"
    )
    version, timescale = cursor.fetchone() or (None, None)
    settings = {}
    for name in ("shared_buffers", "work_mem", "synchronous_commit", "fsync"):
        cursor.execute("SELECT current_setting(%(name)s)", {"name": name})
        (settings[name],) = cursor.fetchone() or (None,)
    return {"postgresql": version, "timescaledb": timescale, **settings}


@contextmanager
def _embedded() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="footfall-bench-") as folder:
        Path(folder).chmod(0o755)  # PostgreSQL may run as another user than this one
        postgres = EmbeddedPostgres(Path(folder) / "postgres")
        process = Process(postgres.service())
        try:
            process.start()
            yield postgres.url()
        finally:
            process.stop()


def _url(settings: dict[str, str]) -> str:
    """Return the settings as a URL: our own services take nothing else, and want the server before the database."""
    host, rest = settings.get("host", ""), {name: value for name, value in settings.items() if name != "dbname"}
    place = ""
    if host and "/" not in host and "," not in host:
        login = ":".join(quote(rest.pop(name), safe="") for name in ("user", "password") if name in rest)
        port = f":{rest.pop('port')}" if "port" in rest else ""
        place = (f"{login}@" if login else "") + (f"[{host}]" if ":" in host else host) + port
        del rest["host"]
    return f"postgresql://{place}/{quote(settings['dbname'], safe='')}?{urlencode(rest, quote_via=quote)}".rstrip("?")


@contextmanager
def _migrated(url: str) -> Iterator[None]:
    before = _jobs(url)
    migrate(url)
    for job in _jobs(url) - before:
        _run(url, f"SELECT delete_job({job:d})")
    yield


def _jobs(url: str) -> set[int]:
    """Return the ids of TimescaleDB's jobs in a database; none where it is not there."""
    try:
        connection = psycopg2.connect(url)
    except psycopg2.OperationalError:
        return set()  # `migrate` creates it, or says what is wrong
    with closing(connection), connection, connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('timescaledb_information.jobs') IS NOT NULL")
        if cursor.fetchone() != (True,):
            return set()
        cursor.execute(f"{_JOBS} WHERE job_id >= 1000")
        return {job for (job,) in cursor.fetchall()}


def _run(dsn: str, statement: str, name: str = "") -> None:
    """Run one statement outside of a transaction; `{}` in it is `name`, quoted."""
    with closing(psycopg2.connect(dsn)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement.format(quote_ident(name, cursor)) if name else statement)
