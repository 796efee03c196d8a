"""What the pages read: a store's day and all stores over a period, each from one moment, kept as long as it is true."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final

import pandas as pd

from analytics import columns as c
from analytics.accuracy import UNAUDITED, StoreAccuracy, read_accuracy
from analytics.cache import Cache
from analytics.clock import Clock
from analytics.database import Database
from analytics.days import BUCKET, BusinessDay, Calendar, Slice, business_date, calendar, wall_minutes
from analytics.decomposition import Decomposition, Sides, decompose, sides
from analytics.directory import Directory
from analytics.facts import slice_facts
from analytics.fleet import FleetBox, read_fleet
from analytics.forecast.keeping import KeptForecast, read_forecast
from analytics.hours import Hour
from analytics.imputation import read_estimated, with_estimates
from analytics.jobs import UnwellJob, unwell_jobs
from analytics.kpis import ratio
from analytics.like_for_like import BACK_DAYS, LikeForLike, like_for_like, read_since, year_before
from analytics.movement import Movement, read_movement
from analytics.network import COMPARABLE_FROM, SPARK_WEEKS, Compared, StoreRow, network
from analytics.periods import Period, PeriodName, comparison, period, store_period
from analytics.restatements import Restatement, read_restatements
from analytics.stages import read_repeat
from analytics.store_day import StoreDay, read_store_day
from analytics.stores import Store, store_of
from analytics.trust import Trust, read_trust
from analytics.typical import WEEKS, TypicalDay, read_typical_day
from dashboard.floor import Floor, read_floor
from dashboard.past_weeks import PastWeeks

#: Seconds for which an answer is kept.
LIVE_S: Final = 0.5
TYPICAL_S: Final = 300.0
REPEAT_S: Final = 30.0
MOVEMENT_S: Final = 60.0
#: Past days change only when late data comes in.
CHANGES_S: Final = 120.0
TRUST_S: Final = 60.0
FORECAST_S: Final = 60.0
#: Four weeks that ended yesterday; what comes late to them shows within so long.
FLOOR_S: Final = 600.0
#: Ingest looks every ten minutes.
JOBS_S: Final = 30.0
#: A past day that was counted in full, and one that history may still be filling in.
WHOLE_DAY_S: Final = 600.0
TORN_DAY_S: Final = 20.0
#: Past periods over which a store's page says what changed and why.
CHANGES: Final[tuple[PeriodName, ...]] = ("yesterday", "last_week", "four_weeks")
#: A store's page tells the last few changes of past days that came lately.
RESTATED_S: Final = 60.0
RESTATED_MAX: Final = 5
RESTATED_WITHIN: Final = timedelta(days=14)
#: The longest custom period, in days.
CUSTOM_DAYS_MAX: Final = 366


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
    changes: Mapping[PeriodName, Decomposition] = field(default_factory=dict)
    restated: tuple[Restatement, ...] = ()
    forecast: KeptForecast | None = None
    hours: tuple[Hour, ...] = ()


@dataclass(frozen=True, slots=True)
class FleetView:
    """All of the Devices page: boxes with their stores, and the server's own work that is not done."""

    now: datetime
    boxes: tuple[tuple[Store, FleetBox], ...]
    jobs: tuple[UnwellJob, ...] = ()


@dataclass(frozen=True, slots=True)
class NetworkView:
    """All of the All stores page. `period` is as seen from the first store's date."""

    now: datetime
    rows: tuple[StoreRow, ...]
    total: Compared
    period: Period
    name: PeriodName
    like: LikeForLike | None = None

    @property
    def currencies(self) -> tuple[str, ...]:
        """The stores' currencies, each once."""
        return tuple(sorted({row.store.currency for row in self.rows}))

    @property
    def why(self) -> Mapping[str, Decomposition]:
        """Why net sales changed, by currency; without those of which no store has sales on both sides."""
        by_currency: dict[str, list[Sides]] = {}
        for row in self.rows:
            if row.sides is not None:
                by_currency.setdefault(row.store.currency, []).append(row.sides)
        found = {currency: decompose(by_currency[currency]) for currency in sorted(by_currency)}
        return {currency: one for currency, one in found.items() if one is not None}


class Reading:
    """Reads through a cache. Every method raises DatabaseUnavailableError while the database does not answer."""

    def __init__(self, database: Database, cache: Cache, clock: Clock) -> None:
        self._database = database
        self._cache = cache
        self._directory = Directory(database, cache)
        self._past_weeks = PastWeeks(database, cache, self._directory)
        self._clock = clock

    def stores(self) -> tuple[Store, ...]:
        """Return every store by name."""
        return self._directory.stores()

    def forget_stores(self) -> None:
        """Read the stores anew when they are asked for next: one was opened or changed here."""
        self._directory.forget_stores()

    def live(self, code: str) -> LiveView:
        """Return a store's day as it stands now.

        Raises:
            StoreUnknownError: no store has this code.
        """
        store = store_of(self.stores(), code)
        return self._cache.get(("live", code), lambda: self._read_live(store), for_s=LIVE_S)

    def floor(self, code: str) -> Floor:
        """Return what happened on a store's floor over the last four weeks.

        Raises:
            StoreUnknownError: no store has this code.
        """
        store = store_of(self.stores(), code)

        def read() -> Floor:
            now = self._clock()
            days = self._directory.calendar([store], WEEKS * 7 + 9, now)
            audited = self._audited([store], now).get(store.store_id, UNAUDITED)
            with self._database.connection() as connection:
                return read_floor(connection, store, days, now=now, audited=audited)

        return self._cache.get(("floor", store.store_id), read, for_s=FLOOR_S)

    def network(
        self,
        name: PeriodName | None,
        first: date | None = None,
        last: date | None = None,
        *,
        among: tuple[Store, ...] | None = None,
    ) -> NetworkView:
        """Return all stores, or those `among`, over a period.

        Without a name over today, or yesterday while few have opened.
        """
        stores = self.stores() if among is None else among
        key = ("network", tuple(store.store_id for store in stores), name, first, last)
        return self._cache.get(key, lambda: self._read_network(stores, name, first, last), for_s=LIVE_S)

    def fleet(self) -> tuple[datetime, tuple[FleetBox, ...]]:
        """Return now and every box as it stands then."""
        return self._cache.get("fleet", self._read_fleet, for_s=LIVE_S)

    def unwell_jobs(self) -> tuple[UnwellJob, ...]:
        """Return which of the database's own work is not done in time."""
        return self._cache.get("jobs", self._read_jobs, for_s=JOBS_S)

    def _read_jobs(self) -> tuple[UnwellJob, ...]:
        with self._database.connection() as connection:
            return unwell_jobs(connection, now=self._clock())

    def _read_fleet(self) -> tuple[datetime, tuple[FleetBox, ...]]:
        now = self._clock()
        with self._database.connection() as connection:
            return now, read_fleet(connection, now=now)

    def _read_live(self, store: Store) -> LiveView:
        now = self._clock()
        days = self._directory.calendar([store], WEEKS * 7 + 9, now)
        opening = days.next_opening(store.store_id, now)
        day = days.latest_opened(store.store_id, now)
        if day is None:
            return LiveView(store, self.stores(), now, None, None, None, None, opening)
        typical = self._typical(store, days, day, now)
        repeat = self._repeat(store, days.up_to(day, now))
        returning = self._past_weeks.returning(store, day, now)
        with self._database.connection() as connection:
            seen = read_store_day(
                connection, days, day, now=now, repeat=repeat, trust=self._trust(store, days, now), returning=returning
            )
        usual = typical.up_to(wall_minutes(store, day.business_date, seen.quarter_at))
        complete = seen.base.footfall.completeness
        stated = ratio(seen.visitors_quarter, usual) if complete is not None and complete >= COMPARABLE_FROM else None
        moved = self._movement(store, days.up_to(day, now), seen.base.footfall.value)
        change = None if stated is None else stated - 1
        changes = self._changes(store, day, now)
        restated, ahead = self._restated(store, now), self._forecast(store)
        return LiveView(
            store,
            self.stores(),
            now,
            seen,
            typical,
            usual,
            change,
            opening,
            moved,
            changes,
            restated,
            ahead,
            self._past_weeks.hours(store, days, day, now, self._trust(store, days, now).accuracy),
        )

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
                return read_movement(connection, seen, visitors=visitors)

        # Written down by the device every few minutes: asking each second would tell nothing new.
        return self._cache.get(("movement", store.store_id, seen.business_date), read, for_s=MOVEMENT_S)

    def _changes(self, store: Store, day: BusinessDay, now: datetime) -> Mapping[PeriodName, Decomposition]:
        """Return why the store's net sales changed over each past period, without those that cannot be compared."""

        def read() -> Mapping[PeriodName, Decomposition]:
            days = self._directory.calendar([store], WEEKS * 7 + 9, now)
            chosen = [comparison(days, store, store_period(days, store, one, now=now), now=now) for one in CHANGES]
            found = {}
            for name, one in zip(CHANGES, chosen, strict=True):
                both = sides(self._facts(one.comparable, now), self._facts(one.previous, now))
                why = None if both is None else decompose([both])
                if why is not None:
                    found[name] = why
            return found

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

    def _repeat(self, store: Store, seen: Slice) -> tuple[int, int] | None:
        def read() -> tuple[int, int] | None:
            with self._database.connection() as connection:
                return read_repeat(connection, [seen])

        return self._cache.get(("repeat", store.store_id, seen.business_date), read, for_s=REPEAT_S)

    def _trust(self, store: Store, days: Calendar, now: datetime) -> Trust:
        def read() -> Trust:
            with self._database.connection() as connection:
                return read_trust(connection, days, store.store_id, now=now)

        return self._cache.get(("trust", store.store_id), read, for_s=TRUST_S)

    def _audited(self, stores: Sequence[Store], now: datetime) -> Mapping[int, StoreAccuracy]:
        ids = tuple(store.store_id for store in stores)

        def read() -> Mapping[int, StoreAccuracy]:
            with self._database.connection() as connection:
                return read_accuracy(connection, ids, now=now)

        return self._cache.get(("audited", ids), read, for_s=TRUST_S)

    def _read_network(
        self, stores: Sequence[Store], wanted: PeriodName | None, first: date | None, last: date | None
    ) -> NetworkView:
        now = self._clock()
        back = SPARK_WEEKS * 7 + 14
        if wanted == "custom" and first is not None and last is not None:
            first = max(first, last - timedelta(days=CUSTOM_DAYS_MAX - 1))
            back = max(back, (now.date() - first).days + (last - first).days + 10)
        days = self._directory.calendar(stores, back, now)
        name = wanted or _usual_period(days, stores, now)
        periods = [store_period(days, store, name, now=now, first=first, last=last) for store in stores]
        chosen = [(store, comparison(days, store, one, now=now)) for store, one in zip(stores, periods, strict=True)]
        audited = self._audited(stores, now)
        rows, total = network(lambda slices: self._facts(slices, now), days, chosen, now=now, audited=audited)
        shown = periods[0] if periods else period(name, now.date(), first=first, last=last)
        rows = self._with_estimates(rows, periods)
        like = self._like_for_like(stores, periods, shown, now)
        return NetworkView(now, rows, total, shown, name, like)

    def _with_estimates(self, rows: Sequence[StoreRow], periods: Sequence[Period]) -> tuple[StoreRow, ...]:
        """Return the rows with visitors including what was estimated for hours without a camera."""
        if not rows:
            return ()
        ids = [row.store.store_id for row in rows]
        first, last = min(one.first for one in periods), max(one.last for one in periods)
        with self._database.connection() as connection:
            days = read_estimated(connection, ids, first=first, last=last)
        by_store = dict(list(days.groupby(c.STORE_ID)))
        told = []
        for row, one in zip(rows, periods, strict=True):
            own = by_store.get(row.store.store_id)
            if own is not None:
                within = own[(own[c.BUSINESS_DATE] >= one.first) & (own[c.BUSINESS_DATE] <= one.last)]
                sums = within[[c.INS, c.LOW, c.HIGH]].sum()
                told.append(replace(row, estimated=with_estimates(row.compared.now.footfall, sums)))
            else:
                told.append(row)
        return tuple(told)

    def _like_for_like(
        self, stores: Sequence[Store], periods: Sequence[Period], shown: Period, now: datetime
    ) -> LikeForLike:
        """Return the stores' periods against a year before."""
        ids = tuple(store.store_id for store in stores)

        def read() -> LikeForLike:
            first, last = shown.first - timedelta(days=2), shown.last + timedelta(days=2)
            back = timedelta(days=BACK_DAYS)
            with self._database.connection() as connection:
                since = read_since(connection, ids)
                spans = [(first, last), (first - back, min(first - timedelta(days=1), last))]
                read_days = [calendar(connection, ids, first=one, last=other) for one, other in spans]
            days = Calendar(day for part in read_days for store_id in ids for day in part.of(store_id).values())
            chosen = [
                (store, year_before(days, store, one, now=now)) for store, one in zip(stores, periods, strict=True)
            ]
            return like_for_like(lambda slices: self._facts(slices, now), chosen, since=since)

        return self._cache.get(("like", ids, shown.first, shown.last), read, for_s=CHANGES_S)

    def _facts(self, slices: Sequence[Slice], now: datetime) -> pd.DataFrame:
        """Return the facts of the slices in order, each asked for once and past days from the cache."""
        kept = {one: self._cache.peek(("facts", one)) for one in dict.fromkeys(slices)}
        missing = [one for one, found in kept.items() if found is None]
        with self._database.connection() as connection:
            fresh = slice_facts(connection, missing, now=now)
        found = {one: row[0] for one, row in kept.items() if row is not None}
        for one, (_, row) in zip(missing, fresh.iterrows(), strict=True):
            found[one] = row
            if one.till_until < now:
                whole = row["expected_s"] > 0 and row["up_s"] >= COMPARABLE_FROM * row["expected_s"]
                self._cache.keep(("facts", one), row, for_s=WHOLE_DAY_S if whole else TORN_DAY_S)
        return pd.DataFrame([found[one] for one in slices], columns=fresh.columns).reset_index(drop=True)


def _usual_period(days: Calendar, stores: Sequence[Store], now: datetime) -> PeriodName:
    """Return today once half of the stores have counted a quarter-hour of their own date, else yesterday.

    Before that today is dashes, which answer nobody.
    """
    opened = 0
    for store in stores:
        today = days.of(store.store_id).get(business_date(days, store, now))
        opened += today is not None and today.opens_at + BUCKET <= now
    return "today" if 2 * opened >= len(stores) else "yesterday"
