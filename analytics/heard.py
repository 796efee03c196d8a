"""What was heard of stores last, in a few bytes: it tells whether a store's day has to be read anew."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Final

from analytics.queries import Connection, rows

#: Sales that were closed within so long are looked at; an older one that comes late tells nothing here.
_SALES_WITHIN: Final = timedelta(hours=1)


def read_heard(connection: Connection, store_ids: Collection[int], *, now: datetime) -> Mapping[int, str]:
    """Return for each store what changes with its counts, its devices' states, its queues' lengths and its last sales.

    It costs a hundredth of a day's reading. What it leaves out: how set-up, targets and audits stand.

    Raises:
        DatabaseError: the database could not be asked.
    """
    return dict(rows(connection, "heard", store_ids=sorted(store_ids), since=now - _SALES_WITHIN))
