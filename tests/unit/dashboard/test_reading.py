"""Which period answers who names none."""

from datetime import UTC, date, datetime, timedelta

import pytest

from analytics.days import BusinessDay, Calendar
from analytics.stores import Store
from dashboard.reading.chain import _usual_period


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
