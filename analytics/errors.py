"""What can go wrong when figures are asked for.

AnalyticsError
├── StoreUnknownError         no store has this code
├── QueryUnknownError         no SQL block has this name
├── DatabaseUnavailableError  the database does not answer, and since when
├── DatabaseError             the database could not be asked
└── BusyError                 others are being answered
"""

from datetime import datetime


class AnalyticsError(Exception):
    """A figure could not be worked out."""


class StoreUnknownError(AnalyticsError, LookupError):
    """No store has this code."""


class QueryUnknownError(AnalyticsError, LookupError):
    """No SQL block has this name."""


class DatabaseError(AnalyticsError):
    """The database could not be asked."""


class DatabaseUnavailableError(AnalyticsError):
    """The database does not answer; `since` is when that was first noticed."""

    def __init__(self, since: datetime, reason: str) -> None:
        super().__init__(f"the database has not answered since {since:%Y-%m-%d %H:%M:%S} UTC: {reason}")
        self.since = since


class BusyError(AnalyticsError):
    """Others are being answered: whoever asks again finds it made, or a turn."""
