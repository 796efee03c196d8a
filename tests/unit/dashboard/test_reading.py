"""Which period answers who names none, and how long an answer is kept of which a part failed."""

from datetime import UTC, date, datetime, timedelta

import pytest

from analytics.cache import Cache
from analytics.days import BusinessDay, Calendar
from analytics.stores import Store
from dashboard.reading.chain import _usual_period
from dashboard.reading.parts import FAILED_S, Parts, kept_for


def a_store(store_id: int) -> Store:
    return Store(store_id, f"store-{store_id}", "Store", "UTC", "EUR")


@pytest.mark.parametrize(
    ("hour", "period"), [(0, "yesterday"), (7, "yesterday"), (8, "today"), (9, "today"), (23, "today")]
)
def test_before_most_have_opened_yesterday_answers(hour: int, period: str) -> None:
    stores = [a_store(1), a_store(2), a_store(3)]
    days = Calendar(
        BusinessDay(store.store_id, day, opens, opens + timedelta(hours=12))
        for store in stores
        for day in (date(2026, 11, 20), date(2026, 11, 21))
        for opens in [datetime(2026, 11, day.day, 6 + store.store_id, tzinfo=UTC)]
    )
    assert _usual_period(days, stores, datetime(2026, 11, 21, hour, 30, tzinfo=UTC)) == period


def test_a_view_of_which_a_part_always_fails_is_read_anew_after_some_seconds_not_by_everybody() -> None:
    now, made = [0.0], []
    cache = Cache(clock=lambda: now[0])

    def make() -> Parts:
        made.append(now[0])
        parts = Parts()
        parts.read("card", lambda: 1 / (len(made) > 2), None)  # whole from the third on
        return parts

    for at in (0, 1, FAILED_S - 1, FAILED_S, FAILED_S + 1, 2 * FAILED_S, 3 * FAILED_S, 2 * FAILED_S + 59):
        now[0] = at
        cache.get("view", make, for_s=kept_for(60))
    assert made == [0, FAILED_S, 2 * FAILED_S]
