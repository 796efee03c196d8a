"""What the Today page reads: a store's day as it stands now, from one moment."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from analytics.cache import Cache
from analytics.clock import Clock
from analytics.comparison.decomposition import Decomposition, decompose, sides
from analytics.comparison.network import COMPARABLE_FROM
from analytics.database import Database
from analytics.days import BusinessDay, Calendar, Slice, wall_minutes
from analytics.directory import Directory
from analytics.figure import Figure
from analytics.forecast.keeping import KeptForecast, read_forecast
from analytics.periods import PeriodName, comparison, store_period
from analytics.quality.accuracy import UNAUDITED, StoreAccuracy
from analytics.quality.restatements import Restatement, read_restatements
from analytics.quality.trust import Trust, read_trust
from analytics.statistics.suppression import K_INSIDE
from analytics.stores import Store
from analytics.visits.hours import Hour
from analytics.visits.kpis import ratio
from analytics.visits.movement import Movement, read_movement
from analytics.visits.stages import Repeat, read_repeat
from analytics.visits.store_day import StoreDay, read_store_day
from analytics.visits.targets import NO_TARGETS, Progress, day_progress
from analytics.visits.traffic import Cell, read_traffic
from analytics.visits.typical import WEEKS, TypicalDay, read_typical_day
from dashboard.reading.audited import TRUST_S, audited
from dashboard.reading.facts import TORN_DAY_S, Facts
from dashboard.reading.floor import Floor, read_floor
from dashboard.reading.heard import Heard
from dashboard.reading.met import Met
from dashboard.reading.parts import Parts, kept_for
from dashboard.reading.past_weeks import BACK_DAYS, PastWeeks

#: Seconds for which an answer is kept while nothing comes in: the clock alone changes little.
LIVE_S: Final = 5.0
#: On a machine that takes longer than this for one, the last is shown meanwhile, until it was begun `LIVE_S + STALE_S`
#: ago. Where none takes longer, whoever ticks each second sees what came in 2 s before: a tick, `HEARD_S` and this.
LATE_S: Final = 0.75
STALE_S: Final = 5.0
TYPICAL_S: Final = 300.0
REPEAT_S: Final = 30.0
MOVEMENT_S: Final = 60.0
#: Past days change only when late data comes in.
CHANGES_S: Final = 120.0
FORECAST_S: Final = 60.0
#: Weeks that are over; what comes late to them shows within so long.
FLOOR_S: Final = 600.0
#: So long it waits for its turn in a thread of the server, which all pages share.
FLOOR_WITHIN_S: Final = 0.1
#: Past periods over which a store's page says what changed and why.
CHANGES: Final[tuple[PeriodName, ...]] = ("yesterday", "last_week", "four_weeks")
#: After the end of every business day, in minutes of its wall clock.
_END_MINUTES: Final = 3 * 24 * 60
#: A store's page tells the last few changes of past days that came lately.
RESTATED_S: Final = 60.0
RESTATED_MAX: Final = 5
RESTATED_WITHIN: Final = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Changes:
    """Why a store's net sales changed over each past period, of those that can be compared, as known at a moment."""

    as_of: datetime
    periods: Mapping[PeriodName, Decomposition]


@dataclass(frozen=True, slots=True)
class LiveView:
    """All of the live page. `usual` is a usual day's visitors up to the same time, `change` today's against it."""

    store: Store
    others: tuple[Store, ...]
    now: datetime
    store_day: StoreDay | None
    typical: TypicalDay | None
    usual: float | None
    change: float | None
    next_opening: BusinessDay | None
    movement: Movement | None = None
    changes: Changes | None = None
    restated: tuple[Restatement, ...] = ()
    forecast: KeptForecast | None = None
    hours: tuple[Hour, ...] = ()
    progress: tuple[Progress, ...] = ()
    #: The same over the month so far.
    month: tuple[Progress, ...] = ()
    #: Names of cards whose numbers could not be read.
    failed: frozenset[str] = frozenset()
    bounce: Figure | None = None
    #: Tells one reading from the next, whoever it is for.
    reading: object = field(default_factory=object, compare=False, repr=False)


class LiveReading:
    """Reads through a cache. Every method raises DatabaseUnavailableError while the database does not answer."""

    def __init__(self, database: Database, cache: Cache, directory: Directory, facts: Facts, clock: Clock) -> None:
        self._database = database
        self._cache = cache
        self._directory = directory
        self._facts = facts
        self._met = Met(database, cache)
        self._past_weeks = PastWeeks(database, cache, self._directory)
        self._heard = Heard(database, cache, clock)
        self._clock = clock

    def day(self, store: Store) -> LiveView:
        """Return a store's day as it stands now."""
        key = ("live", store.store_id)
        # Asked before reading: what comes in meanwhile is another mark afterwards.
        mark = self._heard.mark(store.store_id)
        return self._cache.renewed(
            key, lambda: self._read_live(store), for_s=LIVE_S, stale_s=STALE_S, quick_s=LATE_S, mark=mark
        )

    def prepare(self, stores: Sequence[Store]) -> Iterator[bool]:
        """Read what a store's first visit would take longest over, store by store; yield each time if it could be."""
        days = self._directory.calendar(stores, BACK_DAYS, self._clock())
        for store in stores:
            parts = Parts()
            prepare = partial(self._past_weeks.prepare, store, days, self._clock())
            parts.read(f"what past weeks tell of {store.code}", prepare, None)
            yield not parts.failed

    def quarters(self, view: LiveView) -> Sequence[Cell]:
        """Return the quarter-hours of a view's day up to its moment, those of few people withheld."""
        seen, now = view.store_day, view.now
        if seen is None:
            return ()
        days = self._directory.calendar([view.store], WEEKS * 7 + 9, now)
        with self._database.connection() as connection:
            return read_traffic(
                connection, view.store, [days.up_to(seen.day, now)], "15min", now=now, k=K_INSIDE,
                audited=seen.trust.accuracy,
            )  # fmt: skip

    def floor(self, store: Store) -> Floor:
        """Return what happened on a store's floor over the last four calendar weeks that are over.

        Raises:
            BusyError: other stores' are being read; whoever asks again soon has it read.
        """

        def read() -> Floor:
            now = self._clock()
            days = self._directory.calendar([store], WEEKS * 7 + 9, now)
            accuracy = audited(self._database, self._cache, [store], now).get(store.store_id, UNAUDITED)
            with self._database.connection() as connection:
                return read_floor(connection, store, days, now=now, audited=accuracy)

        # It comes in beside the page that shows it, and is put off where many pages are opened at once.
        key = ("floor", store.store_id)
        return self._cache.get_in_turn(key, read, for_s=kept_for(FLOOR_S), within_s=FLOOR_WITHIN_S)

    def _read_live(self, store: Store) -> LiveView:
        now = self._clock()
        days = self._directory.calendar([store], WEEKS * 7 + 9, now)
        opening = days.next_opening(store.store_id, now)
        day = days.latest_opened(store.store_id, now)
        if day is None:
            return LiveView(store, self._directory.stores(), now, None, None, None, None, opening)
        typical = self._typical(store, days, day, now)
        repeat = self._repeat(store, days.up_to(day, now))
        returning, bounce = self._past_weeks.returning(store, day, now)
        # Before a connection is taken: who asks for another one while holding one may wait for good.
        trust = self._trust(store, days, now)
        with self._database.connection() as connection:
            seen = read_store_day(connection, days, day, now=now, repeat=repeat, trust=trust, returning=returning)
        usual = typical.up_to(wall_minutes(store, day.business_date, seen.quarter_at))
        complete = seen.base.footfall.completeness
        stated = ratio(seen.visitors_quarter, usual) if complete is not None and complete >= COMPARABLE_FROM else None
        change = None if stated is None else stated - 1
        parts = Parts()
        due = _due(usual, typical) if seen.is_open else None
        view = LiveView(store, self._directory.stores(), now, seen, typical, usual, change, opening, bounce=bounce)
        view = replace(
            view,
            movement=parts.read(
                "movement", lambda: self._movement(store, days.up_to(day, now), seen.base.footfall.value), None
            ),
            changes=parts.read("changes", lambda: self._changes(store, day, now), None),
            restated=parts.read("restated", lambda: self._restated(store, now), ()),
            forecast=parts.read("ahead", lambda: self._forecast(store), None),
            hours=parts.read("hours", lambda: self._past_weeks.hours(store, days, day, now, trust.accuracy), ()),
            progress=parts.read("targets", lambda: day_progress(
                self._met.targets([store]).get(store.store_id, NO_TARGETS), day.business_date, seen.base, due=due
            ), ()),
            month=parts.read("targets", lambda: self._month(store, days, now, trust.accuracy), ()),
        )  # fmt: skip
        return replace(view, failed=parts.failed)

    def _month(self, store: Store, days: Calendar, now: datetime, accuracy: StoreAccuracy) -> tuple[Progress, ...]:
        return self._met.months([store], days, now, {store.store_id: accuracy}).get(store.store_id, ())

    def _typical(self, store: Store, days: Calendar, day: BusinessDay, now: datetime) -> TypicalDay:
        def read() -> TypicalDay:
            with self._database.connection() as connection:
                return read_typical_day(connection, store, days, day.business_date, now=now)

        key = ("typical", store.store_id, day.business_date)
        found = self._cache.peek(key)
        if found is not None:
            kept: TypicalDay = found[0]
            return kept
        made = read()
        # While history is filling in, what is usual changes from minute to minute.
        self._cache.keep(key, made, for_s=TYPICAL_S if made.days >= WEEKS else TORN_DAY_S)
        return made

    def _movement(self, store: Store, seen: Slice, visitors: float | None) -> Movement:
        def read() -> Movement:
            with self._database.connection() as connection:
                return read_movement(connection, [seen], visitors=[visitors])

        # Written down by the device every few minutes: asking each second would tell nothing new.
        return self._cache.get(("movement", store.store_id, seen.business_date), read, for_s=MOVEMENT_S)

    def _changes(self, store: Store, day: BusinessDay, now: datetime) -> Changes:
        """Return why the store's net sales changed over each past period, without those that cannot be compared."""

        def read() -> Changes:
            days = self._directory.calendar([store], WEEKS * 7 + 9, now)
            chosen = [comparison(days, store, store_period(days, store, one, now=now), now=now) for one in CHANGES]
            # Asked for in one go: the periods are of the same days, and each question takes longer than its answer.
            slices = [each for one in chosen for each in (*one.comparable, *one.previous)]
            facts = self._facts.of(slices, now=now)
            found = {}
            for name, one in zip(CHANGES, chosen, strict=True):
                pairs = len(one.comparable)
                after, before, facts = facts[:pairs], facts[pairs : 2 * pairs], facts[2 * pairs :]
                why = decompose([sides(after, before)])
                if why is not None:
                    found[name] = why
            return Changes(now, found)

        return self._cache.get(("changes", store.store_id, day.business_date), read, for_s=CHANGES_S)

    def _restated(self, store: Store, now: datetime) -> tuple[Restatement, ...]:
        def read() -> tuple[Restatement, ...]:
            with self._database.connection() as connection:
                return read_restatements(
                    connection, [store.store_id], since=now - RESTATED_WITHIN, until=now, limit=RESTATED_MAX
                )

        return self._cache.get(("restated", store.store_id), read, for_s=RESTATED_S)

    def _forecast(self, store: Store) -> KeptForecast | None:
        def read() -> KeptForecast | None:
            with self._database.connection() as connection:
                return read_forecast(connection, store.store_id)

        # Made once a night.
        return self._cache.get(("forecast", store.store_id), read, for_s=FORECAST_S)

    def _repeat(self, store: Store, seen: Slice) -> Repeat | None:
        def read() -> Repeat | None:
            with self._database.connection() as connection:
                return read_repeat(connection, [seen])

        return self._cache.get(("repeat", store.store_id, seen.business_date), read, for_s=REPEAT_S)

    def _trust(self, store: Store, days: Calendar, now: datetime) -> Trust:
        def read() -> Trust:
            with self._database.connection() as connection:
                return read_trust(connection, days, store.store_id, now=now)

        return self._cache.get(("trust", store.store_id), read, for_s=TRUST_S)


def _due(usual: float | None, typical: TypicalDay) -> float | None:
    """Return which share of a usual day's visitors have come by now."""
    return ratio(usual, typical.up_to(_END_MINUTES))
