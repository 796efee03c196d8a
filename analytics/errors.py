"""What can go wrong when figures are asked for.

AnalyticsError
├── StoreUnknownError      no store has this code
├── QueryUnknownError      no SQL block has this name
└── DatabaseError          the database could not be asked
"""


class AnalyticsError(Exception):
    """A figure could not be worked out."""


class StoreUnknownError(AnalyticsError, LookupError):
    """No store has this code."""


class QueryUnknownError(AnalyticsError, LookupError):
    """No SQL block has this name."""


class DatabaseError(AnalyticsError):
    """The database could not be asked."""
