"""What the All stores page reads: all stores over a period, from one moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Final

from analytics import columns as c
from analytics.cache import Cache
from analytics.clock import Clock
from analytics.comparison.decomposition import Decomposition
from analytics.comparison.groups import Group, by_format, by_region
from analytics.comparison.like_for_like import LikeForLike, like_for_like, read_since, read_years_before
from analytics.comparison.network import (
    SPARK_WEEKS,
    Compared,
    StoreRow,
    Weeks,
    network,
    ranked,
    read_weeks,
    together,
    why_by_currency,
)
from analytics.database import Database
from analytics.days import BUCKET, Calendar, business_date
from analytics.directory import Directory
from analytics.facts import slice_facts
from analytics.periods import Comparison, Period, PeriodName, comparison, period, store_period
from analytics.quality.accuracy import UNAUDITED, StoreAccuracy
from analytics.quality.imputation import read_estimated, with_estimates
from analytics.stores import Store
from analytics.visits.targets import Reached, period_progress
from dashboard.reading.audited import audited
from dashboard.reading.facts import TORN_DAY_S, WHOLE_DAY_S, Facts
from dashboard.reading.met import Met
from dashboard.reading.parts import Parts

#: Seconds for which an answer is kept.
LIVE_S: Final = 3.0
#: So much longer one is shown while the next one is made.
STALE_S: Final = 120.0
#: Days that the longest period with a name, and what it is compared with, may lie back.
NAMED_BACK_DAYS: Final = 66
#: Past days change only when late data comes in.
CHANGES_S: Final = 120.0
#: The longest custom period, in days.
CUSTOM_DAYS_MAX: Final = 366


@dataclass(frozen=True, slots=True)
class Among:
    """Which stores are shown: those of a region, of a format, of both; None: whichever."""

    region: str | None = None
    format: str | None = None

    def holds(self, store: Store) -> bool:
        """Return whether a store is among them."""
        return self.region in (None, store.region) and self.format in (None, store.format)


ALL: Final = Among()


@dataclass(frozen=True, slots=True, eq=False)
class NetworkView:
    """All of the All stores page. `period` is as seen from the first store's date. Equal only to itself."""

    now: datetime
    rows: tuple[StoreRow, ...]
    total: Compared
    period: Period
    name: PeriodName
    like: LikeForLike | None = None
    #: Those that could be chosen from.
    everyone: tuple[Store, ...] = ()
    #: Regions with their formats, or the formats of the one region that is shown.
    groups: tuple[Group, ...] = ()
    #: Names of cards whose numbers could not be read.
    failed: frozenset[str] = frozenset()

    @property
    def why(self) -> Mapping[str, Decomposition]:
        """Why net sales changed, by currency; without those of which no store has sales on both sides."""
        return why_by_currency(self.rows)


class ChainReading:
    """Reads through a cache. Every method raises DatabaseUnavailableError while the database does not answer."""

    def __init__(self, database: Database, cache: Cache, directory: Directory, facts: Facts, clock: Clock) -> None:
        self._database = database
        self._cache = cache
        self._directory = directory
        self._facts = facts
        self._clock = clock
        self._met = Met(database, cache)

    def network(
        self, stores: tuple[Store, ...], name: PeriodName | None, first: date | None = None, last: date | None = None,
        among: Among = ALL,
    ) -> NetworkView:  # fmt: skip
        """Return stores over a period; without a name over today, or yesterday while few have opened.

        Everybody who may see the same stores shares one answer, which is made anew beside its readers. Those `among`
        them are ranked among themselves and added up by themselves.
        """
        key = ("network", tuple(store.store_id for store in stores), name, first, last)
        whole = self._cache.renewed(
            key, lambda: self._read_network(stores, name, first, last), for_s=LIVE_S, stale_s=STALE_S, slow=True
        )
        if among == ALL:
            return whole
        # Under a key that stays: the whole is another each time it is made anew.
        kept = self._cache.peek((key, among))
        if kept is not None and kept[0][0] is whole:
            found: NetworkView = kept[0][1]
            return found
        narrowed = self._narrowed(whole, among)
        self._cache.keep((key, among), (whole, narrowed), for_s=STALE_S)
        return narrowed

    def _narrowed(self, whole: NetworkView, among: Among) -> NetworkView:
        kept = [row for row in whole.rows if among.holds(row.store)]
        stores, now = [row.store for row in kept], whole.now
        days = self._directory.calendar(stores, 0, now)
        custom = {"first": whole.period.first, "last": whole.period.last} if whole.name == "custom" else {}
        periods = [store_period(days, store, whole.name, now=now, **custom) for store in stores]
        rows, parts = ranked(kept), Parts()
        by = by_region if among.region is None else by_format
        like = parts.read(
            "changes", lambda: self._like_for_like(stores, periods, whole.period, now) if stores else None, None
        )
        groups = parts.read("groups", lambda: by(rows, now=now), ())
        failed = parts.failed | whole.failed - {"changes", "groups"}
        return replace(whole, rows=rows, total=together(rows, now=now), like=like, groups=groups, failed=failed)

    def _read_network(
        self, stores: Sequence[Store], wanted: PeriodName | None, first: date | None, last: date | None
    ) -> NetworkView:
        now = self._clock()
        back = NAMED_BACK_DAYS
        if wanted == "custom" and first is not None and last is not None:
            first = max(first, last - timedelta(days=CUSTOM_DAYS_MAX - 1))
            back = max(back, (now.date() - first).days + (last - first).days + 10)
        days = self._directory.calendar(stores, back, now)
        name = wanted or _usual_period(days, stores, now)
        periods = [store_period(days, store, name, now=now, first=first, last=last) for store in stores]
        chosen = [(store, comparison(days, store, one, now=now)) for store, one in zip(stores, periods, strict=True)]
        accuracy = audited(self._database, self._cache, stores, now)
        rows, total = network(
            partial(self._facts.of, now=now), chosen, self._weeks(stores, now), now=now, audited=accuracy
        )
        shown = periods[0] if periods else period(name, now.date(), first=first, last=last)
        one_day = name == "today" or (name == "custom" and shown.first == shown.last)
        rows, parts = self._with_estimates(rows, periods), Parts()
        rows = self._with_targets(rows, chosen, days, now, accuracy, running=one_day)
        like = parts.read("changes", lambda: self._like_for_like(stores, periods, shown, now), None)
        groups = parts.read("groups", lambda: by_region(rows, now=now), ())
        return NetworkView(now, rows, total, shown, name, like, tuple(stores), groups, parts.failed)

    def _weeks(self, stores: Sequence[Store], now: datetime) -> Mapping[int, Weeks]:
        """Return each store's past weeks, kept as long as a past day's facts."""
        kept = {store.store_id: self._cache.peek(("weeks", store.store_id, now.date())) for store in stores}
        missing = [store for store in stores if kept[store.store_id] is None]
        found: dict[int, Weeks] = {store_id: one[0] for store_id, one in kept.items() if one is not None}
        if missing:
            days = self._directory.calendar(missing, SPARK_WEEKS * 7 + 14, now)
            # Not by way of the facts of single days that are kept: these are many, and all of them asked for once.
            with self._database.connection() as connection:
                fresh = read_weeks(partial(slice_facts, connection, now=now), days, missing, now=now)
            for store_id, weeks in fresh.items():
                for_s = TORN_DAY_S if None in weeks else WHOLE_DAY_S
                self._cache.keep(("weeks", store_id, now.date()), weeks, for_s=for_s)
            found |= fresh
        return found

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

    def _with_targets(
        self, rows: Sequence[StoreRow], chosen: Sequence[tuple[Store, Comparison]], days: Calendar, now: datetime,
        accuracy: Mapping[int, StoreAccuracy], *, running: bool,
    ) -> tuple[StoreRow, ...]:  # fmt: skip
        """Return the rows with how far their targets are met: on the days that are over, or on one still `running`."""
        stores = [row.store for row in rows]
        targets, months = self._met.targets(stores), self._met.months(stores, days, now, accuracy)
        told = []
        for row, (_, one) in zip(rows, chosen, strict=True):
            own = targets.get(row.store.store_id)
            if own is None or row.facts is None:
                told.append(row)
                continue
            sums = (dict(zip(c.ADDITIVE, values, strict=True)) for values in row.facts[0].tolist())
            reached = [
                Reached(piece.business_date, day)
                for piece, day in zip(one.current, sums, strict=True)
                if running or piece.over(now)
            ]
            known = accuracy.get(row.store.store_id, UNAUDITED)
            met = period_progress(own, reached, as_of=now, audited=known)
            told.append(replace(row, met=met, month=months.get(row.store.store_id, ())))
        return tuple(told)

    def _like_for_like(
        self, stores: Sequence[Store], periods: Sequence[Period], shown: Period, now: datetime
    ) -> LikeForLike:
        """Return the stores' periods against a year before."""
        ids = tuple(store.store_id for store in stores)

        def read() -> LikeForLike:
            with self._database.connection() as connection:
                since = read_since(connection, ids)
                chosen = read_years_before(connection, stores, periods, now=now)
            return like_for_like(partial(self._facts.of, now=now), chosen, since=since, as_of=now)

        return self._cache.get(("like", ids, shown.first, shown.last), read, for_s=CHANGES_S)


def _usual_period(days: Calendar, stores: Sequence[Store], now: datetime) -> PeriodName:
    """Return today once half of the stores have counted a quarter-hour of their own date, else yesterday.

    Before that today is dashes, which answer nobody.
    """
    opened = 0
    for store in stores:
        today = days.of(store.store_id).get(business_date(days, store, now))
        opened += today is not None and today.opens_at + BUCKET <= now
    return "today" if 2 * opened >= len(stores) else "yesterday"
