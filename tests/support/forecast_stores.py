"""Stores with a history that can be forecast, written straight into the database."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from tests.support.store_data import Connection, add_crossings, add_line, add_store, add_uptime

NOW = datetime(2026, 11, 21, 20, tzinfo=UTC)
QUARTERS = 8


def a_store(
    connection: Connection,
    *,
    days: int,
    timezone: str = "Asia/Kathmandu",
    dark: int = 0,
    each: int = 3,
    code: str = "a",
) -> int:
    """A store open 9 to 11, `each` people every quarter-hour of `days` days up to today; the last `dark` unseen."""
    store = add_store(connection, code, timezone=timezone, first=date(2026, 1, 1), hours=(540, 660))
    line = add_line(connection, store)
    today = NOW.astimezone(ZoneInfo(timezone)).date()
    for back in range(1 + dark, days + 1):
        day = today - timedelta(days=back)
        opens = datetime(day.year, day.month, day.day, 9, tzinfo=ZoneInfo(timezone)).astimezone(UTC)
        quarters = [opens + step * timedelta(minutes=15) for step in range(QUARTERS)]
        add_crossings(connection, store, line, [at for at in quarters for _ in range(each)])
        add_uptime(connection, store, "door", opens, opens + timedelta(hours=2))
    return store
