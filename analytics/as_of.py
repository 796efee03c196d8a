"""As of: what was known at a moment of the past, asked for with the same questions as what is known now.

Within `known_at` every reader of this package answers from the rows received by then, orders in the version of then,
and the set-up (lines, doors, opening hours) of then: the schema `past` stands before `public` (docs/adr/0027). Of time
whose raw rows retention has removed only whole business days are known as of a moment (`analytics.facts.slice_facts`);
quarter-hours say what is known of them now, which `analytics.quality.restatements.read_told_as_now` tells apart.

Pass the moment as `now`, too: a day that was running then ended there.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from typing import Final

import psycopg2

from analytics.errors import DatabaseError
from analytics.queries import Connection

_SET: Final = (
    "SELECT current_setting('search_path'), COALESCE(current_setting('footfall.as_of', true), ''), "
    "COALESCE(current_setting('footfall.as_of_since', true), ''), "
    "COALESCE(current_setting('footfall.as_of_until', true), ''), "
    "set_config('search_path', %(path)s, false), set_config('footfall.as_of', %(at)s, false), "
    "set_config('footfall.as_of_since', %(since)s, false), set_config('footfall.as_of_until', %(until)s, false)"
)


@contextmanager
def known_at(
    connection: Connection, at: datetime, *, since: datetime | None = None, until: datetime | None = None
) -> Iterator[None]:
    """Answer what is asked through the connection within the block as it was known at `at`.

    `since` and `until` promise that nothing is asked about what happened before or after: TimescaleDB then reads less.
    May be nested.

    Raises:
        DatabaseError: the database could not be asked.
    """
    before = _set(
        connection,
        "past, public",
        at.isoformat(),
        since.isoformat() if since else "",
        until.isoformat() if until else "",
    )
    try:
        yield
    finally:
        try:
            _set(connection, *before)
        except DatabaseError:
            # Lost, or in a transaction that failed. Used again it would answer from the past.
            connection.close()


def at_moment(
    connection: Connection, known: datetime | None, *, since: datetime | None = None, until: datetime | None = None
) -> AbstractContextManager[None]:
    """Return `known_at` a moment, or for None nothing that changes what is answered.

    Raises:
        DatabaseError: as `known_at`, when it is entered.
    """
    return nullcontext() if known is None else known_at(connection, known, since=since, until=until)


def _set(connection: Connection, path: str, at: str, since: str, until: str) -> tuple[str, str, str, str]:
    """Set what the views in `past` read; return what it was."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(_SET, {"path": path, "at": at, "since": since, "until": until})
            ((path_before, at_before, since_before, until_before, *_),) = cursor.fetchall()
    except psycopg2.Error as error:
        raise DatabaseError(f"cannot ask as of {at or 'now'}: {str(error).strip()}") from error
    return path_before, at_before, since_before, until_before
