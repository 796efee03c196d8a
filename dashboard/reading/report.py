"""What a store's one-page report reads: the Look back page's view of a period, and what its other pages say of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from analytics.clock import Clock
from analytics.database import Database
from analytics.days import Calendar
from analytics.directory import Directory
from analytics.periods import Period, PeriodName, comparison, store_period
from analytics.quality.accuracy import UNAUDITED, read_accuracy
from analytics.quality.reliance import LineDays, read_line_days
from analytics.queries import Connection
from analytics.staff.staffing import Staffing, read_staffing, target_slices
from analytics.statistics.suppression import K_INSIDE
from analytics.stores import Store
from analytics.visits.typical import WEEKS, read_typical_day
from dashboard.reading.history import HistoryReading, HistoryView
from dashboard.reading.live import LiveReading, LiveView

#: A usual week of staffing is told over so many days.
STAFFED_DAYS: Final = 28
#: Later than any business day ends, in minutes of its wall clock.
_DAY_OVER_MIN: Final = 3 * 24 * 60
_WEEKDAYS: Final = 7


@dataclass(frozen=True, slots=True)
class ReportView:
    """All of a report. `usual` is a weekday's (0: Monday) visitors before the period began; `live` is the store now."""

    history: HistoryView
    usual: Mapping[int, float]
    staffing: Staffing
    lines: tuple[LineDays, ...]
    live: LiveView


class ReportReading:
    """Reads what reports say. Methods raise DatabaseUnavailableError while the database does not answer."""

    def __init__(
        self, database: Database, directory: Directory, clock: Clock, history: HistoryReading, live: LiveReading
    ) -> None:
        self._database = database
        self._directory = directory
        self._clock = clock
        self._history = history
        self._live = live

    def store(self, store: Store, name: PeriodName, first: date | None = None, last: date | None = None) -> ReportView:
        """Return a store's report over a period."""
        history = self._history.store(store, name, first, last)
        now, shown = self._clock(), history.period
        back = (now.astimezone(store.zone).date() - shown.first).days + 7 * WEEKS + STAFFED_DAYS
        days = self._directory.calendar([store], back, now)
        # Read first: it takes connections of its own, and a report holds no more than one.
        live = self._live.day(store)
        with self._database.connection() as connection:
            return ReportView(
                history,
                _usual(connection, store, days, shown, self._clock),
                _staffing(connection, store, days, shown, self._clock),
                read_line_days(connection, store.store_id, first=shown.first, last=shown.last, now=now),
                live,
            )


def _usual(connection: Connection, store: Store, days: Calendar, shown: Period, clock: Clock) -> dict[int, float]:
    """Return what is usual for each weekday of a period, by the weeks before it."""
    found = {}
    for ahead in range(min(_WEEKDAYS, (shown.last - shown.first).days + 1)):
        day = shown.first + timedelta(days=ahead)
        told = read_typical_day(connection, store, days, day, now=clock()).up_to(_DAY_OVER_MIN)
        if told is not None:
            found[day.weekday()] = told
    return found


def _staffing(connection: Connection, store: Store, days: Calendar, shown: Period, clock: Clock) -> Staffing:
    """Return staffing over the last four calendar weeks up to the period's end.

    Whole weeks alone: the difference of two windows a day apart would tell of a single day.
    """
    now = clock()
    last = shown.last - timedelta(days=(shown.last.weekday() + 1) % _WEEKDAYS)
    first = last - timedelta(days=STAFFED_DAYS - 1)
    weeks = store_period(days, store, "custom", now=now, first=first, last=last)
    slices = comparison(days, store, weeks, now=now).current
    whole = [days.whole(day) for date_, day in days.of(store.store_id).items() if date_ <= last and day.opens_at < now]
    as_of = max((one.until for one in slices), default=now)
    audited = read_accuracy(connection, [store.store_id], now=now).get(store.store_id, UNAUDITED)
    return read_staffing(
        connection, store, slices, target_slices(whole, now=now), now=now, as_of=as_of, k=K_INSIDE, audited=audited
    )
