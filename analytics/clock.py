"""Time, passed in so that tests can hold it."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeAlias

Clock: TypeAlias = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the moment, in UTC."""
    return datetime.now(UTC)
