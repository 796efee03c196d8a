"""Business days are the store's own, and DST is right."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from deploy.simulation.days import business_day, generator, local_date, to_instant
from deploy.simulation.fleet import fleet
from tests.support.simulation import profile


def test_a_day_that_ends_after_midnight_belongs_to_the_date_on_which_it_began() -> None:
    store = profile("causeway-bay")
    day = business_day(store, date(2026, 11, 14))
    assert day is not None
    assert to_instant(day.opens_ms) == datetime(2026, 11, 14, 3, 0, tzinfo=UTC)
    assert to_instant(day.closes_ms) == datetime(2026, 11, 14, 17, 0, tzinfo=UTC)
    assert local_date(store, datetime(2026, 11, 14, 16, 59, tzinfo=UTC)) == date(2026, 11, 14)
    assert local_date(store, datetime(2026, 11, 14, 18, 1, tzinfo=UTC)) == date(2026, 11, 15)


def test_opening_hours_follow_the_local_clock_over_a_change_to_winter_time() -> None:
    store = profile("fifth-avenue")
    summer, winter = business_day(store, date(2026, 10, 31)), business_day(store, date(2026, 11, 1))
    assert summer is not None
    assert winter is not None
    assert to_instant(winter.opens_ms) - to_instant(summer.opens_ms) == timedelta(hours=25)
    assert to_instant(winter.opens_ms) == datetime(2026, 11, 1, 15, 0, tzinfo=UTC)


def test_a_closed_weekday_has_no_business_day() -> None:
    assert business_day(profile("kurfuerstendamm"), date(2026, 11, 15)) is None


def test_store_codes_are_unique_and_the_watches_of_two_days_never_overlap() -> None:
    stores = fleet(20)
    assert len({store.code for store in stores}) == 20
    for store in stores:
        ends = [business_day(store, date(2026, 3, 1) + timedelta(days=ahead)) for ahead in range(300)]
        watches = [day.watch_ms for day in ends if day is not None]
        assert all(before[1] <= after[0] for before, after in pairwise(watches))


def test_each_aspect_of_a_day_has_a_generator_of_its_own() -> None:
    day = date(2026, 11, 14)
    first = generator(1, "a", day, "visits").random()
    assert first == generator(1, "a", day, "visits").random()
    others = [generator(2, "a", day, "visits"), generator(1, "b", day, "visits"), generator(1, "a", day, "till")]
    assert first not in [other.random() for other in others]
