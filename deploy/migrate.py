"""Migrations: SQL files applied in order, each in one transaction, on plain PostgreSQL or TimescaleDB.

A file is named `NNNN_pre|post_words.sql`: `pre` may run before the new code is rolled out, `post` after it. It is
split at marker lines:

    -- :both                      what follows runs everywhere (also the start of each file)
    -- :plain / -- :timescale     only there
    -- :rollup NAME OF TABLE      a SELECT body over a raw table's `at`
    -- :rollup NAME ON ROLLUP     a SELECT body over another rollup

A rollup becomes a continuous aggregate on TimescaleDB. On plain PostgreSQL the body becomes the view `NAME_recent`;
NAME unites it with `NAME_archive`. Both note it in the table `rollup`, which must exist by then (docs/adr/0005). After
0046 a migration that adds a rollup OF a table calls `read_counted` for it, and gives the table its triggers.
"""

import hashlib
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psycopg2
import psycopg2.errors
import psycopg2.extensions

from deploy.errors import MigrationError

_log = logging.getLogger(__name__)

FOLDER = Path(__file__).with_name("migrations")
Flavour = Literal["plain", "timescale"]

_NAME = re.compile(r"\d{4}_(pre|post)_[a-z0-9_]+\.sql")
_MARKER = re.compile(r"^-- :(\w+)(?: (\w+) (OF|ON) (\w+))?\s*$", re.MULTILINE)
#: Any number does, as long as two migrating processes use the same one.
_LOCK = 7_066_655
#: A migration that meets a deadlock with whoever writes meanwhile, or waits too long for them, is tried so many times.
_ATTEMPTS_MAX = 8


@dataclass(frozen=True, slots=True)
class Migration:
    """One file of `migrations/`."""

    name: str
    text: str

    @property
    def sha256(self) -> str:
        """Fingerprint of the file, kept beside its name when applied."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def statements(self, flavour: Flavour) -> Iterator[str]:
        """Yield the SQL texts to run, in order."""
        for kind, name, source, body in _blocks(self.text):
            if kind in ("both", flavour):
                yield body
            elif kind in ("OF", "ON"):
                yield from _rollup(flavour, name, body, source if kind == "OF" else None)
                yield _noted(name, source, of_raw=kind == "OF")


@dataclass(frozen=True, slots=True)
class Rollup:
    """A rollup as the migrations define it last: `body` is a SELECT over `source`."""

    name: str
    source: str
    body: str


def rollups() -> dict[str, Rollup]:
    """Return every rollup by name, what one reads before it.

    Raises:
        MigrationError: as `migrations`.
    """
    return {
        name: Rollup(name, source, body.strip().removesuffix(";"))
        for migration in migrations()
        for kind, name, source, body in _blocks(migration.text)
        if kind in ("OF", "ON")
    }


def migrations(folder: Path = FOLDER) -> list[Migration]:
    """Return all migrations in order.

    Raises:
        MigrationError: a file is not named `NNNN_pre|post_words.sql`, or two share a number.
    """
    paths = sorted(folder.glob("*.sql"))
    for path in paths:
        if not _NAME.fullmatch(path.name):
            raise MigrationError(f"expected a migration named NNNN_pre|post_words.sql, got {path.name}")
    numbers = [path.name[:4] for path in paths]
    if len(set(numbers)) != len(numbers):
        raise MigrationError(f"two migrations share a number in {', '.join(path.name for path in paths)}")
    return [Migration(path.name, path.read_text(encoding="utf-8")) for path in paths]


def migrate(url: str) -> list[str]:
    """Bring the database at `url` up to date, creating it when it does not exist; return what was applied.

    Raises:
        MigrationError: the database cannot be reached, an applied file was changed, or a statement failed.
    """
    try:
        _create_database(url)
        connection = psycopg2.connect(url)
    except psycopg2.OperationalError as error:
        raise MigrationError(
            f"cannot reach the database: {str(error).strip()}. Check FOOTFALL_DATABASE_URL: is the server running, are "
            "user and password right?"
        ) from error
    try:
        return apply(connection)
    finally:
        connection.close()


def apply(connection: psycopg2.extensions.connection) -> list[str]:
    """Apply what is missing through an open connection; return the names applied.

    Raises:
        MigrationError: an applied file was changed afterwards, TimescaleDB cannot be used, or a statement failed.
    """
    done = _applied(connection)
    flavour = _flavour(connection)
    applied = []
    for migration in migrations():
        if migration.name in done:
            if done[migration.name] != migration.sha256:
                raise MigrationError(f"{migration.name} was changed after it was applied: add a new migration instead")
            continue
        _apply_one(connection, migration, flavour)
        applied.append(migration.name)
    return applied


def _apply_one(connection: psycopg2.extensions.connection, migration: Migration, flavour: Flavour) -> None:
    """Apply one migration; whoever writes meanwhile may hold what it locks: then it is tried again."""
    for attempt in range(1, _ATTEMPTS_MAX + 1):
        try:
            with connection, connection.cursor() as cursor:
                for statement in migration.statements(flavour):
                    cursor.execute(statement)
                cursor.execute(
                    "INSERT INTO schema_migration (name, sha256) VALUES (%(name)s, %(sha256)s)",
                    {"name": migration.name, "sha256": migration.sha256},
                )
        except (psycopg2.errors.DeadlockDetected, psycopg2.errors.LockNotAvailable) as error:
            _log.info("%s met a lock, attempt %d", migration.name, attempt, extra={"action": "migration_locked"})
            met: psycopg2.Error = error
        except psycopg2.Error as error:
            raise MigrationError(f"{migration.name} failed and was rolled back: {str(error).strip()}") from error
        else:
            return
    raise MigrationError(
        f"{migration.name} met the locks of others {_ATTEMPTS_MAX} times and was rolled back: {str(met).strip()}. Try "
        "again when less is written, or stop ingest meanwhile"
    )


def _applied(connection: psycopg2.extensions.connection) -> dict[str, str]:
    with connection, connection.cursor() as cursor:
        # Held until the connection closes: a second process waits here and then finds nothing to do.
        cursor.execute("SELECT pg_advisory_lock(%(lock)s)", {"lock": _LOCK})
        cursor.execute(
            "CREATE TABLE IF NOT EXISTS schema_migration ("
            "name text PRIMARY KEY, sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now());"
            "COMMENT ON TABLE schema_migration IS 'Which migrations made this database, with their fingerprints.'"
        )
        cursor.execute("SELECT name, sha256 FROM schema_migration")
        return dict(cursor.fetchall())


def _flavour(connection: psycopg2.extensions.connection) -> Flavour:
    """Return what the database was begun as; a new one is `timescale` where the extension can be had."""
    try:
        with connection, connection.cursor() as cursor:
            # A TimescaleDB that was installed later must not take over: half the schema would be of the other kind.
            cursor.execute(
                "SELECT to_regclass('rollup') IS NOT NULL, count(installed_version), count(*)"
                " FROM pg_available_extensions WHERE name = 'timescaledb'"
            )
            begun, installed, available = cursor.fetchone() or (False, 0, 0)
            if installed or (available and not begun):
                cursor.execute("CREATE EXTENSION IF NOT EXISTS timescaledb")
                return "timescale"
            return "plain"
    except psycopg2.Error as error:
        raise MigrationError(
            f"TimescaleDB is installed but cannot be used: {str(error).strip()}. Name it in "
            "shared_preload_libraries of postgresql.conf, or create the extension as a superuser, and migrate again."
        ) from error


def _create_database(url: str) -> None:
    base, _, name = url.rpartition("/")
    name = name.partition("?")[0]
    try:
        psycopg2.connect(url).close()
    except psycopg2.OperationalError as error:
        if f'"{name}" does not exist' not in str(error):
            raise
        connection = psycopg2.connect(f"{base}/postgres")
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute(f"CREATE DATABASE {psycopg2.extensions.quote_ident(name, cursor)}")
        finally:
            connection.close()


def _blocks(text: str) -> Iterator[tuple[str, str, str, str]]:
    """Yield (kind, name, source, body) of each marked block that holds SQL."""
    start, kind, name, source = 0, "both", "", ""
    for marker in [*_MARKER.finditer(text), None]:
        body = text[start : marker.start() if marker else len(text)]
        if re.sub(r"--.*", "", body).strip():
            yield kind, name, source, body
        if marker:
            start = marker.end()
            kind, name, source = marker[3] or marker[1], marker[2] or "", marker[4] or ""


def _rollup(flavour: Flavour, name: str, body: str, raw: str | None) -> Iterator[str]:
    """Yield the statements that make a rollup; `raw` is None for a rollup of a rollup."""
    select = body.strip().removesuffix(";")
    if flavour == "timescale":
        yield (
            f"CREATE MATERIALIZED VIEW {name} WITH (timescaledb.continuous, timescaledb.materialized_only = false) AS\n"
            f"{select} WITH NO DATA"
        )
    elif raw is None:
        yield f"CREATE VIEW {name} AS\n{select}"
    else:
        yield f"CREATE VIEW {name}_recent AS\n{select}"
        yield f"COMMENT ON VIEW {name}_recent IS '{name} of the raw rows that are still there.'"
        yield f"CREATE TABLE {name}_archive AS SELECT * FROM {name}_recent WITH NO DATA"  # noqa: S608  # our own files
        yield f"COMMENT ON TABLE {name}_archive IS '{name} of the raw rows that retention has removed.'"
        yield f"CREATE INDEX {name}_archive_bucket ON {name}_archive (store_id, bucket)"
        yield (
            f"CREATE VIEW {name} AS SELECT * FROM {name}_recent "  # noqa: S608  # our own files
            f"UNION ALL SELECT * FROM {name}_archive"
        )


def _noted(name: str, source: str, *, of_raw: bool) -> str:
    return f"INSERT INTO rollup (name, source, of_raw) VALUES ('{name}', '{source}', {of_raw})"  # noqa: S608  # as above
