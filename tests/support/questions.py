"""Every question of analytics, asked of the stores of `tests.support.traffic`."""

import re
from datetime import datetime, timedelta
from typing import Any

from analytics import queries
from analytics.queries import Connection

_DAY = timedelta(days=1)


def answers(connection: Connection, *, now: datetime, of_recorded: bool = True) -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows that each SQL block answers about the eight days before `now`, by its name, in a fixed order.

    Without `of_recorded` those are left out that ask for days as they were recorded.
    """
    week, days = now - 8 * _DAY, range(8)
    scalar = {
        "store_id": 1, "store_ids": [1, 2], "from_at": week, "since": week, "until": now, "first": week.date(),
        "last": now.date(), "limit": 100, "dates": [(week + day * _DAY).date() for day in days],
        "prefix": "none", "measured_from": 0.98, "first_day": week.date(), "run_id": 1, "now": now,
        "grace": timedelta(0), "orders": 400, "weeks": 4, "heard_since": week, "k": 5,
    }  # fmt: skip
    arrays = scalar | {
        "slice": [*days, *days], "span": [*range(16)], "store_id": [1] * 8 + [2] * 8,
        "from_at": [week + day * _DAY for day in days] * 2,
        "until": [week + day * _DAY + timedelta(hours=11) for day in days] * 2,
        "of_store": 1, "first_at": week, "last_until": now, "at": now,
        "dates": [(week + day * _DAY).date() for day in days] * 2,
    }  # fmt: skip
    found = {}
    for name, text in queries.blocks().items():
        if re.search(r"^(INSERT|UPDATE|DELETE)\b", text, re.MULTILINE):
            continue
        if not of_recorded and ("known_day" in text or "store_day_kept" in text):
            continue
        values = arrays if "%(from_at)s::timestamptz[]" in text else scalar
        if values is arrays and "%(store_id)s::" not in text:
            values = {**arrays, "store_id": 1}
        # The order of what is gathered without one is the plan's.
        rows = [
            tuple(sorted(value) if isinstance(value, list) else value for value in row)
            for row in queries.rows(connection, name, **values)
        ]
        found[name] = sorted(rows, key=repr)
    return found
