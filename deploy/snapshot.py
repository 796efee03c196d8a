"""`deploy/schema.sql`: what all migrations together make on plain PostgreSQL, for people to read and a test to compare.

`python -m deploy.snapshot` writes it anew; run it after each change of a migration and commit both.
"""

import shutil
import tempfile
from pathlib import Path

from deploy.migrate import migrate
from deploy.postgres import EmbeddedPostgres
from deploy.process import Process
from deploy.schema import schema_of

SNAPSHOT = Path(__file__).with_name("schema.sql")


def snapshot() -> str:
    """Return the schema of a new database, made on an embedded PostgreSQL of its own.

    Raises:
        DeployError: PostgreSQL does not start, a migration fails, or pg_dump does.
    """
    folder = Path(tempfile.mkdtemp(prefix="footfall-schema-"))
    folder.chmod(0o755)  # where we are root, the server runs as another user
    try:
        postgres = EmbeddedPostgres(folder, durable=False)
        process = Process(postgres.service())
        process.start()
        try:
            migrate(postgres.url())
            return schema_of(postgres.url())
        finally:
            process.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    """Write the snapshot."""
    SNAPSHOT.write_text(snapshot(), encoding="utf-8")


if __name__ == "__main__":
    main()
