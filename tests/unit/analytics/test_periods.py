"""Calendar weeks that are over: the same for a page and for programs."""

from datetime import UTC, date, datetime, timedelta

import pytest

from analytics.days import BusinessDay, Calendar
from analytics.periods import past_weeks
from analytics.stores import Store

SHOP = Store(1, "late", "Late", "UTC", "EUR")
#: Monday.
MONDAY = date(2026, 11, 16)


def open_until(hour: int) -> Calendar:
    """Days from 10:00 on; their tills close an hour after the shop."""
    days = (MONDAY + timedelta(days=n) for n in range(-60, 10))
    opens = ((day, datetime(day.year, day.month, day.day, 10, tzinfo=UTC)) for day in days)
    return Calendar(BusinessDay(1, day, at, at + timedelta(hours=hour - 10)) for day, at in opens)


@pytest.mark.parametrize(
    ("now", "closes", "last"),
    [
        (datetime(2026, 11, 21, 15, tzinfo=UTC), 20, date(2026, 11, 15)),
        (datetime(2026, 11, 16, 12, tzinfo=UTC), 20, date(2026, 11, 15)),
        # Sunday's shop closes at two in the morning: at half past two its till is still open.
        (datetime(2026, 11, 16, 2, 30, tzinfo=UTC), 26, date(2026, 11, 8)),
        (datetime(2026, 11, 16, 3, 30, tzinfo=UTC), 26, date(2026, 11, 15)),
    ],
)
def test_a_week_counts_once_its_last_till_has_closed(now: datetime, closes: int, last: date) -> None:
    chosen = past_weeks(open_until(closes), SHOP, 4, now=now)
    assert (chosen.first, chosen.last) == (last - timedelta(days=27), last)
