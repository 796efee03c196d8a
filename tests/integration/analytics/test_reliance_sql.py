"""What was counted of past days, line by line, as the database has it."""

from datetime import UTC, date, datetime, timedelta

import pytest

from analytics.figure import MEASURED_FROM
from analytics.quality.reliance import counted_share, read_line_days, read_restated
from tests.support.past_trouble import trouble_the_past
from tests.support.store_data import Connection, add_shop, fill

NOW = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)  # Saturday, 14:00 in Shanghai: the troubled hours are within opening


def test_a_dark_afternoon_shows_as_a_part_with_its_estimate_and_a_late_sale_as_a_changed_day(
    connection: Connection, database: str
) -> None:
    shop = add_shop(connection, "nanjing-road")
    fill(connection, shop, now=NOW)
    trouble_the_past(database, connection, shop, "nanjing-road", now=NOW)
    first, last = date(2026, 11, 9), date(2026, 11, 20)
    door, side = read_line_days(connection, shop.store_id, first=first, last=last, now=NOW)
    assert (door.line, side.line) == ("door", "side")
    assert [day.business_date for day in door.days] == [first + timedelta(days=one) for one in range(12)]
    assert {day.share for day in door.days} == {1.0}
    (torn,) = [day for day in side.days if day.share < 1]
    assert torn.business_date == date(2026, 11, 12)
    assert torn.share == pytest.approx(9 / 12)
    assert torn.estimated_h == pytest.approx(3.0)
    assert torn.estimated > 0
    assert counted_share([door]) == 1.0
    assert counted_share([door, side]) == pytest.approx(min(1 - 3 / (2 * 12 * 12), MEASURED_FROM - 0.001))
    span = {"since": NOW - timedelta(days=90), "until": NOW}
    assert read_restated(connection, [shop.store_id], **span) == {shop.store_id: 1}


def test_a_store_without_a_door_has_no_days(connection: Connection) -> None:
    shop = add_shop(connection, "new")
    assert read_line_days(connection, shop.store_id + 1, first=date(2026, 1, 1), last=date(2026, 1, 2), now=NOW) == ()
    assert read_restated(connection, [shop.store_id], since=NOW - timedelta(days=9), until=NOW) == {}
