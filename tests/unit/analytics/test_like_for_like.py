"""Like for like: holidays meet themselves, weekdays meet weekdays, and new or badly counted stores stay out."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.comparison.holidays import compared_day, country_of, special_days
from analytics.comparison.like_for_like import LikeForLike, like_for_like, year_before
from analytics.comparison.network import ReadFacts
from analytics.comparison.peers import alike, peer_places, peers
from analytics.days import BusinessDay, Calendar, Slice
from analytics.periods import Period
from analytics.stores import Store
from tests.support.facts import a_row
from tests.unit.analytics.test_ranking import share

NOW = datetime(2026, 11, 21, 6, 7, tzinfo=UTC)
LONG_AGO = date(2019, 3, 1)


@pytest.mark.parametrize(
    ("country", "day", "before"),
    [
        ("DE", date(2026, 4, 3), date(2025, 4, 18)),  # Good Friday
        ("DE", date(2026, 4, 5), date(2025, 4, 20)),  # Easter Sunday
        ("CN", date(2026, 2, 17), date(2025, 1, 29)),  # Chinese New Year
        ("CN", date(2026, 2, 22), date(2025, 2, 3)),  # its sixth day
        ("CN", date(2026, 10, 3), date(2025, 10, 3)),  # Golden Week keeps its dates
        ("JP", date(2026, 5, 1), date(2025, 5, 1)),
        ("DE", date(2026, 12, 25), date(2025, 12, 25)),  # Christmas keeps its date, not its weekday
        ("DE", date(2026, 11, 20), date(2025, 11, 21)),  # an ordinary Friday meets one
        ("DE", date(2026, 4, 17), date(2025, 4, 25)),  # 364 days before lay Good Friday
        ("JP", date(2025, 11, 24), date(2024, 11, 25)),  # a substitute for a Sunday: last year's was in August
        (None, date(2026, 12, 25), date(2025, 12, 26)),
        ("XX", date(2026, 12, 25), date(2025, 12, 26)),
    ],
)
def test_a_day_meets_its_like(country: str | None, day: date, before: date) -> None:
    assert compared_day(day, country) == before


@given(st.dates(date(2015, 1, 1), date(2030, 12, 31)), st.sampled_from(["CN", "DE", "HK", "JP", "NZ", "US", "GB"]))
def test_an_ordinary_day_meets_the_same_weekday_and_never_a_holiday(day: date, country: str) -> None:
    before = compared_day(day, country)
    assert 300 < (day - before).days < 430
    if day not in special_days(country, day.year):
        assert before.weekday() == day.weekday()
        assert before not in special_days(country, before.year)


def test_a_zone_tells_the_country() -> None:
    assert (country_of("Asia/Shanghai"), country_of("Pacific/Auckland"), country_of("UTC")) == ("CN", "NZ", None)
    assert country_of("Asia/Kathmandu") == "NP"


def shop(store_id: int, **more: Any) -> Store:
    return Store(store_id, f"s{store_id}", f"S{store_id}", "Asia/Shanghai", "CNY", **more)


def open_days(store_ids: Sequence[int], first: date, count: int) -> list[BusinessDay]:
    days = [first + timedelta(days=step) for step in range(count)]
    at = {day: datetime(day.year, day.month, day.day, 1, tzinfo=UTC) for day in days}
    return [BusinessDay(one, day, at[day], at[day] + timedelta(hours=12)) for one in store_ids for day in days]


def read_with(blind: tuple[int, date] | None = None, *, fallen: float = 1.0) -> ReadFacts:
    def read(slices: Sequence[Slice]) -> pd.DataFrame:
        rows = []
        for one in slices:
            now = one.business_date.year == 2026
            row = a_row(ins=400 * (fallen if now else 1), net_sales=16_560.0 * (fallen if now else 1))
            if blind == (one.store_id, one.business_date):
                row = a_row(up_s=20_000)
            rows.append(row)
        return pd.DataFrame(rows)

    return read


def compared(stores: Sequence[Store], since: dict[int, date], read: ReadFacts) -> LikeForLike:
    ids = [store.store_id for store in stores]
    days = Calendar([*open_days(ids, date(2026, 11, 9), 12), *open_days(ids, date(2025, 11, 3), 30)])
    week = Period(date(2026, 11, 9), date(2026, 11, 15), 7)
    chosen = [(store, year_before(days, store, week, now=NOW)) for store in stores]
    return like_for_like(read, chosen, since=since, as_of=NOW)


def test_new_stores_and_those_counted_in_part_take_no_part() -> None:
    stores = [shop(1), shop(2), shop(3), shop(4)]
    since = {1: LONG_AGO, 2: date(2026, 1, 5), 3: LONG_AGO}
    like = compared(stores, since, read_with((3, date(2025, 11, 12)), fallen=0.9))
    assert [store.store_id for store in like.stores] == [1]
    assert like.of == 4
    assert like.visitors_change == pytest.approx(-0.1)
    assert like.why["CNY"].share == pytest.approx(-0.1)
    assert like.why["CNY"].visitors == pytest.approx(like.why["CNY"].change)


def test_no_store_is_no_change_and_not_zero() -> None:
    like = compared([shop(1)], {}, read_with())
    assert (like.stores, like.visitors_change, like.why) == ((), None, {})


def test_a_day_that_was_closed_a_year_before_is_left_out_on_both_sides() -> None:
    week = Period(date(2026, 11, 9), date(2026, 11, 15), 7)
    days = Calendar([*open_days([1], date(2026, 11, 9), 12), *open_days([1], date(2025, 11, 10), 5)])
    one = year_before(days, shop(1), week, now=NOW)
    assert len(one.current) == 7
    assert len(one.comparable) == len(one.previous) == 5
    assert {a.business_date.weekday() for a in one.comparable} == {a.business_date.weekday() for a in one.previous}


def test_peers_share_format_tier_and_about_the_size() -> None:
    kiosk = shop(1, format="kiosk", city_tier=1, size_m2=40.0)
    others = [shop(n, format="kiosk", city_tier=1, size_m2=size) for n, size in ((2, 20.0), (3, 80.0), (4, 50.0))]
    far = [shop(5, format="kiosk", city_tier=1, size_m2=90.0), shop(6, format="kiosk"), shop(7)]
    assert peers(kiosk, [kiosk, *others, *far]) == tuple(others)
    assert peers(kiosk, [kiosk, *others[:2], *far]) == ()
    assert peers(shop(7), [shop(n) for n in range(8)]) == ()
    assert alike(kiosk, others[0])
    assert not alike(kiosk, far[1])


def test_places_among_peers_leave_the_others_out() -> None:
    stores = [shop(n, format="kiosk") for n in range(4)] + [shop(9, format="flagship")]
    figures = [share(0.1 * n, 0.1 * n + 0.05) for n in range(4)] + [share(0.9, 0.95)]
    found = peer_places(stores, figures)
    assert [one and (one.best, one.worst, one.of) for one in found] == [
        (4, 4, 4),
        (3, 3, 4),
        (2, 2, 4),
        (1, 1, 4),
        None,
    ]
