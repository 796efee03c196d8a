"""Business days: a store's opening hours on a date as instants, the same as `fill_store_calendar` makes them."""

import zlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from deploy.simulation.fleet import StoreProfile

#: A simulated box watches from so long before opening until so long after closing.
WATCH_MARGIN: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class BusinessDay:
    """One open day of a store, as Unix milliseconds UTC: [`opens_ms`, `closes_ms`), and `opens_min` in local time."""

    business_date: date
    opens_ms: int
    closes_ms: int
    opens_min: int

    @property
    def watch_ms(self) -> tuple[int, int]:
        """Return from when until when the cameras watch."""
        margin = int(WATCH_MARGIN.total_seconds()) * 1000
        return self.opens_ms - margin, self.closes_ms + margin


def business_day(store: StoreProfile, business_date: date) -> BusinessDay | None:
    """Return the store's opening hours on `business_date`; None when it is closed."""
    hours = store.hours[business_date.weekday()]
    if hours is None:
        return None
    opens, closes = (_instant(store, business_date, minutes) for minutes in hours)
    return BusinessDay(business_date, to_ms(opens), to_ms(closes), hours[0])


def local_date(store: StoreProfile, now: datetime) -> date:
    """Return the business date that the watch at `now` belongs to: yesterday's while its late hours last."""
    today = now.astimezone(ZoneInfo(store.timezone)).date()
    yesterday = business_day(store, today - timedelta(days=1))
    return today - timedelta(days=1) if yesterday and to_ms(now) < yesterday.watch_ms[1] else today


def to_ms(instant: datetime) -> int:
    """Return an aware instant as Unix milliseconds."""
    return round(instant.timestamp() * 1000)


def to_instant(ms: int) -> datetime:
    """Return Unix milliseconds as an instant in UTC."""
    return datetime.fromtimestamp(ms // 1000, UTC) + timedelta(milliseconds=ms % 1000)


def generator(seed: int, store: str, business_date: date, stream: str) -> np.random.Generator:
    """Return the random generator of one aspect (`stream`) of one store-day: the same whatever was drawn before."""
    key = [seed, zlib.crc32(store.encode()), business_date.toordinal(), zlib.crc32(stream.encode())]
    return np.random.default_rng(key)


def _instant(store: StoreProfile, business_date: date, minutes: int) -> datetime:
    wall = datetime.combine(business_date, time()) + timedelta(minutes=minutes)
    return wall.replace(tzinfo=ZoneInfo(store.timezone)).astimezone(UTC)
