"""Restating: what is known of past business days, recorded once they are counted and again each time it changes.

Whatever comes or changes late notes the days it is of, in its own transaction (`day_touched`). `keep_store_days` counts
those days anew; a run then takes the notes in and records what differs (`known_day`), in one transaction, too. A run
that is killed leaves both as they were, and one that is repeated finds nothing to do.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from ingest.database import Database
from ingest.sql_blocks import load_blocks

_SQL: Final = load_blocks("restating")
#: Before anything was counted.
EVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
#: A transaction that counts days is over by then.
_OVERLAP: Final = timedelta(hours=1)
#: Longer than raw rows are kept.
_SET_UP_KEPT: Final = timedelta(days=100)


@dataclass(frozen=True, slots=True)
class Restated:
    """What a run did: `first` days recorded for the first time, `changed` ones anew; from when on the next looks."""

    first: int
    changed: int
    since: datetime


def restate(database: Database, *, now: datetime, since: datetime = EVER) -> Restated:
    """Record what changed of the days that were counted after `since`, or that something was noted of.

    The caller sees to it that nobody else does so at the same time.

    Raises:
        DatabaseError: it did not work out, and nothing was recorded.
    """
    with database.transaction() as cursor:
        # Notes, marks and days are seen as of one moment.
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute(_SQL["counted_until"])
        ((counted_at,),) = cursor.fetchall()
        cursor.execute(_SQL["noted"])
        cursor.execute(_SQL["record"], {"now": now, "since": since})
        first = [is_first for (is_first,) in cursor.fetchall()]
        cursor.execute(_SQL["merge_erased"])
        cursor.execute(_SQL["taken"])
        cursor.execute(_SQL["forget_set_up"], {"before": now - _SET_UP_KEPT})
    return Restated(sum(first), len(first) - sum(first), counted_at - _OVERLAP if counted_at else EVER)
