"""A Saturday in Shanghai on which tests of a store's day let people come: its opening, and minutes after it."""

from datetime import UTC, datetime, timedelta
from typing import Final

OPENS: Final = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)


def minutes(count: float) -> datetime:
    """Return the moment so many minutes after opening."""
    return OPENS + timedelta(minutes=count)
