"""What can go wrong when traffic is forecast; part of the tree of `analytics.errors`.

AnalyticsError
└── ForecastError
    ├── CountsError             a file of counts cannot be read as one
    ├── TooShortError           no series is long enough
    └── MissingExtraError       the extra `forecast` is not installed
"""

from analytics.errors import AnalyticsError


class ForecastError(AnalyticsError):
    """No forecast could be made."""


class CountsError(ForecastError, ValueError):
    """A file of counts cannot be read as one."""


class TooShortError(ForecastError):
    """No series is long enough."""


class MissingExtraError(ForecastError, ImportError):
    """The extra `forecast` (LightGBM and `holidays`) is not installed."""
