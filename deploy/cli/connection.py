"""The database that a command works on: FOOTFALL_DATABASE_URL, or that of the running `footfall up`."""

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ingest.database import Database


def database_url() -> str:
    """Return the database's URL.

    Raises:
        SettingsError: FOOTFALL_DATABASE_URL is not set, or is no PostgreSQL URL.
    """
    from ingest.settings import DatabaseSettings, load

    return load(DatabaseSettings).database_url.get_secret_value()


@contextmanager
def database() -> "Iterator[Database]":
    """Open the database for one command.

    Raises:
        SettingsError: as `database_url`.
    """
    from ingest.database import Database

    opened = Database(database_url(), name="footfall-cli")
    try:
        yield opened
    finally:
        opened.close()
