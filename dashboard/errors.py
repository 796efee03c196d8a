"""What can go wrong in the dashboard.

DashboardError
├── DatabaseUnavailableError    the database does not answer, and since when
├── AddressError                the pages cannot be served at the address that was asked for
└── CatalogueError              a language has no catalogue, or its file cannot be read
"""

from datetime import datetime


class DashboardError(Exception):
    """The dashboard cannot show what was asked for."""


class DatabaseUnavailableError(DashboardError):
    """The database does not answer; `since` is when that was first noticed."""

    def __init__(self, since: datetime, reason: str) -> None:
        super().__init__(f"the database has not answered since {since:%Y-%m-%d %H:%M:%S} UTC: {reason}")
        self.since = since


class AddressError(DashboardError):
    """The pages cannot be served at the address that was asked for: its port is taken, or it is not this machine's."""


class CatalogueError(DashboardError):
    """A language has no catalogue, or its file cannot be read."""
