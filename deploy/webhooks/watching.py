"""The watcher: finds out what there is to tell by looking at the store as the pages do.

What a look finds, and that it was told, are one transaction: a watcher that is killed has told it or has not, and two
do not tell it twice. What needs a person is on record as an alarm, told or not; the rest is looked for where somebody
wants to be told of it.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

import psycopg2

from analytics.days import BusinessDay, Calendar, calendar
from analytics.errors import AnalyticsError
from analytics.facts import slice_facts
from analytics.figure import Figure
from analytics.fleet.fleet import FleetBox, read_fleet
from analytics.quality.accuracy import UNAUDITED, StoreAccuracy, read_accuracy
from analytics.quality.findings import Code, Finding
from analytics.quality.restatements import Restatement, read_restatements
from analytics.quality.trust import read_trust
from analytics.queries import Connection, planned_once
from analytics.stores import Store, all_stores
from analytics.visits.kpis import kpis
from analytics.visits.store_day import read_store_day
from deploy import alarms
from deploy.alarms import Seen
from deploy.webhooks.emitting import Present, emit, settle
from deploy.webhooks.events import (
    CONDITIONS,
    DAY_CLOSED,
    DAY_RESTATED,
    DeviceDown,
    FigureChange,
    FigureOut,
    FindingRaised,
    LedgerGap,
    ReasonOut,
    StoreDayClosed,
    StoreDayRestated,
    StoreDown,
)
from deploy.webhooks.register import SQL
from ingest.database import Cursor, Database, translated
from ingest.errors import DatabaseError, UnstorableError

logger = logging.getLogger(__name__)

_ROUND_S: Final = 10.0
_AWAY_S: Final = 30.0
_DAYS_EVERY: Final = timedelta(minutes=1)
_FINDINGS_EVERY: Final = timedelta(minutes=5)
_GAP_AFTER: Final = timedelta(minutes=5)
#: A day's uptime and last entries come a little after it.
SETTLES: Final = timedelta(minutes=5)
#: A day that closed longer ago is told no more: nobody listened for so long.
_DAYS_BACK: Final = timedelta(days=3)
_KEPT: Final = timedelta(days=30)
#: What a store's balance and usual values are read from.
_HISTORY_DAYS: Final = 70
#: So many stores are looked at in one transaction, which keeps their questions' plans.
_AT_ONCE: Final = 50
#: Findings that have types of their own.
_TOLD_APART: Final = frozenset({"device_offline", "device_stopped", "device_silent", "ledger_gap"})
#: Any number does, as long as every watcher uses the same one.
_LOCK: Final = 7_066_657


class Watcher:
    """Looks every few seconds, on a connection of its own."""

    def __init__(self, database: Database, *, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now
        self._days_at: datetime | None = None
        self._findings_at: datetime | None = None

    def run(self, stopping: threading.Event) -> None:
        """Look until `stopping` is set; a database that is away is tried again."""
        while not stopping.is_set():
            pause_s = _ROUND_S
            try:
                self.once()
            except (DatabaseError, AnalyticsError) as error:
                logger.warning("nothing was looked for: %s", error, extra={"action": "webhooks_wait"})
                pause_s = _AWAY_S
            except Exception:
                # Root of this thread: a fault with one store must not end the telling of all others.
                logger.exception("a fault of ours", extra={"action": "bug"})
                pause_s = _AWAY_S
            stopping.wait(pause_s)
        self._database.close()

    def once(self) -> None:
        """Look once at what is due.

        Raises:
            DatabaseError, AnalyticsError: the database did not answer; nothing was told.
        """
        now = self._now()
        with self._database.transaction() as cursor:
            if not _alone(cursor):
                return
            wanted, since = _wanted(cursor)
            stores = {store.store_id: store for store in all_stores(cursor.connection)}
            cursor.execute(SQL["open_stores"])
            still_open = [stores[store_id] for (store_id,) in cursor.fetchall() if store_id in stores]
            _look_at_boxes(cursor, wanted, stores, now)
            _look_for_gaps(cursor, wanted, now)
            if _due(self._days_at, _DAYS_EVERY, now):
                if since is not None:
                    _look_at_days(cursor, wanted, stores, since=since, now=now)
                alarms.tidy(cursor, at=now)
                cursor.execute(SQL["prune"], {"before": now - _KEPT})
                self._days_at = now
        if _due(self._findings_at, _FINDINGS_EVERY, now):
            self._look_for_findings(still_open, now)
            self._findings_at = now

    def _look_for_findings(self, stores: Sequence[Store], now: datetime) -> None:
        """Look at each store's day, `_AT_ONCE` of them in a transaction: all together they take a while."""
        for at in range(0, len(stores), _AT_ONCE):
            with self._database.transaction() as cursor:
                if not _alone(cursor):
                    return
                found = _findings_of(cursor.connection, stores[at : at + _AT_ONCE], now)
                _record_each(cursor, found, now)
        with self._database.transaction() as cursor:
            alarms.looked(cursor, "finding", at=now)


def _record_each(cursor: Cursor, found: Sequence[tuple[Store, Sequence[Finding]]], now: datetime) -> None:
    """Record each store's findings; those that cannot be leave no trace, and the others' are.

    Raises:
        psycopg2.Error: the database cannot do it for any store now.
    """
    for store, findings in found:
        cursor.execute("SAVEPOINT one_store")
        try:
            _record_findings(cursor, store, findings, now)
        except Exception as error:
            if isinstance(error, psycopg2.Error) and not isinstance(translated(error), UnstorableError):
                raise
            # As above: what one store's findings cannot be told for must not keep the others' from being told.
            logger.exception("a fault of ours with store %s", store.code, extra={"action": "bug"})
            cursor.execute("ROLLBACK TO SAVEPOINT one_store")
        cursor.execute("RELEASE SAVEPOINT one_store")


def _record_findings(cursor: Cursor, store: Store, found: Sequence[Finding], now: datetime) -> None:
    """Keep what is found in a store as alarms, and tell those who want to know."""
    seen = [Seen(store.store_id, _subject(one), one) for one in found]
    alarms.record(cursor, "finding", seen, at=now, store_id=store.store_id)
    if _wanted(cursor)[0] & _told_by("finding"):
        present = [Present(store.store_id, _subject(one), _finding(store, one)) for one in found]
        settle(cursor, "finding", present, at=now, store_id=store.store_id)


def _alone(cursor: Cursor) -> bool:
    """Return whether no other watcher is at it."""
    cursor.execute("SELECT pg_try_advisory_xact_lock(%(lock)s)", {"lock": _LOCK})
    return cursor.fetchone() == (True,)


def _wanted(cursor: Cursor) -> tuple[set[str], datetime | None]:
    """Return what somebody wants to be told of, and since when; None: nothing."""
    cursor.execute(SQL["wanted"])
    types, since = cursor.fetchone() or ([], None)
    return set(types), since


def _told_by(kind: str) -> set[str]:
    """Return the types of event that tell of a kind of condition."""
    return set(CONDITIONS[kind][:2])


def _due(last: datetime | None, every: timedelta, now: datetime) -> bool:
    return last is None or now - last >= every


def _look_at_boxes(cursor: Cursor, wanted: set[str], stores: dict[int, Store], now: datetime) -> None:
    boxes = [
        box
        for box in read_fleet(cursor.connection, now=now)
        if box.standing not in ("revoked", "store closed") and box.device.heard_at is not None
    ]
    down = [box for box in boxes if box.device.signal(now) == "offline"]
    alarms.record(cursor, "device", [Seen(box.store_id, box.device.code, _silent(box)) for box in down], at=now)
    alarms.looked(cursor, "device", at=now)
    if wanted & _told_by("device"):
        settle(cursor, "device", [_box_down(box, stores[box.store_id]) for box in down], at=now)
    if wanted & _told_by("store"):
        settle(cursor, "store", _stores_down(boxes, down, stores), at=now)


def _silent(box: FleetBox) -> Finding:
    code: Code = "device_stopped" if box.device.state == "stopped" else "device_offline"
    return Finding(code, box.device.code, since=box.device.heard_at)


def _box_down(box: FleetBox, store: Store) -> Present:
    device = box.device
    state = device.state if device.state in ("offline", "stopped") else "silent"
    down = DeviceDown(store=store.code, device=device.code, state=state, since=device.heard_at)
    return Present(store.store_id, device.code, down)


def _stores_down(boxes: Sequence[FleetBox], down: Sequence[FleetBox], stores: dict[int, Store]) -> list[Present]:
    found = []
    for store_id in {box.store_id for box in down}:
        here = [box for box in boxes if box.store_id == store_id]
        if all(box in down for box in here):
            heard = [box.device.heard_at for box in here if box.device.heard_at is not None]
            data = StoreDown(store=stores[store_id].code, devices=len(here), since=max(heard))
            found.append(Present(store_id, "", data))
    return found


def _look_for_gaps(cursor: Cursor, wanted: set[str], now: datetime) -> None:
    cursor.execute(SQL["gaps"], {"before": now - _GAP_AFTER})
    found = cursor.fetchall()
    seen = [
        Seen(store_id, device, Finding("ledger_gap", device, number=missing, since=since))
        for _, device, store_id, missing, since in found
    ]
    alarms.record(cursor, "gap", seen, at=now)
    if wanted & _told_by("gap"):
        present = [
            Present(store_id, device, LedgerGap(store=store, device=device, missing=missing, since=since))
            for store, device, store_id, missing, since in found
        ]
        settle(cursor, "gap", present, at=now)


def _look_at_days(
    cursor: Cursor, wanted: set[str], stores: dict[int, Store], *, since: datetime, now: datetime
) -> None:
    if DAY_CLOSED in wanted:
        _tell_days(cursor, list(stores.values()), since=since, now=now)
    if DAY_RESTATED in wanted:
        _tell_restatements(cursor, stores, since=since, now=now)


def _tell_days(cursor: Cursor, stores: Sequence[Store], *, since: datetime, now: datetime) -> None:
    connection = cursor.connection
    ids = [store.store_id for store in stores]
    days = calendar(connection, ids, first=(now - _DAYS_BACK).date() - timedelta(days=1), last=now.date())
    told = _told(cursor, DAY_CLOSED)
    for store in stores:
        for day in days.of(store.store_id).values():
            key = f"{DAY_CLOSED}/{store.store_id}/{day.business_date}"
            closed_at = days.till_until(day) + SETTLES
            if key not in told and max(since, now - _DAYS_BACK) < closed_at <= now:
                data = _day_closed(connection, store, days, day, now)
                emit(cursor, DAY_CLOSED, data, store_id=store.store_id, at=now, key=key)


def _told(cursor: Cursor, type_: str) -> set[str]:
    cursor.execute(SQL["told"], {"pattern": f"{type_}/%"})
    return {key for (key,) in cursor.fetchall()}


def _tell_restatements(cursor: Cursor, stores: dict[int, Store], *, since: datetime, now: datetime) -> None:
    told = _told(cursor, DAY_RESTATED)
    # They are recorded a while after what changed the day came: those of the last days are looked at again.
    looked_at = max(since, now - _DAYS_BACK)
    for one in read_restatements(cursor.connection, list(stores), since=looked_at, until=now):
        key = f"{DAY_RESTATED}/{one.store_id}/{one.business_date}/{one.at.isoformat()}"
        if key not in told:
            data = restated_body(stores[one.store_id], one)
            emit(cursor, DAY_RESTATED, data, store_id=one.store_id, at=now, key=key)


def restated_body(store: Store, one: Restatement) -> StoreDayRestated:
    """Return what is told of a change of a past day."""
    changes = [
        FigureChange(definition=each.definition_id, before=each.before, after=each.after) for each in one.changes
    ]
    reasons = [ReasonOut(reason=each.name, rows=each.rows) for each in one.reasons]
    return StoreDayRestated(
        store=store.code, name=store.name, business_date=one.business_date, first_at=one.first_at, at=one.at,
        reasons=reasons, changes=changes, withheld=one.withheld,
    )  # fmt: skip


def _day_closed(
    connection: Connection, store: Store, days: Calendar, day: BusinessDay, now: datetime
) -> StoreDayClosed:
    facts = slice_facts(connection, [days.whole(day)], now=now).iloc[0]
    audited = read_accuracy(connection, [store.store_id], now=now).get(store.store_id, UNAUDITED)
    base = kpis(facts, as_of=now, audited=audited)
    figures: dict[str, Figure] = {name: getattr(base, name) for name in base.__dataclass_fields__}
    return StoreDayClosed(
        store=store.code, name=store.name, business_date=day.business_date, opens_at=day.opens_at,
        closes_at=day.closes_at, currency=store.currency,
        figures={name: _figure(each) for name, each in figures.items()},
    )  # fmt: skip


def _figure(one: Figure) -> FigureOut:
    return FigureOut(
        value=one.value, low=one.low, high=one.high, quality=one.quality, completeness=one.completeness,
        definition=one.definition_id,
    )  # fmt: skip


def _findings_of(connection: Connection, stores: Sequence[Store], now: datetime) -> list[tuple[Store, list[Finding]]]:
    """Return what is found in each of the stores; those of which it cannot be told are left out."""
    ids = [store.store_id for store in stores]
    days = calendar(
        connection, ids, first=now.date() - timedelta(days=_HISTORY_DAYS), last=now.date() + timedelta(days=1)
    )
    audited = read_accuracy(connection, ids, now=now)
    found = []
    with planned_once(connection):
        for store in stores:
            try:
                accuracy = audited.get(store.store_id, UNAUDITED)
                found.append((store, _findings(connection, store, days, accuracy, now)))
            except (DatabaseError, AnalyticsError):
                raise
            except Exception:
                # A fault of ours with one store's numbers must not keep the others' alarms from being told.
                logger.exception("a fault of ours with store %s", store.code, extra={"action": "bug"})
    return found


def _findings(
    connection: Connection, store: Store, days: Calendar, accuracy: StoreAccuracy, now: datetime
) -> list[Finding]:
    day = days.latest_opened(store.store_id, now)
    if day is None:
        return []
    trust = read_trust(connection, days, store.store_id, now=now, accuracy=accuracy)
    seen = read_store_day(connection, days, day, now=now, trust=trust)
    return [one for one in seen.findings if one.code not in _TOLD_APART]


def _subject(one: Finding) -> str:
    return f"{one.code} {one.subject} {one.detail}"[:300]


def _finding(store: Store, one: Finding) -> FindingRaised:
    return FindingRaised(
        store=store.code, code=one.code, severity=one.severity, subject=one.subject[:300], detail=one.detail[:300],
        number=one.number, since=one.since,
    )  # fmt: skip
