"""The database that a command works on: FOOTFALL_DATABASE_URL, or that of the running `footfall up`."""

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from deploy.home import default_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploy.trust.office import Office
    from ingest.database import Database


def database_url() -> str:
    """Return the database's URL.

    Raises:
        SettingsError: FOOTFALL_DATABASE_URL is not set, or is no PostgreSQL URL.
    """
    from ingest.errors import SettingsError
    from ingest.settings import DatabaseSettings, load

    if not os.environ.get("FOOTFALL_DATABASE_URL"):
        # `footfall up` would have left its own where adopt_environment looks.
        raise SettingsError(
            "FOOTFALL_DATABASE_URL is not set, and no `footfall up` runs here: start one, or set "
            f"postgresql://user:password@host:5432/database (looked in FOOTFALL_HOME={default_folder()}"
            f"{'' if os.environ.get('FOOTFALL_HOME') else ', the default: is yours another?'})"
        )
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


@contextmanager
def office() -> "Iterator[tuple[Database, Office]]":
    """Open the database and the office of trust of FOOTFALL_HOME for one command.

    Raises:
        SettingsError: as `database_url`.
        TrustError: the authority cannot be used.
    """
    from analytics.clock import utc_now
    from deploy.home import Home
    from deploy.trust.office import open_office

    with database() as opened:
        broker_url = os.environ.get("FOOTFALL_BROKER_URL")
        yield opened, open_office(Home(default_folder()), opened, now=utc_now, broker_url=broker_url)
