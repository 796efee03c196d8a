"""The book: a push into intervals, totals and entries on their way to the ledger, in one transaction.

Whatever has happened once this has committed, it happened whole; and pushing it again changes nothing, because the
interval, or the reading of the total, is here already. So a counter may repeat a push until it is answered.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from ingest.counters.counting import Addition, Counted, interval_adds, total_adds
from ingest.counters.entries import Said as Entry
from ingest.counters.entries import entries_of, runs_of
from ingest.counters.instants import AHEAD_MAX
from ingest.counters.readings import Interval, Reading, Said, Total
from ingest.counters.register import Counter, Feed, refuse
from ingest.database import Cursor, Database
from ingest.errors import PushError, UnknownCounterError
from ingest.sql_blocks import load_blocks

logger = logging.getLogger(__name__)

_SQL: Final = load_blocks("counters")
#: What is older is not taken any more: what was said of it is forgotten, so nobody could tell whether it is new.
KEPT: Final = timedelta(days=90)
#: Longer ones cannot be told apart by quarter-hours, or even by days.
INTERVAL_MAX: Final = timedelta(days=1)
#: More cannot pass a door, whatever a payload says: 2 147 483 647 visitors are not to be written down one by one.
PEOPLE_PER_S_MAX: Final = 5
_PEOPLE_MIN: Final = 50
#: A total is read when it has risen, or soon after: so long before, somebody crossed.
_TOTAL_LAGS: Final = timedelta(minutes=1)


@dataclass(slots=True)
class Noted:
    """What became of a push: readings that were `taken`, that were here already, and why others were not taken."""

    taken: int = 0
    repeated: int = 0
    refused: list[str] = field(default_factory=list)


def note(database: Database, counter: Counter, said: Said, heard_at: datetime) -> Noted:
    """Keep what a push says.

    Raises:
        UnknownCounterError: the counter was removed meanwhile, or its store is closed.
        DatabaseError: nothing was kept; push it again.
    """
    noted = Noted()
    entries: list[Entry] = []
    with database.transaction() as cursor:
        last_seq = _lock(cursor, counter)
        for reading in said.readings:
            try:
                adds = _keep(cursor, counter, reading, heard_at)
            except PushError as error:
                refuse(cursor, counter.login, str(error), heard_at)
                noted.refused.append(str(error))
                continue
            noted.taken += adds is not None
            noted.repeated += adds is None
            for feed, addition in adds or ():
                entries += entries_of(addition, feed.line, counter.camera_of(feed.line))
        if not said.readings and not said.idle:
            noted.refused.append("it holds no counts of lines that we know: let the counter push counts per interval")
            refuse(cursor, counter.login, noted.refused[0], heard_at)
        last_seq = _put(cursor, counter, entries, last_seq)
        cursor.execute(_SQL["heard"], {"counter_id": counter.counter_id, "last_seq": last_seq, "heard_at": heard_at})
    for reason in noted.refused:
        logger.warning("counter %s: %s", counter.login, reason, extra={"action": "counter_refused"})
    return noted


def feeds_of(counter: Counter, names: Sequence[str]) -> Feed:
    """Return what a counting element feeds.

    Raises:
        PushError: none of the counter's lines is fed by it.
    """
    for feed in counter.feeds:
        if feed.source in names or (not feed.source and len(counter.feeds) == 1):
            return feed
    raise PushError(
        "it names a counting element that feeds no line, registered are "
        f"{', '.join(repr(feed.source) for feed in counter.feeds)}: footfall counters check shows what a push holds"
    )


def _lock(cursor: Cursor, counter: Counter) -> int:
    cursor.execute(_SQL["lock"], {"counter_id": counter.counter_id})
    row = cursor.fetchone()
    if row is None:
        raise UnknownCounterError(f"counter {counter.login!r} is not registered any more, or its store is closed")
    return int(row[0])


def _keep(cursor: Cursor, counter: Counter, reading: Reading, heard_at: datetime) -> list[tuple[Feed, Addition]] | None:
    """Keep one reading; return what it adds to which line, None: nothing, it is here already."""
    feed = feeds_of(counter, reading.names)
    if isinstance(reading, Interval):
        adds = _keep_interval(cursor, feed, reading, heard_at)
    else:
        adds = _keep_total(cursor, feed, reading, heard_at)
    if adds is None:
        return None
    if not counter.watches(feed):
        adds = Addition(adds.spans, adds.ins, adds.outs)
    return [(feed, adds)]


def _keep_interval(cursor: Cursor, feed: Feed, reading: Interval, heard_at: datetime) -> Addition | None:
    _check(reading, heard_at)
    ins, outs = _turned(feed, reading.ins, reading.outs)
    new = Counted(reading.from_at, reading.until, ins, outs)
    key = {"counter_line_id": feed.feed_id, "from_at": new.from_at, "until": new.until}
    cursor.execute(_SQL["touching"], key)
    known = [Counted(*row) for row in cursor.fetchall()]
    adds, counted = interval_adds(new, known)
    same = next((each for each in known if (each.from_at, each.until) == (new.from_at, new.until)), None)
    if same and same != new:
        said = {"ins_before": same.ins, "outs_before": same.outs, "ins_said": new.ins, "outs_said": new.outs}
        cursor.execute(_SQL["restated"], {**key, **said, "heard_at": heard_at})
    if same == counted or (same is None and adds == Addition()):
        return None
    cursor.execute(_SQL["keep_interval"], {**key, "ins": counted.ins, "outs": counted.outs, "heard_at": heard_at})
    return adds


def _keep_total(cursor: Cursor, feed: Feed, reading: Total, heard_at: datetime) -> Addition | None:
    if feed.counts not in ("in", "out"):
        raise PushError(f"{feed.source!r} counts in one direction only: register it as :in or :out")
    _check_age(reading.at, reading.at, heard_at)
    key = {"counter_line_id": feed.feed_id, "at": reading.at, "total": reading.total}
    before, after = (_neighbour(cursor, block, key) for block in ("before", "after"))
    adds = total_adds((reading.at, reading.total), before, after, _TOTAL_LAGS)
    _check_number(adds.ins, (after[0] if after else reading.at) - (before[0] if before else reading.at))
    cursor.execute(_SQL["keep_total"], {**key, "heard_at": heard_at})
    if cursor.fetchone() is None:
        return None
    ins, outs = (adds.ins, 0) if feed.counts == "in" else (0, adds.ins)
    return Addition(adds.spans, ins, outs, adds.watched)


def _neighbour(cursor: Cursor, block: str, key: dict[str, object]) -> tuple[datetime, int] | None:
    cursor.execute(_SQL[block], key)
    row = cursor.fetchone()
    return (row[0], row[1]) if row else None


def _turned(feed: Feed, ins: int, outs: int) -> tuple[int, int]:
    match feed.counts:
        case "both":
            return ins, outs
        case "reversed":
            return outs, ins
        case "in":
            return ins, 0
        case "out":
            return 0, outs


def _check(reading: Interval, heard_at: datetime) -> None:
    if not timedelta(0) < reading.until - reading.from_at <= INTERVAL_MAX:
        raise PushError("expected intervals that end after they begin, within a day: set the counter to 15 minutes")
    _check_age(reading.from_at, reading.until, heard_at)
    _check_number(max(reading.ins, reading.outs), reading.until - reading.from_at)


def _check_age(from_at: datetime, until: datetime, heard_at: datetime) -> None:
    if until > heard_at + AHEAD_MAX:
        raise PushError("it speaks of the time to come: the counter's clock is ahead; let it ask a time server")
    if from_at < heard_at - KEPT:
        raise PushError(f"it speaks of what is more than {KEPT.days} days ago: too late to tell whether it is new")


def _check_number(people: int, within: timedelta) -> None:
    most = _PEOPLE_MIN + PEOPLE_PER_S_MAX * (within / timedelta(seconds=1))
    if people > most:
        raise PushError(f"more people than can pass a line in that time ({most:.0f}): not counted")


def _put(cursor: Cursor, counter: Counter, entries: Sequence[Entry], last_seq: int) -> int:
    """Put entries on their way; return the last seq that is assigned."""
    for run in runs_of(entries):
        values = {"counter_id": counter.counter_id, "first_seq": last_seq + 1, "covers": run.covers}
        cursor.execute(_SQL["put"], {**values, "entries": run.entries.decode("utf-8")})
        last_seq += run.covers
    return last_seq
